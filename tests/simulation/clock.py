"""Time: one true clock that the schedule turns, and the wrong ones that people and machines look at."""

from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

MORNING = datetime(2026, 11, 23, 2, 0, tzinfo=UTC)


@dataclass
class TrueTime:
    """The true time, and how far the centre's own clock is off."""

    now: datetime = MORNING
    centre_error: timedelta = timedelta()
    in_ids: bool = False
    """Devices put the true time into the ids that they mint, however wrong their clocks are."""

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

    def for_ids(self) -> datetime:
        """Return the time that stands in a new id."""
        return self.time.now if self.time.in_ids else self()
