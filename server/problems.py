"""The one way out of every refusal: RFC 9457 ``application/problem+json`` in the reader's language.

Nothing personal is logged: an unexpected exception leaves its id, its kind and its place, never a request's content.
"""

import logging
import traceback
from base64 import b64encode
from typing import Any

import msgspec
from flask import Flask, Response, request
from flask_limiter import RateLimitExceeded
from sqlalchemy.exc import DBAPIError, TimeoutError
from werkzeug.exceptions import HTTPException

from schemas import messages
from server.centre import current_centre
from server.errors import BadRequest, InternalError, MethodNotAllowed, NotFound, RangeNotSatisfiable
from server.ids import new_id
from server.metrics import REFUSALS
from server.models.engine import reading
from server.store.epochs import current_epoch
from sync.errors import DeviceRevoked, PayloadTooLarge, ProtocolError, ServerBusy, TooManyRequests, UnsupportedEncoding

LOG = logging.getLogger("husec")

FROM_WERKZEUG: dict[int | None, type[ProtocolError]] = {
    404: NotFound,
    405: MethodNotAllowed,
    413: PayloadTooLarge,
    415: UnsupportedEncoding,
    416: RangeNotSatisfiable,
    429: TooManyRequests,
    503: ServerBusy,
}

BUSY_MS = 2_000
"""How long a client waits when the store could not take a write."""


def install(app: Flask) -> None:
    """Answer every exception of the application with a problem body."""
    app.before_request(_refuse_unstorable_address)
    app.register_error_handler(ProtocolError, answer)
    app.register_error_handler(RateLimitExceeded, _rate_limited)
    app.register_error_handler(HTTPException, _http)
    app.register_error_handler(DBAPIError, _database)
    app.register_error_handler(TimeoutError, _database)
    app.register_error_handler(Exception, _unexpected)


def _refuse_unstorable_address() -> None:
    """Refuse a NUL in an address: nothing is called so, and PostgreSQL cannot even compare with it."""
    if "\0" in request.path:
        raise NotFound


def _for_sealing() -> dict[str, str]:
    """Return what any device needs to seal its work before it wipes itself: for whom, and whether all of it.

    A device that knows another epoch seals also what was answered: the centre was restored, and may have lost it.
    """
    centre = current_centre()
    with reading(centre.engine) as connection:
        epoch = current_epoch(connection)
    return {"centre_public_key": b64encode(centre.keys.public).decode(), "epoch": epoch}


def answer(error: ProtocolError) -> Response:
    """Return the problem body of a refusal."""
    language = reader_language()
    if isinstance(error, DeviceRevoked):
        error.extra |= _for_sealing()
    body = problem_body(error, language)
    REFUSALS.labels(error.code).inc()
    response = Response(msgspec.json.encode(body), status=error.status, content_type="application/problem+json")
    response.headers["Content-Language"] = language
    response.vary.add("Accept-Language")
    if error.status == 401:
        response.headers["WWW-Authenticate"] = "Bearer"
    if (wait_ms := error.extra.get("retry_after_ms")) is not None:
        response.headers["Retry-After"] = str(-(-int(wait_ms) // 1000))
    return response


def problem_body(error: ProtocolError, language: str) -> dict[str, Any]:
    """Return what a refusal says; problems of single fields get their text too."""
    title = messages.text(f"error.{error.code}.title", language, **error.extra)
    detail = messages.text(f"error.{error.code}.detail", language, **error.extra)
    about = {"type": f"urn:husec:error:{error.code}", "title": title, "status": error.status, "detail": detail}
    extra = dict(error.extra)
    if errors := extra.pop("errors", None):
        extra["errors"] = {name: [_with_text(each, language) for each in found] for name, found in errors.items()}
    return {**about, "code": error.code, **extra}


def reader_language() -> str:
    """Return the language to answer in: the request's, else the centre's."""
    asked = request.headers.get("Accept-Language")
    return messages.preferred_language(asked) if asked else current_centre().settings.language


def _with_text(problem: Any, language: str) -> Any:
    return {**problem, "message": messages.problem_text(problem, language)} if isinstance(problem, dict) else problem


def _rate_limited(error: RateLimitExceeded) -> Response:
    return answer(TooManyRequests(retry_after_ms=error.limit.limit.get_expiry() * 1000))


def _http(error: HTTPException) -> Response:
    if error.response is not None or (error.code or 500) < 400:
        return Response(error.get_response().get_data(), error.code, dict(error.get_headers()))
    if error.code == 500:
        return _unexpected(error)
    response = answer(FROM_WERKZEUG.get(error.code, BadRequest)())
    if isinstance(allowed := getattr(error, "valid_methods", None), list):
        response.headers["Allow"] = ", ".join(sorted(allowed))
    return response


def _database(error: Exception) -> Response:
    """Say that the same may be sent again when the database is locked, full of connections or away."""
    if isinstance(error, DBAPIError) and not _passes(error):
        return _unexpected(error)
    LOG.warning("database busy: %s", type(error).__name__)
    return answer(ServerBusy(retry_after_ms=BUSY_MS))


def _passes(error: DBAPIError) -> bool:
    """Tell whether waiting helps; OperationalError is a lock, a deadlock, a lost connection, a server going down."""
    return type(error).__name__ in ("OperationalError", "InterfaceError") or error.connection_invalidated


def _unexpected(error: Exception) -> Response:
    id_ = new_id()
    frames = traceback.extract_tb(error.__traceback__)
    place = " < ".join(f"{frame.filename}:{frame.lineno} {frame.name}" for frame in reversed(frames[-8:]))
    LOG.error("unexpected %s: %s at %s", id_, _kind(error), place)
    return answer(InternalError(id=id_))


def _kind(error: Exception) -> str:
    """Name an exception without its message, which may quote what somebody wrote."""
    inner: Any = getattr(error, "orig", None) or getattr(error, "original_exception", None)
    return type(error).__name__ + (f" ({type(inner).__name__})" if inner else "")
