"""What every message of the sync protocol has in common on its way in and out."""

from datetime import datetime
from typing import Any, Protocol, TypeVar

import msgspec
from flask import Response, request

from server.auth.current import current_device, current_viewer
from server.centre import Centre
from server.contact import note_contact
from server.store import Author
from server.wire import body_of, compressed
from sync.errors import (
    ClientTooOld,
    EpochChanged,
    MalformedBody,
    NotPermitted,
    PayloadTooLarge,
    ProtocolUnsupported,
    ServerBusy,
    UnsupportedEncoding,
    ValidationFailed,
)
from sync.messages import Limits
from sync.version import OLDEST_PROTOCOL, OLDEST_SCHEMA, PROTOCOL_VERSION, SCHEMA_VERSION

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
"""What any message may be refused with."""


class Versioned(Protocol):
    """A message that says which versions it speaks."""

    @property
    def protocol(self) -> int: ...

    @property
    def schema(self) -> int: ...


Message = TypeVar("Message", bound=Versioned)


class _Versions(msgspec.Struct):
    """All that is read of a message before it is known that its version is spoken here."""

    protocol: int
    schema: int = OLDEST_SCHEMA


_VERSIONS = msgspec.json.Decoder(_Versions)


def message_of(centre: Centre, decoder: msgspec.json.Decoder[Message]) -> Message:
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


def author_of(claimed: str) -> Author:
    """Return who speaks; the token says which device it is, and the message must not say another.

    :raises NotPermitted: when it does.
    """
    device = current_device()
    if claimed != device:
        raise NotPermitted(needs="the device of this token")
    viewer = current_viewer()
    return Author(viewer.user, device, viewer.role_names)


def reply_with(centre: Centre, reply: Any, now: datetime, sent_at: str | None = None) -> Response:
    """Note the device's contact and return the reply, compressed as its reader accepts."""
    note_contact(centre, current_viewer(), request, now, sent_at)
    response = Response(msgspec.json.encode(reply), content_type="application/json")
    return compressed(request, response, bytes_min=centre.settings.compress_bytes_min)


def _versions_in(body: bytes) -> _Versions:
    try:
        return _VERSIONS.decode(body)
    except (msgspec.DecodeError, UnicodeDecodeError, RecursionError):  # it may also be cut off behind what is wrong
        return _Versions(PROTOCOL_VERSION)


def _check_versions(found: _Versions) -> None:
    if found.protocol < OLDEST_PROTOCOL or found.schema < OLDEST_SCHEMA:
        raise ClientTooOld(oldest_protocol=OLDEST_PROTOCOL, oldest_schema=OLDEST_SCHEMA)
    # A newer schema is welcome: what it adds is kept as it comes, until this server knows it.
    if found.protocol > PROTOCOL_VERSION:
        raise ProtocolUnsupported(protocol=PROTOCOL_VERSION, schema=SCHEMA_VERSION)
