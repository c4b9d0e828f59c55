"""One write transaction: load, decide in memory, take the clock, write. The only way anything gets into ``record``.

The order matters (docs/protocol.md section 1): rows are locked before they are read, everything is decided before the
clock is taken, and memberships are computed after it.
"""

from collections.abc import Callable, Collection, Iterable, Mapping, Sequence
from typing import Any, Protocol

import msgspec
from sqlalchemy import Connection

from schemas.base import Carry, RecordType
from server.ids import new_id
from server.store import clock
from server.store.arrival import Arrived, Batch, by_centre
from server.store.loading import changed_by_others, lock_records, open_conflicts, standing_of
from server.store.persist import LedgerEntry, stamped, write_ledger, write_records
from sync.apply import Bench, decide_group
from sync.decision import Decision
from sync.instants import rfc3339
from sync.mutation import Malformed, Mutation, Op
from sync.state import Receipt, RecordState, World, Writer

CENTRE = "centre"
"""Device, incarnation and lane of mutations that the centre makes."""


class Derivation(Protocol):
    """A domain rule of the centre: from what a commit changed, the mutations that follow."""

    def __call__(self, connection: Connection, changed: Mapping[str, RecordState]) -> Iterable[Mutation]: ...


class Transaction:
    """Decisions that will be one commit."""

    def __init__(self, connection: Connection, types: Mapping[str, RecordType]) -> None:
        """Begin on a connection that is inside a write transaction."""
        self.connection = connection
        self.types = types
        self.world = World(types)
        self.before: dict[str, RecordState] = {}
        self.foreign: set[str] = set()
        self.ledger: list[LedgerEntry] = []

    def decide(self, batch: Batch) -> list[Decision]:
        """Decide a batch and note it for the ledger; return its decisions in order."""
        mutations = [each.mutation for group in batch.groups for each in group]
        world = self._load([each for each in mutations if isinstance(each, Mutation)], batch.writer)
        bench = Bench(batch.writer, batch.receipt, new_id, batch.schema)
        decisions: list[Decision] = []
        for group in batch.groups:
            decided = decide_group(world, [each.mutation for each in group], bench)
            self._note(batch, group, decided)
            decisions += decided
        return decisions

    def derive(self, derivations: Iterable[Derivation], receipt: Receipt, schema: int) -> None:
        """Let the centre's own rules follow up on what was accepted."""
        for derivation in derivations:
            mutations = list(derivation(self.connection, dict(self.world.changed)))
            if mutations:
                self.decide(Batch(centre(), receipt, CENTRE, schema, by_centre([[each] for each in mutations])))

    def write(self) -> int:
        """Take the clock, write everything that was decided, and return the commit number."""
        commit = clock.take(self.connection)
        changes = stamped(self.world.changed.values(), self.before, commit)
        write_records(self.connection, self.types, changes, commit, self.foreign)
        write_ledger(self.connection, self.ledger, commit)
        return commit

    def created(self) -> list[str]:
        """Return the records that this commit brings into being."""
        return [identifier for identifier in self.world.changed if identifier not in self.before]

    def _load(self, mutations: Sequence[Mutation], writer: Writer) -> World:
        """Load what these mutations name, and return the world as their writer stands to it."""
        companions = {each for mutation in mutations for each in named_along(self.types, mutation)}
        named = {each for mutation in mutations for each in named_by(self.types, mutation)} | companions
        self._know(named)
        known = [identifier for identifier in named if identifier in self.world.records]
        if writer.centre:
            return self.world.seen_by({}, {})
        edited = {each.record for each in mutations} & self.before.keys()
        standing = standing_of(self.connection, writer.user, [each for each in known if each in self.before])
        self.foreign |= {each for each in companions & self.before.keys() if not _holds(standing, each)}
        others = changed_by_others(self.connection, writer.incarnation, edited) if edited else {}
        return self.world.seen_by(standing, others)

    def _know(self, ids: Collection[str]) -> None:
        new = lock_records(self.connection, [each for each in ids if each not in self.world.records])
        conflicts = open_conflicts(self.connection, new) if new else {}
        for state in (*new.values(), *conflicts.values()):
            self.world.records.setdefault(state.id, state)
            self.before.setdefault(state.id, state)
        for conflict in conflicts.values():
            self.world.open_conflicts[conflict.data["record"], conflict.data["field"]] = conflict.id

    def _note(self, batch: Batch, group: Sequence[Arrived], decisions: Sequence[Decision]) -> None:
        first = len(self.ledger)
        for each, decision in zip(group, decisions, strict=True):
            self.ledger.append(LedgerEntry(ledger_row(batch, each, decision, first), each.payload))


def _holds(standing: Mapping[str, Any], identifier: str) -> bool:
    return identifier in standing and standing[identifier].holds


def centre(user: str = CENTRE, permits: Callable[[str, str], bool] = lambda _subject, _action: True) -> Writer:
    """Return the centre as a writer, on behalf of a member of staff or of itself."""
    return Writer(user, CENTRE, CENTRE, permits, centre=True)


def named_by(types: Mapping[str, RecordType], mutation: Mutation) -> Iterable[str]:
    """Yield the ids that a mutation needs to know: its record, parents, and the conflicts it decides."""
    yield mutation.record
    for resolution in mutation.resolves:
        yield resolution.conflict
    kind = types.get(mutation.type)
    if kind is not None:
        for carry in (Carry.BY, Carry.WITH):
            yield from _named(kind, carry, mutation)


def named_along(types: Mapping[str, RecordType], mutation: Mutation) -> Iterable[str]:
    """Yield the ids of records that would travel with this one."""
    kind = types.get(mutation.type)
    return _named(kind, Carry.ALONG, mutation) if kind is not None else ()


def _named(kind: RecordType, carry: Carry, mutation: Mutation) -> Iterable[str]:
    """Yield ids out of data that nobody has checked yet."""
    wanted = {name: edit[1] for name, edit in mutation.set.items()}
    for spec in kind.references:
        if spec.carry is carry:
            for values in (mutation.data.get(spec.name), wanted.get(spec.name), mutation.add.get(spec.name)):
                for value in values if isinstance(values, list) else [values]:
                    if isinstance(value, str) and len(value) == 36:
                        yield value


def ledger_row(batch: Batch, arrived: Arrived, decision: Decision, group_position: int) -> dict[str, Any]:
    """Return the ledger's columns for one decided mutation."""
    mutation, writer = arrived.mutation, batch.writer
    readable = mutation if isinstance(mutation, Mutation) else _unreadable(mutation)
    continued = arrived.releases is not None
    return {
        "group_position": group_position,
        "id": new_id() if continued else mutation.id,
        "device": writer.device,
        "incarnation": writer.incarnation,
        "lane": batch.lane,
        "seq": None if continued or writer.centre else mutation.seq,
        "repeat": False,
        "author": writer.user,
        "schema": readable.schema or batch.schema,
        "op": readable.op.value,
        "type": readable.type[:40],
        "record": readable.record[:36],
        "base": readable.base,
        "recorded_at": readable.recorded_at[:40],
        "received_at": rfc3339(batch.receipt.received_at),
        "clock_offset_ms": batch.receipt.clock_offset_ms,
        "outcome": decision.outcome.value,
        "code": decision.code,
        "detail": _detail(decision),
        "waits_for": decision.waits_for,
        "releases": arrived.releases,
    }


def _unreadable(mutation: Malformed) -> Mutation:
    return Mutation(mutation.seq, mutation.id, Op.UPDATE, "", "", "")


def _detail(decision: Decision) -> dict[str, Any]:
    detail: dict[str, Any] = {}
    if decision.errors:
        detail["errors"] = decision.errors
    if decision.conflicts:
        detail["conflicts"] = msgspec.to_builtins(list(decision.conflicts))
    return detail
