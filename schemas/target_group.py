"""The target group of a person on a day: derived, never typed.

The age bands, and that a disability overrides them, are assumptions: S4 prints the groups and not their limits.
"""

from collections.abc import Mapping
from datetime import date
from typing import Any

YOUTH_FROM, ADULT_FROM, ELDERLY_FROM = 18, 26, 60

_OF_BAND = {"under_18": "child", "18_25": "youth", "26_59": "adult", "60_over": "elderly"}


def age_on(birth_date: date, day: date) -> int:
    """Return completed years; who was born on 29 February has a birthday on 1 March in other years."""
    return day.year - birth_date.year - ((day.month, day.day) < (birth_date.month, birth_date.day))


def group_of_age(years: int) -> str:
    """Return the group of an age in completed years."""
    if years < YOUTH_FROM:
        return "child"
    if years < ADULT_FROM:
        return "youth"
    return "adult" if years < ELDERLY_FROM else "elderly"


def target_group(
    birth_date: str | None,
    precision: str | None,
    age_band: str | None,
    has_disability: bool | None,  # noqa: FBT001  # a stored value, not a switch
    disability_since: str | None,
    received_on: str,
) -> str | None:
    """Return the group on the intake date, or ``None`` when neither age nor disability is known.

    A disability counts when it began on or before that day, or when nobody wrote since when. A birth date of which only
    the year or month is known counts from its first day; a band stands in only where there is no date.
    """
    if has_disability and (not disability_since or disability_since <= received_on):
        return "person_with_disability"
    if birth_date and precision != "unknown":
        years = age_on(date.fromisoformat(birth_date), date.fromisoformat(received_on))
        return group_of_age(years) if years >= 0 else None
    return _OF_BAND.get(age_band or "")


def target_group_of(person: Mapping[str, Any], received_on: str) -> str | None:
    """Return the group of a person record on an intake date."""
    return target_group(
        person.get("birth_date"),
        person.get("birth_date_precision"),
        person.get("age_band"),
        person.get("has_disability"),
        person.get("disability_since"),
        received_on,
    )
