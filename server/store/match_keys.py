"""Keep ``match_key`` in step with the people that a commit writes: by what two of them may be found to be one.

Deleted, erased and merged people have no keys. What officers said of two people (``maybe_same_as``) is a key as well,
so that a desk's list finds such pairs without reading everybody.
"""

from collections.abc import Sequence
from typing import Any

from sqlalchemy import Connection, delete, select

from schemas.likeness import person_keys
from server.models.sync_tables import record
from server.models.upkeep import match_key
from server.store.among import among_named
from server.store.change import Change
from server.store.loading import state_of
from server.store.persist import insert_rows
from sync.state import RecordState

PERSON = "person"
SAID = "said:"
"""``said:<id>`` of a person: an officer could not tell whether they are the one with this id."""

BATCH = 1_000

Row = tuple[str, str]


_GONE = delete(match_key).where(among_named(match_key.c.record))


def write_match_keys(connection: Connection, changes: Sequence[Change]) -> None:
    """Bring the keys of every person in a commit up to date: at most two statements, none without a person."""
    people = [change for change in changes if change.now.type == PERSON]
    gone = {row for change in people if change.before for row in _rows(change.before)}
    now = {row for change in people for row in _rows(change.now)}
    if changed := sorted({record_id for _, record_id in gone - now}):
        connection.execute(_GONE, {"ids": changed})
        gone = {row for row in gone if row[1] not in changed}
    insert_rows(connection, match_key, ("key", "record"), sorted(now - gone), "ON CONFLICT DO NOTHING")


def rebuild(connection: Connection) -> int:
    """Make every key anew, from the people as they stand; return how many people have keys.

    For a store that was filled before there were keys, and for keys made by other rules than today's.
    """
    connection.execute(delete(match_key))
    people, last = 0, ""
    while rows := _batch(connection, last):
        keys = [row for state in rows for row in sorted(_rows(state))]
        insert_rows(connection, match_key, ("key", "record"), keys)
        people += len({record_id for _, record_id in keys})
        last = rows[-1].id
    return people


def _batch(connection: Connection, after: str) -> list[RecordState]:
    query = select(record).where(record.c.type == PERSON, record.c.id > after).order_by(record.c.id).limit(BATCH)
    return [state_of(row) for row in connection.execute(query)]


def _rows(state: RecordState) -> set[Row]:
    """Return the keys of a person; none of one that is deleted or goes on in another."""
    if state.deleted or state.merged_into:
        return set()
    said: Any = state.data.get("maybe_same_as") or ()
    return {(key, state.id) for key in (*person_keys(state.data), *(f"{SAID}{other}" for other in said))}
