"""Witnesses: what devices still hold of what a restored centre has lost, and what staff bring back of it."""

from collections.abc import Mapping
from typing import Any

import msgspec
from flask import Response, request

from schemas.base import RecordType
from schemas.fields import Line, Raw
from schemas.rules import Length
from server import deliveries, desk, quarantine, witnesses
from server.access_log import logs, shows
from server.auth.current import current_viewer, permission
from server.centre import current_centre
from server.errors import DeliveryDecided, NotFound, PreconditionFailed, PreconditionRequired
from server.exchange import AS_A_WHOLE, author_of, message_of, reply_with
from server.models.engine import reading
from server.quarantine import Delivery
from server.resource import Body, Resource, answers, raises, takes
from server.store import RecordView
from server.store.erasures import erased_among
from server.witnesses import KIND, Kept
from sync.errors import NotPermitted, TooManyRequests, ValidationFailed
from sync.messages import MutationOutcome, WitnessReply, WitnessRequest

blp = Resource("witnesses", __name__, url_prefix="/api/v1", description="What a restored centre may have lost")

_REQUEST = msgspec.json.Decoder(WitnessRequest)

NOT_THERE = '"0"'
"""The tag of a comparison with a record that the centre does not have."""


class Choice(Body):
    """Which fields of the witness are brought back, and why; of a record that is not there all, unless said."""

    fields = Raw("ข้อที่จะนำกลับมา", "Fields to bring back")  # type: ignore[assignment]  # marshmallow collects it
    reason = Line("เหตุผล", "Reason", required=True, rules=(Length(min=1, max=1000),))


class Comparison(msgspec.Struct, frozen=True):
    """Side by side. ``central``: null where the centre has no such record. ``differing``: fields that are not equal."""

    delivery: Delivery
    record: str
    type: str
    witness: dict[str, Any]
    central: Mapping[str, Any] | None
    central_version: int
    differing: list[str]


class BroughtBack(msgspec.Struct, frozen=True):
    """The witness, closed, and what became of the edit."""

    delivery: Delivery
    outcome: MutationOutcome


@blp.route("/sync/witnesses", methods=["POST"])
@permission("sync", "pull", on_any_device=True)
@raises(*AS_A_WHOLE, TooManyRequests)
@takes(WitnessRequest)
@answers(WitnessReply)
def offer() -> Response:
    """Offer rows that a restored centre did not bring back; the answer is a receipt."""
    centre, now = current_centre(), current_centre().now()
    message = message_of(centre, _REQUEST)
    reply = witnesses.receive(centre, author_of(message.device), message, now)
    return reply_with(centre, reply, now)


@blp.route("/witnesses/<delivery_id>", methods=["GET"])
@permission("delivery", "read")
@logs("deliveries")
@raises(NotFound)
@answers(Comparison)
def compare(delivery_id: str) -> tuple[Comparison, dict[str, str]]:
    """Show a witness beside the central record; ``ETag`` is what bringing it back must name."""
    found, kept = _mine(delivery_id, "read")
    central = _central(kept)
    shows([kept.record], found.id)
    return _compared(found, kept, central), {"ETag": _tag(central)}


@blp.route("/witnesses/<delivery_id>/apply", methods=["POST"])
@permission("delivery", "decide")
@raises(NotFound, NotPermitted, DeliveryDecided, PreconditionRequired, PreconditionFailed)
@blp.doc(parameters=[{"in": "header", "name": "If-Match", "required": True, "schema": {"type": "string"}}])
@answers(BroughtBack)
@blp.arguments(Choice)
def apply(given: dict[str, Any], delivery_id: str) -> BroughtBack:
    """Bring back chosen fields of a witness as the centre's own edit."""
    centre, viewer, now = current_centre(), current_viewer(), current_centre().now()
    found, kept = _mine(delivery_id, "decide")
    if found.state != quarantine.OPEN:
        raise DeliveryDecided(state=found.state)
    kind, central = centre.store.types.get(kept.type), _central(kept)
    _check_seen(_tag(central))
    action = "create" if central is None else "update"
    if kind is None or not viewer.may(kept.type, action):
        raise NotPermitted(needs=f"{kept.type}.{action}")
    fields = _chosen(given, kind, _compared(found, kept, central), whole=central is None)
    if central is None and not given.get("fields"):
        fields = sorted({*witnesses.in_todays_words(centre, kept)})  # what staff may not see comes back all the same
    outcome = witnesses.bring_back(centre, kept, central, fields, viewer.user, now)
    if outcome.outcome == "rejected":
        raise ValidationFailed(errors=outcome.errors or {"fields": [{"code": outcome.code or "invalid"}]})
    return BroughtBack(witnesses.close(centre, found, viewer.user, given["reason"], now), outcome)


def _mine(delivery_id: str, action: str) -> tuple[Delivery, Kept]:
    """Return a witness of the viewer's area.

    :raises NotFound: when there is none, or none that is theirs to see.
    """
    with reading(current_centre().engine) as connection:
        found = quarantine.one(connection, delivery_id)
        if found.kind != KIND or not deliveries.reachable(connection, current_viewer(), [found], action):
            raise NotFound
        kept = witnesses.kept_in(quarantine.content_of(connection, delivery_id))
        if erased_among(connection, [kept.record]):
            raise NotFound
    return found, kept


def _central(kept: Kept) -> RecordView | None:
    """Return the record as the viewer sees it, ``None`` where the centre has none.

    :raises NotFound: when it is there and not theirs to see.
    """
    centre = current_centre()
    if not centre.store.exists(kept.record):
        return None
    return desk.read(centre.store, current_viewer(), kept.record)[0]


def _compared(found: Delivery, kept: Kept, central: RecordView | None) -> Comparison:
    said = witnesses.shown(current_centre(), kept, current_viewer().classes_for("delivery", "read"))
    now: Mapping[str, Any] = central.data if central else {}
    differing = sorted(name for name in said if said[name] != now.get(name))
    version = central.version if central else 0
    return Comparison(found, kept.record, kept.type, said, now if central else None, version, differing)


def _tag(central: RecordView | None) -> str:
    return f'"{central.version}"' if central else NOT_THERE


def _check_seen(tag: str) -> None:
    if not request.if_match:
        raise PreconditionRequired
    if not request.if_match.contains(tag.strip('"')):
        raise PreconditionFailed


def _chosen(given: Mapping[str, Any], kind: RecordType, compared: Comparison, *, whole: bool) -> list[str]:
    """Return the fields that were chosen: such as the viewer sees in the witness."""
    fields = given.get("fields") or (list(compared.witness) if whole else [])
    if not isinstance(fields, list) or not fields or not all(isinstance(name, str) for name in fields):
        raise ValidationFailed(errors={"fields": [{"code": "required"}]})
    if wrong := [name for name in fields if name not in compared.witness or name not in kind.fields]:
        raise ValidationFailed(errors={name: [{"code": "unknown_field"}] for name in wrong})
    return fields
