"""Bring stored records up to the schema of this program, when the centre is updated.

No commit is made and no version moves: a record says the same as before, in other words. So devices of the older
schema hear nothing of it, nobody's base is outdated, and upcast then apply is apply then migrate.
"""

from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from sqlalchemy import Connection, Engine, Row, bindparam, select, update

from schemas.base import RecordType
from schemas.history import History, LossyStep, history_of
from server.models.engine import writing
from server.models.sync_tables import clock, record
from server.store.loading import state_of
from sync.upcasting import CONFLICT, migrated

ROWS_AT_ONCE = 1_000


def bring_up(engine: Engine, types: Mapping[str, RecordType]) -> int:
    """Store every record under the current schema, all in one transaction; return how many changed. Safe to repeat.

    :raises LossyStep: the store is of a newer program, or a step would move a record into other buckets.
    """
    with writing(engine) as connection:
        return bring_up_within(connection, types)


def bring_up_within(connection: Connection, types: Mapping[str, RecordType]) -> int:
    """Do the same inside the caller's transaction."""
    history = history_of(types)
    stored = int(connection.execute(select(clock.c.schema).with_for_update()).scalar_one())
    if stored > history.current or stored < history.oldest:
        raise LossyStep(f"the records are stored under schema {stored}, which this program does not know")
    if stored == history.current:
        return 0
    changed = sum(_store(connection, types, history, stored, rows) for rows in _rows(connection, history, stored))
    connection.execute(update(clock).values(schema=history.current))
    return changed


def _rows(connection: Connection, history: History, stored: int) -> Iterator[Sequence[Row[Any]]]:
    """Yield the records that a step may touch, some at a time, in id order."""
    names = sorted({CONFLICT, *history.touched(stored)})
    last = ""
    while True:
        query = select(record).where(record.c.type.in_(names), record.c.id > last).order_by(record.c.id)
        rows = connection.execute(query.limit(ROWS_AT_ONCE)).all()
        if not rows:
            return
        yield rows
        last = rows[-1].id


def _store(
    connection: Connection, types: Mapping[str, RecordType], history: History, stored: int, rows: Sequence[Row[Any]]
) -> int:
    changes = []
    for row in rows:
        before = state_of(row)
        now = migrated(history, types, before, stored)
        if now == before:
            continue
        if now.type in types and types[now.type].own_buckets(now.data, now.owner) != frozenset(row.own_buckets):
            raise LossyStep(f"a step moves records of type {now.type} into other buckets")
        others = sorted(now.by_others)
        changes.append({"i": now.id, "d": dict(now.data), "v": dict(now.field_versions), "o": others})
    if changes:
        statement = update(record).where(record.c.id == bindparam("i"))
        values: dict[str, Any] = {"data": bindparam("d"), "field_versions": bindparam("v"), "by_others": bindparam("o")}
        connection.execute(statement.values(values), changes)
    return len(changes)
