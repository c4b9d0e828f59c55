"""What the ledger says of earlier mutations: what has become of them, and what they were."""

from collections.abc import Iterable, Sequence
from typing import Any

from sqlalchemy import Connection, Row, Select, select

from schemas.history import History
from server.models.sync_tables import mutation
from server.store.among import among, among_named
from server.store.loading import CHANGING
from sync.mutation import Mutation, read
from sync.state import Past
from sync.upcasting import upcast

OUTCOME_COLUMNS: Sequence[Any] = (
    mutation.c.id,
    mutation.c.device,
    mutation.c.outcome,
    mutation.c.code,
    mutation.c.detail,
    mutation.c.waits_for,
    mutation.c.commit_number,
    mutation.c.payload.is_(None).label("emptied"),
)


def _latest() -> Select[Any]:
    found = (
        select(mutation.c.releases.label("first"), mutation.c.id)
        .where(among_named(mutation.c.releases))
        .cte("continued", recursive=True)
    )
    found = found.union_all(select(found.c.first, mutation.c.id).join(found, mutation.c.releases == found.c.id))
    query = select(found.c.first, *OUTCOME_COLUMNS).join(found, mutation.c.id == found.c.id).where(~mutation.c.repeat)
    return query.order_by(mutation.c.commit_number, mutation.c.position)


_LATEST = _latest()


def latest_of(connection: Connection, waited: Sequence[str]) -> dict[str, Row[Any]]:
    """Return the last ledger row of mutations that were held and let go since, by their ids; one statement for all.

    What is let go may have to wait for something else, and is then let go again: each time a new row.
    """
    return {row.first: row for row in connection.execute(_LATEST, {"ids": waited})}


def past_of(connection: Connection, history: History, unmerges: Iterable[Mutation]) -> dict[str, Past]:
    """Return what unmerges speak of, by id: the merges with their presses of Save, and the edits to move.

    What waited or was corrected goes by the id under which it was sent. What was erased since is not there.
    """
    ids = {each for mutation in unmerges for each in (mutation.undoes, *mutation.moves) if each}
    if not ids:
        return {}
    sent_as = {row.id: first for first, row in latest_of(connection, sorted(ids)).items()}
    named = mutation.alias("named")
    together = (named.c.commit_number == mutation.c.commit_number) & (
        named.c.group_position == mutation.c.group_position
    )
    rows = connection.execute(
        select(mutation)
        .join(named, together)
        .where(among(named.c.id, ids | sent_as.keys()), ~named.c.repeat, ~mutation.c.repeat)
        .where(mutation.c.outcome.in_(CHANGING))
        .order_by(mutation.c.commit_number, mutation.c.position)
    )
    found = ((row, upcast(history, read(row.payload.encode()), row.schema)) for row in rows if row.payload)
    return {
        sent_as.get(row.id, row.id): Past(
            edit,
            row.record,
            row.commit_number,
            row.group_position,
            row.position,
            (row.author, row.device, row.incarnation),
        )
        for row, edit in found
        if isinstance(edit, Mutation)
    }
