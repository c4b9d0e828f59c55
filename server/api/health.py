"""Whether the centre runs, whether it can work, and what it counts."""

import msgspec
from flask import Response
from prometheus_client import CONTENT_TYPE_LATEST, generate_latest
from sqlalchemy.exc import SQLAlchemyError

from server import migrations
from server.auth.current import public
from server.centre import current_centre
from server.errors import NotReady
from server.resource import Resource, answers, raises
from sync.instants import rfc3339
from sync.version import PROTOCOL_VERSION, SCHEMA_VERSION

blp = Resource("health", __name__, url_prefix="/api/v1", description="Health, readiness, counts")


class Health(msgspec.Struct, frozen=True):
    """The process runs. ``server_time`` lets a client see how far its clock is off."""

    status: str
    server_time: str
    protocol: int
    schema: int


class Readiness(msgspec.Struct, frozen=True):
    """The database answers and is at the version this program needs."""

    status: str
    database: str


@blp.route("/health", methods=["GET"])
@public
@answers(Health)
def health() -> Health:
    """Say that the process runs; asks nothing of the database."""
    return Health("up", rfc3339(current_centre().now()), PROTOCOL_VERSION, SCHEMA_VERSION)


@blp.route("/ready", methods=["GET"])
@public
@raises(NotReady)
@answers(Readiness)
def ready() -> Readiness:
    """Say whether the centre can work: the database answers and is migrated."""
    try:
        found = migrations.current(current_centre().engine)
    except SQLAlchemyError:
        raise NotReady from None
    if found != migrations.newest():
        raise NotReady(database=found, needs=migrations.newest())
    return Readiness("ready", found or "")


@blp.route("/metrics", methods=["GET"])
@public
@blp.doc(responses={"200": {"description": "Counts for Prometheus", "content": {"text/plain": {}}}})
def metrics() -> Response:
    """Give the counts for Prometheus; none of them names a person, a record or a place."""
    return Response(generate_latest(), content_type=CONTENT_TYPE_LATEST)
