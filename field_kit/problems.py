"""Errors of the centre (RFC 9457) as exceptions of this side, by their stable code."""

import re
from collections.abc import Iterator, Mapping
from typing import Any, NoReturn

import msgspec

from field_kit.errors import ServerRefused, Unreachable
from field_kit.patience import asked_ms
from sync.errors import PayloadTooLarge, ProtocolError, ServerBusy, TooManyRequests

STANDARD = frozenset({"type", "title", "status", "detail", "instance", "code"})
RESERVED = frozenset({"self", "server_code"})
"""Names that an exception here keeps for itself; no centre says them."""

GATEWAY = frozenset({502, 504})
SECONDS = re.compile("[0-9]{1,9}")

BY_STATUS: Mapping[int, type[ProtocolError]] = {413: PayloadTooLarge, 429: TooManyRequests, 503: ServerBusy}
"""What a proxy in between means when it answers without a problem body."""


def known_errors() -> dict[str, type[ProtocolError]]:
    """Return every protocol error by its code."""
    return {error.code: error for error in _subclasses(ProtocolError) if error.__module__ == ProtocolError.__module__}


def _subclasses(base: type[ProtocolError]) -> Iterator[type[ProtocolError]]:
    for error in base.__subclasses__():
        yield error
        yield from _subclasses(error)


def raise_problem(status: int, content: bytes, headers: Mapping[str, str]) -> NoReturn:
    """Raise what an answer of 400 or more says.

    :raises ProtocolError: the kind that its code names, with what the body says besides.
    :raises ServerRefused: for a code of a later time.
    :raises Unreachable: when a gateway answered for a centre it could not reach.
    """
    body = _body(content)
    extra = {name: value for name, value in body.items() if name not in STANDARD | RESERVED}
    extra |= {"retry_after_ms": asked_ms(extra["retry_after_ms"])} if "retry_after_ms" in extra else {}
    if SECONDS.fullmatch(seconds := headers.get("Retry-After", "")):
        extra.setdefault("retry_after_ms", asked_ms(int(seconds) * 1000))
    code = body.get("code")
    kind = known_errors().get(code) if isinstance(code, str) else BY_STATUS.get(status)
    if kind is not None:
        raise kind(**extra)
    if status in GATEWAY:
        raise Unreachable(f"HTTP {status}")
    raise ServerRefused(str(body.get("detail") or f"HTTP {status}"), status=status, server_code=code, **extra)


def _body(content: bytes) -> dict[str, Any]:
    try:
        body = msgspec.json.decode(content)
    except (msgspec.MsgspecError, UnicodeDecodeError, RecursionError):
        return {}
    return body if isinstance(body, dict) else {}
