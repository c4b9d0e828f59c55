"""Which records were erased on their subject's demand: what every write asks before it keeps anything."""

from collections.abc import Collection, Iterable
from typing import Any

import msgspec
from sqlalchemy import Connection, Row, select

from server.models.sync_tables import record
from server.models.upkeep import erasure
from server.store.among import among_named
from server.store.views import Scope, visible_to


class _About(msgspec.Struct):
    """All that is read of a mutation which cannot be read as one."""

    record: str


_decode = msgspec.json.Decoder(_About).decode


_ERASED = select(erasure.c.record).where(among_named(erasure.c.record))


def erased_among(connection: Connection, ids: Collection[str]) -> set[str]:
    """Return those of some records that were erased."""
    return set(connection.execute(_ERASED, {"ids": ids}).scalars()) if ids else set()


def erasures_seen(connection: Connection, scopes: Iterable[Scope], *, after: str, limit: int) -> list[Row[Any]]:
    """Return what was erased in some scopes, in order of the records' ids."""
    query = select(erasure).join(record, record.c.id == erasure.c.record).where(visible_to(scopes))
    return list(connection.execute(query.where(erasure.c.record > after).order_by(erasure.c.record).limit(limit)))


def record_in(payload: str | None) -> str:
    """Return the record that a malformed mutation names; empty when even that cannot be read."""
    try:
        return _decode(payload or "").record
    except (msgspec.DecodeError, RecursionError):
        return ""
