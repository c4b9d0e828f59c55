"""Records as staff see them: one, its history, lists."""

from collections.abc import Mapping
from typing import Any

import msgspec

from schemas.fields import Area
from schemas.records import RECORD_TYPES
from schemas.rules import Length
from server import desk
from server.access_log import logs, shows
from server.auth.current import current_viewer, permission
from server.centre import current_centre
from server.errors import NotFound
from server.paging import PageQuery, next_of
from server.query import QueryLine
from server.resource import Resource, answers, raises
from server.store import RecordView
from sync.errors import NotPermitted, ValidationFailed

blp = Resource("records", __name__, url_prefix="/api/v1/records", description="Records and their history")


class RecordQuery(PageQuery):
    """Of which type; ``area`` any area code."""

    type = QueryLine("ประเภท", "Type", required=True, rules=(Length(max=40),))
    area = Area("พื้นที่", "Area")


class RecordSearch(RecordQuery):
    """The same, and ``q``: part of a text shown in lists."""

    q = QueryLine("คำค้น", "Search", required=True, rules=(Length(max=100),))


class RecordBody(msgspec.Struct, frozen=True):
    """A record without the fields that its reader may not see. ``version``: of the whole and of each field.

    ``merged_into``: the record that it was found to be one with; ``goes_on_in``: the end of that chain.
    """

    id: str
    type: str
    version: int
    data: Mapping[str, Any]
    deleted: bool
    field_versions: Mapping[str, int]
    merged_into: str | None = None
    goes_on_in: str | None = None


class RecordPage(msgspec.Struct, frozen=True):
    """Records in order of id."""

    items: list[RecordBody]
    next: str | None


class History(msgspec.Struct, frozen=True):
    """Every edit, oldest first, as the reader may see it."""

    items: list[dict[str, Any]]


@blp.route("", methods=["GET"])
@permission("record", "read")
@logs("list")
@raises(NotPermitted)
@answers(RecordPage)
@blp.arguments(RecordQuery, location="query")
def show_all(given: dict[str, Any]) -> RecordPage:
    """List the records of a type that you may see."""
    return _page(given)


@blp.route("/search", methods=["POST"])
@permission("record", "read")
@logs("search")
@raises(NotPermitted)
@answers(RecordPage)
@blp.arguments(RecordSearch)
def search(given: dict[str, Any]) -> RecordPage:
    """Search the records of a type that you may see; what is searched for may be a name, so no address holds it."""
    return _page(given)


@blp.route("/<record_id>", methods=["GET"])
@permission("record", "read")
@logs("read")
@raises(NotFound)
@answers(RecordBody)
def show(record_id: str) -> tuple[RecordBody, dict[str, str]]:
    """Show one record; ``ETag`` is its version."""
    view, _ = desk.read(current_centre().store, current_viewer(), record_id)
    shows([view.id], view.type)
    return body_of(view), {"ETag": f'"{view.version}"'}


@blp.route("/<record_id>/history", methods=["GET"])
@permission("record", "read")
@logs("history")
@raises(NotFound)
@answers(History)
def history(record_id: str) -> History:
    """Show every edit of a record, with who made it, when, and what became of it."""
    found = desk.history(current_centre().store, current_viewer(), record_id)
    shows([record_id])
    return History(found)


def body_of(view: RecordView) -> RecordBody:
    """Return a record as it is answered."""
    return RecordBody(
        view.id,
        view.type,
        view.version,
        view.data,
        view.deleted,
        view.field_versions,
        view.merged_into,
        view.goes_on_in,
    )


def _page(given: Mapping[str, Any]) -> RecordPage:
    viewer, limit = current_viewer(), given["limit"]
    if given["type"] not in RECORD_TYPES:
        raise ValidationFailed(errors={"type": [{"code": "unknown_code"}]})
    if not viewer.may(given["type"], "read"):
        raise NotPermitted(needs=f"{given['type']}.read")
    found = desk.find(
        current_centre().store,
        viewer,
        given["type"],
        area=given.get("area"),
        text=given.get("q"),
        after=given["cursor"],
        limit=limit,
    )
    shows([view.id for view in found], given["type"])
    return RecordPage([body_of(view) for view in found], next_of([view.id for view in found], limit))
