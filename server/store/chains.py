"""Follow merges: to where records go on, and to all that go on in the same one."""

from collections.abc import Collection

from sqlalchemy import Connection, select

from server.models.sync_tables import record
from server.store.among import among


def ends_of(connection: Connection, ids: Collection[str]) -> dict[str, str]:
    """Return the record in which each of these goes on, itself where it was not merged; unknown ones are left out."""
    step = select(record.c.id.label("origin"), record.c.id, record.c.merged_into).where(among(record.c.id, ids))
    chain = step.cte("chain", recursive=True)
    chain = chain.union(
        select(chain.c.origin, record.c.id, record.c.merged_into).join(chain, record.c.id == chain.c.merged_into)
    )
    rows = connection.execute(select(chain.c.origin, chain.c.id).where(chain.c.merged_into.is_(None)))
    return {row.origin: row.id for row in rows}


def going_on_in(connection: Connection, ends: Collection[str]) -> dict[str, str]:
    """Return these records and all that were merged into them, through chains: each with the one it goes on in."""
    family = select(record.c.id.label("end"), record.c.id).where(among(record.c.id, ends)).cte("family", recursive=True)
    family = family.union(select(family.c.end, record.c.id).join(family, record.c.merged_into == family.c.id))
    return {row.id: row.end for row in connection.execute(select(family.c.end, family.c.id))}


def end_of_chain(connection: Connection, identifier: str) -> str:
    """Return the record in which a merged one goes on; itself where it was not merged."""
    return ends_of(connection, [identifier])[identifier]


def chain_of(connection: Connection, identifier: str) -> list[str]:
    """Return the records in which one goes on, the nearest first; nothing where it was not merged."""
    found: list[str] = []
    while into := connection.execute(select(record.c.merged_into).where(record.c.id == identifier)).scalar():
        found.append(into)
        identifier = into
    return found


def merged_family(connection: Connection, identifier: str) -> list[str]:
    """Return a record and all that were merged into it, through chains."""
    return list(going_on_in(connection, [identifier]))
