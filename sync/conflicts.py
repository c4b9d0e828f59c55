"""Conflicts as records: opening one, adding a contender, deciding it. Nothing that anyone wrote is dropped here."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

from schemas.base import RecordType
from schemas.privacy import Privacy
from sync.decision import Decision, rejected
from sync.errors import ValidationFailed
from sync.merge import DELTAS
from sync.messages import ConflictReference
from sync.mutation import Mutation, Op, Resolve
from sync.state import OWNER, PENDING, Draft, Receipt, RecordState, Writer

WHOLE_RECORD = "*"
"""In the place of a field name: the edit meets the record's deletion, or the other way round."""

VALUES = frozenset({"base_value", "central_value", "contenders", "resolution"})
"""The fields of a conflict that hold what people wrote."""

_STRICTEST_LAST = tuple(Privacy)
_RISKIEST_FIRST = ("safety", "identity", "money", "closure", "ordinary")


@dataclass(frozen=True, slots=True)
class Claim:
    """One author's value for a contested field, field group or whole record."""

    unit: str
    fields: tuple[str, ...]
    central: Any
    central_version: int
    seen: Any
    wanted: Any


def claim_of(kind: RecordType, state: RecordState, unit: str, names: tuple[str, ...], mutation: Mutation) -> Claim:
    """Return what an edit wants of one field, field group or whole record, beside what the record says."""

    def of(values: Mapping[str, Any]) -> Any:
        found = {name: values.get(name) for name in names}
        return found[unit] if names == (unit,) else found

    seen = {name: mutation.set[name][0] for name in names if name in mutation.set}
    wanted: dict[str, Any] = {name: mutation.set[name][1] for name in names if name in mutation.set}
    for name in names:
        if name in mutation.add or name in mutation.remove:
            wanted[name] = {"add": mutation.add.get(name, []), "remove": mutation.remove.get(name, [])}
    version = max(state.version_of(name) for name in names)
    return Claim(unit, names, of(state.data), version, of(seen), of(wanted))


def contest(
    draft: Draft,
    state: RecordState,
    claim: Claim,
    mutation: Mutation,
    writer: Writer,
    receipt: Receipt,
    new_id: Callable[[], str],
) -> ConflictReference:
    """Keep a claim beside the central value: join the open conflict of its field, or open one."""
    contender = _contender(claim, mutation, writer, receipt)
    conflict = draft.open_conflict(state.id, claim.unit)
    if conflict is None:
        conflict = _opened(draft.world.types[state.type], state, claim, contender, new_id())
        draft.open_conflicts[state.id, claim.unit] = conflict.id
        draft.standing[conflict.id] = OWNER
    else:
        contenders = _joined(conflict.data["contenders"], contender)
        stakes = _raised(draft.world.types[state.type], claim, conflict.data)
        conflict = conflict.with_values({"contenders": contenders, **stakes})
    draft.write(conflict)
    return ConflictReference(claim.unit, conflict.id)


def resolve(draft: Draft, state: RecordState, mutation: Mutation, writer: Writer, receipt: Receipt) -> Decision | None:
    """Close the conflicts that a mutation names, or refuse it as stale; ``None`` when all could be closed.

    Stale: a contender exists that the author did not name, or the field is newer than their ``base``.
    """
    for resolution in mutation.resolves:
        conflict = draft.record(resolution.conflict)
        if conflict is None or conflict.type != "conflict" or conflict.data["record"] != state.id:
            return rejected("not_permitted")
        if conflict.data["status"] != "open":
            return rejected("conflict_resolved_already")
        if _is_stale(draft.world.types[state.type], state, conflict, resolution, mutation.base):
            return rejected("stale_resolution")
        _close(draft, conflict, resolution, mutation, writer, receipt)
    return None


def settled_fields(draft: Draft, mutation: Mutation) -> frozenset[str]:
    """Return the fields whose conflict this mutation decides; their value is set without asking again."""
    conflicts = (draft.record(resolution.conflict) for resolution in mutation.resolves)
    return frozenset(
        name
        for conflict in conflicts
        if conflict is not None and conflict.type == "conflict"
        for name in contested_fields(draft, conflict)
    )


def contested_fields(draft: Draft, conflict: RecordState) -> tuple[str, ...]:
    """Return the fields that a conflict is about: one, or those of a field group."""
    unit = conflict.data["field"]
    return draft.world.types[conflict.data["record_type"]].groups.get(unit, (unit,))


def as_edit(kind: RecordType, unit: str, state: Mapping[str, Any], chosen: Any, *, deleted: bool) -> dict[str, Any]:
    """Return the parts of the mutation that gives a contested field, group or whole record the value decided for.

    :raises ValidationFailed: when the value has no such shape, or is an edit of a record that stays deleted.
    """
    names = kind.groups.get(unit, (unit,))
    if unit == WHOLE_RECORD:
        if chosen not in (None, {"deleted": True}):
            raise ValidationFailed(errors={"value": [{"code": "invalid"}]})
        return {"op": Op.DELETE if chosen and not deleted else Op.UPDATE}
    if deleted:
        current = {name: state.get(name) for name in names}
        if chosen != (current if len(names) > 1 else current[unit]):
            raise ValidationFailed(errors={"value": [{"code": "invalid"}]})
        return {"op": Op.UPDATE}
    if len(names) > 1:
        if not isinstance(chosen, Mapping):
            raise ValidationFailed(errors={"value": [{"code": "incomplete_group", "fields": list(names)}]})
        return {"op": Op.UPDATE, "set": {name: (state.get(name), chosen.get(name)) for name in names}}
    if isinstance(chosen, Mapping) and unit in kind.fields and kind.fields[unit].merge in DELTAS:
        # a contender for a set or a log is what its author added and took away
        return {"op": Op.UPDATE} | {part: {unit: chosen[part]} for part in ("add", "remove") if chosen.get(part)}
    return {"op": Op.UPDATE, "set": {unit: (state.get(unit), chosen)}}


def class_of(kind: RecordType, fields: tuple[str, ...]) -> Privacy:
    """Return the strictest privacy class among fields; one that the declaration does not know counts as protected."""
    classes = [kind.fields[name].privacy if name in kind.fields else Privacy.PROTECTED for name in fields]
    return max(classes, key=_STRICTEST_LAST.index, default=Privacy.NORMAL)


def risk_of(kind: RecordType, fields: tuple[str, ...]) -> str:
    """Return the gravest of what is at stake in fields."""
    risks = [kind.fields[name].risk for name in fields if name in kind.fields]
    return min(risks, key=_RISKIEST_FIRST.index, default="ordinary")


def _raised(kind: RecordType, claim: Claim, before: Mapping[str, Any]) -> dict[str, str]:
    """Return class and risk of a conflict that a claim joins: a later one about a deletion may touch graver fields."""
    privacy = max(Privacy(before["privacy"]), class_of(kind, claim.fields), key=_STRICTEST_LAST.index)
    risk = min(before["risk"], risk_of(kind, claim.fields), key=_RISKIEST_FIRST.index)
    raised = {"privacy": privacy.value, "risk": risk}
    return {name: value for name, value in raised.items() if value != before[name]}


def _opened(
    kind: RecordType, state: RecordState, claim: Claim, contender: Mapping[str, Any], new_id: str
) -> RecordState:
    data = {
        "record": state.id,
        "record_type": state.type,
        "field": claim.unit,
        "privacy": class_of(kind, claim.fields).value,
        "risk": risk_of(kind, claim.fields),
        "status": "open",
        "base_value": claim.seen,
        "central_value": claim.central,
        "central_version": 0 if claim.central_version == PENDING else claim.central_version,
        "contenders": [contender],
    }
    present = {name: value for name, value in data.items() if value is not None}
    # Its owner is the record's, and what is in it was written by others: their device learns that both are kept.
    return RecordState(new_id, "conflict", PENDING, PENDING, state.owner, present, {}, by_others=VALUES)


def _contender(claim: Claim, mutation: Mutation, writer: Writer, receipt: Receipt) -> dict[str, Any]:
    return {
        "incarnation": writer.incarnation,
        "device": writer.device,
        "user": writer.user,
        "mutation": mutation.id,
        "from": claim.seen,
        "value": claim.wanted,
        "base": mutation.base,
        "recorded_at": mutation.recorded_at,
        "received_at": receipt.at,
        "offline_since": mutation.contacted_at,
        "earlier": [],
    }


def _joined(contenders: list[dict[str, Any]], new: dict[str, Any]) -> list[dict[str, Any]]:
    """Put a contender in; a later one of the same incarnation keeps the earlier ones inside it."""
    before = [entry for entry in contenders if entry["incarnation"] == new["incarnation"]]
    others = [entry for entry in contenders if entry["incarnation"] != new["incarnation"]]
    for entry in before:
        new = {**new, "earlier": [*entry["earlier"], {**entry, "earlier": []}]}
    return [*others, new]


def _is_stale(kind: RecordType, state: RecordState, conflict: RecordState, resolution: Resolve, base: int) -> bool:
    unit = conflict.data["field"]
    known = {entry["mutation"] for entry in conflict.data["contenders"]}
    if not known <= set(resolution.contenders):
        return True
    if unit == WHOLE_RECORD:
        return state.version > base
    return any(state.version_of(name) > base for name in kind.groups.get(unit, (unit,)))


def _close(
    draft: Draft, conflict: RecordState, resolution: Resolve, mutation: Mutation, writer: Writer, receipt: Receipt
) -> None:
    decision = {
        "value": _chosen(draft, conflict, mutation),
        "reason": resolution.reason,
        "by": writer.user,
        "at": receipt.at,
        "mutation": mutation.id,
    }
    draft.write(conflict.with_values({"status": "resolved", "resolution": decision}))
    draft.open_conflicts[conflict.data["record"], conflict.data["field"]] = None


def _chosen(draft: Draft, conflict: RecordState, mutation: Mutation) -> Any:
    """Return what a decision made of the contested field, group or record; ``None`` where it let it stand."""
    if mutation.op is Op.DELETE:
        return {"deleted": True}
    unit, names = conflict.data["field"], contested_fields(draft, conflict)
    chosen: dict[str, Any] = {name: mutation.set[name][1] for name in names if name in mutation.set}
    for name in names:
        if name in mutation.add or name in mutation.remove:
            chosen[name] = {"add": mutation.add.get(name, []), "remove": mutation.remove.get(name, [])}
    return chosen.get(unit) if list(chosen) == [unit] else chosen or None
