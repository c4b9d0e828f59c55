"""Kinds of times: calendar days in Bangkok, and instants in UTC."""

import re
from datetime import UTC, date, datetime
from typing import Any

from schemas.fields.base import RecordField, refused

YEAR_MIN, YEAR_MAX = 1800, 2300
"""A year outside is a slip, most often a พ.ศ. year written where CE belongs."""

_DAY = re.compile("[0-9]{4}-[0-9]{2}-[0-9]{2}")
_INSTANT = re.compile(
    "[0-9]{4}-[0-9]{2}-[0-9]{2}[Tt][0-9]{2}:[0-9]{2}:[0-9]{2}([.][0-9]{1,9})?([Zz]|[+-][0-9]{2}:[0-5][0-9])"
)


def _within(year: int) -> None:
    if not YEAR_MIN <= year <= YEAR_MAX:
        raise refused("year_out_of_range", min=YEAR_MIN, max=YEAR_MAX)


class Date(RecordField):
    """A calendar day in Bangkok, as ISO text ``2024-08-28``.

    Of a partial date the unknown parts are 01; a field beside it, in the same group, says the precision.
    """

    kind = "date"

    def stored(self, value: Any) -> str:
        """Return the day, unchanged."""
        if not isinstance(value, str):
            raise self.wrong_type()
        if not _DAY.fullmatch(value):
            raise refused("wrong_date")
        try:
            day = date.fromisoformat(value)
        except ValueError:
            raise refused("wrong_date") from None
        _within(day.year)
        return value


class Instant(RecordField):
    """A moment, as RFC 3339 text in UTC with milliseconds: ``2026-11-23T10:02:11.000Z``."""

    kind = "instant"

    def stored(self, value: Any) -> str:
        """Return the moment in UTC; finer parts than a millisecond are cut off."""
        if not isinstance(value, str):
            raise self.wrong_type()
        if not _INSTANT.fullmatch(value):
            raise refused("wrong_instant")
        try:
            moment = datetime.fromisoformat(value.upper()).astimezone(UTC)
        except (ValueError, OverflowError):
            raise refused("wrong_instant") from None
        _within(moment.year)
        return moment.strftime("%Y-%m-%dT%H:%M:%S.") + f"{moment.microsecond // 1000:03d}Z"
