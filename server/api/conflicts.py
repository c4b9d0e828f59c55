"""Conflicts: what waits for a decision, both sides beside the value they began from, and the decision."""

from collections.abc import Mapping
from typing import Any

import msgspec
from flask import request

from schemas.fields import Line, Raw
from schemas.label import Label
from schemas.rules import Length, Pattern
from server import desk
from server.access_log import logs, shows
from server.auth.current import current_viewer, permission
from server.centre import current_centre
from server.errors import ConflictResolvedAlready, NotFound, PreconditionFailed, PreconditionRequired, StaleResolution
from server.paging import PageQuery, next_of
from server.query import QueryLine
from server.resource import Body, Resource, answers, raises
from server.store import RecordView
from sync.errors import NotPermitted, ValidationFailed
from sync.messages import MutationOutcome

blp = Resource("conflicts", __name__, url_prefix="/api/v1/conflicts", description="Conflicts and their resolution")

REFUSED = {error.code: error for error in (StaleResolution, ConflictResolvedAlready, NotPermitted)}
"""What a decision is refused with, by the code that the store rejects it with."""


class ConflictQuery(PageQuery):
    """Open ones unless asked for others."""

    status = QueryLine("สถานะ", "Status", rules=(Pattern("open|resolved"),), load_default="open")
    record = QueryLine("เรื่อง", "Record", rules=(Length(max=36),))


CHOICE = Label("central หรือ incarnation ของผู้บันทึก", "central, or the incarnation of a contender; or else value")
VALUE = Label(
    "ค่าของกลุ่มฟิลด์เป็นออบเจ็กต์ ค่าว่างคือ null",
    "Instead of choice: the value of the field; of a field group an object with all of its fields; null is empty",
)


class Decision(Body):
    """Either ``choice`` (``central``, or the incarnation of a contender) or a ``value`` of its own; and why."""

    choice = Line("เลือก", "Choice", rules=(Length(max=36),), hint=CHOICE)
    value = Raw("ค่า", "Value", hint=VALUE)
    reason = Line("เหตุผล", "Reason", required=True, rules=(Length(min=1, max=1000),))


class Side(msgspec.Struct, frozen=True):
    """One device's value: who wrote it, and when."""

    incarnation: str
    user: str | None
    mutation: str
    recorded_at: str | None
    received_at: str | None
    offline_since: str | None
    value: Any
    earlier: Any


class ConflictBody(msgspec.Struct, frozen=True):
    """Three ways: the value first seen, the centre's, each contender's. ``hidden``: you may not see the values."""

    id: str
    record: str
    record_type: str
    record_version: int
    field: str
    label: Mapping[str, str] | None
    status: str
    risk: str | None
    hidden: bool
    base: Any
    central: Any
    contenders: list[Side]
    resolution: Any


class ConflictPage(msgspec.Struct, frozen=True):
    """Conflicts in order of id, which is of when they arose."""

    items: list[ConflictBody]
    next: str | None


@blp.route("", methods=["GET"])
@permission("conflict", "read")
@logs("conflicts")
@answers(ConflictPage)
@blp.arguments(ConflictQuery, location="query")
def show_all(given: dict[str, Any]) -> ConflictPage:
    """List the conflicts of records that you may see."""
    equal = {name: given[name] for name in ("status", "record") if given.get(name)}
    store, viewer = current_centre().store, current_viewer()
    found = desk.find(store, viewer, "conflict", after=given["cursor"], limit=given["limit"], **equal)
    shows([each for view in found for each in (view.id, view.data["record"])], "conflict")
    about = store.versions([view.data["record"] for view in found])
    items = [_body(view, about.get(view.data["record"], 0)) for view in found]
    return ConflictPage(items, next_of([view.id for view in found], given["limit"]))


@blp.route("/<conflict_id>", methods=["GET"])
@permission("conflict", "read")
@logs("conflicts")
@raises(NotFound)
@answers(ConflictBody)
def show(conflict_id: str) -> tuple[ConflictBody, dict[str, str]]:
    """Show a conflict three ways; ``ETag`` is what a decision must name."""
    conflict, record = _both(conflict_id)
    shows([conflict.id, record.id], "conflict")
    return _body(conflict, record.version), {"ETag": _tag(conflict, record)}


@blp.route("/<conflict_id>/resolve", methods=["POST"])
@permission("conflict", "resolve")
@raises(NotFound, PreconditionRequired, PreconditionFailed, StaleResolution, ConflictResolvedAlready, NotPermitted)
@blp.doc(parameters=[{"in": "header", "name": "If-Match", "required": True, "schema": {"type": "string"}}])
@answers(MutationOutcome)
@blp.arguments(Decision)
def resolve(given: dict[str, Any], conflict_id: str) -> MutationOutcome:
    """Decide a conflict; both devices receive the value and the reason."""
    centre, viewer = current_centre(), current_viewer()
    conflict, record = _both(conflict_id)
    _check_seen(_tag(conflict, record))
    _, scope = desk.read(centre.store, viewer, conflict_id, action="resolve")
    outcome = centre.store.resolve(
        scope,
        viewer.user,
        conflict_id,
        _value(given, conflict, record),
        given["reason"],
        centre.now(),
        seen=[each["mutation"] for each in conflict.data.get("contenders", ())],
        base=record.version,
    )
    if outcome.outcome == "rejected":
        raise REFUSED.get(outcome.code or "", ValidationFailed)(
            **({"errors": outcome.errors} if outcome.errors else {})
        )
    return outcome


def _both(conflict_id: str) -> tuple[RecordView, RecordView]:
    """Return a conflict and the record it is about."""
    store, viewer = current_centre().store, current_viewer()
    conflict, _ = desk.read(store, viewer, conflict_id)
    if conflict.type != "conflict":
        raise NotFound
    record, _ = desk.read(store, viewer, conflict.data["record"])
    return conflict, record


def _tag(conflict: RecordView, record: RecordView) -> str:
    return f'"{conflict.version}-{record.version}"'


def _check_seen(tag: str) -> None:
    if not request.if_match:
        raise PreconditionRequired
    if not request.if_match.contains(tag.strip('"')):
        raise PreconditionFailed


def _value(given: dict[str, Any], conflict: RecordView, record: RecordView) -> Any:
    """Return the value that was decided for: the centre's, a contender's, or one of its own."""
    choice = given.get("choice")
    if (choice is None) == ("value" not in given):
        raise ValidationFailed(errors={"choice": [{"code": "required" if choice is None else "invalid"}]})
    if choice is None:
        return given["value"]
    if choice == "central":
        return _current(conflict.data["field"], record)
    for side in conflict.data.get("contenders", ()):
        if side["incarnation"] == choice:
            return side.get("value")
    raise ValidationFailed(errors={"choice": [{"code": "unknown_code"}]})


def _current(field: str, record: RecordView) -> Any:
    names = current_centre().store.types[record.type].groups.get(field)
    return {name: record.data.get(name) for name in names} if names else record.data.get(field)


def _body(conflict: RecordView, record_version: int) -> ConflictBody:
    data = conflict.data
    sides = [_side(each) for each in data.get("contenders", ())]
    kind = current_centre().store.types.get(data["record_type"])
    spec = kind.fields.get(data["field"]) if kind else None
    return ConflictBody(
        id=conflict.id,
        record=data["record"],
        record_type=data["record_type"],
        record_version=record_version,
        field=data["field"],
        label={"th": spec.label.th, "en": spec.label.en} if spec else None,
        status=data["status"],
        risk=data.get("risk"),
        hidden="contenders" not in data,
        base=data.get("base_value"),
        central=data.get("central_value"),
        contenders=sides,
        resolution=data.get("resolution"),
    )


def _side(entry: Mapping[str, Any]) -> Side:
    return Side(
        incarnation=entry["incarnation"],
        user=entry.get("user"),
        mutation=entry["mutation"],
        recorded_at=entry.get("recorded_at"),
        received_at=entry.get("received_at"),
        offline_since=entry.get("offline_since"),
        value=entry.get("value"),
        earlier=entry.get("earlier"),
    )
