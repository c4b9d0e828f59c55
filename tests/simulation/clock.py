"""Time: one true clock that the schedule turns, and the wrong ones that people and machines look at."""

from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

MORNING = datetime(2026, 11, 23, 2, 0, tzinfo=UTC)


@dataclass
class TrueTime:
    """The true time, and how far the centre's own clock is off."""

    now: datetime = MORNING
    centre_error: timedelta = timedelta()

    def pass_(self, span: timedelta) -> None:
        self.now += span

    def at_centre(self) -> datetime:
        """Return the centre's clock."""
        return self.now + self.centre_error


@dataclass
class DeviceClock:
    """A device's clock: off by so much, and moved by whoever holds it."""

    time: TrueTime
    error: timedelta = timedelta()

    def __call__(self) -> datetime:
        return self.time.now + self.error
