"""A centre in memory, for tests of the protocol alone: records and a ledger between pushes, and no database."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime, timedelta
from typing import Any

from schemas.base import RecordType
from schemas.privacy import ALL_CLASSES
from schemas.records import RECORD_TYPES
from sync.apply import decide
from sync.bench import Bench
from sync.decision import Decision
from sync.mutation import Malformed, Mutation, Op, Resolve
from sync.state import Past, Receipt, RecordState, Standing, World, Writer

NOW = datetime(2026, 11, 23, 3, 0, tzinfo=UTC)
BEFORE = NOW - timedelta(days=2)
CHANGING = {"applied", "merged", "conflicted"}
HOLDER = Standing(classes=ALL_CLASSES)


def uuid(number: int) -> str:
    """Return the id that a test calls by a number."""
    return f"00000000-0000-7000-8000-{number:012d}"


@dataclass
class Desk:
    """Pushes become commits 1, 2, 3 … Everybody holds every record unless ``standing`` says otherwise."""

    types: Mapping[str, RecordType] = field(default_factory=lambda: RECORD_TYPES)
    records: dict[str, RecordState] = field(default_factory=dict)
    ledger: list[tuple[int, str, str, str]] = field(default_factory=list)
    """(commit, incarnation, record, outcome)"""
    past: dict[str, Past] = field(default_factory=dict)
    standing: dict[tuple[str, str], Standing] = field(default_factory=dict)
    """(user, record) -> how they stand to it"""
    commit: int = 0
    now: datetime = NOW
    offset_ms: int | None = 0
    ids: int = 900_000

    def writer(self, name: str, **what: Any) -> "Pen":
        """Return somebody who writes, on a device of their own."""
        return Pen(
            self, Writer(name, f"device of {name}", f"incarnation of {name}", lambda _type, _action: True, **what)
        )

    def new_id(self) -> str:
        """Return the next id that the centre mints."""
        self.ids += 1
        return uuid(self.ids)

    def push(self, writer: Writer, groups: Sequence[Sequence[Mutation | Malformed]], schema: int = 1) -> list[Decision]:
        """Decide a push and keep what was accepted; return the decisions in order."""
        world = self._world(writer)
        bench = Bench(writer, Receipt(self.now, self.offset_ms), self.new_id, schema)
        decided = decide(world, groups, bench)
        self.commit += 1
        self.records |= {key: state.stamped(self.commit) for key, state in world.changed.items()}
        flat = [decision for group in decided for decision in group]
        mutations = [mutation for group in groups for mutation in group]
        self.ledger += [
            (
                self.commit,
                writer.incarnation,
                decision.redirected_to or getattr(mutation, "record", ""),
                decision.outcome,
            )
            for mutation, decision in zip(mutations, flat, strict=True)
        ]
        who, position = (writer.user, writer.device, writer.incarnation), 0
        for group, decisions in zip(groups, decided, strict=True):
            first = position
            for mutation, decision in zip(group, decisions, strict=True):
                if isinstance(mutation, Mutation) and decision.outcome in CHANGING:
                    applied_to = decision.redirected_to or mutation.record
                    self.past[mutation.id] = Past(mutation, applied_to, self.commit, first, position, who)
                position += 1
        return flat

    def _world(self, writer: Writer) -> World:
        others = {
            record: commit
            for commit, incarnation, record, outcome in self.ledger
            if incarnation != writer.incarnation and outcome in CHANGING
        }
        return World(
            self.types,
            records=dict(self.records),
            open_conflicts={(each["record"], each["field"]): key for key, each in self.conflicts().items()},
            standing={key: self.standing.get((writer.user, key), HOLDER) for key in self.records},
            changed_by_others=others,
            past=dict(self.past),
        )

    def data(self, record: str) -> Mapping[str, Any]:
        """Return what a record says now."""
        return self.records[record].data

    def version(self, record: str) -> int:
        """Return the commit that last changed a record."""
        return self.records[record].version

    def conflicts(self, status: str = "open") -> dict[str, Mapping[str, Any]]:
        """Return conflicts by id."""
        return {
            key: state.data
            for key, state in self.records.items()
            if state.type == "conflict" and state.data["status"] == status
        }

    def the_conflict(self) -> Mapping[str, Any]:
        """Return the one open conflict."""
        [conflict] = self.conflicts().values()
        return conflict


@dataclass
class Pen:
    """Somebody who writes mutations and pushes them at once."""

    desk: Desk
    who: Writer

    def mutation(self, op: Op, kind: str, record: str, **parts: Any) -> Mutation:
        """Return a mutation."""
        given = {"id": self.desk.new_id(), "seq": 0, "recorded_at": "2026-11-22T03:00:00.000Z", **parts}
        return Mutation(op=op, type=kind, record=record, **given)

    def created(self, kind: str, record: str, data: Mapping[str, Any], **parts: Any) -> Mutation:
        """Return a create."""
        return self.mutation(Op.CREATE, kind, record, data=dict(data), **parts)

    def edited(self, kind: str, record: str, base: int, **parts: Any) -> Mutation:
        """Return an update; ``parts`` are set, add, remove, resolves."""
        return self.mutation(Op.UPDATE, kind, record, base=base, **parts)

    def deleted(self, kind: str, record: str, base: int, **parts: Any) -> Mutation:
        """Return a delete."""
        return self.mutation(Op.DELETE, kind, record, base=base, **parts)

    def merged(self, kind: str, record: str, into: str) -> Mutation:
        """Return a merge of one record into another."""
        return self.mutation(Op.MERGE, kind, record, into=into, reason="คนเดียวกัน")

    def unmerged(self, kind: str, record: str, undoes: Mutation, *moves: Mutation) -> Mutation:
        """Return the undoing of a merge, some edits changing sides."""
        return self.mutation(Op.UNMERGE, kind, record, undoes=undoes.id, moves=[each.id for each in moves])

    def push(self, *mutations: Mutation | Malformed) -> list[str]:
        """Push mutations, each a group of its own; return their outcomes."""
        return [decision.outcome.value for decision in self.decide(*mutations)]

    def decide(self, *mutations: Mutation | Malformed, schema: int = 1) -> list[Decision]:
        """Push mutations, each a group of its own; return the decisions."""
        return self.desk.push(self.who, [[each] for each in mutations], schema)

    def save(self, *mutations: Mutation | Malformed) -> list[Decision]:
        """Push mutations as one press of Save."""
        return self.desk.push(self.who, [mutations])

    def create(self, kind: str, record: str, data: Mapping[str, Any]) -> int:
        """Create a record; return its version."""
        assert self.push(self.created(kind, record, data)) == ["applied"]
        return self.desk.version(record)

    def edit(self, kind: str, record: str, base: int, **parts: Any) -> str:
        """Push one update; return its outcome."""
        return self.push(self.edited(kind, record, base, **parts))[0]

    def delete(self, kind: str, record: str, base: int, **parts: Any) -> str:
        """Push one delete; return its outcome."""
        return self.push(self.deleted(kind, record, base, **parts))[0]

    def again(self) -> "Pen":
        """Return the same person on the same device after a recovery: another incarnation."""
        return Pen(self.desk, replace(self.who, incarnation=f"{self.who.incarnation}, again"))


def resolving(conflict: str, *contenders: str, reason: str = "ดูรูปแล้ว") -> list[Resolve]:
    """Return the part of a mutation that decides one conflict."""
    return [Resolve(conflict, list(contenders), reason)]
