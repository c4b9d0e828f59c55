"""One reader: a device that polls with the product's own pull, page by page, and keeps what it was given."""

import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime
from random import Random

import msgspec

from schemas.records import RECORD_TYPES
from server.models.engine import make_engine
from server.store import Store
from sync.checksum import MODULUS, entry_hash
from sync.messages import Cursor, PageLimit, PullReply, PullRequest
from sync.version import PROTOCOL_VERSION, SCHEMA_VERSION
from tests.commit_order.names import Numbers, Place, place_of
from tests.commit_order.plan import PAUSE_MS_MAX, Plan

PAGE_ROWS = (20, 100, 300)


@dataclass
class Held:
    """What one reader holds and what happened on the way."""

    versions: Numbers
    """Of each record it holds; below 0 of one that it held once."""
    homes: Numbers
    """In which buckets, as bits in the order of ``buckets``."""
    buckets: list[str] = field(default_factory=list)
    pulls: int = 0
    rows: int = 0
    completes: int = 0
    wrong: list[str] = field(default_factory=list)
    """What contradicted the protocol: a commit or version that went back, a checksum that differs."""


class Reader:
    """Polls until the writers are done and everything has arrived."""

    def __init__(self, plan: Plan, number: int) -> None:
        """Open the store."""
        self.plan, self.author = plan, plan.readers[number]
        self.random = Random(f"{plan.seed}/reader/{number}")
        self.store = Store(make_engine(plan.url), RECORD_TYPES)
        self.held = Held(Numbers(plan.lanes), Numbers(plan.lanes))
        self.checkpoint: dict[str, Cursor] = {}
        self.sums: list[list[int]] = []
        self.commit = 0

    def run(self, writers_done: Callable[[], bool]) -> Held:
        """Poll; the last pull begins after the last writer has ended."""
        last = False
        while not last:
            last = writers_done()
            while not self._page().complete:
                pass
            time.sleep(self.random.uniform(0, PAUSE_MS_MAX) / 1_000)
        self.store.engine.dispose()
        return self.held

    def _page(self) -> PullReply:
        request = PullRequest(
            protocol=PROTOCOL_VERSION,
            epoch=self.plan.epoch,
            device=self.author.device,
            schema=SCHEMA_VERSION,
            checkpoint=self.checkpoint,
            limit=PageLimit(rows=self.random.choice(PAGE_ROWS), bytes=262_144),
        )
        made = self.store.pull(self.author, request, datetime.now(UTC))
        # a planted bug may count below zero, which no reader would read; what it missed is still to be told
        sent = msgspec.json.encode(msgspec.structs.replace(made, checksums={}))
        reply = msgspec.structs.replace(msgspec.json.decode(sent, type=PullReply), checksums=made.checksums)
        self._apply(reply)
        return reply

    def _apply(self, reply: PullReply) -> None:
        self.held.pulls += 1
        if reply.commit < self.commit:
            self.held.wrong.append(f"the commit went back from {self.commit} to {reply.commit}")
        self.commit, self.checkpoint = reply.commit, reply.checkpoint
        for key in reply.checkpoint:
            if key not in self.held.buckets:
                self.held.buckets.append(key)
                self.sums.append([0, 0])
        for table in reply.tables:
            for identifier, version, homes, _ in table.put:
                self._put(identifier, version, homes)
            for identifier, _, key, _ in table.gone:
                self._gone(identifier, key)
        if reply.complete:
            self._compare(reply)

    def _put(self, identifier: str, version: int, homes: Sequence[str]) -> None:
        self.held.rows += 1
        place = place_of(identifier)
        held, was = self.held.versions[place], self.held.homes[place]
        if abs(held) > version:
            self.held.wrong.append(f"{identifier} went back from {abs(held)} to {version}")
        now = was
        for key in homes:
            now |= 1 << self.held.buckets.index(key)
        self._count(identifier, held, was, -1)
        self._count(identifier, version, now, 1)
        self.held.versions[place], self.held.homes[place] = version, now

    def _gone(self, identifier: str, key: str) -> None:
        place = place_of(identifier)
        bit = 1 << self.held.buckets.index(key)
        was = self.held.homes[place]
        if was & bit:
            version = self.held.versions[place]
            self._count(identifier, version, bit, -1)
            self.held.homes[place] = was ^ bit
            if was == bit:
                self.held.versions[place] = -version

    def _count(self, identifier: str, version: int, homes: int, times: int) -> None:
        if homes:
            hashed = entry_hash(identifier, version)
            for number, each in enumerate(self.sums):
                if homes >> number & 1:
                    each[0] += times
                    each[1] = (each[1] + times * hashed) % MODULUS

    def _compare(self, reply: PullReply) -> None:
        self.held.completes += 1
        for key, (commit, count, total) in reply.checksums.items():
            held = self.sums[self.held.buckets.index(key)]
            if (held[0], f"{held[1]:016x}") != (count, total):
                kind = key.partition(":")[0]
                self.held.wrong.append(f"at commit {commit} a {kind} bucket has {count} rows, the reader {held[0]}")


def held_at(held: Held, place: Place) -> int:
    """Return the version that a reader holds of a record, 0 where it holds none."""
    return max(0, held.versions[place])
