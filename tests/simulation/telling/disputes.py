"""Who contends in which conflict, and what closes one: promise 14."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from schemas.records import RECORD_TYPES
from tests.simulation.fleet import Violation
from tests.simulation.sight import Row
from tests.simulation.telling.parts import parts_of, units_of, wanted_of
from tests.simulation.telling.told import Dispute, Told

if TYPE_CHECKING:
    from tests.simulation.telling.tale import Tale

CLOSED = "14 closed by a resolution"


def contested_by(row: Row) -> set[str]:
    """Return the fields and field groups in which a row says that it contends."""
    return {each["field"] for each in row.detail.get("conflicts", ())}


def contend(tale: Tale, row: Row, said: dict[str, Any], told: Told) -> None:
    """Note who contends in which conflicts by a row."""
    parts = parts_of(told.type, said) if row.op in ("create", "update") else {}
    units = units_of(RECORD_TYPES[told.type], parts)
    for each in row.detail.get("conflicts", ()):
        dispute = tale.disputes.setdefault(each["record"], Dispute(told.id, each["field"]))
        if (dispute.record, dispute.unit) != (told.id, each["field"]) or dispute.resolved_by:
            raise Violation("14 a conflict is about one field", f"{each['field']} of {told}")
        if each["field"] in units:
            dispute.contend(row, wanted_of(each["field"], units[each["field"]], parts))
        elif row.op == "unmerge":
            tale.adopt.add(each["record"])  # named gap: which of the edits that come back it is
        elif each["field"] == "*":
            dispute.contend(row, None)
        else:
            dispute.contend(tale.past[told.closed_by], None)


def decide(tale: Tale, row: Row, said: dict[str, Any], told: Told) -> None:
    """A conflict is closed by who has seen all of its contenders."""
    for each in said.get("resolves", ()):
        dispute = tale.disputes.get(each["conflict"])
        if dispute is None or dispute.record != told.id or dispute.resolved_by:
            raise Violation(CLOSED, f"{told}: what is decided is not open")
        if unseen := dispute.unseen_by(each["contenders"], said["id"]):
            raise Violation(CLOSED, f"{dispute.unit} of {told}: {len(unseen)} contenders were not seen")
        dispute.resolved_by = said["id"]


def settled_by(tale: Tale, said: dict[str, Any]) -> set[str]:
    """Return the fields whose conflicts a mutation decides."""
    found: set[str] = set()
    for each in said.get("resolves", ()):
        dispute = tale.disputes.get(each["conflict"])
        if dispute is not None:
            kind = RECORD_TYPES[tale.records[dispute.record].type]
            found.update(kind.groups.get(dispute.unit, (dispute.unit,)))
    return found
