"""Without verified backups, let devices forget what the centre has had for long; say how old the last backup is."""

from datetime import datetime, timedelta

from sqlalchemy import func, select

from server.centre import Centre
from server.metrics import LAST_BACKUP
from server.models.engine import reading, writing
from server.models.upkeep import backup
from server.store import safety
from sync.instants import parsed


def run(centre: Centre, now: datetime) -> str:
    """Trail by ``safe_days`` until a first backup was verified; from then on only verified backups count."""
    with writing(centre.engine) as connection:
        moved = safety.trail(connection, now - timedelta(days=centre.settings.safe_days))
    with reading(centre.engine) as connection:
        last = parsed(
            connection.execute(select(func.max(backup.c.taken_at)).where(backup.c.verified_at.is_not(None))).scalar()
            or ""
        )
    if last is not None:
        LAST_BACKUP.set(last.timestamp())
    return f"{moved} lanes became safe by age" if last is None else "verified backups say what is safe"
