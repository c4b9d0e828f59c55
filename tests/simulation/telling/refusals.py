"""Why something was refused, or has to wait: the reason that the centre gives must be true (our promise 30).

Whether its author holds a record, and what their roles allow, is asked by ``checks/permitted``.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import TYPE_CHECKING, Any

from schemas.records import RECORD_TYPES
from tests.simulation.fleet import Violation
from tests.simulation.sight import Row
from tests.simulation.telling.faults import faults_of
from tests.simulation.telling.told import MERGED_INTO, RIGHT

if TYPE_CHECKING:
    from tests.simulation.telling.tale import Tale


def confirm(tale: Tale, row: Row, group: Sequence[Row]) -> None:
    """Ask that a refusal has its reason.

    :raises Violation: where it has none that can be seen.
    """
    reason = REASONS.get(row.code or "")
    if reason is None:
        raise Violation(RIGHT, f"{row.op} of {row.type} {row.record[-6:]} is {row.outcome}: {row.code}")
    if not reason(tale, row, group):
        what = f"{row.op} of {row.type} {row.record[-6:]} is {row.outcome} as {row.code} without reason"
        raise Violation(RIGHT, f"{what}: {dict(row.detail)} {row.said}"[:600])


def _with_another(tale: Tale, row: Row, group: Sequence[Row]) -> bool:
    """Another of its Save was refused for itself."""
    return any(each.outcome == "rejected" and each.code != "group_rejected" for each in group)


def _waits(tale: Tale, row: Row, group: Sequence[Row]) -> bool:
    """A record that its Save names is not known."""
    unknown = row.waits_for
    return bool(unknown) and not tale.is_known(unknown) and any(unknown in (each.payload or "") for each in group)


def _is_wrong(tale: Tale, row: Row, group: Sequence[Row]) -> bool:
    """Each field that is complained of is wrong in itself, or makes the record wrong."""
    complained, told = set(row.detail.get("errors", ())), tale.records.get(row.record)
    if row.payload is None or (told and not tale.is_sure_of(told)):
        return True
    if any(each is not row and each.record == row.record for each in group):
        return True  # named gap: what an earlier edit of the same Save would have made of the record
    if row.op == "merge":
        return complained == {"into"} and _cannot_be_one(tale, row, row.said)
    if row.op == "unmerge":
        return complained <= {"moves"} | set(RECORD_TYPES[row.type].fields)
    return bool(complained) and complained <= faults_of(row, row.said, told)


def _cannot_be_one(tale: Tale, row: Row, said: Mapping[str, Any]) -> bool:
    """One of two is gone, they are of two types, or are one already the other way round."""
    chain = tale.chain(said["into"])
    one, other, end = (tale.records.get(each) for each in (row.record, said["into"], chain[-1]))
    if one is None or other is None or end is None:
        return True  # of an erased one nothing is told
    return one.id == end.id or one.deleted or end.deleted or one.type != other.type or not _may_merge(one.type)


def _may_merge(name: str) -> bool:
    return RECORD_TYPES[name].schema.mergeable


def _is_stale(tale: Tale, row: Row, group: Sequence[Row]) -> bool:
    """A contender is not named, or the field is newer than what its decider saw."""
    said, told = row.said, tale.records.get(row.record)
    for each in said["resolves"]:
        dispute = tale.disputes.get(each["conflict"])
        if told is None or dispute is None or dispute.unseen_by(each["contenders"], said["id"]):
            return True
        names = RECORD_TYPES[told.type].groups.get(dispute.unit, (dispute.unit,))
        if row.base < (told.version if dispute.unit == "*" else told.version_of_all(names)):
            return True
    return False


def _is_decided(tale: Tale, row: Row, group: Sequence[Row]) -> bool:
    named = [tale.disputes.get(each["conflict"]) for each in row.said["resolves"]]
    return any(dispute is not None and dispute.resolved_by for dispute in named)


def _goes_on_elsewhere(tale: Tale, row: Row, group: Sequence[Row]) -> bool:
    chain = tale.chain(row.record)
    return len(chain) > 1 and chain[-1] != tale.chain(row.said["into"])[-1]


def _is_not_merged(tale: Tale, row: Row, group: Sequence[Row]) -> bool:
    told, undone = tale.records.get(row.record), tale.past.get(row.said["undoes"])
    return told is None or told.merged_into is None or undone is None or told.version_of(MERGED_INTO) != undone.commit


def _is_erased(tale: Tale, row: Row, group: Sequence[Row]) -> bool:
    """It is about an erased record; of what would belong to one nothing is kept that says so."""
    return row.record in tale.erased or (row.op == "create" and bool(tale.erased))


def _not_urgent(tale: Tale, row: Row, group: Sequence[Row]) -> bool:
    return row.lane == "urgent" and (row.op, row.type) != ("create", "emergency")


def _unknown_type(tale: Tale, row: Row, group: Sequence[Row]) -> bool:
    return row.type not in RECORD_TYPES


def _elsewhere(tale: Tale, row: Row, group: Sequence[Row]) -> bool:
    """Asked by another check."""
    return True


REASONS: Mapping[str, Callable[[Tale, Row, Sequence[Row]], bool]] = {
    "group_rejected": _with_another,
    "held": _waits,
    "validation_failed": _is_wrong,
    "stale_resolution": _is_stale,
    "conflict_resolved_already": _is_decided,
    "already_merged": _goes_on_elsewhere,
    "not_merged": _is_not_merged,
    "erased": _is_erased,
    "not_urgent": _not_urgent,
    "unknown_record_type": _unknown_type,
    "not_permitted": _elsewhere,
}
"""Code -> whether it is true. Any other refusal, ``internal_error`` among them, is one too many."""
