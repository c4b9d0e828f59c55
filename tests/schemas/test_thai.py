"""Thai text and Thai dates."""

from datetime import UTC, date, datetime

import pytest
from hypothesis import given

from schemas.thai import (
    bangkok_date,
    fiscal_year,
    fiscal_year_start,
    parse_thai_date,
    search_text,
    stored_text,
    thai_date,
    without_title,
)
from tests.schemas.strategies import rough_texts


def test_a_decomposed_sara_am_is_stored_as_one_character() -> None:
    assert stored_text("น\u0e4d\u0e32") == "นำ"
    assert stored_text("น\u0e49\u0e4d\u0e32") == stored_text("น\u0e4d\u0e49\u0e32") == "น้ำ"


def test_what_was_typed_inside_is_kept() -> None:
    assert stored_text("  ก\u200bข  ค\n\nง ") == "ก\u200bข  ค\n\nง"


@given(text=rough_texts())
def test_both_forms_are_stable(text: str) -> None:
    assert stored_text(stored_text(text)) == stored_text(text)
    assert search_text(search_text(text)) == search_text(text)


@given(text=rough_texts())
def test_what_is_stored_is_found_as_it_was_typed(text: str) -> None:
    assert search_text(stored_text(text)) == search_text(text)


@pytest.mark.parametrize(
    ("typed", "sought"),
    [
        ("เเพร่", "แพร่"),
        ("หมู่ที่ ๑๒", "หมู่ที่ 12"),
        ("SOMCHAI  Jaidee", "somchai jaidee"),
        ("สม\u200bชาย", "สมชาย"),
        ("น\u0e4d\u0e32", "นำ"),
    ],
)
def test_different_spellings_match(typed: str, sought: str) -> None:
    assert search_text(typed) == search_text(sought)


@pytest.mark.parametrize(
    ("name", "bare"),
    [
        ("นางสาวสมหญิง ใจดี", "สมหญิง ใจดี"),
        ("นาง สมศรี", "สมศรี"),
        ("นายสมชาย", "สมชาย"),
        ("ด.ญ.แก้ว", "แก้ว"),
        ("เด็กชาย ดี", "ดี"),
        ("Mr. Somchai", "somchai"),
        ("Mrinal", "mrinal"),
        ("นาย", "นาย"),
        ("สมนาย", "สมนาย"),
    ],
)
def test_titles_do_not_count_in_matching(name: str, bare: str) -> None:
    assert without_title(name) == bare


@pytest.mark.parametrize(
    ("instant", "day", "year"),
    [
        ("2024-09-30T16:59:59.999Z", date(2024, 9, 30), 2567),
        ("2024-09-30T17:00:00.000Z", date(2024, 10, 1), 2568),
        ("2024-09-30T23:59:00+07:00", date(2024, 9, 30), 2567),
        ("2024-10-01T00:00:00+07:00", date(2024, 10, 1), 2568),
    ],
)
def test_the_fiscal_year_turns_at_midnight_in_bangkok(instant: str, day: date, year: int) -> None:
    assert (bangkok_date(instant), fiscal_year(bangkok_date(instant))) == (day, year)


def test_an_aware_instant_has_a_bangkok_day() -> None:
    assert bangkok_date(datetime(2024, 12, 31, 17, tzinfo=UTC)) == date(2025, 1, 1)


def test_a_fiscal_year_starts_on_the_first_of_october() -> None:
    assert [fiscal_year_start(day) for day in ("2024-09-30", "2024-10-01")] == [date(2023, 10, 1), date(2024, 10, 1)]


def test_dates_are_shown_in_the_buddhist_era() -> None:
    assert thai_date("2024-08-28") == "28 สิงหาคม 2567"
    assert thai_date("2024-08-28", short=True) == "28 ส.ค. 2567"
    assert [thai_date("1960-01-01", precision=known) for known in ("month", "year", "unknown")] == [
        "มกราคม 2503",
        "พ.ศ. 2503",
        "ไม่ทราบ",
    ]


@pytest.mark.parametrize(
    "text",
    [
        "28/8/2567",
        "28-08-2567",
        "๒๘ สิงหาคม ๒๕๖๗",
        "28 ส.ค. 2567",
        "28 สิงหาคม พ.ศ. 2567",
        "2024-08-28",
        "28/8/2024",
        "2567-8-28",
    ],
)
def test_dates_are_read_as_people_write_them(text: str) -> None:
    assert parse_thai_date(text) == date(2024, 8, 28)


@pytest.mark.parametrize("text", ["", "31/2/2567", "28 August 2567", "28/8/67", "29/2/2566"])
def test_other_texts_are_no_dates(text: str) -> None:
    assert parse_thai_date(text) is None


def test_a_leap_day_exists_in_its_buddhist_year() -> None:
    assert parse_thai_date("29/2/2567") == date(2024, 2, 29)


@pytest.mark.parametrize("text", ["٢٨/٨/٢٥٦٧", "२८/८/२५६७", "28 ส.ค. ٢٥٦٧", "２８/８/２５６７"])
def test_digits_of_other_scripts_are_no_date(text: str) -> None:
    assert parse_thai_date(text) is None
