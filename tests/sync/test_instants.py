"""Instants as they travel; whatever a clock says, nothing breaks."""

from datetime import UTC, datetime, timedelta, timezone

import pytest
from hypothesis import given
from hypothesis import strategies as st

from sync.instants import parsed, rfc3339

BANGKOK = timezone(timedelta(hours=7))


@pytest.mark.parametrize(
    ("moment", "text"),
    [
        (datetime(2026, 11, 23, 10, 2, 11, tzinfo=UTC), "2026-11-23T10:02:11.000Z"),
        (datetime(2026, 11, 23, 17, 2, 11, 999_999, tzinfo=BANGKOK), "2026-11-23T10:02:11.999Z"),
        (datetime(2026, 1, 1, tzinfo=BANGKOK), "2025-12-31T17:00:00.000Z"),
        (datetime(1, 1, 2, tzinfo=UTC), "0001-01-02T00:00:00.000Z"),
    ],
)
def test_an_instant_is_written_in_utc_with_milliseconds(moment: datetime, text: str) -> None:
    assert rfc3339(moment) == text


@given(st.integers(0, 10**16))
def test_what_is_written_is_read_back_to_the_millisecond(microseconds: int) -> None:
    moment = datetime(1970, 1, 1, tzinfo=UTC) + timedelta(microseconds=microseconds)
    read = parsed(rfc3339(moment))
    assert read == moment.replace(microsecond=moment.microsecond // 1000 * 1000)


@pytest.mark.parametrize("text", ["", "yesterday", "2569-13-01T00:00:00Z", "2026-11-23T25:00:00Z", "12:00", "นาฬิกา"])
def test_what_is_no_instant_is_none(text: str) -> None:
    assert parsed(text) is None


def test_an_instant_without_a_zone_is_taken_for_utc() -> None:
    assert parsed("2026-11-23T10:02:11") == datetime(2026, 11, 23, 10, 2, 11, tzinfo=UTC)
