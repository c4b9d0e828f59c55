"""The commit clock: every write transaction takes one number, last thing before it writes."""

from sqlalchemy import Connection, update

from server.models.sync_tables import clock
from sync.errors import ServerBusy


def take_under(connection: Connection, schema: int) -> int:
    """Raise the clock of a store whose records are stored under this schema, and return the commit number.

    :raises ServerBusy: they are stored under another one; nothing is written before ``husec db upgrade`` has run.
    """
    raised = update(clock).where(clock.c.schema == schema).values(value=clock.c.value + 1).returning(clock.c.value)
    number = connection.execute(raised).scalar_one_or_none()
    if number is None:
        raise ServerBusy(retry_after_ms=60_000)
    return int(number)


def take(connection: Connection) -> int:
    """Raise the clock and return the commit number; the caller holds it until their commit."""
    return int(connection.execute(update(clock).values(value=clock.c.value + 1).returning(clock.c.value)).scalar_one())
