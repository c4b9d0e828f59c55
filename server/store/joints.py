"""The merge that is in force of a record, and what has been written since where it goes on."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import msgspec
from sqlalchemy import Connection, Row, select

from schemas.base import MERGED_INTO
from server.models.sync_tables import mutation, record
from server.store.families import end_of_chain
from server.store.loading import CHANGING


@dataclass(frozen=True, slots=True)
class Joint:
    """``merge``: the id of the mutation that joined them. ``since``: ledger rows of edits made where it goes on."""

    record: str
    goes_on_in: str
    merge: str
    by: str
    at: str
    reason: str | None
    since: Sequence[Row[Any]]

    def named_it(self) -> list[str]:
        """Return the ids of those edits that were meant for the merged record and redirected."""
        return [row.id for row in self.since if msgspec.json.decode(row.payload or b"{}").get("record") == self.record]


def joint_of(connection: Connection, identifier: str) -> Joint | None:
    """Return how a record was merged; ``None`` where it is not."""
    row = connection.execute(select(record).where(record.c.id == identifier, record.c.merged_into.is_not(None))).first()
    if row is None:
        return None
    commit = row.field_versions.get(MERGED_INTO, row.created)
    merge = connection.execute(
        select(mutation).where(
            mutation.c.record == identifier,
            mutation.c.commit_number == commit,
            mutation.c.op == "merge",
            mutation.c.outcome == "applied",
        )
    ).one()
    survivor = end_of_chain(connection, identifier)
    since = connection.execute(
        select(mutation)
        .where(
            mutation.c.record == survivor,
            mutation.c.commit_number > commit,
            mutation.c.op == "update",
            mutation.c.outcome.in_(CHANGING),
            ~mutation.c.repeat,
        )
        .order_by(mutation.c.commit_number, mutation.c.position)
    ).all()
    reason = msgspec.json.decode(merge.payload or b"{}").get("reason")
    return Joint(identifier, survivor, merge.id, merge.author, merge.received_at, reason, since)
