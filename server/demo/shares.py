"""Who captures what: the published cases dealt out to officers, and each volunteer's requests."""

from collections.abc import Iterator, Sequence
from itertools import count
from random import Random

import geothai

from server.demo.cases import Tambons, case_saves, request_save
from server.demo.plan import Save
from server.demo.profiles import Profile, solve
from server.demo.published import Published
from server.demo.roster import OFFICERS, Officer

SHARES = {"intake-1": 30, "intake-2": 25, "day-1": 22, "day-2": 16, "night-1": 14, "night-2": 10}
"""Officer -> number of cases, 117 in all. Of a team's cases every second one is photographed."""

REQUESTS = 3
"""Help requests of each volunteer, each with a photo."""

Work = dict[str, list[list[Save]]]
"""Officer -> for each of their cases or requests, the Saves."""


def dealt(published: Published, seed: int) -> Work:
    """Return everybody's work: the same for the same seed."""
    random, photos = Random(seed), count(1)
    profiles = list(solve(published, random))
    random.shuffle(profiles)
    tambons, left = tambons_of(published.province), iter(profiles)
    work: Work = {}
    for officer in OFFICERS:
        if officer.role == "volunteer":
            village = officer.scope.partition(":")[2]
            requests = (request_save(next(photos), random, village, published.last_day) for _ in range(REQUESTS))
            work[officer.username] = [[save] for save in requests]
        else:
            work[officer.username] = cases_of(officer, left, photos, random, tambons)
    return work


def cases_of(
    officer: Officer, left: Iterator[Profile], photos: Iterator[int], random: Random, tambons: Tambons
) -> list[list[Save]]:
    """Take an officer's share of the cases that are left."""
    made = []
    for place in range(SHARES[officer.username]):
        profile = next(left)
        team = officer.team or ("day", "night")[place % 2]
        photo = next(photos) if officer.team and place % 2 == 0 else None
        made.append(case_saves(profile, random, tambons, f"team {team}", photo))
    return made


def tambons_of(province: str) -> Tambons:
    """Return the tambon codes of each district of a province."""
    return {
        district.code: [tambon.code for tambon in geothai.subdistricts(district.code)]
        for district in geothai.districts(province)
    }


def flat(work: Sequence[Sequence[Save]]) -> list[Save]:
    """Return the Saves of several cases in order."""
    return [save for saves in work for save in saves]
