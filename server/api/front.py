"""The bare address of the centre: somebody typed it into a browser."""

from flask import Response, redirect, url_for

from server.auth.current import public
from server.resource import Resource

blp = Resource("front", __name__, description="The bare address")


@blp.route("/", methods=["GET"])
@public
@blp.doc(responses={"302": {"description": "To the documentation"}})
def page() -> Response:
    """Lead to the documentation."""
    response = redirect(url_for("docs.page"))
    assert isinstance(response, Response)
    return response
