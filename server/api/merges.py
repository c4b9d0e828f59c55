"""Two records that are one: joining them, seeing how they were joined, and taking them apart again."""

from typing import Any

import msgspec
from flask import request

from schemas.base import Merge
from schemas.checks import sayable
from schemas.fields import Id, Line, Lines
from schemas.rules import Length
from server import desk
from server.access_log import logs, shows
from server.auth.current import current_viewer, permission
from server.centre import current_centre
from server.errors import AlreadyMerged, NotFound, NotMerged, PreconditionFailed, PreconditionRequired
from server.ids import new_id
from server.resource import Body, Resource, answers, raises
from server.store import RecordView
from server.store.joints import Joint
from sync.errors import NotPermitted, ValidationFailed
from sync.instants import rfc3339
from sync.messages import MutationOutcome
from sync.mutation import Mutation, Op
from sync.units import units

blp = Resource("merges", __name__, url_prefix="/api/v1/records", description="Merging two records that are one")

REFUSED = {error.code: error for error in (AlreadyMerged, NotMerged, NotPermitted)}
IF_MATCH = {"in": "header", "name": "If-Match", "required": True, "schema": {"type": "string"}}


class MergeBody(Body):
    """``into``: the record that goes on. ``take``: the fields of which it takes over the merged record's values."""

    into = Id("รวมเข้ากับ", "Merge into", required=True)
    take = Lines("ข้อที่ใช้ค่าของเรื่องที่ถูกรวม", "Fields to take over")
    reason = Line("เหตุผล", "Reason", required=True, rules=(Length(min=1, max=1000),))


class UnmergeBody(Body):
    """``moves``: the edits made since that belong to the merged record; left out, those that named it."""

    moves = Lines("รายการแก้ไขที่ไปกับเรื่องที่แยกออก", "Edits that go with it", rules=(Length(max=1000),))
    reason = Line("เหตุผล", "Reason", required=True, rules=(Length(min=1, max=1000),))


class EditSince(msgspec.Struct, frozen=True):
    """One edit made where the record goes on. ``named_it``: it was meant for the merged record."""

    mutation: str
    author: str
    received_at: str
    fields: list[str]
    named_it: bool


class JointBody(msgspec.Struct, frozen=True):
    """How a record was merged, and what was written since where it goes on."""

    record: str
    goes_on_in: str
    merge: str
    by: str
    at: str
    reason: str | None
    since: list[EditSince]


class Joined(msgspec.Struct, frozen=True):
    """What became of a merge, or of its undoing, and of the values that were chosen with it."""

    outcomes: list[MutationOutcome]


@blp.route("/<record_id>/merge", methods=["GET"])
@permission("record", "read")
@logs("history")
@raises(NotFound, NotMerged)
@answers(JointBody)
def show(record_id: str) -> JointBody:
    """Show how a record was merged, and which edits were made since."""
    view, _ = desk.read(current_centre().store, current_viewer(), record_id)
    joint = _joint(view.id)
    shows([joint.record, joint.goes_on_in], view.type)
    since = [
        EditSince(each.id, each.author, each.received_at, list(each.fields), each.named == joint.record)
        for each in joint.since
    ]
    return JointBody(joint.record, joint.goes_on_in, joint.merge, joint.by, joint.at, joint.reason, since)


@blp.route("/<record_id>/merge", methods=["POST"])
@permission("record", "read")
@raises(NotFound, PreconditionRequired, PreconditionFailed, AlreadyMerged, NotPermitted, ValidationFailed)
@blp.doc(parameters=[IF_MATCH])
@answers(Joined)
@blp.arguments(MergeBody)
def merge(given: dict[str, Any], record_id: str) -> Joined:
    """Merge a record into another; both keep their history, and it can be undone."""
    record, into = _seen(record_id, "merge"), _readable(given["into"], "merge")
    joins = _mutation(Op.MERGE, record, into=into.id, reason=given["reason"])
    taken = _taken(record, into, given.get("take") or [])
    return _written([joins, taken] if taken else [joins])


@blp.route("/<record_id>/unmerge", methods=["POST"])
@permission("record", "read")
@raises(NotFound, PreconditionRequired, PreconditionFailed, NotMerged, NotPermitted, ValidationFailed)
@blp.doc(parameters=[IF_MATCH])
@answers(Joined)
@blp.arguments(UnmergeBody)
def unmerge(given: dict[str, Any], record_id: str) -> Joined:
    """Take a merged record apart again; the edits made since go to the side that you say."""
    record = _seen(record_id, "unmerge")
    joint = _joint(record.id)
    _readable(joint.goes_on_in, "unmerge")
    moves = joint.named_it() if given.get("moves") is None else given["moves"]
    return _written([_mutation(Op.UNMERGE, record, undoes=joint.merge, moves=moves, reason=given["reason"])])


def _readable(record_id: str, action: str) -> RecordView:
    """Return a record that the person may see and do this with.

    :raises NotPermitted: they may see it and not do this.
    """
    store, viewer = current_centre().store, current_viewer()
    view, _ = desk.read(store, viewer, record_id)
    if not viewer.may(view.type, action):
        raise NotPermitted(needs=f"{view.type}.{action}")
    return desk.read(store, viewer, record_id, action=action)[0]


def _seen(record_id: str, action: str) -> RecordView:
    """Return the record, if it is still the version that was looked at."""
    view = _readable(record_id, action)
    if not request.if_match:
        raise PreconditionRequired
    if not request.if_match.contains(str(view.version)):
        raise PreconditionFailed
    return view


def _joint(record_id: str) -> Joint:
    joint = current_centre().store.joint(record_id)
    if joint is None:
        raise NotMerged
    return joint


def _taken(record: RecordView, into: RecordView, names: list[str]) -> Mutation | None:
    """Return the edit by which the surviving record takes values over; elements of sets and logs are added."""
    kind = current_centre().store.types[record.type]
    if unknown := [name for name in names if name not in kind.fields or name not in record.data]:
        raise ValidationFailed(errors={sayable(name): [{"code": "unknown_field"}] for name in unknown})
    wanted = [name for unit in units(kind, names).values() for name in unit]
    adds = {name: record.data[name] for name in wanted if kind.fields[name].merge in (Merge.SET, Merge.APPEND)}
    sets = {name: (into.data.get(name), record.data.get(name)) for name in wanted if name not in adds}
    return _mutation(Op.UPDATE, into, base=into.version, set=sets, add=adds) if names else None


def _mutation(op: Op, of: RecordView, **parts: Any) -> Mutation:
    at = rfc3339(current_centre().now())
    return Mutation(seq=0, id=new_id(), op=op, type=of.type, record=of.id, recorded_at=at, **parts)


def _written(group: list[Mutation]) -> Joined:
    centre = current_centre()
    outcomes = centre.store.write([group], centre.now(), user=current_viewer().user)
    refused = next((each for each in outcomes if each.outcome == "rejected" and each.code != "group_rejected"), None)
    if refused:
        found = {"errors": refused.errors} if refused.errors else {}
        raise REFUSED.get(refused.code or "", ValidationFailed)(**found)
    return Joined(outcomes)
