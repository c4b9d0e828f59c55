"""What staff do about refused and waiting edits: correct and apply for the author, return to the author, dismiss.

Whatever is done, the ledger keeps the edit as it came; a table of settlements and a notice to the author say the rest.
"""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

import msgspec
from sqlalchemy import Connection, Row, select

from schemas.base import RecordType
from schemas.history import history_of
from server.errors import NotFound, SettledAlready, StillRefused
from server.ids import could_be_id, new_id
from server.models.quarantine import settlement
from server.models.sync_tables import mutation
from server.store.among import among
from server.store.arrival import Arrived, Batch, by_centre
from server.store.past import latest_of
from server.store.persist import LEDGER_COLUMNS, upsert
from server.store.release import reason_told, release
from server.store.transaction import CENTRE, Derivation, Transaction, centre
from server.store.unfinished import APPLIED, CORRECTED, DISMISSED, FINAL, RETURNED, group_of, one
from sync.decision import Decision
from sync.instants import rfc3339
from sync.mutation import Malformed, Mutation, Op, Outcome, read
from sync.state import Receipt, Writer
from sync.upcasting import edit_upcast

Corrections = Mapping[str, Mapping[str, Any]]
"""Part of an edit (``data``, ``set``, ``add``, ``remove``) -> field -> what takes its place; ``None`` takes it out."""


@dataclass(frozen=True, slots=True)
class Decider:
    """A member of staff, and what their roles permit: (record type, action) -> whether."""

    user: str
    reason: str
    permits: Callable[[str, str], bool]


@dataclass(frozen=True, slots=True)
class Applied:
    """What became of one mutation of a group; ``id`` is the refused one, ``applied_as`` the one that took effect."""

    id: str
    applied_as: str
    decision: Decision


class Settling:
    """Settles edits inside one write transaction."""

    def __init__(
        self,
        connection: Connection,
        types: Mapping[str, RecordType],
        derivations: Sequence[Derivation],
        decider: Decider,
        now: datetime,
    ) -> None:
        """Take a connection inside a write transaction, and who settles."""
        self.connection = connection
        self.types = types
        self.derivations = derivations
        self.decider = decider
        self.now = now

    def apply(self, id_: str, corrections: Mapping[str, Corrections]) -> tuple[list[Applied], int]:
        """Correct an edit and apply it as its author's, with all that was saved with it; return outcomes and commit.

        ``corrections``: mutation -> what is corrected in it.

        :raises NotFound, SettledAlready: there is nothing left to settle.
        :raises StillRefused: any of them is refused or would wait all the same; nothing is written.
        """
        rows = self._open_group(id_)
        first, receipt = rows[0], Receipt(self.now, rows[0].clock_offset_ms)
        writer = Writer(first.author, first.device, first.incarnation, self.decider.permits)
        group = [self._corrected(row, corrections.get(row.id, {})) for row in rows]
        transaction = Transaction(self.connection, self.types)
        decisions = transaction.decide(Batch(writer, receipt, CENTRE, first.schema, [group]))
        if not all(each.outcome.accepted for each in decisions):
            raise _still_refused(id_, rows, decisions)
        entries = transaction.ledger[-len(rows) :]
        done = [
            Applied(row.id, str(entry.values[ID]), decision)
            for row, entry, decision in zip(rows, entries, decisions, strict=True)
        ]
        told = [
            self._notice(row, CORRECTED, each.decision.outcome.value, {"fields": _named(corrections.get(row.id, {}))})
            for row, each in zip(rows, done, strict=True)
        ]
        self._decide_notices(transaction, told)
        transaction.derive(self.derivations, receipt)
        commit = self._write(transaction, rows)
        self._keep([(each.id, APPLIED, each.applied_as) for each in done])
        release(self.connection, self.types, self.derivations, transaction.created(), self.now)
        return done, commit

    def give_back(self, id_: str, fields: Mapping[str, str]) -> list[str]:
        """Return an edit to its author with a reason for each field; return the ids of all that goes back with it.

        :raises NotFound, SettledAlready: there is nothing left to settle.
        """
        rows = self._open_group(id_)
        notices = [
            self._notice(row, RETURNED, RETURNED, self._why(row, fields if row.id == id_ else {})) for row in rows
        ]
        return self._close(rows, RETURNED, notices)

    def dismiss(self, id_: str) -> list[str]:
        """Leave an edit, and what was saved with it, without effect for good; return the ids.

        :raises NotFound, SettledAlready: there is nothing left to settle.
        """
        rows = self._open_group(id_)
        return self._close(rows, DISMISSED, [self._notice(row, DISMISSED, DISMISSED, {}) for row in rows])

    def _open_group(self, id_: str) -> Sequence[Row[Any]]:
        found = one(self.connection, id_)
        if found is None or found.payload is None:  # of what was erased there is nothing left
            raise NotFound
        rows = group_of(self.connection, found)  # waits for whoever settles it at this moment
        found = one(self.connection, id_)
        mine = [row for row in rows if row.id == id_]
        if found is None or not mine or found.how in FINAL or _continued(self.connection, id_):
            raise SettledAlready(how=found.how if found and found.how else "released")
        return rows

    def _corrected(self, row: Row[Any], corrections: Corrections) -> Arrived:
        """Return an edit with corrections laid over it; its bytes also say who corrected it, and why."""
        try:
            sent = msgspec.json.decode(row.payload, type=dict[str, Any])
        except msgspec.DecodeError as unreadable:
            raise StillRefused(errors={"mutation": [{"code": "malformed"}]}) from unreadable
        if corrections and (turn := history_of(self.types).up(row.type, row.schema)):
            # Whoever corrects it speaks the words of today.
            sent |= edit_upcast(turn, sent) | {"schema": history_of(self.types).current}
        for part, changes in corrections.items():
            said = sent.get(part)
            kept: dict[str, Any] = said if isinstance(said, dict) else {}
            sent[part] = {name: value for name, value in {**kept, **changes}.items() if value is not None}
        sent |= {"corrected_by": self.decider.user, "reason": self.decider.reason}
        payload = msgspec.json.encode({name: value for name, value in sent.items() if value not in ({}, None)})
        return Arrived(read(payload), payload.decode(), releases=row.id, schema=row.schema)

    def _why(self, row: Row[Any], fields: Mapping[str, str]) -> dict[str, Any]:
        refused = Decision(Outcome(row.outcome), row.code, row.detail.get("errors"))
        detail: dict[str, Any] = reason_told(self.types, row.type, refused).get("detail", {})
        errors = {name: list(problems) for name, problems in detail.get("errors", {}).items()}
        for name, text in fields.items():
            errors.setdefault(name, []).append({"code": RETURNED, "text": text})
        return {**detail, "errors": errors}

    def _notice(self, row: Row[Any], kind: str, code: str, detail: Mapping[str, Any]) -> Mutation:
        about = {"record": row.record} if could_be_id(row.record) else {}
        data = {
            "user": row.author,
            "mutation": _sent_as(row),
            "kind": kind,
            "code": code,
            "at": rfc3339(self.now),
            "detail": {**{part: said for part, said in detail.items() if said}, "reason": self.decider.reason},
        }
        return Mutation(0, new_id(), Op.CREATE, "notice", new_id(), "", data={**data, **about})

    def _close(self, rows: Sequence[Row[Any]], how: str, notices: Sequence[Mutation]) -> list[str]:
        transaction = Transaction(self.connection, self.types)
        self._decide_notices(transaction, notices)
        self._write(transaction, rows)
        self._keep([(row.id, how, None) for row in rows])
        return [row.id for row in rows]

    def _write(self, transaction: Transaction, rows: Sequence[Row[Any]]) -> int:
        """Write and return the commit number, unless what these rows waited for has come in the meantime.

        What lets them go (``release``) takes no lock on them: locked first here and last there, each would wait for the
        other. What both hold is the clock, until their commit; so each looks, once it has it, for what the other did.

        :raises SettledAlready: they were let go; nothing is written.
        """
        commit = transaction.write()
        released = among(mutation.c.releases, {row.id for row in rows}) & (mutation.c.commit_number < commit)
        if self.connection.execute(select(mutation.c.id).where(released).limit(1)).first():
            raise SettledAlready(how="released")
        return commit

    def _decide_notices(self, transaction: Transaction, notices: Sequence[Mutation]) -> None:
        schema, groups = transaction.history.current, by_centre([notices])
        transaction.decide(Batch(centre(), Receipt(self.now), CENTRE, schema, groups))

    def _keep(self, settled: Sequence[tuple[str, str, str | None]]) -> None:
        columns = ("mutation", "how", "at", "by", "reason", "applied_as")
        about = (rfc3339(self.now), self.decider.user, self.decider.reason)
        upsert(self.connection, settlement, columns, [(id_, how, *about, as_) for id_, how, as_ in settled])


ID = LEDGER_COLUMNS.index("id")


def _continued(connection: Connection, id_: str) -> bool:
    return bool(latest_of(connection, [id_]))


def _sent_as(row: Row[Any]) -> str:
    """Return the id under which a device knows a mutation: what was let go has a new one in the ledger."""
    found = read(row.payload.encode()) if row.payload else None
    return found.id if isinstance(found, Mutation | Malformed) else str(row.id)


def _named(corrections: Corrections) -> list[str]:
    return sorted({name for changes in corrections.values() for name in changes})


def _still_refused(id_: str, rows: Sequence[Row[Any]], decisions: Sequence[Decision]) -> StillRefused:
    outcomes = [
        {
            "id": row.id,
            "outcome": each.outcome.value,
            "code": each.code,
            "errors": each.errors or {},
            "waits_for": each.waits_for,
        }
        for row, each in zip(rows, decisions, strict=True)
    ]
    mine = next(each for row, each in zip(rows, decisions, strict=True) if row.id == id_)
    return StillRefused(outcomes=outcomes, **({"errors": mine.errors} if mine.errors else {}))
