"""Records that were merged into one another lie in each other's buckets: whoever holds one of them holds all.

So a late visit of a merged case reaches those who hold the case it goes on in, and the other way round.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace

from sqlalchemy import Connection, select

from schemas.base import RecordType
from schemas.placement import kind_of
from server.models.sync_tables import record
from server.store.among import among_named
from server.store.change import Change
from server.store.loading import read_records, state_of
from sync.state import RecordState

States = Mapping[str, RecordState]
Buckets = frozenset[str]


@dataclass(frozen=True, slots=True)
class OwnBuckets:
    """The buckets in which records lie of themselves or by a merge, before a commit and after it."""

    before: Mapping[str, Buckets]
    now: Mapping[str, Buckets]
    moved: Sequence[Change]
    """Relatives that the commit does not write otherwise and whose buckets change with it."""


def own_buckets(
    connection: Connection, types: Mapping[str, RecordType], changes: Sequence[Change], commit: int
) -> OwnBuckets:
    """Return where the records of a commit lie of themselves, families considered."""
    before = {change.now.id: change.before for change in changes if change.before}
    now = {change.now.id: change.now for change in changes}
    relatives = _relatives(connection, types, changes)
    if not relatives and not any(state.merged_into for state in (*before.values(), *now.values())):
        return OwnBuckets(_own(types, before), _own(types, now), ())
    places_before, places_now = _shared(types, relatives | before), _shared(types, relatives | now)
    moved = [
        Change(state, replace(state, version=commit))
        for key, state in relatives.items()
        if places_before[key] != places_now[key]
    ]
    return OwnBuckets(places_before, places_now, moved)


_MERGED_INTO = select(record).where(among_named(record.c.merged_into))


def _relatives(
    connection: Connection, types: Mapping[str, RecordType], changes: Iterable[Change]
) -> dict[str, RecordState]:
    """Return every record that is merged with one of these, however far, and is not among them."""
    states = [state for change in changes for state in (change.before, change.now) if state is not None]
    states = [state for state in states if types[state.type].schema.mergeable]
    written = {state.id for state in states}
    found: dict[str, RecordState] = {}
    known = {state.id for state in states if state.created < state.version or state.merged_into}
    later = {state.merged_into for state in states if state.merged_into} - written
    while known or later:
        rows = connection.execute(_MERGED_INTO, {"ids": known}) if known else ()
        new = {row.id: state_of(row) for row in rows} | read_records(connection, sorted(later))
        new = {key: state for key, state in new.items() if key not in found and key not in written}
        found |= new
        known = set(new)
        later = {state.merged_into for state in new.values() if state.merged_into} - found.keys() - written
    return found


def _own(types: Mapping[str, RecordType], states: States) -> dict[str, Buckets]:
    return {key: types[state.type].own_buckets(state.data, state.owner) for key, state in states.items()}


def _shared(types: Mapping[str, RecordType], states: States) -> dict[str, Buckets]:
    """Return each record's own buckets with those of its family.

    What a person filed stays in their bucket alone, and a bucket that carries no companions gains none.
    """
    own = _own(types, states)
    together: dict[str, set[str]] = {}
    for key in states:
        together.setdefault(_end(states, key), set()).update(own[key])
    return {
        key: own[key] | {bucket for bucket in together[_end(states, key)] if _is_shared(bucket, state.owner)}
        for key, state in states.items()
    }


def _end(states: States, key: str) -> str:
    while (later := states[key].merged_into) and later in states:
        key = later
    return key


def _is_shared(bucket: str, owner: str) -> bool:
    return kind_of(bucket).with_carried and (not bucket.startswith("user:") or bucket == f"user:{owner}")
