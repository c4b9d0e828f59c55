"""One write transaction: load, decide in memory, take the clock, write. The only way anything gets into ``record``.

The order matters (docs/protocol.md section 1): rows are locked before they are read, everything is decided before the
clock is taken, and memberships are computed after it.
"""

from collections.abc import Callable, Collection, Iterable, Mapping, Sequence
from typing import Any, Protocol

import msgspec
from sqlalchemy import Connection

from schemas.base import Carry, RecordType
from schemas.history import history_of
from server.ids import new_id
from server.store import clock
from server.store.arrival import Arrived, Batch, by_centre
from server.store.endings import ended_by
from server.store.erasures import erased_among, record_in
from server.store.loading import changed_by_others, joined_among, lock_records, open_conflicts, standing_of
from server.store.match_keys import write_match_keys
from server.store.past import past_of
from server.store.persist import LedgerEntry, encoded, stamped, write_ledger, write_records
from server.store.wording import in_words_of, upcast_batch
from sync.apply import decide_group
from sync.bench import Bench
from sync.decision import Decision
from sync.erasing import ERASED
from sync.mutation import Malformed, Mutation, Op
from sync.state import Receipt, RecordState, World, Writer
from sync.urgent import refused_in_lane

CENTRE = "centre"
"""Device, incarnation and lane of mutations that the centre makes."""

IMPORT = "import"
"""Lane of mutations that came by another way than their device's push; they have no place in a lane."""


class Derivation(Protocol):
    """A domain rule of the centre: from what a commit changed, the mutations that follow."""

    def __call__(self, connection: Connection, changed: Mapping[str, RecordState]) -> Iterable[Mutation]: ...


class Transaction:
    """Decisions that will be one commit."""

    def __init__(self, connection: Connection, types: Mapping[str, RecordType]) -> None:
        """Begin on a connection that is inside a write transaction."""
        self.connection = connection
        self.types = types
        self.history = history_of(types)
        self.world = World(types)
        self.before: dict[str, RecordState] = {}
        self.foreign: set[str] = set()
        self.ledger: list[LedgerEntry] = []

    def decide(self, batch: Batch) -> list[Decision]:
        """Decide a batch and note it for the ledger; return its decisions in order, in the words of their authors."""
        batch = upcast_batch(self.history, batch)
        mutations = [each.mutation for group in batch.groups for each in group]
        world = self._load([each for each in mutations if isinstance(each, Mutation)], batch.writer)
        bench = Bench(batch.writer, batch.receipt, new_id, self.history.current)
        decisions: list[Decision] = []
        for group in batch.groups:
            misplaced = refused_in_lane(self.types, batch.lane, [(each.mutation, each.payload) for each in group])
            told = [_declared(self._told(each), batch.schema) for each in group]
            decided = misplaced or decide_group(world, told, bench)
            decided = [in_words_of(self.history, *each) for each in zip(group, decided, strict=True)]
            self._note(batch, group, decided)
            decisions += decided
        return decisions

    def derive(self, derivations: Iterable[Derivation], receipt: Receipt) -> None:
        """Let the centre's own rules follow up on what was accepted."""
        for derivation in derivations:
            mutations = list(derivation(self.connection, dict(self.world.changed)))
            if mutations:
                groups = by_centre([[each] for each in mutations])
                self.decide(Batch(centre(), receipt, CENTRE, self.history.current, groups))

    def write(self) -> int:
        """Take the clock, write everything that was decided, and return the commit number."""
        commit = clock.take_under(self.connection, self.history.current)
        changes = stamped(self.world.changed.values(), self.before, commit)
        write_records(self.connection, self.types, changes, commit, self.foreign)
        write_match_keys(self.connection, changes)
        write_ledger(self.connection, self.ledger, commit)
        return commit

    def created(self) -> list[str]:
        """Return the records that this commit brings into being."""
        return [identifier for identifier in self.world.changed if identifier not in self.before]

    def _load(self, mutations: Sequence[Mutation], writer: Writer) -> World:
        """Load what these mutations name, and return the world as their writer stands to it."""
        companions = {each for mutation in mutations for each in named_along(self.types, mutation)}
        named = {each for mutation in mutations for each in named_by(self.types, mutation)} | companions
        named |= self._know(named)
        self.world.past |= past_of(self.connection, self.history, (each for each in mutations if each.op is Op.UNMERGE))
        self.world.ended |= ended_by(self.connection, self.history, self.types, self.world.records, mutations)
        self.world.joined |= joined_among(self.connection, [m.record for m in mutations if m.op is Op.DELETE])
        known = [identifier for identifier in named if identifier in self.world.records]
        edited = set(self._going_on(each.record for each in mutations)) & self.before.keys()
        if writer.centre:  # it has seen the record that it names, and not the one in which that goes on
            late = edited.difference(each.record for each in mutations)
            return self.world.seen_by({}, changed_by_others(self.connection, CENTRE, late) if late else {})
        standing = standing_of(self.connection, writer.user, [each for each in known if each in self.before])
        self.foreign |= {each for each in companions & self.before.keys() if not _holds(standing, each)}
        others = changed_by_others(self.connection, writer.incarnation, edited) if edited else {}
        return self.world.seen_by(standing, others)

    def _going_on(self, ids: Iterable[str]) -> Iterable[str]:
        """Yield records and those in which they go on: late edits take effect there."""
        for identifier in ids:
            later: str | None = identifier
            while later:
                yield later
                later = self.world.records[later].merged_into if later in self.world.records else None

    def _know(self, ids: Collection[str]) -> set[str]:
        """Load and lock records, and those that they were merged into; return the latter."""
        later = {each for each in self._know_directly(ids) if each not in self.world.records}
        return later | self._know(later) if later else later

    def _know_directly(self, ids: Collection[str]) -> set[str]:
        new = lock_records(self.connection, [each for each in ids if each not in self.world.records])
        self.world.erased |= erased_among(self.connection, ids)
        conflicts = open_conflicts(self.connection, new) if new else {}
        for state in (*new.values(), *conflicts.values()):
            self.world.records.setdefault(state.id, state)
            self.before.setdefault(state.id, state)
        for conflict in conflicts.values():
            self.world.open_conflicts[conflict.data["record"], conflict.data["field"]] = conflict.id
        return {state.merged_into for state in new.values() if state.merged_into}

    def _told(self, arrived: Arrived) -> Mutation | Malformed:
        """Return what to decide: one that cannot be read is still refused as erased where it is about such a record."""
        mutation = arrived.mutation
        if isinstance(mutation, Mutation) or not (record := record_in(arrived.payload)):
            return mutation
        self.world.erased |= erased_among(self.connection, [record])
        known = record in self.world.erased
        return Mutation(mutation.seq, mutation.id, Op.UPDATE, "", record, "") if known else mutation

    def _note(self, batch: Batch, group: Sequence[Arrived], decisions: Sequence[Decision]) -> None:
        first = len(self.ledger)
        for each, decision in zip(group, decisions, strict=True):
            self.ledger.append(ledger_entry(batch, each, decision, first))


def _holds(standing: Mapping[str, Any], identifier: str) -> bool:
    return identifier in standing and standing[identifier].holds


def centre(user: str = CENTRE, permits: Callable[[str, str], bool] = lambda _subject, _action: True) -> Writer:
    """Return the centre as a writer, on behalf of a member of staff or of itself."""
    return Writer(user, CENTRE, CENTRE, permits, centre=True)


def named_by(types: Mapping[str, RecordType], mutation: Mutation) -> Iterable[str]:
    """Yield the ids that a mutation needs to know: its record, parents, and the conflicts it decides."""
    yield mutation.record
    if mutation.into:
        yield mutation.into
    for resolution in mutation.resolves:
        yield resolution.conflict
    yield from _references(types, mutation, along=False)


def named_along(types: Mapping[str, RecordType], mutation: Mutation) -> Iterable[str]:
    """Yield the ids of records that would travel with this one."""
    return _references(types, mutation, along=True)


def _references(types: Mapping[str, RecordType], mutation: Mutation, *, along: bool) -> Iterable[str]:
    """Yield ids out of data that nobody has checked yet."""
    kind = types.get(mutation.type)
    for spec in kind.references if kind else ():
        if (spec.carry is Carry.ALONG) is along:
            name = spec.name
            wanted = mutation.set[name][1] if name in mutation.set else None
            for values in (mutation.data.get(name), wanted, mutation.add.get(name)):
                for value in values if isinstance(values, list) else (values,):
                    if isinstance(value, str) and len(value) == 36:
                        yield value


def ledger_entry(
    batch: Batch, arrived: Arrived, decision: Decision, group_position: int, *, repeat: bool = False
) -> LedgerEntry:
    """Return the ledger's row for one decided mutation, in the order of ``LEDGER_COLUMNS``."""
    mutation, writer = arrived.mutation, batch.writer
    readable = mutation if isinstance(mutation, Mutation) else _unreadable(mutation)
    continued = arrived.releases is not None
    values = (
        group_position,
        new_id() if continued else mutation.id,
        repeat,
        writer.device,
        writer.incarnation,
        batch.lane,
        None if continued or writer.centre or batch.lane == IMPORT else mutation.seq,
        writer.user,
        arrived.schema or readable.schema or batch.schema,
        readable.op.value,
        readable.type[:40],
        decision.redirected_to or readable.record[:36],
        readable.base,
        readable.recorded_at[:40],
        batch.receipt.at,
        batch.receipt.clock_offset_ms,
        decision.outcome.value,
        decision.code,
        _detail(decision),
        decision.waits_for,
        arrived.releases,
    )
    return LedgerEntry(values, arrived.payload, kept=decision.code != ERASED)


def _declared(mutation: Mutation | Malformed, schema: int) -> Mutation | Malformed:
    """Return a mutation with the schema under which it was made; where it says none, its push does."""
    if isinstance(mutation, Malformed) or mutation.schema:
        return mutation
    return msgspec.structs.replace(mutation, schema=schema)


def _unreadable(mutation: Malformed) -> Mutation:
    return Mutation(mutation.seq, mutation.id, Op.UPDATE, "", "", "")


def _detail(decision: Decision) -> str:
    detail: dict[str, Any] = {}
    if decision.errors:
        detail["errors"] = decision.errors
    if decision.conflicts:
        detail["conflicts"] = decision.conflicts
    return encoded(detail) if detail else "{}"
