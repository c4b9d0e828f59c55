"""What everybody must agree on: code lists, and the declaration of every record type."""

from functools import cache
from hashlib import sha256
from typing import Any

import msgspec
from flask import Response, request

from schemas.declaration import declaration
from schemas.vocabulary import VOCABULARIES
from server.auth.current import permission, public
from server.centre import current_centre
from server.resource import Resource, answers
from server.wire import compressed
from sync.version import PROTOCOL_VERSION, SCHEMA_VERSION

blp = Resource("declarations", __name__, url_prefix="/api/v1", description="Code lists and record declarations")

LISTS_ONLY = {"200": {"description": "As of the version in ETag"}, "304": {"description": "You have it"}}


@blp.route("/vocabulary", methods=["GET"])
@permission("vocabulary", "read")
@blp.doc(responses=LISTS_ONLY)
@answers(dict[str, Any])
def vocabulary() -> Response:
    """Give every code list with its Thai and English labels."""
    return _constant(_vocabulary())


@blp.route("/schema", methods=["GET"])
@public
@blp.doc(responses=LISTS_ONLY)
@answers(dict[str, Any])
def schema() -> Response:
    """Give the whole declaration and its number: enough to draw forms and validate as the centre does."""
    return _constant(_declaration())


@cache
def _declaration() -> bytes:
    return msgspec.json.encode({"protocol": PROTOCOL_VERSION, "schema": SCHEMA_VERSION, **declaration()})


@cache
def _vocabulary() -> bytes:
    return msgspec.json.encode(
        {
            name: {
                "label": {"th": found.label.th, "en": found.label.en},
                "assumed": found.assumed,
                "codes": [
                    {"code": code.code, "th": code.label.th, "en": code.label.en, "assumed": code.assumed}
                    for code in found.codes.values()
                ],
            }
            for name, found in VOCABULARIES.items()
        }
    )


def _constant(body: bytes) -> Response:
    """Answer what changes only with the program: whoever has it is told so in a few bytes."""
    response = Response(body, content_type="application/json", headers={"Cache-Control": "no-cache"})
    # weak: the same declaration however it is compressed
    response.set_etag(sha256(body).hexdigest()[:32], weak=True)
    response = compressed(request, response, bytes_min=current_centre().settings.compress_bytes_min)
    response.make_conditional(request)
    return response
