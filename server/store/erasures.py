"""Which records were erased on their subject's demand: what every write asks before it keeps anything."""

from collections.abc import Collection

import msgspec
from sqlalchemy import Connection, select

from server.models.upkeep import erasure
from server.store.among import among


class _About(msgspec.Struct):
    """All that is read of a mutation which cannot be read as one."""

    record: str


_decode = msgspec.json.Decoder(_About).decode


def erased_among(connection: Connection, ids: Collection[str]) -> set[str]:
    """Return those of some records that were erased."""
    if not ids:
        return set()
    return set(connection.execute(select(erasure.c.record).where(among(erasure.c.record, ids))).scalars())


def record_in(payload: str | None) -> str:
    """Return the record that a malformed mutation names; empty when even that cannot be read."""
    try:
        return _decode(payload or "").record
    except (msgspec.DecodeError, RecursionError):
        return ""
