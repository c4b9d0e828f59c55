"""A record and a conflict, as told."""

from collections.abc import Iterable
from dataclasses import dataclass, field
from typing import Any

from tests.simulation.sight import Row

MERGED_INTO = "merged_into"
UNSEEN = "29 nothing is applied over what its author had not seen"
TRACES = "15 every value traces"
RIGHT = "30 the right outcome"
"""Our own, beyond the protocol's list: nothing contends, is refused or waits without need, or has a wrong name."""


@dataclass
class Told:
    """One record, as told. ``versions``: the commit that last changed each field, for all that was ever in it."""

    id: str
    type: str
    owner: str
    version: int
    fields: dict[str, Any]
    versions: dict[str, int]
    created: int
    by_others: set[str] = field(default_factory=set)
    deleted: bool = False
    merged_into: str | None = None
    changes: list[tuple[int, str]] = field(default_factory=list)
    """(commit, incarnation) of every change, also of those that only added a contender."""
    closing: dict[str, Any] | None = None
    """What the edit said that ended it last."""
    closed_by: str = ""

    def __str__(self) -> str:
        return f"{self.type} {self.id[-6:]}"

    def version_of(self, name: str) -> int:
        return self.versions.get(name, self.created)

    def version_of_all(self, names: Iterable[str]) -> int:
        return max(self.version_of(name) for name in names)

    def put(self, values: dict[str, Any], commit: int, by: str | None = None) -> None:
        """Set fields; an empty one is left out."""
        for name, value in values.items():
            self.fields.pop(name, None)
            if value is not None:
                self.fields[name] = value
            self.versions[name] = commit
        self.version = commit
        if by not in (None, self.owner):
            self.by_others.update(values)

    def changed_by_others(self, row: Row, base: int) -> bool:
        """Tell whether another incarnation changed it after ``base``, and before a row's own commit.

        Where it is not newer than ``base`` nobody did: a contender alone changes no record.
        """
        if self.version <= base:
            return False
        return any(base < commit < row.commit and other != row.incarnation for commit, other in self.changes)

    def changed_at_once(self, row: Row) -> bool:
        """Tell whether others changed it in a row's own commit: work of several that was let go together."""
        return any(commit == row.commit and other != row.incarnation for commit, other in self.changes)


@dataclass
class Dispute:
    """One conflict, as told. ``contenders``: mutation -> what it wanted; ``None`` where that is not told exactly."""

    record: str
    unit: str
    contenders: dict[str, Any] = field(default_factory=dict)
    latest: dict[str, str] = field(default_factory=dict)
    """Incarnation -> its latest contender, which a decision has to name."""
    resolved_by: str | None = None

    def contend(self, row: Row, wanted: Any) -> None:
        """Take a mutation among the contenders."""
        mutation = row.said["id"]
        self.contenders[mutation] = wanted
        self.latest[row.incarnation] = mutation

    def unseen_by(self, named: Iterable[str], decider: str) -> set[str]:
        """Return the contenders that a decision does not name."""
        return set(self.latest.values()) - set(named) - {decider}
