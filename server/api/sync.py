"""Push and pull: authenticate, decode, hand over to the store, encode. What happens in between is ``server.store``."""

from datetime import datetime
from typing import Any, TypeVar

import msgspec
from flask import Response, request

from server.access_log import OPEN_LISTS, logs, shows, shows_nothing
from server.auth.current import current_device, current_viewer, permission
from server.centre import Centre, current_centre
from server.contact import note_contact
from server.metrics import OUTCOMES, PULLED_ROWS
from server.resource import Resource, answers, raises, takes
from server.store import Author
from server.wire import body_of, compressed
from sync.errors import (
    ClientTooOld,
    DeviceForked,
    EpochChanged,
    MalformedBody,
    NotPermitted,
    PayloadTooLarge,
    ProtocolUnsupported,
    SequenceGap,
    ServerBusy,
    UnsupportedEncoding,
    ValidationFailed,
)
from sync.messages import Limits, PullReply, PullRequest, PushReply, PushRequest
from sync.version import OLDEST_PROTOCOL, OLDEST_SCHEMA, PROTOCOL_VERSION, SCHEMA_VERSION

blp = Resource("sync", __name__, url_prefix="/api/v1/sync", description="Push and pull (docs/protocol.md)")

Message = TypeVar("Message", PushRequest, PullRequest)

AS_A_WHOLE = (
    MalformedBody,
    UnsupportedEncoding,
    PayloadTooLarge,
    ClientTooOld,
    ProtocolUnsupported,
    EpochChanged,
    NotPermitted,
    ValidationFailed,
    ServerBusy,
)


class _Versions(msgspec.Struct):
    """All that is read of a message before it is known that its version is spoken here."""

    protocol: int
    schema: int = OLDEST_SCHEMA


@blp.route("/push", methods=["POST"])
@permission("sync", "push", while_leaving=True, on_any_device=True)
@raises(*AS_A_WHOLE, SequenceGap, DeviceForked)
@takes(PushRequest)
@answers(PushReply)
def push() -> Response:
    """Send mutations in order; each gets an outcome, exactly once however often it is sent."""
    centre, now = current_centre(), current_centre().now()
    message = _message(centre, _PUSH)
    reply = centre.store.push(_author(message.device), message, now)
    for outcome in reply.outcomes:
        OUTCOMES.labels(outcome.outcome, outcome.code or "").inc()
    return _reply(centre, reply, now, message.sent_at)


@blp.route("/pull", methods=["POST"])
@permission("sync", "pull", on_any_device=True)
@logs("pull")
@raises(*AS_A_WHOLE)
@takes(PullRequest)
@answers(PullReply)
def pull() -> Response:
    """Fetch the next page of what changed in the buckets that this device may hold."""
    centre, now = current_centre(), current_centre().now()
    message = _message(centre, _PULL)
    reply = centre.store.pull(_author(message.device), message, now)
    for table in reply.tables:
        PULLED_ROWS.labels("put").inc(len(table.put))
        PULLED_ROWS.labels("gone").inc(len(table.gone))
    _log_rows(reply)
    return _reply(centre, reply, now)


_PUSH = msgspec.json.Decoder(PushRequest)
_PULL = msgspec.json.Decoder(PullRequest)
_VERSIONS = msgspec.json.Decoder(_Versions)


def _message(centre: Centre, decoder: msgspec.json.Decoder[Message]) -> Message:
    """Read a message of a version that is spoken here.

    :raises ProtocolError: for anything else.
    """
    body = body_of(request, bytes_max=Limits().bytes, ratio_max=centre.settings.decompression_ratio_max)
    try:
        message = decoder.decode(body)
    except msgspec.ValidationError as wrong:
        _check_versions(_versions_in(body))
        raise MalformedBody(because=str(wrong)) from None
    except (msgspec.DecodeError, UnicodeDecodeError, RecursionError):
        raise MalformedBody(because="the body is not JSON in UTF-8") from None
    _check_versions(_Versions(message.protocol, message.schema))
    return message


def _versions_in(body: bytes) -> _Versions:
    try:
        return _VERSIONS.decode(body)
    except msgspec.ValidationError:
        return _Versions(PROTOCOL_VERSION)


def _check_versions(found: _Versions) -> None:
    if found.protocol < OLDEST_PROTOCOL or found.schema < OLDEST_SCHEMA:
        raise ClientTooOld(oldest_protocol=OLDEST_PROTOCOL, oldest_schema=OLDEST_SCHEMA)
    # A newer schema is welcome: what it adds is kept as it comes, until this server knows it.
    if found.protocol > PROTOCOL_VERSION:
        raise ProtocolUnsupported(protocol=PROTOCOL_VERSION, schema=SCHEMA_VERSION)


def _author(claimed: str) -> Author:
    """Return who writes; the token says which device it is, and the message must not say another."""
    device = current_device()
    if claimed != device:
        raise NotPermitted(needs="the device of this token")
    viewer = current_viewer()
    return Author(viewer.user, device, viewer.role_names)


def _log_rows(reply: PullReply) -> None:
    """Write down the rows of a page. One that brings none, or only the open lists, is not worth an entry."""
    ids = [_id_of(put) for table in reply.tables if table.type not in OPEN_LISTS for put in table.put]
    if ids:
        shows(ids, commit=reply.commit)
    else:
        shows_nothing()


def _id_of(put: Any) -> str:
    """Return the id of a row, which is encoded already and begins with it."""
    return bytes(put)[2:38].decode()


def _reply(centre: Centre, reply: PushReply | PullReply, now: datetime, sent_at: str | None = None) -> Response:
    note_contact(centre, current_viewer(), request, now, sent_at)
    response = Response(msgspec.json.encode(reply), content_type="application/json")
    return compressed(request, response, bytes_min=centre.settings.compress_bytes_min)
