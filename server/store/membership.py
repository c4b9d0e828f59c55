"""Compute, after the clock is taken, in which buckets each written record and all that travel with it now lie.

Only here: at READ COMMITTED a carrier read before the clock may have moved meanwhile, and its visit would be stranded.
"""

from collections import defaultdict
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from sqlalchemy import Connection, Select, select

from schemas.base import Carry, RecordType
from server.models.sync_tables import bucket_entry, carry, record
from server.store.among import among_named
from sync.buckets import Entry, Reasons, memberships, moved
from sync.state import RecordState

OUTLIVING = "conflict"

ROUNDS_MAX = 40
"""Belonging goes four deep (case, visit, its photo, a conflict about it), and a chain of merges adds its length."""


@dataclass(frozen=True, slots=True)
class Edge:
    """One record travelling with another; see the table ``carry``."""

    carrier: str
    carried: str
    whole: bool
    granted: bool = True


@dataclass(frozen=True, slots=True)
class Holding:
    """What membership needs to know of a record."""

    owner: str
    own: frozenset[str]
    deleted: bool
    version: int
    outlives: bool = False
    """Whether it stays where the record that it belongs with last lay: a conflict does, a photo does not."""


@dataclass(frozen=True, slots=True)
class Written:
    """A record of this commit, before (``None`` when new) and now."""

    before: Holding | None
    now: Holding


@dataclass(frozen=True, slots=True)
class Relocation:
    """What a commit changes about one record's place in the feed."""

    record: str
    old_version: int
    new_version: int
    before: Mapping[str, Entry]
    entries: Sequence[Entry]


def edges_of(kind: RecordType, state: RecordState) -> list[Edge]:
    """Return whom a record travels with, from its data alone; a merged one brings the record it goes on in."""
    if state.deleted:
        return []
    edges = [Edge(carrier, state.id, whole=False) for carrier in kind.named(state.data, Carry.BY)]
    edges += [Edge(carrier, state.id, whole=True) for carrier in kind.named(state.data, Carry.WITH)]
    edges += [Edge(state.id, carried, whole=False) for carried in kind.named(state.data, Carry.ALONG)]
    if state.merged_into:
        edges.append(Edge(state.id, state.merged_into, whole=True))
    return edges


_CARRIERS = select(carry).where(among_named(carry.c.carried))
_CARRIED = select(carry).where(among_named(carry.c.carrier))
_HOLDINGS = select(
    record.c.id, record.c.type, record.c.owner, record.c.own_buckets, record.c.deleted, record.c.version
).where(among_named(record.c.id))
_ENTRIES = select(bucket_entry).where(among_named(bucket_entry.c.record))


class Placement:
    """Works outward from the written records, one level of belonging at a time, a few statements for each level."""

    def __init__(self, connection: Connection, commit: int, written: Mapping[str, Written]) -> None:
        """Take the written records by id."""
        self.connection = connection
        self.commit = commit
        self.written = written
        self.holdings: dict[str, Holding] = {identifier: each.now for identifier, each in written.items()}
        self.wanted: dict[str, dict[str, Reasons]] = {}
        self.entries: dict[str, dict[str, Entry]] = {
            identifier: {} for identifier, each in written.items() if each.before is None
        }

    def relocations(self, also: Collection[str] = ()) -> list[Relocation]:
        """Return every change of the feed that this commit makes.

        ``also``: records that are not written but have gained or lost a carrier.
        """
        found: dict[str, Relocation] = {}
        level: Collection[str] = [*self.written, *(identifier for identifier in also if identifier not in self.written)]
        for _ in range(ROUNDS_MAX):
            if not level:
                break
            before = {identifier: self.wanted.get(identifier) for identifier in level}
            self._place(level)
            level = [identifier for identifier in level if identifier in self.holdings]
            for identifier in level:
                found[identifier] = self._relocation(identifier)
            level = self._dependents([each for each in level if self.wanted[each] != before[each]])
        return [relocation for relocation in found.values() if relocation.entries]

    def _place(self, ids: Collection[str]) -> None:
        """Compute the wanted memberships of records, from their carriers as they stand now."""
        edges = self._edges(_CARRIERS, ids)
        self._know({edge.carrier for edge in edges} | set(ids))
        self._know_entries(set(ids) | {edge.carrier for edge in edges if edge.whole})
        carriers: dict[str, list[Edge]] = defaultdict(list)
        for edge in edges:
            carriers[edge.carried].append(edge)
        waiting = dict.fromkeys(identifier for identifier in ids if identifier in self.holdings)
        for identifier in list(waiting):
            self._want(identifier, carriers, waiting)

    def _want(self, identifier: str, carriers: Mapping[str, Sequence[Edge]], waiting: dict[str, None]) -> None:
        """Place one record, after those of the same level in whose buckets it wholly is."""
        if identifier not in waiting:
            return
        del waiting[identifier]
        holding = self.holdings[identifier]
        edges = [
            edge
            for edge in carriers.get(identifier, ())
            if edge.granted and (self._lives(edge.carrier) or (holding.outlives and edge.whole))
        ]
        for edge in edges:
            if edge.whole:
                self._want(edge.carrier, carriers, waiting)
        self.wanted[identifier] = (
            {}
            if holding.deleted
            else memberships(
                identifier,
                holding.owner,
                holding.own,
                {edge.carrier: self.holdings[edge.carrier].own for edge in edges if not edge.whole},
                {edge.carrier: self._everything_of(edge.carrier) for edge in edges if edge.whole},
            )
        )

    def _lives(self, carrier: str) -> bool:
        holding = self.holdings.get(carrier)
        return holding is not None and not holding.deleted

    def _everything_of(self, carrier: str) -> Collection[str]:
        if not self._lives(carrier):
            return [key for key, entry in self.entries.get(carrier, {}).items() if entry.live or entry.why == "deleted"]
        if carrier in self.wanted:
            return self.wanted[carrier]
        return _live(self.entries.get(carrier, {}))

    def _relocation(self, identifier: str) -> Relocation:
        before, holding = self.entries.get(identifier, {}), self.holdings[identifier]
        written = self.written.get(identifier)
        old_version = written.before.version if written and written.before else holding.version
        entries = moved(
            identifier,
            before,
            self.wanted[identifier],
            changed=old_version != holding.version,
            deleted=holding.deleted,
            commit=self.commit,
        )
        return Relocation(identifier, old_version, holding.version, before, entries)

    def _dependents(self, ids: Collection[str]) -> list[str]:
        """Return the records whose place follows from one of these that has moved."""
        of_own = {identifier for identifier in ids if self._own_changed(identifier)}
        of_all = {
            identifier for identifier in ids if self.wanted[identifier].keys() != set(_live(self.entries[identifier]))
        }
        new = {identifier for identifier, each in self.written.items() if each.before is None}
        edges = self._edges(_CARRIED, (of_own | of_all) - new)
        return sorted(
            {edge.carried for edge in edges if edge.whole and edge.carrier in of_all}
            | {edge.carried for edge in edges if not edge.whole and edge.carrier in of_own} - self.wanted.keys()
        )

    def _own_changed(self, identifier: str) -> bool:
        written = self.written.get(identifier)
        if written is None or written.before is None:
            return False
        return (written.before.own, written.before.deleted) != (written.now.own, written.now.deleted)

    def _edges(self, query: Select[Any], ids: Collection[str]) -> list[Edge]:
        rows = self.connection.execute(query, {"ids": ids}) if ids else ()
        return [Edge(row.carrier, row.carried, row.whole, row.granted) for row in rows]

    def _know(self, ids: Collection[str]) -> None:
        if unknown := set(ids) - self.holdings.keys():
            for row in self.connection.execute(_HOLDINGS, {"ids": unknown}):
                self.holdings[row.id] = Holding(
                    row.owner, frozenset(row.own_buckets), row.deleted, row.version, row.type == OUTLIVING
                )

    def _know_entries(self, ids: Collection[str]) -> None:
        unknown = set(ids) - self.entries.keys()
        if not unknown:
            return
        self.entries |= {identifier: {} for identifier in unknown}
        for row in self.connection.execute(_ENTRIES, {"ids": unknown}):
            self.entries[row.record][row.bucket] = Entry(
                row.bucket, row.record, row.commit_number, row.since, row.live, row.why, frozenset(row.reasons)
            )


def _live(entries: Mapping[str, Entry]) -> list[str]:
    return [bucket for bucket, entry in entries.items() if entry.live]
