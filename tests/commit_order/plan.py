"""What one round does: who takes part, how much they write, and from which seed."""

from collections.abc import Sequence
from dataclasses import dataclass

from server.store import Author

DISTRICTS = ("5401", "5402")
AREAS = ("540101", "540201")
"""A case lies in one of them and may move to the other; everything about it moves along."""

CASE_ROWS = 200
"""So many rows are about one case before its writer opens the next one."""

PAUSE_MS_MAX = 200
"""A reader that has everything waits up to this long before it asks again."""


@dataclass(frozen=True)
class Plan:
    """One round. ``rows``: how many records all writers together bring, or change, at least."""

    url: str
    seed: int
    rows: int
    writers: Sequence[Author]
    readers: Sequence[Author]
    epoch: str

    @property
    def share(self) -> int:
        """Return how many rows each writer brings."""
        return -(-self.rows // len(self.writers))

    @property
    def lanes(self) -> int:
        """Return how many lanes of ids there are: one of cases and one of other records for each writer."""
        return 2 * len(self.writers)

    @property
    def cases_max(self) -> int:
        """Return more cases than one writer can open."""
        return self.share // CASE_ROWS * 4 + 200

    def case_lane(self, writer: int) -> int:
        """Return the lane of a writer's cases."""
        return len(self.writers) + writer
