"""The documentation of this API: the OpenAPI document, and a page drawn from it that needs nothing from elsewhere."""

from typing import Any

import msgspec
from flask import Response, current_app, render_template

from schemas.rules import Pattern
from server.api_document import document_of
from server.api_page import operations_of, tags_of, types_of
from server.auth.current import public
from server.problems import reader_language
from server.query import QueryLine
from server.resource import Body, Resource

blp = Resource("docs", __name__, url_prefix="/api/v1", description="This documentation")


class DocsQuery(Body):
    """In which language."""

    lang = QueryLine("ภาษา", "Language", rules=(Pattern("th|en"),))


@blp.route("/openapi.json", methods=["GET"])
@public
@blp.doc(responses={"200": {"description": "OpenAPI 3.1", "content": {"application/json": {}}}})
def openapi() -> Response:
    """Give this API as an OpenAPI 3.1 document."""
    return Response(msgspec.json.encode(document_of(current_app)), content_type="application/json")


@blp.route("/docs", methods=["GET"])
@public
@blp.doc(responses={"200": {"description": "The page", "content": {"text/html": {}}}})
@blp.arguments(DocsQuery, location="query")
def page(given: dict[str, Any]) -> str:
    """Show this API as a page, in Thai or English."""
    document = document_of(current_app)
    language = given.get("lang") or reader_language()
    return render_template(
        "api_docs.html",
        language=language,
        title=document["info"]["title"],
        version=document["info"]["version"],
        tags=tags_of(document, language),
        operations=operations_of(document, language),
        types=types_of(document),
    )
