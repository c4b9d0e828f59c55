"""What the steps of one sync share."""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import TypeVar

from field_kit.database import Database
from field_kit.errors import Unreachable
from field_kit.identity import change_identity, read_identity
from field_kit.link import Transport
from field_kit.patience import attempt
from field_kit.surroundings import Surroundings
from field_kit.tally import Progress, Tally, silent
from sync.instants import parsed, rfc3339

T = TypeVar("T")


@dataclass(frozen=True)
class Session:
    """One sync under way. ``tally`` says what it did, also when it was cut off."""

    database: Database
    transport: Transport
    surroundings: Surroundings
    progress: Progress = silent
    tally: Tally = field(default_factory=Tally)

    def patiently(self, exchange: Callable[[], T], give_up: tuple[type[Unreachable], ...] = ()) -> T:
        """Do one exchange, again if need be."""
        return attempt(exchange, self.surroundings, give_up=give_up)

    @contextmanager
    def storing(self, epoch: str) -> Iterator[bool]:
        """Open the transaction that stores an answer; tell whether this device is still in the epoch that asked.

        An answer that was on its way while another sync recovered says nothing of the restored centre.
        """
        with self.database.transaction():
            yield read_identity(self.database).epoch == epoch

    def now(self) -> str:
        """Return the device's clock as text."""
        return rfc3339(self.surroundings.now())

    def note_contact(self, server_time: str) -> None:
        """Keep when the centre was last heard and how far this clock is off, inside the caller's transaction."""
        centre = parsed(server_time)
        offset = round((centre - self.surroundings.now()).total_seconds() * 1000) if centre else None
        change_identity(self.database, last_contact=server_time, clock_offset_ms=offset)
