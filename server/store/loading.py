"""Read, set-based, what a decision needs: records, open conflicts, and how a writer stands to each record."""

from collections.abc import Collection, Iterable
from typing import Any

from sqlalchemy import Connection, Row, Select, bindparam, func, select

from schemas.placement import kind_of
from server.models.sync_tables import bucket_entry, bucket_grant, carry, device_lane, mutation, record
from server.store.among import among_named
from sync.messages import Position
from sync.state import RecordState, Standing

CHANGING = ("applied", "merged", "conflicted")


_LANE = (
    select(device_lane.c.last_seq, device_lane.c.last_id, device_lane.c.safe_seq)
    .where(
        device_lane.c.device == bindparam("device"),
        device_lane.c.incarnation == bindparam("incarnation"),
        device_lane.c.lane == bindparam("lane"),
    )
    .with_for_update()
)


def lane_end(connection: Connection, device: str, incarnation: str, lane: str) -> tuple[Position, int]:
    """Return the last position of a lane and how far it is safe, holding its row where the database has row locks."""
    row = connection.execute(_LANE, {"device": device, "incarnation": incarnation, "lane": lane}).first()
    return (Position(row.last_seq, row.last_id), row.safe_seq) if row else (Position(0), 0)


_RECORDS = select(record).where(among_named(record.c.id)).order_by(record.c.id)
_RECORDS_LOCKED = _RECORDS.with_for_update()


def lock_records(connection: Connection, ids: Collection[str]) -> dict[str, RecordState]:
    """Return the records with these ids, held in id order so that two writers never wait for each other."""
    return {row.id: state_of(row) for row in _rows(connection, _RECORDS_LOCKED, ids)}


def read_records(connection: Connection, ids: Collection[str]) -> dict[str, RecordState]:
    """Return the records with these ids."""
    return {row.id: state_of(row) for row in _rows(connection, _RECORDS, ids)}


def _rows(connection: Connection, query: Select[Any], ids: Collection[str]) -> Iterable[Row[Any]]:
    return connection.execute(query, {"ids": ids}).all() if ids else []


def state_of(row: Row[Any]) -> RecordState:
    """Return a row of ``record`` as the protocol sees it."""
    return RecordState(
        id=row.id,
        type=row.type,
        version=row.version,
        created=row.created,
        owner=row.owner,
        data=row.data,
        field_versions=row.field_versions,
        deleted=row.deleted,
        merged_into=row.merged_into,
        by_others=frozenset(row.by_others),
    )


# ``coalesce`` keeps SQLite from beginning with all conflicts there are: the few records lead to theirs.
_CONFLICTS = (
    select(record)
    .join(carry, carry.c.carried == record.c.id)
    .where(among_named(carry.c.carrier), func.coalesce(record.c.type, "") == "conflict")
    .order_by(record.c.id)
    .with_for_update(of=record)
)


def open_conflicts(connection: Connection, ids: Collection[str]) -> dict[str, RecordState]:
    """Return the open conflicts of some records, by their own ids."""
    rows = connection.execute(_CONFLICTS, {"ids": ids})
    return {row.id: state_of(row) for row in rows if row.data["status"] == "open"}


_STANDING = (
    select(
        bucket_entry.c.record,
        bucket_entry.c.bucket,
        bucket_entry.c.live,
        bucket_entry.c.commit_number,
        bucket_grant.c.until,
    )
    .join(bucket_grant, bucket_grant.c.bucket == bucket_entry.c.bucket)
    .where(among_named(bucket_entry.c.record), bucket_grant.c.user == bindparam("user"))
)


def standing_of(connection: Connection, user: str, ids: Collection[str]) -> dict[str, Standing]:
    """Return how a user stands to each of some records; records they never held are absent."""
    found: dict[str, Standing] = {}
    for row in connection.execute(_STANDING, {"ids": ids, "user": user}) if ids else ():
        found[row.record] = _joined(found.get(row.record, Standing()), row)
    return found


def _joined(standing: Standing, row: Any) -> Standing:
    """Add one (entry, grant) pair: it shows the record now, or did until one of the two ended."""
    if row.live and row.until is None:
        kind = kind_of(row.bucket)
        of_others = (standing.of_others or frozenset()) | (kind.classes & kind.of_others)
        return Standing(standing.classes | kind.classes, standing.left, of_others)
    ends = [end for end in (row.until, None if row.live else row.commit_number) if end is not None]
    return Standing(standing.classes, max(min(ends), standing.left or 0), standing.of_others)


_CHANGED_BY_OTHERS = (
    select(mutation.c.record, func.max(mutation.c.commit_number))
    .where(
        among_named(mutation.c.record),
        mutation.c.incarnation != bindparam("incarnation"),
        mutation.c.outcome.in_(CHANGING),
        ~mutation.c.repeat,
    )
    .group_by(mutation.c.record)
)


def changed_by_others(connection: Connection, incarnation: str, ids: Collection[str]) -> dict[str, int]:
    """Return, for each record that another incarnation changed, the latest commit in which one did."""
    rows = connection.execute(_CHANGED_BY_OTHERS, {"ids": ids, "incarnation": incarnation})
    return {identifier: commit for identifier, commit in rows}  # noqa: C416 - rows are not tuples to mypy


_JOINED = select(record.c.merged_into).where(among_named(record.c.merged_into), ~record.c.deleted)


def joined_among(connection: Connection, ids: Collection[str]) -> set[str]:
    """Return those of some records into which others are merged."""
    return {str(each) for each in connection.execute(_JOINED, {"ids": ids}).scalars()} if ids else set()
