"""Remove tokens that ended long ago; until then a device can be told that it was expired rather than unknown."""

from datetime import datetime, timedelta

from server.auth import tokens
from server.centre import Centre
from server.models.engine import writing

KEPT = timedelta(days=365)


def run(centre: Centre, now: datetime) -> str:
    """Remove tokens that expired a year ago."""
    with writing(centre.engine) as connection:
        return f"{tokens.prune(connection, now - KEPT)} tokens removed"
