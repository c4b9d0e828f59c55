"""The blueprint of every API resource: a route says who may call it, what it answers and what it refuses, once.

``@blp.route`` is outermost; below it come ``@permission`` or ``@public`` (``server.auth.current``), ``@raises``,
``@answers`` and flask-smorest's ``@blp.arguments``. OpenAPI is made of the same.
"""

from collections import defaultdict
from collections.abc import Callable, Iterable, Mapping
from functools import wraps
from http import HTTPStatus
from typing import Any, NoReturn, TypeVar

import flask_smorest
import msgspec
from flask import Request, Response
from marshmallow import RAISE, Schema, ValidationError
from webargs.flaskparser import FlaskParser

from schemas.base import RecordSchema
from server.auth.current import PUBLIC
from server.centre import current_centre
from server.errors import UnsupportedMediaType
from server.links import LINKS
from server.wire import body_of
from sync.errors import MalformedBody, PayloadTooLarge, ProtocolError, UnsupportedEncoding, ValidationFailed

View = TypeVar("View", bound=Callable[..., Any])

REFERENCE = "#/components/schemas/{name}"

COMPONENTS: dict[str, Any] = {}
"""JSON Schemas of every type that some route takes or answers, by name; ``create_app`` puts them into OpenAPI."""


class Body(Schema):
    """Base of JSON bodies: unknown fields are refused, with the same codes as in records."""

    class Meta:
        unknown = RAISE

    error_messages = RecordSchema.error_messages


class Parser(FlaskParser):
    """Reads arguments; refuses with the codes of ``schemas`` instead of texts."""

    # webargs would pass over what a query says too much; a filter that does nothing misleads
    DEFAULT_UNKNOWN_BY_LOCATION = {**FlaskParser.DEFAULT_UNKNOWN_BY_LOCATION, "query": None}

    def handle_error(
        self, error: ValidationError, req: Request, schema: Schema, *, error_status_code: Any, error_headers: Any
    ) -> NoReturn:
        """Refuse a body or query that says what cannot be."""
        found = error.normalized_messages()  # type: ignore[no-untyped-call]
        # webargs puts everything under its location: {"json": {"name": [...]}}
        fields = {str(name): _problems(of) for inner in found.values() for name, of in inner.items()}
        raise ValidationFailed(errors=fields)

    def load_json(self, req: Request, schema: Schema) -> Any:
        """Read the body within the centre's limits, compressed or not."""
        settings = current_centre().settings
        body = body_of(req, bytes_max=settings.body_bytes_max, ratio_max=settings.decompression_ratio_max)
        if body and not req.is_json:
            raise UnsupportedMediaType(accepts="application/json")
        try:
            return msgspec.json.decode(body)
        except (msgspec.DecodeError, UnicodeDecodeError, RecursionError):
            raise MalformedBody(because="the body is not JSON in UTF-8") from None


_OF_BODIES = (MalformedBody, UnsupportedMediaType, UnsupportedEncoding, PayloadTooLarge)


class Resource(flask_smorest.Blueprint):  # type: ignore[misc]  # flask-smorest has no types
    """A flask-smorest blueprint whose routes document themselves."""

    ARGUMENTS_PARSER = Parser()

    def _store_endpoint_docs(self, endpoint: str, obj: Any, parameters: Any, tags: Any, **options: Any) -> None:
        if "arguments" in getattr(obj, "_apidoc", {}):
            obj.raises = (*getattr(obj, "raises", ()), ValidationFailed, *_OF_BODIES)
        obj._apidoc = {**getattr(obj, "_apidoc", {}), "manual_doc": described(obj, f"{self.name}.{endpoint}")}
        super()._store_endpoint_docs(endpoint, obj, parameters, tags, **options)


def raises(*errors: type[ProtocolError]) -> Callable[[View], View]:
    """Say which errors a route may answer with."""

    def decorate(view: View) -> View:
        view.raises = (*getattr(view, "raises", ()), *errors)  # type: ignore[attr-defined]
        return view

    return decorate


def answers(type_: Any, status: int = 200) -> Callable[[View], View]:
    """Encode what a route returns (a value, or a value and headers) as JSON of this type."""

    def decorate(view: View) -> View:
        @wraps(view)
        def encoded(*args: Any, **kwargs: Any) -> Response:
            result = view(*args, **kwargs)
            if isinstance(result, Response):
                return result
            value, headers = result if isinstance(result, tuple) else (result, {})
            return Response(msgspec.json.encode(value), status, headers, content_type="application/json")

        encoded.answers = (status, schema_of(type_))  # type: ignore[attr-defined]
        return encoded  # type: ignore[return-value]

    return decorate


def takes(type_: Any) -> Callable[[View], View]:
    """Say what JSON a route reads by itself, where it is not read by ``blp.arguments``."""

    def decorate(view: View) -> View:
        view.takes = schema_of(type_)  # type: ignore[attr-defined]
        return view

    return decorate


def schema_of(type_: Any) -> Any:
    """Return the JSON Schema of a type, keeping those it is made of in ``COMPONENTS``."""
    if type_ is None:
        return None
    (schema,), components = msgspec.json.schema_components([type_], ref_template=REFERENCE)
    for name, component in components.items():
        assert COMPONENTS.setdefault(name, component) == component, f"two types are called {name}"
    return schema


def described(view: Any, operation: str) -> dict[str, Any]:
    """Return what the decorators of a route say, as OpenAPI."""
    said: dict[str, Any] = {"operationId": operation} | dict(getattr(view, "_apidoc", {}).get("manual_doc", {}))
    responses = dict(_refusals(getattr(view, "raises", ())))
    if answer := getattr(view, "answers", None):
        status, schema = answer
        responses[str(status)] = {"description": _phrase(status)} | _content(schema) | _next(operation)
    if taken := getattr(view, "takes", None):
        said["requestBody"] = {"required": True} | _content(taken)
    said["responses"] = {**responses, **said.get("responses", {})}
    permission = getattr(view, "permission", None)
    if permission == PUBLIC:
        return {**said, "security": []}
    return {**said, "security": [{"token": []}], "x-permission": ".".join(permission or ())}


def _content(schema: Any) -> dict[str, Any]:
    return {"content": {"application/json": {"schema": schema}}} if schema is not None else {}


def _next(operation: str) -> dict[str, Any]:
    return {"links": LINKS[operation]} if operation in LINKS else {}


def _refusals(errors: Iterable[type[ProtocolError]]) -> Mapping[str, Any]:
    by_status: dict[int, dict[str, str]] = defaultdict(dict)
    for error in errors:
        meanings = (by_status[error.status].get(error.code), (error.__doc__ or "").strip().splitlines()[0])
        by_status[error.status][error.code] = " ".join(filter(None, dict.fromkeys(meanings)))
    content = {"application/problem+json": {"schema": {"$ref": REFERENCE.format(name="Problem")}}}
    return {
        str(status): {"description": _phrase(status), "x-codes": codes, "content": content}
        for status, codes in sorted(by_status.items())
    }


def _phrase(status: int) -> str:
    """Return HTTP's words for a status; tus has one of its own."""
    return HTTPStatus(status).phrase if status in set(HTTPStatus) else "Checksum Mismatch"


def _problems(found: Any) -> list[dict[str, Any]]:
    """Flatten messages whose leaves are problems; nested ones keep their position as ``at``."""
    if isinstance(found, dict) and "code" not in found:
        return [{**problem, "at": str(at)} for at, inner in found.items() for problem in _problems(inner)]
    if isinstance(found, list):
        return [problem for inner in found for problem in _problems(inner)]
    return [found if isinstance(found, dict) else {"code": "invalid"}]
