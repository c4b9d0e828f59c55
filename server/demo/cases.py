"""What is captured in the field: cases with their people, visits, help given and photos; and volunteers' requests."""

from collections.abc import Mapping, Sequence
from datetime import date
from random import Random
from typing import Any

from server.demo.narrative import narrative, sentence
from server.demo.people import person
from server.demo.plan import Create, Photograph, Save
from server.demo.profiles import Profile

PHOTO_KINDS = ("house_outside", "house_inside", "hardship", "family")
DANGERS = ("มีสุนัขดุหน้าบ้าน", "เคยใช้ความรุนแรงในครอบครัว อย่าไปคนเดียว", "ห้ามบอกว่าใครแจ้ง")
GOODS = "ถุงยังชีพ ข้าวสาร และเครื่องนุ่งห่ม"

Tambons = Mapping[str, Sequence[str]]
"""District -> its tambon codes."""


def case_saves(profile: Profile, random: Random, tambons: Tambons, team: str, photo: int | None) -> list[Save]:
    """Return the presses of Save for one case: at intake, then at the visit if there was one."""
    area = random.choice(tambons[profile.district])
    saves = [intake(profile, random, area, team)]
    if photo is not None or profile.number % 2:
        saves.append(visit(profile, random, photo))
    if profile.number % 3 == 0:
        saves.append([assistance(profile, random)])
    if profile.number % 8 == 0:
        saves.append([referral(profile)])
    return saves


def intake(profile: Profile, random: Random, area: str, team: str) -> Save:
    """Return the Save that records a case and its affected person together."""
    number = profile.number
    affected = person(random, sex=profile.sex, target_group=profile.target_group, on=profile.received_on, area=area)
    return [
        Create(f"person {number}", "person", affected),
        Create(f"case {number}", "case", case(profile, random, area, team)),
    ]


def case(profile: Profile, random: Random, area: str, team: str) -> dict[str, Any]:
    """Return the fields of a case."""
    dangers = {"danger_notes": random.choice(DANGERS)} if profile.number % 10 == 0 else {}
    return {
        "received_on": profile.received_on.isoformat(),
        "intake_channel": profile.channel,
        "intake_district": profile.district,
        "area": area,
        "team": f"@{team}",
        "affected_person": f"@person {profile.number}",
        "problems": sorted(profile.problems),
        "primary_problem": profile.problems[0],
        "urgency": "most_urgent" if "violence" in profile.problems else random.choice(("normal", "urgent")),
        "status": "in_progress",
        "summary": narrative(random),
        **dangers,
    }


def visit(profile: Profile, random: Random, photo: int | None) -> Save:
    """Return the Save of a visit with its photo. Nobody types when it was: device and centre work that out."""
    number = profile.number
    made: Save = [
        Create(
            f"visit {number}",
            "visit",
            {
                "case": f"@case {number}",
                "kind": random.choice(("field_visit", "home_visit")),
                "narrative": narrative(random, count=3),
                "latitude": round(18.14 + random.random() / 4, 5),
                "longitude": round(100.14 + random.random() / 4, 5),
                "accuracy_m": random.randrange(4, 40),
                "operation": random.choice(("give_help", "coordinate", "give_advice")),
            },
        )
    ]
    if photo is not None:
        made.append(Photograph(f"photo {photo}", f"visit {number}", photo, random.choice(PHOTO_KINDS)))
    return made


def assistance(profile: Profile, random: Random) -> Create:
    """Return money or goods given in a case."""
    given: dict[str, Any] = {"kind": "goods", "goods": GOODS}
    if profile.number % 2:
        given = {"kind": "money", "fund": "emergency_social", "amount_satang": random.randrange(10, 31) * 10_000}
    names = {"case": f"@case {profile.number}", "person": f"@person {profile.number}"}
    return Create(f"assistance {profile.number}", "assistance", {**names, "operation": "give_help", **given})


def referral(profile: Profile) -> Create:
    """Return a referral of a case to a hospital."""
    said = {"agency_kind": "hospital", "to_agency_name": "โรงพยาบาลประจำอำเภอ", "status": "sent"}
    return Create(f"referral {profile.number}", "referral", {"case": f"@case {profile.number}", **said})


def request_save(number: int, random: Random, village: str, on: date) -> Save:
    """Return a volunteer's help request with its applicant and photo of the same number. It opens no case."""
    sex = random.choice(("male", "female"))
    applicant = person(random, sex=sex, target_group="elderly", on=on, area=village)
    return [
        Create(f"applicant {number}", "person", applicant),
        Create(
            f"request {number}",
            "help_request",
            {
                "area": village,
                "applicant": f"@applicant {number}",
                "applicant_kind": "elderly",
                "hardship": ["low_income", "no_carer"],
                "hardship_note": sentence(random),
                "help_asked": ["goods", "money"],
                "amount_asked_satang": 200_000,
                "certified": True,
                "confirmed": True,
                "visit_narrative": narrative(random),
            },
        ),
        Photograph(f"photo {number}", f"request {number}", number, "house_outside"),
    ]
