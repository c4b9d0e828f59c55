"""The commit clock: every write transaction takes one number, last thing before it writes."""

from sqlalchemy import Connection, bindparam, update

from server.models.sync_tables import clock
from sync.errors import ServerBusy

_RAISED = update(clock).values(value=clock.c.value + 1).returning(clock.c.value)
_RAISED_UNDER = _RAISED.where(clock.c.schema == bindparam("stored_under"))


def take_under(connection: Connection, schema: int) -> int:
    """Raise the clock of a store whose records are stored under this schema, and return the commit number.

    :raises ServerBusy: they are stored under another one; nothing is written before ``husec db upgrade`` has run.
    """
    number = connection.execute(_RAISED_UNDER, {"stored_under": schema}).scalar_one_or_none()
    if number is None:
        raise ServerBusy(retry_after_ms=60_000)
    return int(number)


def take(connection: Connection) -> int:
    """Raise the clock and return the commit number; the caller holds it until their commit."""
    return int(connection.execute(_RAISED).scalar_one())
