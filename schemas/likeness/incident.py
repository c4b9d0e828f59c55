"""How alike two incidents are: contacts, emergencies, help requests and cases, each said in its own fields."""

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from datetime import date
from math import asin, cos, radians, sin, sqrt
from typing import Any

from schemas.likeness.keys import PHONE_DIGITS_MIN
from schemas.likeness.reason import Likeness, likeness
from schemas.likeness.weights import INCIDENT, NEAR_DAYS, NEAR_METRES
from schemas.thai import bangkok_date, search_text

EARTH_RADIUS_METRES = 6_371_000

Data = Mapping[str, Any]
Position = tuple[float, float]


@dataclass(frozen=True, slots=True)
class Incident:
    """What can be compared of a record that tells of an incident."""

    phones: frozenset[str] = frozenset()
    people: frozenset[str] = frozenset()
    area: str = ""
    day: date | None = None
    position: Position | None = None
    outside_numbers: frozenset[str] = frozenset()
    causes: frozenset[str] = frozenset()


def incident_of(type_name: str, data: Data) -> Incident:
    """Return what can be compared of a record.

    :raises KeyError: for a type that tells of no incident.
    """
    return INCIDENT_TYPES[type_name](data)


def _contact(data: Data) -> Incident:
    return Incident(
        phones=_several(data.get("caller_phone")),
        area=data.get("area", ""),
        day=_day(data.get("received_on")),
        outside_numbers=_plain(data.get("outside_number")),
    )


def _emergency(data: Data) -> Incident:
    happened = data.get("happened_at")
    return Incident(
        phones=_several(data.get("reporter_phone")),
        area=data.get("area", ""),
        day=bangkok_date(happened) if happened else None,
        position=_position(data),
        causes=_several(*data.get("causes", ())),
    )


def _help_request(data: Data) -> Incident:
    return Incident(
        people=_several(data.get("applicant")),
        area=data.get("area", ""),
        day=_day(data.get("filed_on")),
        position=_position(data),
        outside_numbers=_plain(*data.get("outside_numbers", ())),
    )


def _case(data: Data) -> Incident:
    return Incident(
        phones=_several(data.get("reporter_phone")),
        people=_several(data.get("affected_person"), *data.get("people", ())),
        area=data.get("area", ""),
        day=_day(data.get("received_on")),
        outside_numbers=_plain(*data.get("outside_numbers", ())),
        causes=_several(*data.get("ess_causes", ())),
    )


INCIDENT_TYPES: Mapping[str, Callable[[Data], Incident]] = {
    "case": _case,
    "contact": _contact,
    "emergency": _emergency,
    "help_request": _help_request,
}
"""The types that tell of an incident."""


def _several(*values: str | None) -> frozenset[str]:
    return frozenset(value for value in values if value)


def _plain(*numbers: str | None) -> frozenset[str]:
    return frozenset(search_text(number) for number in numbers if number)


def _day(value: str | None) -> date | None:
    return date.fromisoformat(value) if value else None


def _position(data: Data) -> Position | None:
    if data.get("latitude") is None or data.get("longitude") is None:
        return None
    return float(data["latitude"]), float(data["longitude"])


def incident_likeness(one: Incident, other: Incident) -> Likeness:
    """Return how alike two incidents are. It is the same whichever of them comes first."""
    return likeness(_reasons(one, other), INCIDENT)


def _reasons(one: Incident, other: Incident) -> Iterator[str]:
    if one.outside_numbers & other.outside_numbers:
        yield "outside_number_same"
    if any(len(phone) >= PHONE_DIGITS_MIN for phone in one.phones & other.phones):
        yield "caller_phone_same"
    if one.people & other.people:
        yield "affected_same"
    if one.position and other.position and _metres(one.position, other.position) <= NEAR_METRES:
        yield "position_near"
    if place := _place(one.area, other.area):
        yield place
    if one.day and other.day and abs((one.day - other.day).days) <= NEAR_DAYS:
        yield "days_near"
    if one.causes & other.causes:
        yield "cause_same"


def _place(one: str, other: str) -> str | None:
    """Compare areas: one tambon is the same place, one district a hint."""
    for digits, code in ((6, "area_same"), (4, "district_same")):
        if min(len(one), len(other)) >= digits and one[:digits] == other[:digits]:
            return code
    return None


def _metres(one: Position, other: Position) -> float:
    """Return the distance over the ground (haversine)."""
    (north, east), (north_other, east_other) = ([radians(each) for each in position] for position in (one, other))
    height = sin((north_other - north) / 2) ** 2
    width = cos(north) * cos(north_other) * sin((east_other - east) / 2) ** 2
    return 2 * EARTH_RADIUS_METRES * asin(sqrt(min(1.0, height + width)))
