"""Target groups at the edges of their ages."""

import pytest

from schemas.target_group import age_on, target_group, target_group_of


@pytest.mark.parametrize(
    ("received_on", "group"),
    [
        ("2024-08-27", "child"),
        ("2024-08-28", "youth"),
        ("2032-08-27", "youth"),
        ("2032-08-28", "adult"),
        ("2066-08-27", "adult"),
        ("2066-08-28", "elderly"),
    ],
)
def test_the_group_changes_on_the_birthday(received_on: str, group: str) -> None:
    assert target_group("2006-08-28", "day", None, None, None, received_on) == group


def test_a_disability_overrides_age() -> None:
    assert target_group("1950-01-01", "day", None, True, None, "2024-08-28") == "person_with_disability"


def test_a_disability_that_began_later_does_not_count() -> None:
    assert target_group("1950-01-01", "day", None, True, "2024-08-29", "2024-08-28") == "elderly"
    assert target_group("1950-01-01", "day", None, True, "2024-08-28", "2024-08-28") == "person_with_disability"


def test_an_estimated_band_stands_in_for_a_date() -> None:
    groups = [
        target_group(None, None, band, None, None, "2024-08-28") for band in ("under_18", "18_25", "26_59", "60_over")
    ]

    assert groups == ["child", "youth", "adult", "elderly"]


def test_a_date_counts_before_a_band() -> None:
    assert target_group("1960-01-01", "year", "under_18", None, None, "2024-08-28") == "elderly"
    assert target_group("1960-01-01", "unknown", "under_18", None, None, "2024-08-28") == "child"


def test_nothing_known_gives_no_group() -> None:
    assert target_group(None, None, None, None, None, "2024-08-28") is None
    assert target_group(None, None, "unknown", False, None, "2024-08-28") is None
    assert target_group("2030-01-01", "day", None, None, None, "2024-08-28") is None


def test_a_leap_day_child_is_older_on_the_first_of_march() -> None:
    from datetime import date

    birth = date(2008, 2, 29)
    assert [age_on(birth, day) for day in (date(2026, 2, 28), date(2026, 3, 1))] == [17, 18]


def test_a_person_record_has_a_group() -> None:
    person = {"birth_date": "1990-05-01", "birth_date_precision": "day", "has_disability": False}

    assert target_group_of(person, "2024-08-28") == "adult"
