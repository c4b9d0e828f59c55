"""How far a verified backup covers each lane: a device may then forget what it sent.

A push answers with it as ``safe_through``. It stops before a photo whose bytes were not here yet when the backup was
taken: what a device forgets must be in the backup whole.
"""

from datetime import datetime

from sqlalchemy import ColumnElement, Connection, ScalarSelect, and_, case, exists, func, select, update

from server.models.files import upload
from server.models.sync_tables import device_lane, mutation, record
from server.models.upkeep import backup
from sync.instants import rfc3339

KEPT = ("applied", "merged", "unchanged", "conflicted")


def cover_commit(connection: Connection, commit: int, taken_at: str) -> int:
    """Let every lane follow to what a backup of this commit covers; say how many lanes moved. None ever goes back."""
    return _advance(connection, mutation.c.commit_number <= commit, taken_at)


def trail(connection: Connection, before: datetime) -> int:
    """Let every lane follow to what was received before an instant, while no verified backup exists."""
    if connection.execute(select(exists().where(backup.c.verified_at.is_not(None)))).scalar():
        return 0
    return _advance(connection, mutation.c.received_at < rfc3339(before), rfc3339(before))


def _advance(connection: Connection, covered: ColumnElement[bool], taken_at: str) -> int:
    through, photo = _last_covered(covered), _first_without_bytes(covered, taken_at)
    safe = case((photo <= through, photo - 1), else_=through)
    moved = connection.execute(update(device_lane).where(safe > device_lane.c.safe_seq).values(safe_seq=safe))
    return moved.rowcount


def _of_lane() -> ColumnElement[bool]:
    return and_(
        mutation.c.device == device_lane.c.device,
        mutation.c.incarnation == device_lane.c.incarnation,
        mutation.c.lane == device_lane.c.lane,
    )


def _last_covered(covered: ColumnElement[bool]) -> ScalarSelect[int]:
    """Return the last covered number of a lane: from its end backwards, so only what is new is looked at."""
    query = select(mutation.c.seq).where(_of_lane(), covered).order_by(mutation.c.seq.desc()).limit(1)
    return query.correlate(device_lane).scalar_subquery()


def _first_without_bytes(covered: ColumnElement[bool], taken_at: str) -> ScalarSelect[int]:
    """Return the first number that made a photo which is still there and whose bytes were not."""
    lives = exists().where(record.c.id == mutation.c.record, ~record.c.deleted)
    whole = exists().where(upload.c.attachment == mutation.c.record, upload.c.finished_at < taken_at)
    query = select(func.min(mutation.c.seq)).where(
        _of_lane(),
        covered,
        mutation.c.seq > device_lane.c.safe_seq,
        mutation.c.type == "attachment",
        mutation.c.op == "create",
        mutation.c.outcome.in_(KEPT),
        lives,
        ~whole,
    )
    return query.correlate(device_lane).scalar_subquery()
