"""What is derived of a person or a request, and never typed."""

from collections.abc import Iterator
from datetime import date, timedelta
from typing import Any

from schemas.records.help_request import status_of, unanswered_returns
from schemas.target_group import age_on, target_group_of
from tests.vectors.dice import Dice
from tests.vectors.family import Drawn, Family, Json, agree

BIRTHS = (
    "2008-02-29",
    "2004-02-29",
    "2000-11-23",
    "2008-11-23",
    "2008-11-24",
    "1966-11-23",
    "1966-11-24",
    "2026-11-23",
    "2027-01-01",
)
DAYS = ("2026-11-23", "2026-02-28", "2024-02-29", "2026-03-01", "2022-02-28", "2026-11-22")


def draw_groups(dice: Dice) -> Iterator[Drawn]:
    for birth in BIRTHS:
        for day in DAYS:
            yield "at a birthday", {"person": {"birth_date": birth, "birth_date_precision": "day"}, "on": day}
    for _ in range(130):
        known: Json = {
            "birth_date": (date(1920, 1, 1) + timedelta(days=dice.below(39_000))).isoformat(),
            "birth_date_precision": dice.pick(("day", "month", "year", "unknown")),
            "age_band": dice.pick(("under_18", "18_25", "26_59", "60_over", "unknown")),
            "has_disability": dice.chance(40),
            "disability_since": f"20{dice.between(20, 29)}-0{dice.between(1, 9)}-01",
        }
        kept = {name: value for name, value in known.items() if dice.chance(60)}
        yield "drawn", {"person": kept, "on": dice.pick(DAYS)}


def run_group(given: Json) -> Json:
    birth = given["person"].get("birth_date")
    age = age_on(date.fromisoformat(birth), date.fromisoformat(given["on"])) if birth else None
    return {"target_group": target_group_of(given["person"], given["on"]), "age": age}


def check_group(given: Json, expect: Json) -> None:
    who, on = given["person"], given["on"]
    birth = who.get("birth_date")
    age = None
    if birth:  # years as decimal numbers: 20261123 - 20081124 is 179999, so 17
        age = (int(on.replace("-", "")) - int(birth.replace("-", ""))) // 10_000
    agree(expect["age"], age)
    disabled = who.get("has_disability") is True and who.get("disability_since", "") <= on
    bands = {"under_18": "child", "18_25": "youth", "26_59": "adult", "60_over": "elderly"}
    if disabled:
        wanted: Any = "person_with_disability"
    elif birth and who.get("birth_date_precision") != "unknown":
        wanted = None if age < 0 else next(  # type: ignore[operator]
            name for name, below in (("child", 18), ("youth", 26), ("adult", 60), ("elderly", 999)) if age < below  # type: ignore[operator]
        )  # fmt: skip
    else:
        wanted = bands.get(who.get("age_band", ""))
    agree(expect["target_group"], wanted)


TARGET_GROUP = Family(
    name="target_group",
    side="client",
    function="schemas.target_group: target_group_of, age_on",
    about="The target group of a person record on an intake date, null when nothing is known; and the age in "
    "completed years by "
    "birth_date (who was born on 29 February has a birthday on 1 March in other years), null without one.",
    draw=draw_groups,
    run=run_group,
    sorts=lambda given, expect: [str(expect["target_group"]), "before birth" if (expect["age"] or 0) < 0 else "born"],
    check=check_group,
    classes=frozenset({"child", "youth", "adult", "elderly", "person_with_disability", "None", "before birth"}),
)


def draw_requests(dice: Dice) -> Iterator[Drawn]:
    ids = [f"0192f0c1-0000-7000-8000-0000000000{number:02d}" for number in range(5)]
    yield "nothing yet", {"data": {}}
    for _ in range(40):
        log = [
            {"id": each, "status": dice.pick(("submitted", "received", "in_progress", "assisted"))}
            for each in dice.some(ids)
        ]
        returned = [{"id": each, "field": "history"} for each in dice.some(ids)]
        answers = [{"id": dice.uuid(), "returned": each} for each in dice.some(ids, 0, 3)]
        data = {"status_log": log, "returned_fields": returned, "return_answers": answers}
        yield "drawn", {"data": {name: value for name, value in data.items() if value}}


def run_request(given: Json) -> Json:
    return {
        "status": status_of(given["data"]),
        "unanswered": [each["id"] for each in unanswered_returns(given["data"])],
    }


def check_request(given: Json, expect: Json) -> None:
    data = given["data"]
    agree(expect["status"], [{"status": "submitted"}, *data.get("status_log", [])][-1]["status"])
    answered = [each["returned"] for each in data.get("return_answers", [])]
    agree(expect["unanswered"], [each["id"] for each in data.get("returned_fields", []) if each["id"] not in answered])


REQUEST_STATUS = Family(
    name="request_status",
    side="client",
    function="schemas.records.help_request: status_of, unanswered_returns",
    about="A help request: its status (the last row of status_log, submitted before there is one) and the ids of the "
    "entries of "
    "returned_fields that no entry of return_answers names.",
    draw=draw_requests,
    run=run_request,
    sorts=lambda given, expect: [
        "no log" if "status_log" not in given["data"] else "a log",
        "unanswered" if expect["unanswered"] else "all answered"
    ],
    check=check_request,
    classes=frozenset({"no log", "a log", "unanswered", "all answered"}),
)  # fmt: skip
