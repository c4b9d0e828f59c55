"""Unfinished work: edits that were refused or wait, kept whole, and what staff do about each."""

from collections.abc import Callable, Mapping
from typing import Any

import msgspec
from sqlalchemy import Row

from schemas.base import RecordType
from schemas.fields import Line
from schemas.history import HISTORY
from schemas.privacy import Privacy
from schemas.rules import Length, Pattern
from server import unfinished as desk
from server.access_log import logs, shows
from server.auth.current import current_viewer, permission
from server.bodies import ByName
from server.centre import current_centre
from server.errors import NotFound, SettledAlready, StillRefused
from server.models.engine import reading
from server.parts import EDITS, ENVELOPE
from server.query import QueryInteger, QueryLine
from server.resource import Body, Resource, answers, raises
from server.store.push import outcome_from
from server.store.settling import Decider, Settling
from server.store.unfinished import CORRECTED, OPEN, SETTLED, one, unfinished
from sync.buckets import masked
from sync.errors import NotPermitted, ServerBusy, ValidationFailed
from sync.messages import MutationOutcome
from sync.upcasting import detail_upcast

blp = Resource("unfinished", __name__, url_prefix="/api/v1/unfinished", description="Refused and waiting edits")

LIMIT, LIMIT_MAX = 100, 500
FIELD_REASON_MAX = 500


class UnfinishedQuery(Body):
    """Open ones unless asked for others; after which: its commit, and its position there."""

    state = QueryLine("สถานะ", "State", rules=(Pattern(f"{OPEN}|{SETTLED}"),), load_default=OPEN)
    cursor = QueryLine("หลังรายการที่", "Cursor", rules=(Pattern("[0-9]{1,15}-[0-9]{1,9}"),), load_default="0-0")
    limit = QueryInteger("จำนวน", "Limit", minimum=1, maximum=LIMIT_MAX, load_default=LIMIT)


class Reason(Body):
    """Why."""

    reason = Line("เหตุผล", "Reason", required=True, rules=(Length(min=1, max=1000),))


FROM_TO = {"type": ["array", "null"], "minItems": 2, "maxItems": 2, "description": "[from, to]"}
ELEMENTS = {"type": ["array", "null"]}
PARTS = {"type": "object", "properties": {part: {"type": "object"} for part in EDITS}}
WHY = {"type": "string", "minLength": 1, "maxLength": FIELD_REASON_MAX}


class Correction(Reason):
    """What is corrected: field -> what takes its place; null takes it out. ``members``: the same, by mutation id."""

    data = ByName("ข้อมูล", "Data", of={})
    set = ByName("ตั้งค่า", "Set", of=FROM_TO)
    add = ByName("เพิ่ม", "Add", of=ELEMENTS)
    remove = ByName("เอาออก", "Remove", of=ELEMENTS)
    members = ByName("รายการที่บันทึกพร้อมกัน", "Saved together with it: mutation id -> data, set, add, remove", of=PARTS)


class Return(Reason):
    """Why each field needs another look."""

    fields = ByName("ข้อที่ต้องแก้", "Fields to fix, and why", of=WHY)  # type: ignore[assignment]  # marshmallow collects it


class Settlement(msgspec.Struct, frozen=True):
    """How it was settled: ``applied``, ``returned``, ``dismissed``, or ``corrected`` by its author."""

    how: str
    at: str | None
    by: str | None
    reason: str | None


class Unfinished(msgspec.Struct, frozen=True):
    """One mutation as it came, without what you may not see. ``waits_for``: the record that must arrive first."""

    commit: int
    id: str
    outcome: str
    code: str | None
    errors: Any
    waits_for: str | None
    op: str
    type: str
    record: str
    author: str
    device: str
    recorded_at: str
    received_at: str
    payload: Any
    settled: Settlement | None


class UnfinishedPage(msgspec.Struct, frozen=True):
    """In the order in which they came."""

    items: list[Unfinished]
    next: str | None


class SettledGroup(msgspec.Struct, frozen=True):
    """What became of an edit and of all that was saved together with it."""

    outcomes: list[MutationOutcome]


class SettledIds(msgspec.Struct, frozen=True):
    """The edit and all that was saved together with it."""

    settled: list[str]


@blp.route("", methods=["GET"])
@permission("unfinished", "read")
@logs("unfinished")
@answers(UnfinishedPage)
@blp.arguments(UnfinishedQuery, location="query")
def show_all(given: dict[str, Any]) -> UnfinishedPage:
    """List the edits of your area that were refused or wait, or those that were settled."""
    centre, viewer = current_centre(), current_viewer()
    with reading(centre.engine) as connection:
        rows = unfinished(connection, state=given["state"], after=_place(given["cursor"]), limit=given["limit"])
        seen = desk.seen_by(connection, centre.store.types, viewer, rows, "read")
    more = f"{rows[-1].commit_number}-{rows[-1].position}" if len(rows) == given["limit"] else None
    shows([row.record for row in rows if row.id in seen and row.record])
    return UnfinishedPage([_body(row, seen[row.id], given["state"]) for row in rows if row.id in seen], more)


@blp.route("/<mutation_id>/apply", methods=["POST"])
@permission("unfinished", "decide")
@raises(NotFound, SettledAlready, StillRefused, NotPermitted, ServerBusy)
@answers(SettledGroup)
@blp.arguments(Correction)
def apply(given: dict[str, Any], mutation_id: str) -> SettledGroup:
    """Correct a refused edit and apply it as its author's, together with what was saved with it."""
    row, classes = _mine(mutation_id)
    corrections = {mutation_id: _corrections(given, row, classes)}
    for id_, parts in _objects(given, "members").items():
        other, seen = _mine(id_)
        corrections[id_] = _corrections(parts, other, seen)
    _check_permitted(row)
    done, commit = _settle(given, lambda settling: settling.apply(mutation_id, corrections))
    return SettledGroup([outcome_from(each.id, each.decision, commit) for each in done])


@blp.route("/<mutation_id>/return", methods=["POST"])
@permission("unfinished", "decide")
@raises(NotFound, SettledAlready, ServerBusy)
@answers(SettledIds)
@blp.arguments(Return)
def give_back(given: dict[str, Any], mutation_id: str) -> SettledIds:
    """Return a refused edit to its author, who sees which fields need another look and why."""
    row, _ = _mine(mutation_id)
    fields = _fields(given, _kind(row))
    return SettledIds(_settle(given, lambda settling: settling.give_back(mutation_id, fields)))


@blp.route("/<mutation_id>/dismiss", methods=["POST"])
@permission("unfinished", "decide")
@raises(NotFound, SettledAlready, ServerBusy)
@answers(SettledIds)
@blp.arguments(Reason)
def dismiss(given: dict[str, Any], mutation_id: str) -> SettledIds:
    """Leave a refused edit without effect for good, and tell its author why; nothing is deleted."""
    _mine(mutation_id)
    return SettledIds(_settle(given, lambda settling: settling.dismiss(mutation_id)))


def _settle(given: Mapping[str, Any], act: Callable[[Settling], Any]) -> Any:
    centre, viewer = current_centre(), current_viewer()
    return centre.store.settle(Decider(viewer.user, given["reason"], viewer.may), centre.now(), act)


def _mine(mutation_id: str) -> tuple[Row[Any], frozenset[Privacy]]:
    """Return a refused or waiting edit that the viewer may settle, and what they see of it.

    :raises NotFound: when there is none, or it is of another area: the two look alike.
    """
    centre, viewer = current_centre(), current_viewer()
    with reading(centre.engine) as connection:
        row = one(connection, mutation_id)
        seen = desk.seen_by(connection, centre.store.types, viewer, [row], "decide") if row is not None else {}
    if row is None or row.id not in seen:
        raise NotFound
    return row, seen[row.id]


def _kind(row: Row[Any]) -> RecordType | None:
    return current_centre().store.types.get(desk.type_of(row, desk.sent(row)))


def _check_permitted(row: Row[Any]) -> None:
    said = desk.sent(row)
    type_name, op = desk.type_of(row, said), str(said.get("op") or row.op)
    if not current_viewer().may(type_name, op):
        raise NotPermitted(needs=f"{type_name}.{op}")


def _corrections(given: Mapping[str, Any], row: Row[Any], classes: frozenset[Privacy]) -> dict[str, dict[str, Any]]:
    """Return what is corrected; nobody corrects a field that they may not see."""
    parts = {part: _objects(given, part) for part in EDITS if part in given}
    kind = _kind(row)
    named = [name for fields in parts.values() for name in fields]
    shown = masked(kind, dict.fromkeys(named), classes) if kind else {}
    if hidden := sorted({name for name in named if name not in shown}):
        raise ValidationFailed(errors={name: [{"code": "not_permitted"}] for name in hidden})
    return parts


def _objects(given: Mapping[str, Any], part: str) -> dict[str, Any]:
    found = given.get(part) or {}
    if not isinstance(found, dict):
        raise ValidationFailed(errors={part: [{"code": "invalid"}]})
    return found


def _fields(given: Mapping[str, Any], kind: RecordType | None) -> dict[str, str]:
    """Return field -> reason, of fields that the type has."""
    found = _objects(given, "fields")
    known = {*kind.fields, *kind.groups} if kind else set()
    wrong = {name: [{"code": "unknown_field"}] for name in found if name not in known}
    wrong |= {name: [{"code": "invalid"}] for name, said in found.items() if not _is_reason(said)}
    if wrong:
        raise ValidationFailed(errors=wrong)
    return found


def _is_reason(said: Any) -> bool:
    return isinstance(said, str) and 0 < len(said.strip()) <= FIELD_REASON_MAX and "\0" not in said


def _place(cursor: str) -> tuple[int, int]:
    commit, _, position = cursor.partition("-")
    return int(commit), int(position)


def _body(row: Row[Any], classes: frozenset[Privacy], state: str) -> Unfinished:
    how = row.how or (CORRECTED if state == SETTLED else None)
    return Unfinished(
        commit=row.commit_number,
        id=row.id,
        outcome=row.outcome,
        code=row.code,
        errors=detail_upcast(HISTORY, row.type, row.detail, row.schema).get("errors"),
        waits_for=row.waits_for,
        op=row.op,
        type=row.type,
        record=row.record,
        author=row.author,
        device=row.device,
        recorded_at=row.recorded_at,
        received_at=row.received_at,
        payload=_payload(row, classes),
        settled=Settlement(how, row.settled_at, row.settled_by, row.settled_reason) if how else None,
    )


def _payload(row: Row[Any], classes: frozenset[Privacy]) -> Any:
    """Return what was sent, without the fields of classes that the viewer may not see.

    What nobody declared counts as protected, as in a record. What cannot be taken apart (a number beyond all doubles,
    say) is kept to the byte but cannot be masked: not shown.
    """
    said = desk.sent(row)
    if not said:
        return None
    kind = _kind(row)
    shown = {name: value for name, value in said.items() if name in ENVELOPE}
    parts = desk.edits(said)
    if kind is not None:
        return shown | {name: masked(kind, part, classes) for name, part in parts.items()}
    return shown | parts if Privacy.PROTECTED in classes else shown
