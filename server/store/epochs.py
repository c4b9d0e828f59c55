"""Epochs: one since the store began, one more after each restore from a backup."""

from sqlalchemy import Connection, func, select

from server.models.sync_tables import epoch
from sync.errors import EpochChanged


def current_epoch(connection: Connection) -> str:
    """Return the id of the epoch that the store is in."""
    return str(connection.execute(select(epoch.c.id).order_by(epoch.c.position.desc()).limit(1)).scalar_one())


def check_epoch(connection: Connection, claimed: str) -> None:
    """Compare the epoch that a device knows with the store's.

    :raises EpochChanged: with the lowest restore point of all epochs since the device's; 0 when the server does not
        know that epoch.
    """
    position = connection.execute(select(epoch.c.position).where(epoch.c.id == claimed)).scalar()
    now = current_epoch(connection)
    if claimed == now:
        return
    restored_to = 0
    if position is not None:
        lowest = select(func.min(epoch.c.restored_to)).where(epoch.c.position > position)
        restored_to = int(connection.execute(lowest).scalar_one())
    raise EpochChanged(epoch=now, restored_to=restored_to)
