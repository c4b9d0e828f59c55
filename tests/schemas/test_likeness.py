"""How alike people and incidents are: symmetric, deaf to titles, patient with one slip, silent about the unnamed."""

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from schemas.likeness import (
    ALIKE_ENOUGH,
    INCIDENTS_ALIKE_ENOUGH,
    SAID_BY_OFFICER,
    incident_likeness,
    incident_of,
    person_keys,
    person_likeness,
)
from schemas.likeness.weights import INCIDENT, PERSON
from schemas.messages import LANGUAGES, catalogue
from schemas.records import RECORD_TYPES
from schemas.thai import TITLES

NAMES = (
    "มะลิ",
    "มลิ",
    "สมชาย",
    "สมชัย",
    "ใจดี",
    "จัยดี",
    "ศรีสุข",
    "ศรีสุกข์",
    "กรรณิการ์",
    "กันนิกา",
    "ชายไม่ทราบชื่อ",
    "John",
    "น้ำ",
    "นํา้",
)
PHONES = ("0812345678", "0898765432", "1300")


def people() -> st.SearchStrategy[dict[str, Any]]:
    """Give people with any part of them unknown."""
    date = st.dates().map(
        lambda day: day.replace(year=1900 + day.year % 120).isoformat() if day.day < 29 else "1990-01-01"
    )
    some = {
        "first_name": st.one_of(st.sampled_from(NAMES), st.text(max_size=12)),
        "last_name": st.one_of(st.sampled_from(NAMES), st.text(max_size=12)),
        "id_number": st.one_of(st.from_regex("9[0-9]{11,12}", fullmatch=True), st.just("AB1234567")),
        "phones": st.lists(st.sampled_from(PHONES), max_size=2, unique=True),
        "address_area": st.sampled_from(("54", "5401", "540101", "54010101", "54010102")),
        "house_number": st.sampled_from(("12/3", "๑๒/๓ หมู่ 5", "99", "ริมคลอง", "-")),
        "birth_date": date,
        "birth_date_precision": st.sampled_from(("day", "month", "year", "unknown")),
        "age_band": st.sampled_from(("under_18", "18_25", "26_59", "60_over", "unknown")),
        "sex": st.sampled_from(("male", "female", "unknown")),
    }
    return st.fixed_dictionaries({}, optional=some)


ID_NUMBER = st.from_regex("9[0-9]{12}", fullmatch=True)


def codes(one: dict[str, Any], other: dict[str, Any]) -> list[str]:
    return [reason.code for reason in person_likeness(one, other).reasons]


# --- people


@given(people(), people())
def test_it_is_the_same_whichever_of_two_people_comes_first(one: dict[str, Any], other: dict[str, Any]) -> None:
    found = person_likeness(one, other)
    assert found == person_likeness(other, one)
    assert 0 <= found.score <= 100


@given(people())
def test_every_key_fits_its_column(person: dict[str, Any]) -> None:
    assert all(0 < len(key) <= 80 for key in person_keys(person))


@given(ID_NUMBER, st.integers(0, 12), st.integers(0, 9))
def test_one_wrong_digit_always_meets_and_is_shown_with_a_fitting_name(number: str, at: int, digit: int) -> None:
    slipped = number[:at] + str(digit) + number[at + 1 :]
    one, other = {"id_number": number}, {"id_number": slipped}
    assert person_keys(one) & person_keys(other)
    assert codes(one, other) == (["id_same"] if slipped == number else ["id_one_digit"])
    named = person_likeness({**one, "first_name": "มะลิ"}, {**other, "first_name": "มลิ"})
    assert named.score >= ALIKE_ENOUGH


@given(ID_NUMBER, st.integers(0, 12))
def test_a_missing_digit_always_meets(number: str, at: int) -> None:
    one, other = {"id_number": number}, {"id_number": number[:at] + number[at + 1 :]}
    assert person_keys(one) & person_keys(other)
    assert codes(one, other) == ["id_one_digit"]


@given(ID_NUMBER, st.integers(0, 11))
def test_two_neighbouring_digits_that_changed_places_always_meet(number: str, at: int) -> None:
    swapped = number[:at] + number[at + 1] + number[at] + number[at + 2 :]
    one, other = {"id_number": number}, {"id_number": swapped}
    assert person_keys(one) & person_keys(other)
    assert codes(one, other) == (["id_same"] if swapped == number else ["id_digits_swapped"])


@given(st.sampled_from([name for name in NAMES if "ไม่ทราบ" not in name]), st.sampled_from(TITLES))
def test_a_title_before_the_name_does_not_matter(name: str, title: str) -> None:
    titled = {"first_name": f"{title} {name}", "last_name": "ใจดี"}
    assert person_keys(titled) == person_keys({"first_name": name, "last_name": "ใจดี"})
    assert codes(titled, {"first_name": name, "last_name": "ใจดี"}) == ["name_same"]


@pytest.mark.parametrize(("one", "other"), [("ศรีสุข", "ศรีสุกข์"), ("กรรณิการ์", "กันนิกา"), ("น้ำ", "นํ้า"), ("เเดง", "แดง")])
def test_names_that_sound_the_same_meet(one: str, other: str) -> None:
    assert person_keys({"first_name": one}) & person_keys({"first_name": other})
    assert codes({"first_name": one}, {"first_name": other})[0] in ("first_name_alike", "first_name_same")


def test_the_two_sound_keys_disagree_usefully() -> None:
    shared = person_keys({"first_name": "สมชาย"}) & person_keys({"first_name": "สมชัย"})
    assert shared == {"sound:udom83:ส072000"}


def test_a_name_in_one_field_is_the_same_name() -> None:
    whole = {"first_name": "นายสมชาย ใจดี"}
    assert codes(whole, {"first_name": "สมชาย", "last_name": "ใจดี"}) == ["name_same"]


def test_first_and_last_name_in_each_others_place_meet() -> None:
    one, other = {"first_name": "สมชาย", "last_name": "ใจดี"}, {"first_name": "ใจดี", "last_name": "สมชาย"}
    assert {key for key in person_keys(one) & person_keys(other) if key.startswith("names:")}
    assert codes(one, other) == ["name_swapped"]


@pytest.mark.parametrize("unnamed", ["ชายไม่ทราบชื่อ", "หญิงไม่ทราบชื่อ", "ไม่ทราบ", "Unknown", "-", "๑", "นายไม่ทราบชื่อ"])
def test_unnamed_people_never_match_one_another_by_name(unnamed: str) -> None:
    nobody = {"first_name": unnamed, "nickname_or_mark": "เสื้อแดง"}
    assert person_keys(nobody) == frozenset()
    assert person_likeness(nobody, nobody) == person_likeness({}, {})
    assert person_likeness({}, {}).score == 0


def test_one_id_number_is_always_shown_however_much_speaks_against_it() -> None:
    one = {"id_number": "9123456789012", "first_name": "มะลิ", "sex": "female", "birth_date": "1960-01-01"}
    other = {"id_number": "9123456789012", "first_name": "ทองดี", "sex": "male", "birth_date": "1999-01-01"}
    assert person_likeness(one, other).score == ALIKE_ENOUGH
    assert codes(one, other) == ["id_same", "first_name_differs", "birth_differs", "sex_differs"]


def test_a_family_under_one_roof_is_not_one_person() -> None:
    home = {"last_name": "ใจดี", "phones": ["0812345678"], "address_area": "54010101", "house_number": "12"}
    wife, husband = {**home, "first_name": "มะลิ", "sex": "female"}, {**home, "first_name": "ทองดี", "sex": "male"}
    assert person_keys(wife) & person_keys(husband)
    assert person_likeness(wife, husband).score < ALIKE_ENOUGH


def test_a_person_who_gets_their_id_later_is_found_by_name_and_house() -> None:
    before = {"first_name": "นางมะลิ", "last_name": "ศรีสุข", "address_area": "540101", "house_number": "๑๒/๓ หมู่ 5"}
    later = {"first_name": "มะลิ", "last_name": "ศรีสุกข์", "id_number": "9123456789012",
             "address_area": "54010105", "house_number": "12/3"}  # fmt: skip
    assert person_likeness(before, later).score >= ALIKE_ENOUGH
    assert codes(before, later) == ["first_name_same", "last_name_alike", "house_same"]


def test_two_villages_of_one_tambon_are_not_one_house() -> None:
    one, other = ({"address_area": area, "house_number": "12"} for area in ("54010101", "54010102"))
    assert codes(one, other) == []


@pytest.mark.parametrize(
    ("one", "other", "found"),
    [
        (("1967-05-01", "day"), ("1967-05-01", "day"), ["birth_same"]),
        (("1967-05-01", "day"), ("1967-05-01", "month"), ["birth_fits"]),
        (("1967-01-01", "year"), ("1967-05-20", "day"), ["birth_fits"]),
        (("1967-01-01", "year"), ("1968-05-20", "day"), []),
        (("1967-01-01", "year"), ("1975-05-20", "day"), ["birth_differs"]),
        (("1967-05-01", "day"), ("1967-05-02", "day"), ["birth_differs"]),
        (("1967-05-01", "unknown"), ("1990-05-01", "day"), []),
    ],
)
def test_birth_dates_are_compared_as_far_as_they_are_known(
    one: tuple[str, str], other: tuple[str, str], found: list[str]
) -> None:
    born = [{"birth_date": day, "birth_date_precision": precision} for day, precision in (one, other)]
    assert codes(*born) == found


def test_estimated_ages_far_apart_speak_against_it() -> None:
    child, neighbour, old = ({"age_band": band} for band in ("under_18", "18_25", "60_over"))
    assert [codes(child, each) for each in (child, neighbour, old)] == [["age_same"], [], ["age_differs"]]


def test_a_hotline_is_nobodys_telephone() -> None:
    assert codes({"phones": ["1300"]}, {"phones": ["1300"]}) == []
    assert person_keys({"phones": ["1300"]}) == frozenset()


# --- incidents


CALL = {"channel": "hotline_1300", "received_on": "2026-11-20", "area": "540101", "outside_number": "1300-๕๖"}
ALARM = {"causes": ["threat_or_assault"], "happened_at": "2026-11-20T20:00:00.000Z", "area": "54010102",
         "latitude": 18.1446, "longitude": 100.1403}  # fmt: skip
REQUEST = {"area": "54010105", "filed_on": "2026-11-22", "latitude": 18.1450, "longitude": 100.1400}
CASE = {
    "received_on": "2026-11-20",
    "area": "5401",
    "outside_numbers": ["1300-56"],
    "ess_causes": ["threat_or_assault"],
}


@pytest.mark.parametrize(
    ("one", "other", "found"),
    [
        (("contact", CALL), ("emergency", ALARM), ["area_same", "days_near"]),
        (("emergency", ALARM), ("help_request", REQUEST), ["position_near", "area_same", "days_near"]),
        (("contact", CALL), ("case", CASE), ["outside_number_same", "district_same", "days_near"]),
        (("emergency", ALARM), ("case", CASE), ["district_same", "days_near", "cause_same"]),
        (("contact", CALL), ("contact", {"received_on": "2026-11-24", "area": "500101"}), []),
    ],
)
def test_reports_of_one_incident_are_alike_for_reasons(
    one: tuple[str, Any], other: tuple[str, Any], found: list[str]
) -> None:
    mine, theirs = incident_of(*one), incident_of(*other)
    likeness = incident_likeness(mine, theirs)
    assert [reason.code for reason in likeness.reasons] == found
    assert likeness == incident_likeness(theirs, mine)
    assert (likeness.score >= INCIDENTS_ALIKE_ENOUGH) == bool(found)


def test_the_same_caller_and_the_same_person_speak_for_it() -> None:
    person = "0192f0c4-7b7a-7cc1-8a11-000000000001"
    call = incident_of("contact", {"caller_phone": "0812345678"})
    case = incident_of("case", {"reporter_phone": "0812345678", "affected_person": person})
    request = incident_of("help_request", {"applicant": person})
    assert [reason.code for reason in incident_likeness(call, case).reasons] == ["caller_phone_same"]
    assert [reason.code for reason in incident_likeness(request, case).reasons] == ["affected_same"]


# --- texts and declarations


@pytest.mark.parametrize("language", LANGUAGES)
def test_every_reason_has_a_text(language: str) -> None:
    said = {key.partition(".")[2] for key in catalogue(language) if key.startswith("likeness.")}
    assert said == {*PERSON, *INCIDENT, SAID_BY_OFFICER}


def test_only_declared_fields_are_compared() -> None:
    """Whoever renames a field must come here too."""
    person = RECORD_TYPES["person"].fields
    named = ("first_name", "last_name", "id_number", "phones", "address_area", "house_number", "registered_area",
             "registered_house_number", "birth_date", "birth_date_precision", "age_band", "sex")  # fmt: skip
    assert [name for name in named if name not in person] == []
    of_incidents = {
        "contact": ("caller_phone", "area", "received_on", "outside_number"),
        "emergency": ("reporter_phone", "area", "happened_at", "latitude", "longitude", "causes"),
        "help_request": ("applicant", "area", "filed_on", "latitude", "longitude", "outside_numbers"),
        "case": ("reporter_phone", "affected_person", "people", "area", "received_on", "outside_numbers", "ess_causes"),
    }
    unknown = [name for kind, names in of_incidents.items() for name in names if name not in RECORD_TYPES[kind].fields]
    assert unknown == []
