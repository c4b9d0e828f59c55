"""Sealed deliveries: whoever stands at the door may leave one; staff look, and apply or dismiss what waits."""

from collections.abc import Mapping
from typing import Any

import msgspec
from flask import request

from schemas.fields import Line
from schemas.rules import Length, Pattern
from server import deliveries, quarantine, unsent_work
from server.access_log import logs, shows
from server.auth.current import current_viewer, permission
from server.centre import current_centre
from server.deliveries import KINDS
from server.errors import DeliveryDecided, DeliveryUnreadable, NotFound, UnsupportedMediaType
from server.extensions import limiter
from server.models.engine import reading, writing
from server.paging import PageQuery, next_of
from server.quarantine import Delivery
from server.query import QueryLine
from server.resource import Body, Resource, answers, raises
from server.wire import body_of
from sync.errors import (
    MalformedBody,
    NotPermitted,
    PayloadTooLarge,
    TooManyRequests,
    UnsupportedEncoding,
    ValidationFailed,
)

blp = Resource("deliveries", __name__, url_prefix="/api/v1/deliveries", description="Sealed deliveries")

BODY_TYPE = "application/octet-stream"
WAIT_MS = 3_600_000
"""How long somebody waits whose deliveries nobody has looked at yet."""

SEALED = {
    "requestBody": {
        "required": True,
        "content": {BODY_TYPE: {"schema": {"type": "string", "format": "binary"}}},
    }
}


class DeliveryQuery(PageQuery):
    """Open ones unless asked for others."""

    state = QueryLine("สถานะ", "State", rules=(Pattern("open|applied|dismissed"),), load_default="open")


class DeliveryJudgement(Body):
    """Why."""

    reason = Line("เหตุผล", "Reason", required=True, rules=(Length(min=1, max=1000),))


class DeliveredWork(msgspec.Struct, frozen=True):
    """For staff: whose work it is and what it added; ``added`` is null where it waits for staff."""

    kind: str
    user: str | None
    display_name: str
    device: str | None
    state: str
    added: Mapping[str, Any] | None


class DeliveryReceipt(msgspec.Struct, frozen=True):
    """It is here. ``work``: null for a device, which learns nothing about what it carried."""

    receipt: str
    sha256: str
    received_at: str
    work: DeliveredWork | None


class DeliveryPage(msgspec.Struct, frozen=True):
    """In the order in which they came."""

    items: list[Delivery]
    next: str | None


class OpenedDelivery(msgspec.Struct, frozen=True):
    """A delivery and what it holds, without what you may not see."""

    delivery: Delivery
    holds: dict[str, Any]


class AppliedDelivery(msgspec.Struct, frozen=True):
    """A delivery and what it brought. It stays open while photos in it wait for their records."""

    delivery: Delivery
    added: Mapping[str, Any]


@blp.route("", methods=["POST"])
@permission("delivery", "create", while_leaving=True, on_any_device=True, even_lost=True)
@limiter.limit(lambda: current_centre().settings.delivery_attempts)
@raises(PayloadTooLarge, UnsupportedMediaType, UnsupportedEncoding, MalformedBody, ValidationFailed, TooManyRequests)
@blp.doc(**SEALED)
@answers(DeliveryReceipt, 201)
def bring() -> DeliveryReceipt:
    """Leave one sealed delivery; the answer is a receipt.

    A device that was cancelled as lost may still do this. Bringing the same bytes again gives the same receipt.
    """
    centre, viewer, now = current_centre(), current_viewer(), current_centre().now()
    if request.mimetype != BODY_TYPE:
        raise UnsupportedMediaType(accepts=BODY_TYPE)
    ratio_max = centre.settings.decompression_ratio_max
    sealed = body_of(request, bytes_max=centre.settings.delivery_bytes_max, ratio_max=ratio_max)
    if not sealed:
        raise ValidationFailed(errors={"content": [{"code": "required"}]})
    with reading(centre.engine) as connection:
        if deliveries.open_of(connection, viewer.user) >= centre.settings.deliveries_open_max:
            raise TooManyRequests(retry_after_ms=WAIT_MS)
    received = unsent_work.receive(centre, sealed, now=now, brought_by=viewer.user, device=viewer.device)
    kept = received.delivery
    return DeliveryReceipt(kept.id, kept.sha256, kept.received_at, _work(received))


@blp.route("", methods=["GET"])
@permission("delivery", "read")
@raises(ValidationFailed)
@answers(DeliveryPage)
@blp.arguments(DeliveryQuery, location="query")
def show_all(given: dict[str, Any]) -> DeliveryPage:
    """List what came by other ways than a push, by people of your area."""
    with reading(current_centre().engine) as connection:
        found = quarantine.listing(connection, after=given["cursor"], limit=given["limit"], state=given["state"])
        near = deliveries.reachable(connection, current_viewer(), found, "read")
    return DeliveryPage(near, next_of([each.id for each in found], given["limit"]))


@blp.route("/<delivery_id>", methods=["GET"])
@permission("delivery", "read")
@logs("deliveries")
@raises(NotFound)
@answers(OpenedDelivery)
def show(delivery_id: str) -> OpenedDelivery:
    """Open a delivery and show what it holds, without what you may not see."""
    centre, found = current_centre(), _mine(delivery_id, "read")
    with reading(centre.engine) as connection:
        content = quarantine.content_of(connection, found.id)
    holds = KINDS[found.kind].look(centre, content, current_viewer().classes_for("delivery", "read"))
    shows(_records_in(holds), found.id)
    return OpenedDelivery(found, holds)


def _records_in(holds: Mapping[str, Any]) -> set[str]:
    """Return the records that the parts of an opened delivery are about: edits, files, rows."""
    parts = [part for listed in holds.values() if isinstance(listed, list) for part in listed]
    named = (part.get("record") or part.get("attachment") or part.get("id") for part in parts)
    return {each for each in named if isinstance(each, str)}


@blp.route("/<delivery_id>/apply", methods=["POST"])
@permission("delivery", "decide")
@raises(NotFound, DeliveryDecided, DeliveryUnreadable, NotPermitted)
@answers(AppliedDelivery)
@blp.arguments(DeliveryJudgement)
def apply(given: dict[str, Any], delivery_id: str) -> AppliedDelivery:
    """Apply a delivery as its author's work, after you have looked at it."""
    centre, found = current_centre(), _mine(delivery_id, "decide")
    if found.state != quarantine.OPEN:
        raise DeliveryDecided(state=found.state)
    by = current_viewer().user
    return AppliedDelivery(*KINDS[found.kind].apply(centre, found, by, given["reason"], centre.now()))


@blp.route("/<delivery_id>/dismiss", methods=["POST"])
@permission("delivery", "decide")
@raises(NotFound, DeliveryDecided, NotPermitted)
@answers(Delivery)
@blp.arguments(DeliveryJudgement)
def dismiss(given: dict[str, Any], delivery_id: str) -> Delivery:
    """Leave a delivery without effect; it is kept."""
    centre, found = current_centre(), _mine(delivery_id, "decide")
    with writing(centre.engine) as connection:
        by, reason = current_viewer().user, given["reason"]
        return quarantine.decide(connection, found.id, quarantine.DISMISSED, by, reason, centre.now())


def _mine(delivery_id: str, action: str) -> Delivery:
    """Return a delivery of the viewer's area.

    :raises NotFound: when there is none, or none that is theirs to see.
    """
    with reading(current_centre().engine) as connection:
        found = quarantine.one(connection, delivery_id)
        if not deliveries.reachable(connection, current_viewer(), [found], action):
            raise NotFound
    return found


def _work(received: unsent_work.Received) -> DeliveredWork | None:
    """Return what staff of the area are told; a carrier learns nothing."""
    centre, viewer, kept = current_centre(), current_viewer(), received.delivery
    if viewer.device or not viewer.may("delivery", "read"):
        return None
    with reading(centre.engine) as connection:
        if not deliveries.reachable(connection, viewer, [kept], "read"):
            return None
    added = msgspec.to_builtins(received.added) if received.added else None
    return DeliveredWork(kept.kind, kept.user, unsent_work.whose(centre, kept), kept.device, kept.state, added)
