"""Dates that nobody typed: the device's clock may say anything, the day comes out right."""

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from schemas.records import RECORD_TYPES
from sync.assumed import corrected_dates, corrected_instant, dates_after_receipt
from sync.instants import rfc3339
from sync.mutation import Mutation, Op
from sync.state import Receipt
from tests.sync.desk import uuid

VISIT = RECORD_TYPES["visit"]
RECEIVED = datetime(2026, 11, 23, 3, 0, tzinfo=UTC)
MADE = datetime(2026, 11, 20, 8, 0, tzinfo=UTC)
"""Three days before the receipt, by a clock that is right."""
CONTACT = datetime(2026, 11, 19, 1, 0, tzinfo=UTC)
YEARS = 3652


def recorded(at: str, *, contact: datetime | None = CONTACT, **parts: Any) -> Mutation:
    given = {"data": {"visited_on": "2016-01-01"}, "assumed": ["visited_on"]} | parts
    contacted_at = rfc3339(contact) if contact else None
    return Mutation(1, uuid(1), Op.CREATE, "visit", uuid(2), at, contacted_at=contacted_at, **given)


def receipt(error: timedelta = timedelta()) -> Receipt:
    """Return a receipt from a device whose clock is ahead by ``error``."""
    return Receipt(RECEIVED, -int(error.total_seconds() * 1000))


@pytest.mark.parametrize("days", [0, 1, -1, 400, -400, YEARS, -YEARS])
def test_a_clock_that_is_wrong_by_years_changes_no_date(days: int) -> None:
    error = timedelta(days=days)
    made = recorded(rfc3339(MADE + error))
    assert corrected_dates(VISIT, made, receipt(error)) == {"visited_on": "2026-11-20"}


@pytest.mark.parametrize("days", [YEARS, -YEARS])
def test_a_clock_set_right_before_sending_is_bounded_by_contact_and_receipt(days: int) -> None:
    at = corrected_instant(recorded(rfc3339(MADE + timedelta(days=days))), receipt())
    assert at == (RECEIVED if days > 0 else CONTACT)


@pytest.mark.parametrize("at", ["never", "0001-01-01T00:00:00+14:00", "9999-12-31T23:59:59-14:00"])
def test_a_clock_that_says_nonsense_gives_a_day_between_contact_and_receipt(at: str) -> None:
    corrected = corrected_instant(recorded(at), receipt(timedelta(days=1)))
    assert CONTACT <= corrected <= RECEIVED
    assert corrected_dates(VISIT, recorded(at, contact=None), receipt())["visited_on"] <= "2026-11-23"


def test_an_unknown_offset_is_none() -> None:
    assert corrected_instant(recorded(rfc3339(MADE)), Receipt(RECEIVED, None)) == MADE


def test_the_day_is_bangkoks() -> None:
    late_evening = recorded("2026-11-20T17:30:00.000Z")
    assert corrected_dates(VISIT, late_evening, receipt()) == {"visited_on": "2026-11-21"}


def test_a_date_that_was_typed_stays() -> None:
    assert corrected_dates(VISIT, recorded("never", assumed=[]), receipt()) == {"visited_on": "2016-01-01"}


def test_only_dates_that_are_there_are_corrected() -> None:
    data = {"visited_on": "2016-01-01", "narrative": "พบที่บ้าน"}
    made = recorded(rfc3339(MADE), data=data, assumed=["visited_on", "narrative", "next_visit_on", "no_such_field"])
    assert corrected_dates(VISIT, made, receipt()) == {"visited_on": "2026-11-20", "narrative": "พบที่บ้าน"}


def test_what_happened_cannot_lie_after_the_day_of_receipt_in_bangkok() -> None:
    midnight_gone = Receipt(datetime(2026, 11, 22, 17, 1, tzinfo=UTC))
    assert dates_after_receipt(VISIT, {"visited_on": "2026-11-23"}, midnight_gone) == {}
    assert dates_after_receipt(VISIT, {"visited_on": "2026-11-24"}, midnight_gone) == {
        "visited_on": [{"code": "after_receipt", "received_on": "2026-11-23"}]
    }
    assert dates_after_receipt(VISIT, {"visited_on": None, "next_visit_on": "2027-01-01"}, midnight_gone) == {}
