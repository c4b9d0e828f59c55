"""Compare what each reader holds with what the writers were told is done."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from tests.commit_order.names import Place, record_id
from tests.commit_order.plan import AREAS, Plan
from tests.commit_order.reader import Held, held_at
from tests.commit_order.writer import Written


@dataclass(frozen=True)
class Truth:
    """Every acknowledged record: its version (below 0: deleted) and the district where its case ended."""

    versions: Mapping[Place, int]
    districts: Mapping[Place, str]


def truth_of(plan: Plan, written: Sequence[Written]) -> Truth:
    """Put together what all writers were told; a case's last mover knows better than who opened it."""
    moved = {place: each for one in written for place, each in one.moved.items()}
    versions: dict[Place, int] = {}
    districts: dict[Place, str] = {}
    for number, one in enumerate(written):
        lane = plan.case_lane(number)
        for place in one.done.versions.places():
            case = (lane, one.done.case_of[place] - 1)
            area, _ = moved.get(case, (AREAS[0], 0))
            versions[place] = moved[place][1] if place in moved else one.done.versions[place]
            districts[place] = f"district:{area[:4]}"
    return Truth(versions, districts)


def violations(truth: Truth, held: Sequence[Held]) -> list[str]:
    """Return what readers missed or hold though they should not, then what was contradicted on the way."""
    ends = [f"reader {number} {said}" for number, each in enumerate(held) for said in _of_one(truth, each)]
    ways = [f"reader {number}: {said}" for number, each in enumerate(held) for said in each.wrong[:3]]
    return sorted(ends, key=lambda said: " missed " not in said) + ways


def missed(truth: Truth, held: Held) -> list[Place]:
    """Return the records that a reader should hold at their last version and does not."""
    return [
        place
        for place, version in truth.versions.items()
        if version > 0 and truth.districts[place] in held.buckets and held_at(held, place) != version
    ]


def _of_one(truth: Truth, held: Held) -> list[str]:
    lost = missed(truth, held)
    seen = held.versions.places()
    unknown = [place for place in seen if place not in truth.versions]
    kept = [
        place
        for place in seen
        if place in truth.versions
        and held_at(held, place)
        and not (truth.versions[place] > 0 and truth.districts[place] in held.buckets)
    ]
    told = {
        "missed {} rows": lost,
        "was given {} rows of transactions that were rolled back": unknown,
        "kept {} rows that have left its districts or are deleted": kept,
    }
    return [
        f"{words.format(f'{len(places):,}')}, the first {record_id(*places[0])} of commit "
        f"{truth.versions.get(places[0], 0)}"
        for words, places in told.items()
        if places
    ]
