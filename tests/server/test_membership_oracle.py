"""Whatever is written in whatever order, each record lies exactly where the whole of the data says that it lies."""

from collections.abc import Mapping
from random import Random
from typing import Any

import pytest
from sqlalchemy import select

from schemas.reference_number import mint
from server.ids import new_id
from server.models.engine import reading
from server.models.sync_tables import bucket_entry, record
from server.store.loading import state_of
from sync.instants import rfc3339
from sync.mutation import Mutation, Op
from sync.state import RecordState
from tests.server.placement_oracle import Places, places_of
from tests.server.protocol_client import Centre

States = Mapping[str, RecordState]
STEPS = 40
AREAS = ("540101", "540201", "560101")
TEAMS = (None, "01a00000-0000-7000-8000-0000000000c1", "01a00000-0000-7000-8000-0000000000c2")


class Hand:
    """Writes at random, as staff could."""

    def __init__(self, centre: Centre, random: Random) -> None:
        self.centre = centre
        self.random = random
        self.merges: dict[str, str] = {}

    def states(self) -> States:
        with reading(self.centre.store.engine) as connection:
            return {row.id: state_of(row) for row in connection.execute(select(record))}

    def step(self) -> None:
        """Do one thing that the centre accepts."""
        states = self.states()
        acts = [self.case, self.person, self.visit, self.photo, self.move, self.name, self.merge, self.unmerge]
        act = self.random.choices([*acts, self.delete], weights=(4, 2, 2, 1, 3, 2, 4, 1, 1))[0]
        if mutation := act(states):
            user = f"staff-{self.random.randint(1, 2)}"
            [outcome] = self.centre.store.write([[mutation]], self.centre.now, user=user)
            if outcome.outcome == "applied" and mutation.op is Op.MERGE:
                self.merges[mutation.record] = mutation.id

    def of(self, states: States, *types: str) -> RecordState | None:
        found = sorted(
            (each for each in states.values() if each.type in types and not each.deleted), key=lambda s: s.id
        )
        return self.random.choice(found) if found else None

    def mutation(self, op: Op, kind: str, identifier: str, **parts: Any) -> Mutation:
        at = rfc3339(self.centre.now)
        return Mutation(seq=0, id=new_id(), op=op, type=kind, record=identifier, recorded_at=at, **parts)

    def create(self, kind: str, **data: Any) -> Mutation:
        given = {name: value for name, value in data.items() if value is not None}
        return self.mutation(Op.CREATE, kind, new_id(), data=given)

    def edit(self, state: RecordState, name: str, to: Any) -> Mutation:
        return self.mutation(
            Op.UPDATE, state.type, state.id, base=state.version, set={name: (state.data.get(name), to)}
        )

    def case(self, states: States) -> Mutation:
        area, person = self.random.choice(AREAS), self.of(states, "person")
        return self.create(
            "case", reference_number=mint(self.random.getrandbits(60)), received_on="2026-11-20", area=area,
            intake_channel="walk_in", intake_district=area[:4], team=self.random.choice(TEAMS),
            affected_person=person.id if person and self.random.random() < 0.7 else None,
        )  # fmt: skip

    def person(self, _states: States) -> Mutation:
        return self.create("person", first_name="สมชาย")

    def visit(self, states: States) -> Mutation | None:
        case = self.of(states, "case")
        return self.create("visit", case=case.id, visited_on="2026-11-21") if case else None

    def photo(self, states: States) -> Mutation | None:
        of = self.of(states, "visit", "case", "person")
        what = {"sha256": "a" * 64, "size": 1, "media_type": "image/jpeg"}
        return self.create("attachment", owner_record=of.id, **what) if of else None

    def move(self, states: States) -> Mutation | None:
        case = self.of(states, "case")
        name, choices = self.random.choice((("area", AREAS), ("team", TEAMS)))
        return self.edit(case, name, self.random.choice(choices)) if case and not case.merged_into else None

    def name(self, states: States) -> Mutation | None:
        case, person = self.of(states, "case"), self.of(states, "person")
        return self.edit(case, "affected_person", person.id) if case and person and not case.merged_into else None

    def merge(self, states: States) -> Mutation | None:
        record = self.of(states, "case", "person")
        others = {key: each for key, each in states.items() if record and key != record.id}
        into = self.of(others, record.type) if record else None
        return self.mutation(Op.MERGE, record.type, record.id, into=into.id) if record and into else None

    def unmerge(self, states: States) -> Mutation | None:
        merged = sorted(key for key, each in states.items() if each.merged_into and key in self.merges)
        if not merged:
            return None
        key = self.random.choice(merged)
        return self.mutation(Op.UNMERGE, states[key].type, key, undoes=self.merges[key])

    def delete(self, states: States) -> Mutation | None:
        state = self.of(states, "visit", "attachment", "case")
        if state is None or state.merged_into or any(each.merged_into == state.id for each in states.values()):
            return None
        return self.mutation(Op.DELETE, state.type, state.id, base=state.version)


def found(centre: Centre) -> Places:
    """Return where every record lies as the feed has it."""
    places: dict[str, set[str]] = {}
    with reading(centre.store.engine) as connection:
        for row in connection.execute(select(bucket_entry).where(bucket_entry.c.live)):
            places.setdefault(row.record, set()).add(row.bucket)
    return {key: frozenset(buckets) for key, buckets in places.items()}


@pytest.mark.parametrize("seed", range(10))
def test_each_record_lies_where_all_of_the_data_says(bare_centre: Centre, seed: int) -> None:
    hand = Hand(bare_centre, Random(seed))
    for step in range(STEPS):
        hand.step()
        assert found(bare_centre) == places_of(hand.states()), f"step {step}"
