"""Closing against raising: a case that one closes and another raises, neither seeing the other, stays open."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

from schemas.records import RECORD_TYPES
from tests.simulation.fleet import Violation
from tests.simulation.telling.told import Told

if TYPE_CHECKING:
    from schemas.ending import Ending
    from tests.simulation.telling.edits import Edit, Met

ABOUT = "14 conflicts are about edits"


def ending_of(told: Told) -> Ending | None:
    """Return how a type's records end, where they do."""
    return RECORD_TYPES[told.type].schema.ending


def kept_open(edit: Edit, met: Mapping[str, Met]) -> set[str]:
    """Return the fields of a closing that may contend, since the case was raised unseen by who closes it."""
    ending = ending_of(edit.told)
    if ending is None or ending.field not in met or ending.field in edit.settled:
        return set()
    if met[ending.field].values.get(ending.field) != ending.value:
        return set()
    raised = _raised(ending, edit.told)
    return {*ending.fields} & met.keys() if any(_unseen(edit, name) for name in raised) else set()


def close(edit: Edit, contested: set[str], before: dict[str, Any]) -> None:
    """Note which edit ended a record: not a second one of the same push, which found it ended."""
    ending, told, parts = ending_of(edit.told), edit.told, edit.parts
    if ending is None or ending.field not in parts or ending.field in contested:
        return
    if told.fields.get(ending.field) == ending.value != before.get(ending.field):
        told.closing = {name: part[1:] for name, part in parts.items() if part[0] == "value"}
        told.closed_by = edit.row.id


def go_on(edit: Edit, given_back: set[str]) -> None:
    """Give the fields of a closing back what they said before; they are contested without being in the edit."""
    given_back, told = given_back - {"*"}, edit.told
    if not given_back:
        return
    ending, closing = ending_of(told), told.closing
    if ending is None or closing is None:
        raise Violation(ABOUT, f"{edit.row.op} of {told.type} contests {sorted(given_back)}")
    wanted = {name for name in ending.fields if name in closing and closing[name][1] == told.fields.get(name)}
    if given_back != wanted:
        raise Violation(ABOUT, f"a closing of {sorted(wanted)} gives {sorted(given_back)}")
    told.put({name: closing[name][0] for name in given_back}, edit.row.commit)


def stays_open(edit: Edit, before: dict[str, Any]) -> None:
    """A case that one closes and another raises, neither seeing the other, is not closed afterwards."""
    ending, told, row = ending_of(edit.told), edit.told, edit.row
    if ending is None or told.fields.get(ending.field) != ending.value or ending.field in edit.settled:
        return
    closes = before.get(ending.field) != ending.value
    for name in _raised(ending, told):
        other = name if closes else ending.field
        raises = before.get(name) != told.fields.get(name)
        if (closes or raises) and told.version_of(other) < row.commit and _unseen(edit, other):
            raise Violation("29 a raised case stays open", f"{told}: {row.op} at {row.commit}")


def _raised(ending: Ending, told: Told) -> list[str]:
    return [name for name, values in ending.against.items() if told.fields.get(name) in values]


def _unseen(edit: Edit, name: str) -> bool:
    """Tell whether somebody else set a field after what an author began from."""
    version = edit.told.version_of(name)
    writers = {incarnation for commit, incarnation in edit.told.changes if commit == version}
    return version > edit.base and edit.row.incarnation not in writers
