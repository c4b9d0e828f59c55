"""Erasure: a data subject's right. What is erased comes back by no device and no backup."""

from typing import Any

import msgspec
from flask import request

from schemas.fields import Line
from schemas.rules import Length, Pattern
from server import erasure
from server.auth.current import current_viewer, permission
from server.auth.roles import allows
from server.auth.scope import scopes_of, scopes_of_role
from server.auth.viewer import Viewer
from server.centre import Centre, current_centre
from server.errors import NotFound, PreconditionFailed, PreconditionRequired
from server.models.engine import reading
from server.paging import PageQuery, next_of
from server.resource import Body, Resource, answers, raises
from server.store.erasures import erasures_seen
from sync.errors import NotPermitted

blp = Resource("erasures", __name__, url_prefix="/api/v1", description="Erasure on a data subject's demand")


class EraseOrder(Body):
    """Why: a code and no free text, for it outlives what is erased."""

    reason = Line("เหตุผล", "Reason", required=True, rules=(Length(max=40), Pattern("|".join(erasure.REASONS))))


class ErasureBody(msgspec.Struct, frozen=True):
    """One record that was erased: who had it done, when, why."""

    record: str
    type: str
    erased_at: str
    by: str
    reason: str
    commit: int


class ErasurePage(msgspec.Struct, frozen=True):
    """In order of the records' ids."""

    items: list[ErasureBody]
    next: str | None


class ErasureDone(msgspec.Struct, frozen=True):
    """All that was erased: the record, those merged with it, and what wholly belonged to them."""

    commit: int
    records: list[str]


@blp.route("/records/<record_id>/erase", methods=["POST"])
@permission("record", "erase")
@raises(NotFound, PreconditionRequired, PreconditionFailed, NotPermitted)
@blp.doc(parameters=[{"in": "header", "name": "If-Match", "required": True, "schema": {"type": "string"}}])
@answers(ErasureDone)
@blp.arguments(EraseOrder)
def erase(given: dict[str, Any], record_id: str) -> ErasureDone:
    """Erase a record for ever, with all that belongs to it; it goes from every device and does not come back."""
    centre, viewer = current_centre(), current_viewer()
    version = _seen(centre, viewer, record_id)
    done = erasure.erase(centre, record_id, by=viewer.user, reason=given["reason"], now=centre.now(), version=version)
    return ErasureDone(done.commit, sorted(each.id for each in done.traces))


@blp.route("/erasures", methods=["GET"])
@permission("access", "read")
@answers(ErasurePage)
@blp.arguments(PageQuery, location="query")
def show_all(given: dict[str, Any]) -> ErasurePage:
    """List what was erased in your area, without anything that it said."""
    with reading(current_centre().engine) as connection:
        rows = erasures_seen(connection, scopes_of(current_viewer()), after=given["cursor"], limit=given["limit"])
    found = [ErasureBody(row.record, row.type, row.erased_at, row.by, row.reason, row.commit_number) for row in rows]
    return ErasurePage(found, next_of([each.record for each in found], given["limit"]))


def _seen(centre: Centre, viewer: Viewer, record_id: str) -> int:
    """Return the version that the viewer saw of a record in the area over which they may erase.

    :raises NotFound: when there is none, or it is not in that area: the two look alike.
    """
    held = [each for each in viewer.roles if allows(each.role, "record", "erase")]
    scopes = [scope for each in held for scope in scopes_of_role(each, viewer.user)]
    view = next(filter(None, (centre.store.read(scope, record_id) for scope in scopes)), None)
    if view is None or not viewer.may(view.type, "read"):
        raise NotFound
    if not request.if_match:
        raise PreconditionRequired
    if not request.if_match.contains(str(view.version)):
        raise PreconditionFailed
    return view.version
