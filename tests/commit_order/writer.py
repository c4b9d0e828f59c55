"""One writer: a device that pushes commits of 1 to 500 rows through the store, and keeps what was acknowledged."""

from collections.abc import Iterator, MutableSequence, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime
from random import Random

import msgspec

from schemas.records import RECORD_TYPES
from server.derivations import DERIVATIONS
from server.ids import new_id
from server.models.engine import make_engine
from server.store import Store
from sync.instants import rfc3339
from sync.messages import Position, PushReply, PushRequest
from sync.version import PROTOCOL_VERSION, SCHEMA_VERSION
from tests.commit_order.drafting import Acknowledged, Drafter, Mutation, mutation
from tests.commit_order.interference import Interference, Undone
from tests.commit_order.names import Numbers, Place
from tests.commit_order.plan import AREAS, Plan

UNDO, CUT, MOVE = 0.05, 0.01, 0.08
"""How often a commit is rolled back at its end, loses its connection, or moves somebody else's case."""

SIZES_MAX = (1, 20, 500, 500)
"""A commit has from one row to one of these, drawn anew each time."""


@dataclass
class Written:
    """What one writer did."""

    done: Acknowledged
    moved: dict[Place, tuple[str, int]] = field(default_factory=dict)
    """Cases of the next writer: where they lie now, and their version."""
    rows: int = 0
    commits: int = 0
    undone: int = 0


class Writer:
    """Writes what it likes, from a seed."""

    def __init__(self, plan: Plan, number: int, cases: MutableSequence[int]) -> None:
        """``cases``: the versions of all writers' new cases; they share it so that each can move another's."""
        self.plan, self.number, self.cases = plan, number, cases
        self.random = Random(f"{plan.seed}/writer/{number}")
        self.store = Store(make_engine(plan.url), RECORD_TYPES, DERIVATIONS)
        self.interference = Interference(self.store.engine, self.random)
        self.written = Written(Acknowledged(Numbers(plan.lanes), Numbers(plan.lanes)))
        self.drafter = Drafter(self.random, number, plan.case_lane(number), self.written.done)
        self.incarnation, self.last = new_id(), Position(0)

    def run(self) -> Written:
        """Write until the share is done."""
        while self.written.rows < self.plan.share:
            if self.random.random() >= MOVE or not self._move():
                self._write()
        self.store.engine.dispose()
        return self.written

    def _write(self) -> None:
        draft = self.drafter.draft(self.random.randint(1, self.random.choice(SIZES_MAX)))
        if reply := self._pushed(draft.mutations):
            draft.keep(reply.commit)
            for lane, serial in draft.case_of:
                if lane == self.drafter.case_lane:
                    self.cases[self.number * self.plan.cases_max + serial] = reply.commit

    def _move(self) -> bool:
        """Move one of the cases that the next writer opened last; tell whether there was one."""
        other = (self.number + 1) % len(self.plan.writers)
        first = other * self.plan.cases_max
        known = [serial for serial in range(self.plan.cases_max) if self.cases[first + serial]]
        if not known:
            return False
        serial = self.random.choice(known[-2:])
        place = (self.plan.case_lane(other), serial)
        area, version = self.written.moved.get(place, (AREAS[0], self.cases[first + serial]))
        to = AREAS[1 - AREAS.index(area)]
        if reply := self._pushed([mutation("update", "case", place, base=version, set={"area": [area, to]})]):
            self.written.moved[place] = (to, reply.commit)
        return True

    def _pushed(self, mutations: Sequence[Mutation]) -> PushReply | None:
        """Push; nothing comes back where it was made to roll back."""
        if not mutations:
            return None
        self.interference.undo = self.random.random() < UNDO
        self.interference.cut = not self.interference.undo and self.random.random() < CUT
        try:
            reply = self.store.push(self.plan.writers[self.number], self._request(mutations), datetime.now(UTC))
        except Undone:
            self.written.undone += 1
            return None
        refused = [each for each in reply.outcomes if each.outcome != "applied"]
        assert not refused, f"{refused[0]} of {mutations}"
        self.last = Position(reply.applied_through, mutations[-1]["id"])
        self.written.commits += 1
        self.written.rows += len(mutations)
        return reply

    def _request(self, mutations: Sequence[Mutation]) -> PushRequest:
        return PushRequest(
            protocol=PROTOCOL_VERSION,
            epoch=self.plan.epoch,
            device=self.plan.writers[self.number].device,
            incarnation=self.incarnation,
            lane="normal",
            schema=SCHEMA_VERSION,
            after=self.last,
            sent_at=rfc3339(datetime.now(UTC)),
            groups=list(self._groups(mutations)),
        )

    def _groups(self, mutations: Sequence[Mutation]) -> Iterator[list[msgspec.Raw]]:
        raws = [
            msgspec.Raw(msgspec.json.encode({"seq": self.last.seq + number, **each}))
            for number, each in enumerate(mutations, 1)
        ]
        while raws:
            size = self.random.randint(1, 5)
            yield raws[:size]
            raws = raws[size:]
