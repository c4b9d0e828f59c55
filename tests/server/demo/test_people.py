"""The demo's people are valid records of the target group they stand for, and nobody's real number."""

from datetime import date
from random import Random
from typing import Any

import pytest

from schemas.checks import is_national_id
from schemas.records import RECORD_TYPES
from schemas.target_group import target_group_of
from server.demo.people import AGES, national_id, person

ON = date(2024, 2, 29)


def made(group: str, seed: int) -> dict[str, Any]:
    return person(Random(seed), sex=("male", "female")[seed % 2], target_group=group, on=ON, area="540101")


@pytest.mark.parametrize("group", AGES)
def test_a_person_is_of_the_group_and_a_valid_record(group: str) -> None:
    kind = RECORD_TYPES["person"]
    for seed in range(300):
        data = made(group, seed)
        assert target_group_of(data, ON.isoformat()) == group
        assert kind.load(data)[1] == {}
        assert kind.warnings(data) == {}


def test_id_numbers_begin_with_nine_and_pass_the_check() -> None:
    numbers = [national_id(Random(seed)) for seed in range(200)]
    assert all(number[0] == "9" and is_national_id(number) for number in numbers)
    assert len(set(numbers)) == 200


def test_some_have_no_id_no_exact_birth_date_or_no_telephone() -> None:
    people = [made("elderly", seed) for seed in range(300)]
    assert {data["id_type"] for data in people} == {"national_id", "none"}
    assert {data.get("birth_date_precision") for data in people} == {"day", "month", "year", None}
    assert {bool(data.get("phones")) for data in people} == {True, False}
