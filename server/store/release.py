"""Let go what was held: mutations that waited for a record which has now arrived, in ledger order.

Each round is a commit of its own, in the database transaction of what it follows. Only then do the feed and the ledger
say how an author stands to a record that has just come, and what others changed of it.
"""

from collections.abc import Collection, Iterable, Mapping, Sequence
from datetime import datetime
from itertools import groupby
from typing import Any

from sqlalchemy import Connection, Row, and_, exists, or_, select

from schemas.base import RecordType
from schemas.history import history_of
from server.auth.roles import permits_of
from server.ids import new_id
from server.models.identity import role_assignment
from server.models.quarantine import settlement
from server.models.sync_tables import mutation
from server.store.among import among, among_named
from server.store.arrival import Arrived, Batch, by_centre
from server.store.transaction import CENTRE, Derivation, Transaction, centre
from sync.conflicts import WHOLE_RECORD
from sync.decision import Decision
from sync.instants import rfc3339
from sync.mutation import Malformed, Mutation, Op, Outcome, read
from sync.state import Receipt, Writer

BOUNDS = ("min", "max")
"""What a problem says beside its code and is the declaration's, not the author's."""


def release(
    connection: Connection,
    types: Mapping[str, RecordType],
    derivations: Sequence[Derivation],
    created: Collection[str],
    now: datetime,
) -> int | None:
    """Judge what waited for records just written, then what waited for those, until nothing follows.

    Also what waited and was itself about a record just erased: it ends so.

    Return the last commit number, or ``None`` when nothing waited.
    """
    commit: int | None = None
    receipt = Receipt(now)
    while created and (waiting := list(released(connection, created, now))):
        transaction = Transaction(connection, types)
        for batch in waiting:
            notes = notices_of(types, batch, transaction.decide(batch), now)
            transaction.decide(Batch(centre(), receipt, CENTRE, transaction.history.current, by_centre([notes])))
        transaction.derive(derivations, receipt)
        commit = transaction.write()
        created = transaction.created()
    return commit


def released(connection: Connection, created: Collection[str], now: datetime) -> Iterable[Batch]:
    """Yield the groups that waited for records now created, each as its author sent it.

    They become new ledger rows that name the held ones; what still waits for something else is held again.
    """
    waiting = _waiting_groups(connection, created)
    roles = _roles(connection, {rows[0].author for rows in waiting})
    for rows in waiting:
        first = rows[0]
        held_roles = roles.get(first.author, frozenset())
        writer = Writer(first.author, first.device, first.incarnation, permits_of(held_roles))
        group = [Arrived(_edit_of(row), row.payload, releases=row.id, schema=row.schema) for row in rows]
        yield Batch(writer, Receipt(now, first.clock_offset_ms), first.lane, first.schema, [group])


def _edit_of(row: Row[Any]) -> Mutation | Malformed:
    """Return the mutation of a row; of one whose content was erased, what is left."""
    if row.payload is None:
        return Mutation(0, row.id, Op(row.op), row.type, row.record, row.recorded_at, row.base)
    return read(row.payload.encode())


def notices_of(
    types: Mapping[str, RecordType], batch: Batch, decisions: Sequence[Decision], now: datetime
) -> list[Mutation]:
    """Return the notices that tell an author what became of edits which had waited; ``code`` is the outcome."""
    arrived = [each for group in batch.groups for each in group]
    return [
        Mutation(
            seq=0,
            id=new_id(),
            op=Op.CREATE,
            type="notice",
            record=new_id(),
            recorded_at="",
            data={
                "user": batch.writer.user,
                "mutation": each.mutation.id,
                "kind": "released",
                "code": decision.outcome.value,
                "at": rfc3339(now),
                **reason_told(types, each.mutation.type, decision),
            },
        )
        for each, decision in zip(arrived, decisions, strict=True)
        if isinstance(each.mutation, Mutation) and decision.outcome is not Outcome.HELD
    ]


def reason_told(types: Mapping[str, RecordType], name: str, decision: Decision) -> dict[str, Any]:
    """Return the code of a decision and those of its problems by field, and nothing that anybody typed.

    The name of a field that nobody declared was typed as well.
    """
    kind = types.get(name)
    declared = {*kind.fields, *kind.groups, *history_of(types).older_names(name)} if kind else set()
    errors: dict[str, list[dict[str, Any]]] = {}
    for name, problems in (decision.errors or {}).items():
        told = errors.setdefault(name if name in declared else WHOLE_RECORD, [])
        told += [each for each in map(_bare, problems) if each not in told]
    detail = {"code": decision.code, "errors": errors}
    return {"detail": {part: said for part, said in detail.items() if said}} if decision.code else {}


def _bare(problem: Mapping[str, Any]) -> dict[str, Any]:
    return {part: problem[part] for part in ("code", *BOUNDS) if part in problem}


_later = mutation.alias("later")
_OPEN = and_(
    mutation.c.outcome == Outcome.HELD.value,
    ~mutation.c.repeat,
    ~exists().where(_later.c.releases == mutation.c.id),
    ~exists().where(settlement.c.mutation == mutation.c.id, settlement.c.how == "dismissed"),
)
_PLACES = select(mutation.c.commit_number, mutation.c.group_position).where(_OPEN)
_WAITING = _PLACES.where(among_named(mutation.c.waits_for)).union(
    _PLACES.where(among_named(mutation.c.record), mutation.c.payload.is_(None))
)


def _waiting_groups(connection: Connection, created: Collection[str]) -> list[list[Row[Any]]]:
    """Return what waited for these, group by group.

    Asked while the clock is held, so whatever staff settled before is seen; see ``Settling._write`` for the other side.
    """
    keys = {(row.commit_number, row.group_position) for row in connection.execute(_WAITING, {"ids": created})}
    if not keys:
        return []
    of_groups = or_(
        *(and_(mutation.c.commit_number == commit, mutation.c.group_position == at) for commit, at in sorted(keys))
    )
    rows = connection.execute(
        select(mutation).where(of_groups, _OPEN).order_by(mutation.c.commit_number, mutation.c.position)
    )
    return [list(group) for _, group in groupby(rows, key=lambda row: (row.commit_number, row.group_position))]


def _roles(connection: Connection, users: set[str]) -> dict[str, frozenset[str]]:
    found: dict[str, set[str]] = {}
    query = select(role_assignment.c.user, role_assignment.c.role).where(among(role_assignment.c.user, users))
    for row in connection.execute(query):
        found.setdefault(row.user, set()).add(row.role)
    return {user: frozenset(roles) for user, roles in found.items()}
