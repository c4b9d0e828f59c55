"""Turn what an officer typed into an edit, or say what the centre would say against it."""

from collections.abc import Mapping
from typing import Any, NamedTuple

import msgspec

from field_kit.database import Database
from field_kit.errors import UnknownRecord, UnknownType
from field_kit.identity import Identity
from field_kit.log import Edit, Payload
from field_kit.store import Record
from field_kit.surroundings import Surroundings
from schemas.base import Errors, FieldSpec, Merge, Origin, RecordType
from schemas.records import RECORD_TYPES
from schemas.reference_number import RANDOM_BITS, mint
from schemas.thai import bangkok_date
from sync.assumed import NOT_AFTER_RECEIPT
from sync.buckets import classes_seen
from sync.fixed import fixed_errors
from sync.instants import rfc3339
from sync.mutation import Mutation, Op
from sync.outgoing import deltas
from sync.overlay import edited

Data = Mapping[str, Any]


class Judged(NamedTuple):
    """An edit (``None``: it changes nothing), what is wrong with it, and what looks wrong and is saved all the same."""

    edit: Edit | None
    errors: Errors
    warnings: Errors


class Desk(NamedTuple):
    """What every edit of one Save shares."""

    database: Database
    identity: Identity
    surroundings: Surroundings

    def payload(self, **parts: Any) -> Payload:
        """Return a payload that says under which declarations and after which contact it was made."""
        return Payload(contacted_at=self.identity.last_contact, schema=self.database.history.current, **parts)

    def today(self) -> str:
        """Return today's date in Bangkok, as well as this device knows it."""
        return bangkok_date(self.surroundings.now()).isoformat()


def type_named(name: str) -> RecordType:
    """Return a declared record type.

    :raises UnknownType: when there is none of this name.
    """
    if name not in RECORD_TYPES:
        raise UnknownType(type=name, known=sorted(RECORD_TYPES))
    return RECORD_TYPES[name]


def creation(desk: Desk, kind: RecordType, record: str, typed: Data) -> Judged:
    """Judge a new record, with what the device fills in: reference number, fact date, ids of log entries."""
    closed = _closed(kind, typed, whole_type=kind.origin is Origin.CENTRE)
    given = _with_entries(desk, kind, {}, typed)
    assumed = [name for name in _fact_dates(kind) if given.get(name) is None]
    given |= dict.fromkeys(assumed, desk.today())
    for spec in kind.fields.values():
        if spec.kind == "reference_number" and spec.required and not given.get(spec.name):
            given[spec.name] = mint(desk.surroundings.random_bits(RANDOM_BITS))
    data, errors = kind.load(given)
    edit = Edit(Op.CREATE, kind.name, record, desk.payload(data=data, assumed=assumed))
    return Judged(edit, {**errors, **closed}, _warnings(desk, kind, data, data))


def correction(desk: Desk, kind: RecordType, refused: Mutation, typed: Data) -> Judged:
    """Judge a refused creation that is made anew. A date that nobody typed stays one, of the time of the creation."""
    judged = creation(desk, kind, refused.record, {**refused.data, **typed})
    untyped = [name for name in refused.assumed if name in refused.data and name not in typed]
    if not (judged.edit and untyped):
        return judged
    assumed = [*untyped, *judged.edit.payload.assumed]
    payload = msgspec.structs.replace(judged.edit.payload, assumed=assumed, contacted_at=refused.contacted_at)
    return judged._replace(edit=judged.edit._replace(payload=payload, recorded_at=refused.recorded_at))


def change(desk: Desk, shown: Record, typed: Data) -> Judged:
    """Judge changed values of a record. An error that it had already does not stand in the way."""
    kind = type_named(shown.type)
    clean, errors = kind.load_values(_with_entries(desk, kind, shown.data, typed))
    errors = {**errors, **_closed(kind, typed, whole_type=False), **_unseen(desk, kind, shown, typed)}
    if errors:
        return Judged(None, errors, {})
    made = deltas(kind, shown.data, clean)
    if not made:
        return Judged(None, {}, {})
    update = Mutation(0, "", Op.UPDATE, kind.name, shown.id, "", set=made.set, add=made.add, remove=made.remove)
    if errors := fixed_errors(kind, shown.data, update):
        return Judged(None, errors, {})
    after = edited(kind, shown.data, update)
    before_errors, after_errors = kind.load(_known(kind, shown.data))[1], kind.load(_known(kind, after))[1]
    new = {name: found for name, found in after_errors.items() if found != before_errors.get(name)}
    edit = Edit(Op.UPDATE, shown.type, shown.id, desk.payload(set=made.set, add=made.add, remove=made.remove))
    return Judged(edit, new, _warnings(desk, kind, clean, after))


def removal(desk: Desk, shown: Record) -> Judged:
    """Return the edit that deletes a record."""
    return Judged(Edit(Op.DELETE, shown.type, shown.id, desk.payload()), {}, {})


def joining(desk: Desk, shown: Record, into: Record, reason: str) -> Judged:
    """Return the edit that merges a record into another of its type; which of their values go on is edited as ever."""
    wrong = "not_mergeable" if not type_named(shown.type).schema.mergeable else ""
    wrong = wrong or ("wrong_record_type" if into.type != shown.type else "")
    wrong = wrong or ("merge_cycle" if into.id == shown.id else "")
    errors: Errors = {"into": [{"code": wrong}]} if wrong else {}
    return Judged(Edit(Op.MERGE, shown.type, shown.id, desk.payload(into=into.id, reason=reason)), errors, {})


def missing(record: str) -> UnknownRecord:
    """Return the error for a record that is not on this device."""
    return UnknownRecord(record=record)


def _known(kind: RecordType, data: Data) -> dict[str, Any]:
    return {name: value for name, value in data.items() if name in kind.fields}


def _fact_dates(kind: RecordType) -> list[str]:
    """Return the dates of what happened, which a record shows in one line and need not be typed on the day itself."""
    return [name for name in kind.summary if name in NOT_AFTER_RECEIPT]


def _closed(kind: RecordType, typed: Data, *, whole_type: bool) -> Errors:
    """Name the fields that only the centre writes."""
    closed = [name for name in typed if name in kind.fields and kind.fields[name].written_by is Origin.CENTRE]
    names = list(typed) or ["type"] if whole_type else closed
    return {name: [{"code": "not_permitted"}] for name in names}


def _unseen(desk: Desk, kind: RecordType, shown: Record, typed: Data) -> Errors:
    """Name the fields that no bucket of this device carries: nobody edits over what they cannot see."""
    sql = "SELECT bucket FROM membership WHERE record = ?"
    buckets = [bucket for (bucket,) in desk.database.rows(sql, (shown.id,))]
    if not buckets:
        return {}
    classes = classes_seen(buckets)
    specs = [kind.fields[name] for name in typed if name in kind.fields]
    hidden = [spec.name for spec in specs if spec.privacy_from or spec.privacy not in classes]
    return {name: [{"code": "not_permitted"}] for name in hidden}


def _with_entries(desk: Desk, kind: RecordType, shown: Data, typed: Data) -> dict[str, Any]:
    """Give new entries of a log what nobody types: their id, the time and the author."""
    given = dict(typed)
    for name, value in typed.items():
        spec = kind.fields.get(name)
        if spec and spec.merge is Merge.APPEND and isinstance(value, list):
            given[name] = [_entry(desk, spec, entry) if isinstance(entry, dict) else entry for entry in value]
    return given


def _entry(desk: Desk, spec: FieldSpec, entry: dict[str, Any]) -> dict[str, Any]:
    if "id" in entry:
        return entry
    filled = {"id": desk.surroundings.new_id(), "at": rfc3339(desk.surroundings.now()), "by": desk.identity.owner}
    declared = spec.element or {}
    return {**{name: value for name, value in filled.items() if name in declared}, **entry}


def _warnings(desk: Desk, kind: RecordType, typed: Data, after: Data) -> Errors:
    """Say what looks wrong in what was typed: a failing check digit, a fact date in the future of this clock."""
    found = {name: problems for name, problems in kind.warnings(after).items() if name in typed}
    today = desk.today()
    late = [name for name in NOT_AFTER_RECEIPT.intersection(typed) if str(typed[name] or "") > today]
    return {**found, **{name: [{"code": "after_receipt", "received_on": today}] for name in sorted(late)}}
