"""Identity numbers, telephone numbers, house and area codes. The numbers are synthetic: they begin with 9."""

import pytest

from schemas.checks import (
    area_code,
    identity_number,
    is_house_code,
    is_national_id,
    phone_number,
    read_back_national_id,
)


@pytest.mark.parametrize("valid", ["9000000000004", "9123456789010", "9999999999994", "0000000000001"])
def test_a_national_id_carries_its_check_digit(valid: str) -> None:
    assert is_national_id(valid)


@pytest.mark.parametrize("wrong", ["9000000000005", "900000000000", "90000000000044", "900000000000x", "", "๙" * 13])
def test_another_number_does_not(wrong: str) -> None:
    assert not is_national_id(wrong)


def test_a_slip_in_the_third_digit_always_passes() -> None:
    assert all(is_national_id(f"91{digit}3456789010") for digit in range(10))


def test_about_nine_per_cent_of_single_slips_pass() -> None:
    valid = "9123456789010"
    slips = [
        valid[:at] + str(digit) + valid[at + 1 :] for at in range(13) for digit in range(10) if str(digit) != valid[at]
    ]

    assert 0.07 < sum(map(is_national_id, slips)) / len(slips) < 0.13


def test_a_national_id_is_read_back_in_groups() -> None:
    assert read_back_national_id("9123456789010") == "9-1234-56789-01-0"


def test_an_identity_number_is_stored_without_separators() -> None:
    assert identity_number("๙-1234-56789-01-0") == "9123456789010"
    assert identity_number(" aa 12-34 ") == "AA1234"


@pytest.mark.parametrize(
    ("typed", "stored"),
    [
        ("061 234 5678", "0612345678"),
        ("0812345678", "0812345678"),
        ("+66812345678", "0812345678"),
        ("6681", None),
        ("021234567", "021234567"),
        ("0712345678", None),
        ("077123456", "077123456"),
        ("1669", "1669"),
        ("1300", "1300"),
        ("911", None),
        ("+66112345678", None),
        ("+856 20 1234 5678", "+8562012345678"),
        ("0²12345678", None),
        ("", None),
    ],
)
def test_a_telephone_number_has_one_stored_form(typed: str, stored: str | None) -> None:
    assert phone_number(typed) == stored


def test_a_house_code_has_eleven_digits() -> None:
    assert is_house_code("54012345678")
    assert not is_house_code("5401234567")


def test_an_area_code_has_an_even_length() -> None:
    assert [area_code(code) for code in ("54", "5401", "540101", "54010103")] == ["54", "5401", "540101", "54010103"]
    assert [area_code(code) for code in ("", "5", "540", "5401010", "5401010303", "54o1")] == [None] * 6


def test_a_tambon_written_with_eight_digits_is_a_tambon() -> None:
    assert area_code("54010100") == "540101"
