"""Nothing is contested without need, and an edit is called what it is (our promise 30)."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

from schemas.records import RECORD_TYPES
from tests.simulation.fleet import Violation
from tests.simulation.telling import endings
from tests.simulation.telling.told import RIGHT, Told

if TYPE_CHECKING:
    from tests.simulation.telling.edits import Edit, Met


def ask(edit: Edit, met: Mapping[str, Met], contested: set[str]) -> None:
    """Ask that every contender contends for a reason, and that the outcome says what came of it."""
    kept_open = endings.kept_open(edit, met)
    without = {unit for unit in contested & met.keys() if met[unit].verdict not in ("contested", "unsure")} - kept_open
    if without and not _break_together(edit, met, contested, kept_open):
        said = {unit: str(met[unit].verdict) for unit in sorted(without)}
        raise Violation(RIGHT, f"{sorted(without)} of {edit.told} contend, and should be {said}")
    if "*" in contested:
        raise Violation(RIGHT, f"an edit contends against the deletion of {edit.told}, which is there")
    _called_rightly(edit, {unit: each for unit, each in met.items() if unit not in contested}, contested)


def _break_together(edit: Edit, met: Mapping[str, Met], contested: set[str], kept_open: set[str]) -> bool:
    """Tell whether an edit may contend as a whole: with what others have changed it would make the record wrong."""
    if not met.keys() <= contested or not _met_others(edit):
        return False
    if any(each.verdict == "unsure" for each in met.values()):
        return True
    made = {name: value for unit in met.keys() - kept_open for name, value in met[unit].values.items()}
    return bool(new_errors(edit.told, made))


def _met_others(edit: Edit) -> bool:
    told, row = edit.told, edit.row
    return edit.redirected or told.changed_by_others(row, edit.base) or told.changed_at_once(row)


def new_errors(told: Told, made: Mapping[str, Any]) -> set[str]:
    """Return the fields that are wrong in a record once some values are put into it, and are not now."""
    kind = RECORD_TYPES[told.type]
    after = {name: value for name, value in {**told.fields, **made}.items() if name in kind.fields}
    if kind.accepts({name: value for name, value in after.items() if value is not None}):
        return set()
    before = kind.load({name: value for name, value in told.fields.items() if name in kind.fields})[1]
    return {name for name, problems in kind.load(after)[1].items() if problems != before.get(name)}


def _called_rightly(edit: Edit, taken: Mapping[str, Met], contested: set[str]) -> None:
    """``merged`` is what took effect on a record that somebody else had changed too."""
    row, verdicts = edit.row, {each.verdict for each in taken.values()}
    if "unsure" in verdicts or "contested" in verdicts:
        return
    if wrong := new_errors(edit.told, {name: value for each in taken.values() for name, value in each.values.items()}):
        raise Violation(RIGHT, f"{sorted(wrong)} of {edit.told} became wrong by an edit that was {row.outcome}")
    expected = {"applied"}
    if contested:
        expected = {"conflicted"}
    elif verdicts <= {"same"} and not row.said.get("resolves"):
        expected = {"unchanged"}
    elif "joined" in verdicts or edit.redirected or edit.told.changed_by_others(row, edit.base):
        expected = {"merged"}
    elif edit.told.changed_at_once(row):
        expected = {"applied", "merged"}
    if row.outcome not in expected:
        what = f"an edit of {sorted(edit.parts)} of {edit.told} at {edit.base} is {row.outcome}"
        raise Violation(RIGHT, f"{what}, and should be {' or '.join(sorted(expected))}")
