"""What wholly belongs to a record: to be erased with it, whatever became of it meanwhile."""

from collections.abc import Collection, Mapping
from dataclasses import dataclass

from sqlalchemy import ColumnElement, Connection, or_, select

from schemas.base import Carry, RecordType
from schemas.history import history_of
from server.models.sync_tables import carry, mutation, record
from server.store.among import among
from server.store.loading import lock_records
from sync.erasing import belongs_to
from sync.mutation import Mutation, read
from sync.state import RecordState
from sync.upcasting import upcast

NOTICE = "notice"
UNFINISHED = ("rejected", "held")


@dataclass(frozen=True, slots=True)
class Found:
    """A record, here or only named in the ledger (by mutations that were refused or wait)."""

    id: str
    type: str
    authors: frozenset[str] = frozenset()


def belonging_to(
    connection: Connection, types: Mapping[str, RecordType], ids: Collection[str], *, merged: bool = True
) -> tuple[dict[str, Found], dict[str, RecordState]]:
    """Return records, those ``merged`` into them and all that belongs to them, and the state of those that are here.

    They are locked level by level, so that nothing is added to them before the caller's commit.
    """
    states: dict[str, RecordState] = {}
    level = set(ids)
    while level:
        locked = lock_records(connection, level)
        states |= locked
        level = _next_level(connection, types, list(locked), merged=merged) - states.keys()
    states |= lock_records(connection, _notices(connection, states) - states.keys())
    unborn = find_unborn(connection, types, states)
    return {key: Found(key, state.type) for key, state in states.items()} | unborn, states


def _next_level(
    connection: Connection, types: Mapping[str, RecordType], ids: Collection[str], *, merged: bool
) -> set[str]:
    if not ids:
        return set()
    carried = select(carry.c.carried).where(among(carry.c.carrier, ids), carry.c.whole)
    joined = select(record.c.id).where(among(record.c.merged_into, ids))
    found = set(connection.execute(carried).scalars())
    found |= set(connection.execute(joined).scalars()) if merged else set()
    # Who travels with whom is forgotten when a record is deleted; what it says is not.
    deleted = select(record.c.id).where(record.c.deleted, or_(*_belong(types, ids)))
    return found | set(connection.execute(deleted).scalars())


def _belong(types: Mapping[str, RecordType], ids: Collection[str]) -> list[ColumnElement[bool]]:
    """Return, for each type whose records wholly belong to others, the condition that they belong to these."""
    return [
        (record.c.type == kind.name) & among(record.c.data[name].as_string(), ids)
        for kind in types.values()
        for name in kind.names_by_carry[Carry.WITH]
    ]


def _notices(connection: Connection, ids: Collection[str]) -> set[str]:
    """Return the notices that speak of records, or of what somebody wrote of them."""
    written = select(mutation.c.id).where(among(mutation.c.record, ids))
    about = or_(among(record.c.data["record"].as_string(), ids), record.c.data["mutation"].as_string().in_(written))
    return set(connection.execute(select(record.c.id).where(record.c.type == NOTICE, about)).scalars())


def find_unborn(connection: Connection, types: Mapping[str, RecordType], ids: Collection[str]) -> dict[str, Found]:
    """Return the records that would belong to these, had the mutations which make them not been refused or held."""
    named = select(mutation).where(
        mutation.c.outcome.in_(UNFINISHED),
        mutation.c.op == "create",
        mutation.c.payload.is_not(None),
        mutation.c.type.in_([kind.name for kind in types.values() if kind.names_by_carry[Carry.WITH]]),
    )
    found: dict[str, Found] = {}
    for row in connection.execute(named):
        edit = upcast(history_of(types), read(row.payload.encode()), row.schema)
        if (
            isinstance(edit, Mutation)
            and edit.record not in ids
            and any(each in ids for each in belongs_to(types, edit))
        ):
            authors = found[edit.record].authors if edit.record in found else frozenset[str]()
            found[edit.record] = Found(edit.record, edit.type, authors | {row.author})
    return found
