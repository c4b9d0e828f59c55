"""Edits that were refused or wait: what staff have yet to look at, and what they have settled."""

from collections.abc import Collection, Sequence
from typing import Any

from sqlalchemy import ColumnElement, Connection, Row, Select, and_, exists, not_, or_, select

from server.models.quarantine import settlement
from server.models.sync_tables import mutation, record
from server.store.among import among
from sync.mutation import Op, Outcome

LedgerPlace = tuple[int, int]
"""(commit number, position in it)."""

OPEN, SETTLED = "open", "settled"
APPLIED, RETURNED, DISMISSED = "applied", "returned", "dismissed"
CORRECTED = "corrected"
"""Settled by the author: a later creation of the same record was taken."""

_later = mutation.alias("later")

FINAL = (APPLIED, DISMISSED)
"""Ways to settle that nothing may follow; what was returned may still be applied or dismissed."""


def unfinished(
    connection: Connection, *, state: str = OPEN, after: LedgerPlace = (0, 0), limit: int = 100
) -> Sequence[Row[Any]]:
    """Return rejected and held mutations, whole, in ledger order; those let go since are left out.

    ``how``, ``settled_at``, ``settled_by`` and ``settled_reason`` tell what staff did about each; see ``settlement``.
    """
    commit, position = after
    beyond = or_(
        mutation.c.commit_number > commit, and_(mutation.c.commit_number == commit, mutation.c.position > position)
    )
    query = _rows().where(beyond, is_open() if state == OPEN else _is_settled())
    return connection.execute(query.order_by(mutation.c.commit_number, mutation.c.position).limit(limit)).all()


def one(connection: Connection, id_: str) -> Row[Any] | None:
    """Return one rejected or held mutation, settled or not."""
    return connection.execute(_rows().where(mutation.c.id == id_)).first()


def group_of(connection: Connection, row: Row[Any]) -> Sequence[Row[Any]]:
    """Return what was saved together with a mutation and is as unfinished as it is, in order, held until the commit.

    What was erased of it has ended so: the others are settled without it.
    """
    same = and_(
        mutation.c.commit_number == row.commit_number,
        mutation.c.group_position == row.group_position,
        or_(
            mutation.c.id == row.id,
            is_open(),
            and_(settlement.c.how == RETURNED, _is_last(), mutation.c.payload.is_not(None)),
        ),
    )
    query = _rows().where(same).order_by(mutation.c.position)
    return connection.execute(query.with_for_update(of=mutation)).all()


def is_open() -> ColumnElement[bool]:
    """Return the condition that nobody has dealt with a refused or waiting mutation; ``settlement`` is joined.

    Of one whose content was erased there is nothing left to deal with.
    """
    whole = mutation.c.payload.is_not(None)
    return and_(_is_last(), whole, settlement.c.how.is_(None), not_(_corrected_by_author()))


def _is_settled() -> ColumnElement[bool]:
    return or_(settlement.c.how.is_not(None), and_(_is_last(), _corrected_by_author()))


def _is_last() -> ColumnElement[bool]:
    return not_(exists().where(_later.c.releases == mutation.c.id))


def _corrected_by_author() -> ColumnElement[bool]:
    """Return the condition that the record of a refused creation has come into being since."""
    refused_creation = and_(mutation.c.outcome == Outcome.REJECTED.value, mutation.c.op == Op.CREATE.value)
    since = exists().where(record.c.id == mutation.c.record, record.c.created > mutation.c.commit_number)
    return and_(refused_creation, since)


def _rows() -> Select[Any]:
    told = (
        settlement.c.how,
        settlement.c.at.label("settled_at"),
        settlement.c.by.label("settled_by"),
        settlement.c.reason.label("settled_reason"),
    )
    return (
        select(mutation, *told)
        .outerjoin(settlement, settlement.c.mutation == mutation.c.id)
        .where(mutation.c.outcome.in_([Outcome.REJECTED.value, Outcome.HELD.value]), ~mutation.c.repeat)
    )


def corrections_of(connection: Connection, ids: Collection[str]) -> dict[str, dict[str, str]]:
    """Return, of those of some mutations that staff applied for their author, who corrected them and why."""
    query = select(settlement).where(among(settlement.c.applied_as, ids)) if ids else None
    rows = connection.execute(query) if query is not None else ()
    return {row.applied_as: {"corrected_by": row.by, "reason": row.reason} for row in rows}
