"""Two records that tell of an incident: how alike they are."""

from collections.abc import Iterator
from datetime import date, timedelta
from math import atan2, cos, radians, sin, sqrt

from schemas.likeness import incident_likeness, incident_of
from schemas.likeness.weights import INCIDENT
from schemas.thai import search_text
from tests.vectors.dice import Dice
from tests.vectors.families.people import AREAS, PHONES, said
from tests.vectors.family import Drawn, Family, Json, agree

INCIDENTS = ("case", "contact", "emergency", "help_request")


def incident(dice: Dice, kind: str, like: Json) -> Json:
    ids = [f"0192f0c1-0000-7000-8000-0000000000{number:02d}" for number in range(4)]
    phone, day = dice.pick(PHONES), (date(2026, 11, 20) + timedelta(days=dice.below(8))).isoformat()
    area, outside = dice.pick(AREAS), dice.pick(("1300-1", " 1300-๑", "ESS 7", "ess  7"))
    causes = sorted(dice.some(("threat_or_assault", "unlawful_confinement", "sexual_abuse_risk"), 0, 2))
    here = (18.14 + dice.below(40) / 4000, 100.14 + dice.below(40) / 4000)
    filled: Json = {
        "contact": {"caller_phone": phone, "received_on": day, "outside_number": outside, "area": area},
        "emergency": {
            "reporter_phone": phone, "happened_at": f"{day}T1{dice.between(6, 7)}:30:00.000Z", "area": area,
            "causes": causes,
            "latitude": here[0], "longitude": here[1],
        },
        "help_request": {
            "applicant": dice.pick(ids), "filed_on": day, "area": area, "outside_numbers": [outside],
            "latitude": here[0], "longitude": here[1],
        },
        "case": {
            "reporter_phone": phone, "affected_person": dice.pick(ids), "people": dice.some(ids, 0, 2),
            "received_on": day,
            "area": area, "outside_numbers": [outside], "ess_causes": causes,
        },
    }[kind]  # fmt: skip
    drawn = {name: value for name, value in filled.items() if value != [] and dice.chance(80)}
    return {**drawn, **{name: like[name] for name in like if name in filled and dice.chance(30)}}


def draw_incidents(dice: Dice) -> Iterator[Drawn]:
    for _ in range(150):
        one, other = dice.pick(INCIDENTS), dice.pick(INCIDENTS)
        first = incident(dice, one, {})
        yield f"{one} and {other}", {
            "one": {"type": one, "data": first}, "other": {"type": other, "data": incident(dice, other, first)}
        }  # fmt: skip


def run_incident(given: Json) -> Json:
    return said(
        incident_likeness(*(incident_of(each["type"], each["data"]) for each in (given["one"], given["other"])))
    )


def check_incident(given: Json, expect: Json) -> None:
    agree(run_incident({"one": given["other"], "other": given["one"]}), expect)
    agree(expect["score"], min(100, sum(INCIDENT[code] for code in expect["reasons"])))
    one, other = given["one"]["data"], given["other"]["data"]
    codes = []
    numbers_of = [{search_text(each) for each in [*data.get("outside_numbers", []), data.get("outside_number", "")]
        if each}
                  for data in (one, other)]  # fmt: skip
    codes += ["outside_number_same"] if numbers_of[0] & numbers_of[1] else []
    phones = [data.get("caller_phone") or data.get("reporter_phone") for data in (one, other)]
    codes += ["caller_phone_same"] if phones[0] and phones[0] == phones[1] and len(phones[0]) > 7 else []
    people = [
        {*data.get("people", []), data.get("affected_person"), data.get("applicant")} - {None} for data in (one, other)
    ]
    codes += ["affected_same"] if people[0] & people[1] else []
    places = [(data["latitude"], data["longitude"]) for data in (one, other) if {"latitude", "longitude"} <= set(data)]
    codes += ["position_near"] if len(places) == 2 and metres(*places) <= 500 else []
    areas = [data.get("area", "") for data in (one, other)]
    for digits, code in ((6, "area_same"), (4, "district_same")):
        if areas[0][:digits] == areas[1][:digits] and min(map(len, areas)) >= digits:
            codes.append(code)
            break
    days = [bangkok_day(data) for data in (one, other)]
    codes += ["days_near"] if all(days) and abs((days[0] - days[1]).days) <= 3 else []  # type: ignore[operator]
    causes = [{*data.get("causes", []), *data.get("ess_causes", [])} for data in (one, other)]
    codes += ["cause_same"] if causes[0] & causes[1] else []
    agree(expect["reasons"], codes)


def bangkok_day(data: Json) -> date | None:
    day = data.get("received_on") or data.get("filed_on")
    if not day and "happened_at" in data:
        late = int(data["happened_at"][11:13]) >= 17
        return date.fromisoformat(data["happened_at"][:10]) + timedelta(days=late)
    return date.fromisoformat(day) if day else None


def metres(one: tuple[float, float], other: tuple[float, float]) -> float:
    """Return the distance by the vectors of both places, not by the haversine."""
    points = []
    for north, east in (one, other):
        points.append(
            (cos(radians(north)) * cos(radians(east)), cos(radians(north)) * sin(radians(east)), sin(radians(north)))
        )
    (a, b, c), (x, y, z) = points
    cross = sqrt((b * z - c * y) ** 2 + (c * x - a * z) ** 2 + (a * y - b * x) ** 2)
    return 6_371_000 * atan2(cross, a * x + b * y + c * z)


INCIDENT_LIKENESS = Family(
    name="incident_likeness",
    side="client",
    function="schemas.likeness: incident_of, incident_likeness",
    about="Two records that tell of an incident (case, contact, emergency, help_request), in stored form: how alike "
    "they are and "
    "why, as in person_likeness. Near is within 500 metres over the ground, and within 3 days in Bangkok.",
    draw=draw_incidents,
    run=run_incident,
    sorts=lambda given, expect: [*expect["reasons"], given["one"]["type"]] if expect["reasons"] else ["nothing alike"],
    check=check_incident,
    classes=frozenset({*INCIDENT, "nothing alike", *INCIDENTS}),
)
