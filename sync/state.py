"""What the server knows when it decides a push: records, conflicts, and what the author may do with each."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, replace
from datetime import datetime
from functools import cached_property
from typing import Any

from schemas.base import RecordType
from schemas.privacy import ALL_CLASSES, Privacy
from schemas.thai import bangkok_date
from sync.instants import rfc3339
from sync.mutation import Mutation

PENDING = 1 << 62
"""Stands for the commit number of the write under way, which is taken only after everything is decided."""


@dataclass(frozen=True, slots=True)
class RecordState:
    """One record as the centre holds it. ``field_versions`` lists only fields changed since ``created``."""

    id: str
    type: str
    version: int
    created: int
    owner: str
    data: Mapping[str, Any]
    field_versions: Mapping[str, int]
    deleted: bool = False
    merged_into: str | None = None
    by_others: frozenset[str] = frozenset()
    """Fields that somebody other than the owner has changed; see ``BucketKind.of_others``."""

    def version_of(self, name: str) -> int:
        """Return the commit number that last changed a field."""
        return self.field_versions.get(name, self.created)

    def with_values(self, values: Mapping[str, Any], *, by: str | None = None) -> "RecordState":
        """Return the record with some fields changed by the write under way; ``None`` empties a field.

        ``by``: the user who changes them; without one they stay whose they were.
        """
        data = {name: value for name, value in {**self.data, **values}.items() if value is not None}
        touched = {**self.field_versions, **dict.fromkeys(values, PENDING)}
        others = self.by_others if by in (None, self.owner) else self.by_others.union(values)
        return replace(self, data=data, field_versions=touched, version=PENDING, by_others=others)

    def stamped(self, commit: int) -> "RecordState":
        """Return the record with the commit number in place of ``PENDING``."""
        if self.version != PENDING:
            return self
        if self.created == PENDING:
            return RecordState(
                self.id,
                self.type,
                commit,
                commit,
                self.owner,
                self.data,
                {},
                self.deleted,
                self.merged_into,
                self.by_others,
            )
        versions = {name: commit if version == PENDING else version for name, version in self.field_versions.items()}
        return replace(self, version=commit, field_versions=versions)


@dataclass(frozen=True, slots=True)
class Past:
    """One accepted mutation of the ledger. ``record``: what it was applied to, which may not be what it names."""

    mutation: Mutation
    record: str
    commit: int
    group: int
    position: int
    """In its commit; a group begins at the position by which it is called."""
    writer: tuple[str, str, str]
    """User, device and incarnation."""


@dataclass(frozen=True, slots=True)
class Standing:
    """How a writer stands to one record: what they see of it now, or when they ceased to hold it.

    ``left`` is a commit number. An edit with a ``base`` below it was begun while its author could see the record; the
    lower end of that time does not matter, since a record may be much older than the author's right to it.
    """

    classes: frozenset[Privacy] = frozenset()
    left: int | None = None
    of_others: frozenset[Privacy] | None = None
    """The classes they see of what people other than the record's owner wrote; ``None``: the same."""

    @property
    def holds(self) -> bool:
        """Whether the record is in a bucket that the writer holds now."""
        return bool(self.classes)

    def held_at(self, base: int) -> bool:
        """Whether the writer may have held the record when their work on it began."""
        return self.left is not None and base < self.left


@dataclass(frozen=True, slots=True)
class Ended:
    """The edit by which a record ended (schemas/ending.py), and whose it was."""

    mutation: Mutation
    writer: "Writer"
    receipt: "Receipt"


STRANGER = Standing()
OWNER = Standing(classes=ALL_CLASSES)


@dataclass(frozen=True, slots=True)
class Writer:
    """Who writes: a user on an incarnation of a device, or the centre itself (``centre=True``)."""

    user: str
    device: str
    incarnation: str
    permits: Callable[[str, str], bool]
    """(record type, action) -> whether one of the author's roles allows it."""
    centre: bool = False


@dataclass(frozen=True)
class Receipt:
    """When a push arrived, and how far the device's clock is behind the server's."""

    received_at: datetime
    clock_offset_ms: int | None = None

    @cached_property
    def at(self) -> str:
        """The instant of receipt as text."""
        return rfc3339(self.received_at)

    @cached_property
    def today(self) -> str:
        """The day of receipt in Thailand, in ISO form."""
        return bangkok_date(self.received_at).isoformat()


@dataclass
class World:
    """The states a decision may read and change. A group works on a ``draft`` and is taken over whole or not at all."""

    types: Mapping[str, RecordType]
    records: dict[str, RecordState] = field(default_factory=dict)
    open_conflicts: dict[tuple[str, str], str] = field(default_factory=dict)
    standing: dict[str, Standing] = field(default_factory=dict)
    changed_by_others: dict[str, int] = field(default_factory=dict)
    """Record -> latest commit in which another incarnation changed it."""
    changed: dict[str, RecordState] = field(default_factory=dict)
    """What accepted groups wrote, in order of first change."""
    past: dict[str, Past] = field(default_factory=dict)
    """Earlier mutations by id: those that an unmerge in this push speaks of, and what came with them."""
    joined: set[str] = field(default_factory=set)
    """Records into which others are merged; known of those that are to be deleted."""
    ended: dict[str, Ended] = field(default_factory=dict)
    """Record -> the edit by which it ended, where this push may speak against that."""
    erased: set[str] = field(default_factory=set)
    """Records whose content was erased on their subject's demand: whatever is about them is refused."""

    def seen_by(self, standing: dict[str, Standing], changed_by_others: dict[str, int]) -> "World":
        """Return the same world as another writer stands to it; what either writes, both have."""
        return replace(self, standing=standing, changed_by_others=changed_by_others)

    def draft(self) -> "Draft":
        """Return an empty layer over this world."""
        return Draft(self)

    def take(self, draft: "Draft") -> None:
        """Accept what a draft wrote."""
        self.records.update(draft.records)
        self.changed.update(draft.records)
        self.standing.update(draft.standing)
        for key, conflict in draft.open_conflicts.items():
            self.open_conflicts.pop(key, None)
            if conflict is not None:
                self.open_conflicts[key] = conflict


@dataclass
class Draft:
    """What one group would change."""

    world: World
    records: dict[str, RecordState] = field(default_factory=dict)
    open_conflicts: dict[tuple[str, str], str | None] = field(default_factory=dict)
    """(record, field) -> the conflict that this group opened there, or ``None`` where it closed one."""
    standing: dict[str, Standing] = field(default_factory=dict)
    unseen: set[str] = field(default_factory=set)
    """Records of which the author has seen nothing: an edit meant for another was redirected to them."""

    def record(self, record: str) -> RecordState | None:
        """Return the record as this group would leave it so far."""
        return self.records.get(record) or self.world.records.get(record)

    def write(self, state: RecordState) -> None:
        """Put a changed record."""
        self.records[state.id] = state

    def stands(self, record: str) -> Standing:
        """Return how the author stands to a record; they own what they create here."""
        return self.standing.get(record) or self.world.standing.get(record, STRANGER)

    def open_conflict(self, record: str, name: str) -> RecordState | None:
        """Return the conflict that is open on a field, if there is one."""
        key = (record, name)
        found = self.open_conflicts[key] if key in self.open_conflicts else self.world.open_conflicts.get(key)
        return self.record(found) if found else None
