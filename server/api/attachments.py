"""Attachments: whether their bytes have arrived, and the bytes."""

from typing import Any

import msgspec
from flask import Response, send_file
from sqlalchemy import select

from schemas.fields import References
from schemas.rules import Length
from server import desk, uploads
from server.access_log import logs, shows
from server.auth.current import current_viewer, permission
from server.centre import Centre, current_centre
from server.errors import NotFound, RangeNotSatisfiable
from server.models.engine import reading
from server.models.sync_tables import bucket_entry, bucket_grant, record
from server.resource import Body, Resource, answers, raises

blp = Resource("attachments", __name__, url_prefix="/api/v1/attachments", description="Photos and files")

ASKED_MAX = 500

SHOWN_AS_THEY_ARE = ("image/jpeg", "image/png", "image/webp")
"""Every other kind is offered for download only: what somebody sent must never run in a staff member's browser."""


class Asked(Body):
    """Of which attachments."""

    attachments = References(
        "รูปหรือไฟล์", "Attachments", required=True, refers_to=("attachment",), rules=(Length(max=ASKED_MAX),)
    )


class Status(msgspec.Struct, frozen=True):
    """``verified``: the bytes have arrived and their hash was checked. No hash: the record is unknown or not yours."""

    id: str
    sha256: str | None
    verified: bool


class Statuses(msgspec.Struct, frozen=True):
    """One status for each that was asked, in that order."""

    attachments: list[Status]


@blp.route("/status", methods=["POST"])
@permission("attachment", "read", while_leaving=True)
@answers(Statuses)
@blp.arguments(Asked)
def statuses(given: dict[str, Any]) -> Statuses:
    """Say of each attachment whether its bytes have arrived whole."""
    asked = given["attachments"]
    found = _statuses(current_centre(), asked)
    return Statuses([found.get(id_, Status(id_, None, verified=False)) for id_ in asked])


@blp.route("/<attachment_id>", methods=["GET"])
@permission("attachment", "read", while_leaving=True)
@raises(NotFound)
@answers(Status)
def status(attachment_id: str) -> Status:
    """Say whether an attachment's bytes have arrived whole."""
    found = _statuses(current_centre(), [attachment_id])
    if attachment_id not in found:
        raise NotFound
    return found[attachment_id]


@blp.route("/<attachment_id>/content", methods=["GET"])
@permission("attachment", "read")
@logs("file")
@raises(NotFound, RangeNotSatisfiable)
@blp.doc(
    responses={
        "200": {"description": "The bytes", "content": {"*/*": {}}},
        "206": {"description": "The part that Range asked for", "content": {"*/*": {}}},
        "304": {"description": "Unchanged since If-None-Match"},
    }
)
def content(attachment_id: str) -> Response:
    """Give the bytes of an attachment, or the part that ``Range`` asks for."""
    centre = current_centre()
    view, _ = desk.read(centre.store, current_viewer(), attachment_id)
    digest, media_type = view.data.get("sha256", ""), view.data.get("media_type", "application/octet-stream")
    path = centre.blobs.path_of(digest)
    if view.type != "attachment" or view.deleted or not _has_arrived(centre, view.id) or not path.exists():
        raise NotFound
    shown = media_type in SHOWN_AS_THEY_ARE
    response = send_file(
        path,
        mimetype=media_type if shown else "application/octet-stream",
        as_attachment=not shown,
        download_name=attachment_id,
        conditional=True,
        etag=digest,
        last_modified=None,
        max_age=None,
    )
    response.headers["Cache-Control"] = "private, no-cache"
    if response.status_code < 300:
        shows([view.id], view.type)
    return response


def _has_arrived(centre: Centre, attachment: str) -> bool:
    """Tell whether the bytes of an attachment were sent for it."""
    query = select(record.c.id).where(record.c.id == attachment, uploads.arrived())
    with reading(centre.engine) as connection:
        return connection.execute(query).first() is not None


def _statuses(centre: Centre, ids: list[str]) -> dict[str, Status]:
    """Return the status of those attachments that are the asker's own, or in buckets that they hold."""
    viewer = current_viewer()
    granted = select(bucket_grant.c.bucket).where(bucket_grant.c.user == viewer.user, bucket_grant.c.until.is_(None))
    held = (
        select(bucket_entry.c.record)
        .where(bucket_entry.c.record == record.c.id, bucket_entry.c.live, bucket_entry.c.bucket.in_(granted))
        .exists()
    )
    query = select(
        record.c.id, record.c.data["sha256"].as_string().label("sha256"), uploads.arrived().label("verified")
    ).where(record.c.id.in_(ids), record.c.type == "attachment", (record.c.owner == viewer.user) | held)
    with reading(centre.engine) as connection:
        rows = connection.execute(query).all()
    return {row.id: Status(row.id, row.sha256, verified=bool(row.verified)) for row in rows}
