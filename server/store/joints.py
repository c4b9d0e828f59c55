"""The merge that is in force of a record, and what has been written since where it goes on."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import msgspec
from sqlalchemy import Connection, Row, select

from schemas.base import MERGED_INTO
from server.models.sync_tables import mutation, record
from server.store.among import among
from server.store.chains import chain_of
from server.store.loading import CHANGING


@dataclass(frozen=True, slots=True)
class EditSince:
    """An edit of a record in the chain. ``id``: as its author sent it; ``named``: the record that it was meant for."""

    id: str
    author: str
    received_at: str
    named: str | None
    fields: Sequence[str]


@dataclass(frozen=True, slots=True)
class Joint:
    """``merge``: the id of the mutation that joined them."""

    record: str
    goes_on_in: str
    merge: str
    by: str
    at: str
    reason: str | None
    since: Sequence[EditSince]

    def named_it(self) -> list[str]:
        """Return the ids of those edits that were meant for the merged record and redirected."""
        return [each.id for each in self.since if each.named == self.record]


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
    chain, said = chain_of(connection, identifier), _said(merge)
    since = [_since(each) for each in _edits(connection, chain, commit)]
    at, merge_id = merge.received_at, str(said.get("id", merge.id))
    return Joint(identifier, chain[-1], merge_id, merge.author, at, said.get("reason"), since)


def _edits(connection: Connection, chain: Sequence[str], after: int) -> Sequence[Row[Any]]:
    return connection.execute(
        select(mutation)
        .where(
            among(mutation.c.record, chain),
            mutation.c.commit_number > after,
            mutation.c.op == "update",
            mutation.c.outcome.in_(CHANGING),
            ~mutation.c.repeat,
        )
        .order_by(mutation.c.commit_number, mutation.c.position)
    ).all()


def _since(row: Row[Any]) -> EditSince:
    said = _said(row)
    fields = sorted({name for part in ("set", "add", "remove") for name in said.get(part, {})})
    return EditSince(str(said.get("id", row.id)), row.author, row.received_at, said.get("record"), fields)


def _said(row: Row[Any]) -> dict[str, Any]:
    """Return a ledger row's payload; nothing of one that was erased."""
    return dict(msgspec.json.decode(row.payload or b"{}"))
