"""The commit clock: every write transaction takes one number, last thing before it writes."""

from sqlalchemy import Connection, update

from server.models.sync_tables import clock


def take(connection: Connection) -> int:
    """Raise the clock and return the commit number; the caller holds it until their commit."""
    return int(connection.execute(update(clock).values(value=clock.c.value + 1).returning(clock.c.value)).scalar_one())
