"""How an edit meets a record, field by field: promises 16 to 19 and 29, and that it is called what it is."""

from __future__ import annotations

from dataclasses import dataclass, field
from enum import StrEnum
from typing import TYPE_CHECKING, Any

from schemas.base import Merge
from schemas.records import RECORD_TYPES
from tests.simulation.fleet import Violation
from tests.simulation.sight import Row
from tests.simulation.telling import endings, lines, needs
from tests.simulation.telling.disputes import contested_by, settled_by
from tests.simulation.telling.parts import merge_of, parts_of, units_of
from tests.simulation.telling.told import TRACES, UNSEEN, Told

if TYPE_CHECKING:
    from tests.simulation.telling.tale import Tale


class Verdict(StrEnum):
    """What the rules say of one field, or of one field group."""

    SAME = "same"
    APPLIED = "applied"
    JOINED = "joined"
    CONTESTED = "contested"
    UNSURE = "unsure"
    """Named gap: of texts with a line that stands twice, or with lines in another order, several answers are right."""


@dataclass(frozen=True)
class Met:
    """A verdict, and the values that take effect by it."""

    verdict: Verdict
    values: dict[str, Any] = field(default_factory=dict)


@dataclass(frozen=True)
class Edit:
    """An update, or a creation of what is there already, beside the record that it meets."""

    row: Row
    told: Told
    parts: dict[str, Any]
    base: int
    settled: set[str]

    @property
    def redirected(self) -> bool:
        """It named a record that goes on in this one, of which its author has seen nothing."""
        return self.row.record != self.row.said["record"]


def update(tale: Tale, row: Row, said: dict[str, Any], told: Told) -> None:
    """Let an edit take effect where it may, and ask that the rest contends for a reason."""
    parts, contested = parts_of(told.type, said), contested_by(row)
    _may_be_edited(tale, row, said, told, bool(parts), contested)
    if row.code == "out_of_scope" or not parts or told.deleted:
        return
    base = 0 if said["op"] == "create" or row.record != said["record"] else row.base
    edit, before = Edit(row, told, parts, base, settled_by(tale, said)), dict(told.fields)
    units = units_of(RECORD_TYPES[told.type], parts)
    met = {unit: meet(edit, names) for unit, names in units.items()}
    if tale.is_sure_of(told):
        needs.ask(edit, met, contested)
    for unit in met.keys() - contested:
        _take_effect(tale, edit, unit, met[unit])
    endings.close(edit, contested, before)
    given_back = contested - met.keys()
    if not given_back:
        endings.stays_open(edit, before)
    endings.go_on(edit, given_back)


def _may_be_edited(tale: Tale, row: Row, said: dict[str, Any], told: Told, writes: bool, contested: set[str]) -> None:
    """A deleted record is not revived, and of a merged one goes on what it goes on in."""
    what = f"{row.outcome} {row.op} of {told}"
    if told.deleted and writes and contested != {"*"}:
        raise Violation("17 nothing is revived", f"{what}, deleted: {sorted(contested)}")
    if told.merged_into and not said.get("resolves") and tale.is_sure_of(told):
        raise Violation(TRACES, f"{what}, which goes on in {told.merged_into[-6:]}")


def meet(edit: Edit, names: tuple[str, ...]) -> Met:
    """Let one field, or one field group, meet what the record says."""
    told, parts = edit.told, {name: edit.parts[name] for name in names}
    [name, *more] = names
    if not more and parts[name][0] == "delta":
        return _elements(told, name, *parts[name][1:])
    now = {each: told.fields.get(each) for each in names}
    seen, to = ({each: part[place] for each, part in parts.items()} for place in (1, 2))
    if now == to:
        return Met(Verdict.SAME)
    version, merge = told.version_of_all(names), merge_of(told.type, name)
    decided = name in edit.settled and version <= edit.row.base
    if version <= edit.base or now == seen or merge is Merge.LATEST or decided:
        return Met(Verdict.APPLIED, to)
    if merge is Merge.TEXT and name not in edit.settled:
        return _lines(name, *(texts[name] or "" for texts in (seen, now, to)))
    return Met(Verdict.CONTESTED)


def _lines(name: str, seen: str, now: str, to: str) -> Met:
    """19: where lines do not overlap, both are there."""
    both = lines.joined(seen, now, to)
    values = {} if both in (None, now) else {name: both or None}
    if not lines.is_plain(seen, now, to):
        return Met(Verdict.UNSURE, values)
    if both is None:
        return Met(Verdict.CONTESTED)
    return Met(Verdict.JOINED if values else Verdict.SAME, values)


def _elements(told: Told, name: str, add: list[Any], remove: list[Any]) -> Met:
    """18: an element goes only when it is taken away by name; of a log nothing ever goes."""
    before = list(told.fields.get(name) or [])
    if merge_of(told.type, name) is Merge.APPEND:
        known = {entry["id"] for entry in before}
        after = before + [entry for entry in add if entry["id"] not in known]
    else:
        after = sorted({*(each for each in before if each not in remove), *add})
    return Met(Verdict.SAME) if after == before else Met(Verdict.APPLIED, {name: after or None})


def _take_effect(tale: Tale, edit: Edit, unit: str, met: Met) -> None:
    told, row = edit.told, edit.row
    if met.verdict is Verdict.CONTESTED:
        names = RECORD_TYPES[told.type].groups.get(unit, (unit,))
        now = {name: told.fields.get(name) for name in names}
        made = {name: edit.parts[name][1:] for name in names}
        version = told.version_of_all(names)
        raise Violation(UNSEEN, f"{unit} of {told} was {now} of {version}, seen at {edit.base} and made {made}")
    if met.verdict is Verdict.UNSURE:
        tale.adopt.add(told.id)
    if met.values:
        told.put(met.values, row.commit, row.author)
