"""Instants as they travel: RFC 3339 in UTC with milliseconds and ``Z``. Nothing is ever ordered by them."""

from datetime import UTC, datetime


def rfc3339(moment: datetime) -> str:
    """Return an aware instant as text, such as ``2026-11-23T10:02:11.000Z``."""
    return moment.astimezone(UTC).isoformat(timespec="milliseconds").replace("+00:00", "Z")


def parsed(text: str) -> datetime | None:
    """Return the instant that a device wrote, or ``None`` when it is not one (a clock may say anything)."""
    try:
        moment = datetime.fromisoformat(text)
    except ValueError:
        return None
    return moment if moment.tzinfo else moment.replace(tzinfo=UTC)
