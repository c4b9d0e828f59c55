"""The centre's clock, read in one place, and the form in which instants are kept and travel."""

from datetime import UTC, datetime


def now() -> datetime:
    """Return the present instant in UTC."""
    return datetime.now(UTC)


def rfc3339(instant: datetime) -> str:
    """Return an instant as text: UTC with ``Z`` and milliseconds; such texts sort by time."""
    return instant.astimezone(UTC).isoformat(timespec="milliseconds").replace("+00:00", "Z")


def instant(text: str) -> datetime:
    """Read what ``rfc3339`` wrote, or any RFC 3339 text with an offset.

    :raises ValueError: for anything else.
    """
    found = datetime.fromisoformat(text)
    if found.tzinfo is None:
        raise ValueError("an instant needs an offset")
    return found.astimezone(UTC)
