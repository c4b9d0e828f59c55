"""A kit whose clock is wrong: by the one door through which it asks for the time; what it waits for stays as it is."""

from datetime import datetime, timedelta, tzinfo

from field_kit import surroundings


def set_clock(error: timedelta) -> None:
    """Let the kit's clock be wrong by this much."""

    class Wrong(datetime):
        @classmethod
        def now(cls, tz: tzinfo | None = None) -> datetime:
            return datetime.now(tz) + error

    surroundings.datetime = Wrong  # type: ignore[misc]
