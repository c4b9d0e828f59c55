"""What a sync did, in real counts, and who is told while it does it."""

from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass, field
from enum import StrEnum
from typing import Any, Protocol

from sync.messages import MutationOutcome


class Stage(StrEnum):
    """What a sync is busy with."""

    PUSH = "push"
    PULL = "pull"
    FILES = "files"
    INDEX = "index"


class Progress(Protocol):
    """Told after each step how much of a stage is done."""

    def __call__(self, stage: Stage, done: int, total: int) -> None: ...


def silent(stage: Stage, done: int, total: int) -> None:
    """Tell nobody."""


@dataclass
class Tally:
    """Counts of one sync. ``complete``: everything the centre had for this device is here.

    ``mismatched`` and ``damaged``: buckets that were fetched again, found by their checksum or by the deep check.
    """

    outcomes: Counter[str] = field(default_factory=Counter)
    pushes: dict[str, int] = field(default_factory=dict)
    pages: int = 0
    received: int = 0
    evicted: int = 0
    files: int = 0
    files_waiting: int = 0
    complete: bool = False
    delivered: int = 0
    """Sealed parts of other people's work that were left at the centre."""
    recoveries: list[str] = field(default_factory=list)
    mismatched: list[str] = field(default_factory=list)
    damaged: list[str] = field(default_factory=list)
    witnesses: int = 0

    @property
    def sent(self) -> int:
        """How many edits were answered."""
        return sum(self.outcomes.values())

    def count_outcomes(self, outcomes: Iterable[MutationOutcome]) -> None:
        """Add the outcomes of one push."""
        self.outcomes.update(each.outcome for each in outcomes)

    def as_dict(self) -> dict[str, Any]:
        """Return the counts as plain data."""
        return {
            "sent": self.sent,
            "outcomes": dict(sorted(self.outcomes.items())),
            "received": self.received,
            "pages": self.pages,
            "evicted": self.evicted,
            "files": self.files,
            "files_waiting": self.files_waiting,
            "delivered": self.delivered,
            "complete": self.complete,
            "recoveries": self.recoveries,
            "mismatched": self.mismatched,
            "damaged": self.damaged,
            "witnesses": self.witnesses,
        }
