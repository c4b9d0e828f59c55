"""How long the provincial report takes over a large store, for a small province and for the largest."""

from collections.abc import Iterator
from datetime import date, timedelta
from random import Random
from statistics import median
from typing import Any

from sqlalchemy import Engine, insert

from server.models.engine import reading, writing
from server.models.sync_tables import record
from server.reports.counting import Period, count
from tests.bench.measure import Result, timed
from tests.bench.workload import new_id

YEAR = Period(date(2023, 10, 1), date(2024, 9, 30))
BANGKOK, BANGKOK_SHARE = "10", 0.63
PHRAE = "54"
ROUNDS = 5
PROBLEMS = ("income_livelihood", "rights_welfare_law", "violence")


def measure(engine: Engine, cases: int) -> list[Result]:
    """Fill the store with cases of a year, then count."""
    fill(engine, cases)
    return [
        Result(f"report of Phrae, store of {cases:,} cases", milliseconds(engine, PHRAE), "ms", "< 300"),
        Result(f"report of Bangkok (63 %), store of {cases:,} cases", milliseconds(engine, BANGKOK), "ms", "< 300"),
    ]


def milliseconds(engine: Engine, province: str) -> float:
    """Return the median time of one report."""
    took: list[float] = []
    for _ in range(ROUNDS):
        with timed(took), reading(engine) as connection:
            count(connection, province, YEAR)
    return median(took) * 1000


def fill(engine: Engine, cases: int) -> None:
    """Insert cases and their people as a push would have left them."""
    with writing(engine) as connection:
        rows = list(stored(cases))
        for start in range(0, len(rows), 10_000):
            connection.execute(insert(record), rows[start : start + 10_000])


def stored(cases: int) -> Iterator[dict[str, Any]]:
    """Yield the rows of that many cases, each after its affected person."""
    random = Random(cases)
    for number in range(cases):
        person, case = new_id(random, 2 * number), new_id(random, 2 * number + 1)
        yield row(person, "person", affected(random))
        yield row(case, "case", received(random, person, YEAR.first + timedelta(days=number * 366 // cases)))


def row(id_: str, type_: str, data: dict[str, Any]) -> dict[str, Any]:
    """Return one row of the record table."""
    versions = {"version": 1, "created": 1, "field_versions": {}, "by_others": []}
    return {"id": id_, "type": type_, "owner": "bench", "data": data, "own_buckets": [], **versions}


def affected(random: Random) -> dict[str, Any]:
    """Return a person."""
    born = date.fromordinal(random.randrange(date(1935, 1, 1).toordinal(), date(2023, 1, 1).toordinal()))
    return {
        "first_name": "สมชาย",
        "last_name": "ใจดี",
        "sex": random.choice(("male", "female")),
        "birth_date": born.isoformat(),
        "birth_date_precision": "day",
        "has_disability": random.random() < 0.3,
    }


def received(random: Random, person: str, day: date) -> dict[str, Any]:
    """Return a case received on a day, which is about when its record was made."""
    province = BANGKOK if random.random() < BANGKOK_SHARE else f"{random.randrange(11, 97)}"
    district = f"{province}{random.randrange(1, 12):02d}"
    return {
        "received_on": day.isoformat(),
        "intake_channel": random.choice(("hotline_1300", "ess_line_oa", "walk_in")),
        "intake_district": district,
        "area": district,
        "affected_person": person,
        "problems": sorted(random.sample(PROBLEMS, 2 if random.random() < 0.03 else 1)),
        "summary": "ข้อเท็จจริงเบื้องต้น" * 20,
    }
