"""The workload of every measurement: visits of 12 fields and about 600 bytes, their Thai text from many sentences."""

import uuid
from collections.abc import Iterator
from datetime import date, timedelta
from random import Random
from typing import Any

import msgspec

from server.demo.narrative import short_sentences

SENTENCES_MIN = 2_000
FIELDS = 12
BYTES = range(550, 701)


def pool() -> list[str]:
    """Return distinct sentences; a compressor or an index that knows one does not know the next."""
    found = list(short_sentences())
    assert len(set(found)) >= SENTENCES_MIN
    return found


def visits(count: int, cases: list[str], seed: int = 1) -> Iterator[dict[str, Any]]:
    """Yield the data of visits, spread over cases."""
    random = Random(seed)
    narratives = pool()
    for number in range(count):
        yield visit(random, narratives, cases[number % len(cases)], number)


def visit(random: Random, narratives: list[str], case: str, number: int) -> dict[str, Any]:
    """Return one visit."""
    day = date(2024, 2, 1) + timedelta(days=number % 200)
    data = {
        "case": case,
        "visited_on": day.isoformat(),
        "kind": random.choice(("field_visit", "home_visit", "follow_up")),
        "people_met": random.choice(("ผู้ประสบปัญหา", "ครอบครัว", "เพื่อนบ้าน")),
        "narrative": random.choice(narratives),
        "hardship": sorted(random.sample(("debt", "illness", "low_income", "no_carer"), 1)),
        "latitude": round(18 + random.random(), 6),
        "longitude": round(100 + random.random(), 6),
        "accuracy_m": random.randrange(3, 80),
        "operation": random.choice(("give_help", "coordinate", "give_advice")),
        "duration_minutes": random.randrange(10, 180),
        "next_visit_on": (day + timedelta(days=14)).isoformat(),
    }
    assert len(data) == FIELDS
    return data


def mean_bytes(made: list[dict[str, Any]]) -> float:
    """Return the mean size as JSON; the workload is not the agreed one when it is far from 600."""
    mean = sum(len(msgspec.json.encode(each)) for each in made) / len(made)
    assert int(mean) in BYTES, mean
    return mean


def new_id(random: Random, number: int) -> str:
    """Return a UUIDv7 with increasing time, as a device mints them."""
    return str(uuid.UUID(int=(1_700_000_000_000 + number) << 80 | 0x7 << 76 | 0b10 << 62 | random.getrandbits(62)))
