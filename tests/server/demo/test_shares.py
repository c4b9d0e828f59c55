"""The demo's work is the published cases and no more, valid as records, the same on every run."""

from collections import Counter
from typing import Any

from schemas.records import RECORD_TYPES
from server.demo.plan import Create, Photograph
from server.demo.published import phrae_2567
from server.demo.shares import SHARES, Work, dealt, flat

ANY_ID = "0192a000-0000-7000-8000-000000000000"


def steps(work: Work) -> list[Any]:
    return [step for saves in work.values() for save in flat(saves) for step in save]


def test_every_published_case_is_captured_once() -> None:
    made = Counter(step.type for step in steps(dealt(phrae_2567(), 7)) if isinstance(step, Create))
    assert sum(SHARES.values()) == 117
    assert made == {
        "case": 117,
        "person": 126,
        "help_request": 9,
        "visit": made["visit"],
        "assistance": made["assistance"],
        "referral": 14,
    }
    assert made["visit"] >= 50
    assert made["assistance"] == 39


def test_forty_photos_are_taken_each_once() -> None:
    numbers = [step.photo for step in steps(dealt(phrae_2567(), 7)) if isinstance(step, Photograph)]
    assert sorted(numbers) == list(range(1, 41))


def test_the_same_seed_deals_the_same_work() -> None:
    assert dealt(phrae_2567(), 7) == dealt(phrae_2567(), 7)
    assert dealt(phrae_2567(), 7) != dealt(phrae_2567(), 8)


def test_everything_captured_is_valid_but_for_what_the_device_fills_in() -> None:
    for step in steps(dealt(phrae_2567(), 7)):
        if isinstance(step, Create):
            data = {name: ANY_ID if str(value).startswith("@") else value for name, value in step.data.items()}
            kind = RECORD_TYPES[step.type]
            errors = kind.load(data)[1]
            assert set(errors) <= {"reference_number"}, (step, errors)
