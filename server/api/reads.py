"""The read log: who saw a record, and what a device or a person saw. Looking here is written down as well."""

from typing import Any

import msgspec
from sqlalchemy import Row

from schemas.rules import Pattern
from server import access_log, desk
from server.access_log import logs, shows
from server.auth import devices, people
from server.auth.current import current_viewer, permission
from server.auth.reach import check_reach
from server.centre import current_centre
from server.errors import NotFound
from server.models.engine import reading
from server.paging import LIMIT, LIMIT_MAX, PageQuery, next_of
from server.query import QueryInteger, QueryLine
from server.resource import Body, Resource, answers, raises
from sync.errors import NotPermitted

blp = Resource("reads", __name__, url_prefix="/api/v1", description="The read log: who saw what")


class ReadQuery(Body):
    """Before which entry: its number."""

    cursor = QueryLine("ก่อนรายการที่", "Cursor", rules=(Pattern("[0-9]{1,15}"),))
    limit = QueryInteger("จำนวน", "Limit", minimum=1, maximum=LIMIT_MAX, load_default=LIMIT)


class ReadEntry(msgspec.Struct, frozen=True):
    """One look. ``records``: how many; ``GET /reads/{number}/records`` says which. No ``device``: at a desk."""

    number: int
    at: str
    user: str
    device: str | None
    action: str
    subject: str
    records: int
    detail: Any


class ReadPage(msgspec.Struct, frozen=True):
    """The latest first."""

    items: list[ReadEntry]
    next: str | None


class ReadRecords(msgspec.Struct, frozen=True):
    """Ids in order."""

    items: list[str]
    next: str | None


@blp.route("/records/<record_id>/reads", methods=["GET"])
@permission("access", "read")
@logs("reads")
@raises(NotFound)
@answers(ReadPage)
@blp.arguments(ReadQuery, location="query")
def of_record(given: dict[str, Any], record_id: str) -> ReadPage:
    """Show who saw a record, when, and how."""
    centre = current_centre()
    desk.read(centre.store, current_viewer(), record_id)
    with reading(centre.engine) as connection:
        return _page(record_id, access_log.of_record(connection, record_id, **_place(given)), given)


@blp.route("/devices/<device_id>/reads", methods=["GET"])
@permission("access", "read")
@logs("reads")
@raises(NotFound, NotPermitted)
@answers(ReadPage)
@blp.arguments(ReadQuery, location="query")
def of_device(given: dict[str, Any], device_id: str) -> ReadPage:
    """Show what a device fetched: all that was ever on it."""
    with reading(current_centre().engine) as connection:
        _check_reach(connection, devices.find(connection, device_id).user)
        return _page(device_id, access_log.of_device(connection, device_id, **_place(given)), given)


@blp.route("/users/<user_id>/reads", methods=["GET"])
@permission("access", "read")
@logs("reads")
@raises(NotFound, NotPermitted)
@answers(ReadPage)
@blp.arguments(ReadQuery, location="query")
def of_user(given: dict[str, Any], user_id: str) -> ReadPage:
    """Show what a person saw, at a desk or on a device."""
    with reading(current_centre().engine) as connection:
        _check_reach(connection, user_id)
        return _page(user_id, access_log.of_user(connection, user_id, **_place(given)), given)


@blp.route("/reads/<number>/records", methods=["GET"])
@permission("access", "read")
@logs("reads")
@raises(NotFound, NotPermitted)
@answers(ReadRecords)
@blp.arguments(PageQuery, location="query")
def records(given: dict[str, Any], number: str) -> ReadRecords:
    """Say which records one entry of the read log is about."""
    if not (number.isascii() and number.isdigit() and len(number) <= 15):
        raise NotFound
    with reading(current_centre().engine) as connection:
        entry = access_log.one(connection, int(number))
        if entry is None:
            raise NotFound
        _check_reach(connection, entry.user)
        found = access_log.records_of(connection, entry.number, after=given["cursor"], limit=given["limit"])
    shows((), number)
    return ReadRecords(found, next_of(found, given["limit"]))


def _check_reach(connection: Any, user: str) -> None:
    check_reach(connection, current_viewer(), "access", "read", people.find(connection, user).roles)


def _place(given: dict[str, Any]) -> dict[str, Any]:
    return {"before": int(given["cursor"]) if given.get("cursor") else None, "limit": given["limit"]}


def _page(about: str, rows: list[Row[Any]], given: dict[str, Any]) -> ReadPage:
    shows((), about)
    return ReadPage([_body(row) for row in rows], next_of([str(row.number) for row in rows], given["limit"]))


def _body(row: Row[Any]) -> ReadEntry:
    return ReadEntry(
        number=row.number,
        at=row.at,
        user=row.user,
        device=row.device,
        action=row.action,
        subject=row.subject,
        records=row.records,
        detail=msgspec.json.decode(row.detail),
    )
