"""Epochs: one since the store began, one more after each restore from a backup.

They form a tree. A restored backup was taken in some epoch, the parent of the one that the restore begins; what the two
have in common ends at the backup's commit.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from sqlalchemy import Connection, insert, select

from server.models.sync_tables import epoch
from sync.errors import EpochChanged


@dataclass(frozen=True, slots=True)
class Epoch:
    """One life of the store. ``parent`` is absent for the first one."""

    id: str
    parent: str | None
    restored_to: int
    started_at: str


_CURRENT = select(epoch.c.id).order_by(epoch.c.position.desc()).limit(1)
_ALL = select(epoch.c.id, epoch.c.parent, epoch.c.restored_to, epoch.c.started_at).order_by(epoch.c.position)


def current_epoch(connection: Connection) -> str:
    """Return the id of the epoch that the store is in."""
    return str(connection.execute(_CURRENT).scalar_one())


def all_epochs(connection: Connection) -> list[Epoch]:
    """Return every epoch that the store knows, the current one last."""
    return [Epoch(*row) for row in connection.execute(_ALL)]


def add_epochs(connection: Connection, known: int, new: Sequence[Epoch]) -> None:
    """Write epochs after the ``known`` that are there; the last one is current from now on."""
    if new:
        rows = [
            {
                "position": known + number,
                "id": each.id,
                "parent": each.parent,
                "restored_to": each.restored_to,
                "started_at": each.started_at,
            }
            for number, each in enumerate(new, 1)
        ]
        connection.execute(insert(epoch), rows)


def check_epoch(connection: Connection, claimed: str) -> None:
    """Compare the epoch that a device knows with the store's.

    :raises EpochChanged: with the last commit that the two have in common.
    """
    epochs = all_epochs(connection)
    if claimed != epochs[-1].id:
        raise EpochChanged(epoch=epochs[-1].id, restored_to=common_commit(epochs, claimed))


def common_commit(epochs: Sequence[Epoch], claimed: str) -> int:
    """Return the last commit that an epoch and the current one (the last) have in common; 0 for an unknown epoch.

    Not simply the lowest restore point since: when a newer backup is restored after an older one, what a device saw
    between the two restores parts from both at the older one's commit.
    """
    by_id = {each.id: each for each in epochs}
    mine, now = _way_up(by_id, claimed), _way_up(by_id, epochs[-1].id)
    shared = next((id_ for id_ in mine if id_ in now), None)
    if shared is None:
        return 0
    return min(left for left in (mine[shared], now[shared]) if left is not None)


def _way_up(by_id: Mapping[str, Epoch], start: str) -> dict[str, int | None]:
    """Return an epoch and its ancestors, each with the commit at which the way down to ``start`` leaves it.

    ``start`` itself is left nowhere. Empty for an epoch that is not known.
    """
    way: dict[str, int | None] = {}
    id_: str | None = start
    left: int | None = None
    while id_ is not None and id_ in by_id and id_ not in way:
        way[id_] = left
        left, id_ = by_id[id_].restored_to, by_id[id_].parent
    return way
