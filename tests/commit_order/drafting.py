"""What one commit of a writer will hold, made from a seed: cases, visits, photos, edits and deletes."""

from collections import deque
from dataclasses import dataclass, field
from datetime import UTC, datetime
from random import Random
from typing import Any

from schemas.reference_number import mint
from server.ids import new_id
from sync.instants import rfc3339
from tests.commit_order.names import Numbers, Place, record_id
from tests.commit_order.plan import AREAS, CASE_ROWS

RECENT = 300
EDITS, DELETES, PHOTOS = 0.04, 0.05, 0.20
"""Up to which throw of the dice a row is each of them; all others are visits."""

Mutation = dict[str, Any]


@dataclass
class Acknowledged:
    """What a writer was told is done. A version is the commit that made it; below 0, the record is deleted."""

    versions: Numbers
    case_of: Numbers
    """Of a record: the serial of its case, plus one."""
    minutes: dict[Place, int] = field(default_factory=dict)
    visits: deque[Place] = field(default_factory=lambda: deque(maxlen=RECENT))
    photos: deque[Place] = field(default_factory=lambda: deque(maxlen=RECENT))
    case: int | None = None
    """The serial of the case to which new rows belong."""
    filled: int = 0


class Drafter:
    """Mints drafts; serial numbers are never used twice, whatever became of a draft."""

    def __init__(self, random: Random, lane: int, case_lane: int, done: Acknowledged) -> None:
        """Draft for one writer."""
        self.random, self.lane, self.case_lane, self.done = random, lane, case_lane, done
        self.serial = self.cases = 0

    def draft(self, size: int) -> "Draft":
        """Return a draft of so many mutations."""
        made = Draft(self)
        for _ in range(size):
            made.add()
        return made

    def next_case(self) -> Place:
        """Return the place of a new case."""
        self.cases += 1
        return (self.case_lane, self.cases - 1)

    def next_row(self) -> Place:
        """Return the place of a new visit or photo."""
        self.serial += 1
        return (self.lane, self.serial - 1)


class Draft:
    """Mutations of one commit, and what is known once it is acknowledged; dropped whole where it is rolled back."""

    def __init__(self, drafter: Drafter) -> None:
        """Go on where the last acknowledged commit ended."""
        self.drafter, self.done = drafter, drafter.done
        self.mutations: list[Mutation] = []
        self.minutes: dict[Place, int] = {}
        self.case_of: dict[Place, int] = {}
        self.visits: list[Place] = []
        self.photos: list[Place] = []
        self.deleted: list[Place] = []
        self.case, self.filled = self.done.case, self.done.filled

    def add(self) -> None:
        """Add one mutation."""
        self.filled += 1
        if self.case is None or self.filled > CASE_ROWS:
            self._case()
            return
        dice = self.drafter.random.random()
        if dice < EDITS:
            self._edit()
        elif dice < DELETES:
            self._delete()
        elif dice < PHOTOS and (self.visits or self.done.visits):
            self._photo()
        else:
            self._visit(self.case)

    def keep(self, commit: int) -> None:
        """Note that all of it is done."""
        for place in (*self.case_of, *self.minutes):
            self.done.versions[place] = commit
        for place in self.deleted:
            self.done.versions[place] = -commit
        for place, case in self.case_of.items():
            self.done.case_of[place] = case + 1
        self.done.minutes |= self.minutes
        self.done.visits += self.visits
        self.done.photos += self.photos
        self.done.case, self.done.filled = self.case, self.filled

    def _case(self) -> None:
        place = self.drafter.next_case()
        self.case, self.filled = place[1], 0
        data = {
            "reference_number": mint((place[0] << 40) + place[1]),
            "received_on": "2026-11-20",
            "intake_channel": "walk_in",
            "intake_district": AREAS[0][:4],
            "area": AREAS[0],
        }
        self._create("case", place, place[1], data)

    def _visit(self, case: int) -> None:
        place = self.drafter.next_row()
        self.visits.append(place)
        self.minutes[place] = 0
        of = {"case": record_id(self.drafter.case_lane, case)}
        self._create("visit", place, case, {**of, "visited_on": "2026-11-21", "duration_minutes": 0})

    def _photo(self) -> None:
        """Add a photo to a visit; more often than not to one of an earlier commit, while its case may be moving."""
        place = self.drafter.next_row()
        visit = self.drafter.random.choice(self.done.visits or self.visits)
        self.photos.append(place)
        what = {"owner_record": record_id(*visit), "sha256": f"{place[1]:064x}", "size": 1, "media_type": "image/jpeg"}
        self._create("attachment", place, self.case_of.get(visit, self.done.case_of[visit] - 1), what)

    def _edit(self) -> None:
        if not self.done.visits:
            return
        place = self.drafter.random.choice(self.done.visits)
        if place not in self.minutes:
            was = self.done.minutes[place]
            self.minutes[place] = was + 1
            self._mutation(
                "update", "visit", place, base=self.done.versions[place], set={"duration_minutes": [was, was + 1]}
            )

    def _delete(self) -> None:
        if not self.done.photos:
            return
        place = self.drafter.random.choice(self.done.photos)
        base = self.done.versions[place]
        if base > 0 and place not in self.deleted:
            self.deleted.append(place)
            self._mutation("delete", "attachment", place, base=base)

    def _create(self, kind: str, place: Place, case: int, data: dict[str, Any]) -> None:
        self.case_of[place] = case
        self._mutation("create", kind, place, data=data)

    def _mutation(self, op: str, kind: str, place: Place, **parts: Any) -> None:
        self.mutations.append(mutation(op, kind, place, **parts))


def mutation(op: str, kind: str, place: Place, **parts: Any) -> Mutation:
    """Return a mutation without its place in the lane."""
    at = rfc3339(datetime.now(UTC))
    return {"id": new_id(), "op": op, "type": kind, "record": record_id(*place), "recorded_at": at, **parts}
