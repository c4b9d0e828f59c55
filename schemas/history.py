"""How the declarations came to be what they are: one step for each schema number, in both directions.

A step says what became of the fields of a type. What was written under an older schema is read through ``up``; what a
device of an older schema is shown goes through ``down``. All of it is pure, and gives back ``fields`` as they came
where no step touches them. docs/protocol.md section 7 says what a device gets and must keep.
"""

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from functools import cached_property
from typing import Any

from schemas.base import RecordType

Fields = Mapping[str, Any]
Words = Mapping[str, str]


class LossyStep(ValueError):
    """A step was declared that could not be walked back."""


@dataclass(frozen=True)
class Reshaped:
    """Fields that are set as one, and what they became: one field made of several, or several of one.

    ``unit`` is the group's name where there are several fields, and the field's own where there is one. ``turn`` takes
    and returns values by field name; it sees at least one value that is not ``None``, and values that nobody checked.
    """

    unit: str
    fields: tuple[str, ...]
    turn: Callable[[Fields], Fields]
    into: str
    into_fields: tuple[str, ...]
    back: Callable[[Fields], Fields]
    """Takes back what ``turn`` made: ``back(turn(x)) == x``. Of other values it makes what is nearest."""


@dataclass(frozen=True)
class Changes:
    """What a step does to one type. Names on the left are the older ones, on the right the newer.

    A group is renamed like a field. A field may be renamed and have its codes changed; ``codes`` goes by its new name.
    A new code needs no word here: an older device gets it as it is. ``added`` are fields that an older device cannot
    know; they must not be required. What an older device writes in a ``removed`` field stays in the ledger alone.
    """

    renamed: Words = field(default_factory=dict)
    codes: Mapping[str, Words] = field(default_factory=dict)
    reshaped: tuple[Reshaped, ...] = ()
    removed: frozenset[str] = frozenset()
    added: frozenset[str] = frozenset()

    def __post_init__(self) -> None:
        gone = [*self.renamed, *self.removed, *(name for each in self.reshaped for name in each.fields)]
        come = [*self.renamed.values(), *self.added, *(name for each in self.reshaped for name in each.into_fields)]
        for names in (gone, come, *([*codes.values()] for codes in self.codes.values())):
            if len(names) != len(set(names)):
                raise LossyStep(f"two things become one, or one becomes two: {sorted(names)}")
        for codes in self.codes.values():
            if both := codes.keys() & set(codes.values()):
                raise LossyStep(f"a code is both an older and a newer one: {sorted(both)}")

    @cached_property
    def up(self) -> "Direction":
        """From the older schema to the newer."""
        back = {new: old for old, new in self.renamed.items()}
        return Direction(
            renamed=self.renamed,
            codes={back.get(name, name): codes for name, codes in self.codes.items()},
            shapes=tuple(
                Shape(each.unit, each.fields, each.into, each.into_fields, each.turn) for each in self.reshaped
            ),
            left_out=self.removed,
            unknown=self.newer - self.older,
            known=self.older,
        )

    @cached_property
    def down(self) -> "Direction":
        """From the newer schema to the older."""
        return Direction(
            renamed={new: old for old, new in self.renamed.items()},
            codes={name: {new: old for old, new in codes.items()} for name, codes in self.codes.items()},
            shapes=tuple(
                Shape(each.into, each.into_fields, each.unit, each.fields, each.back) for each in self.reshaped
            ),
            left_out=self.added,
            unknown=self.older - self.newer,
            known=self.newer,
        )

    @property
    def older(self) -> frozenset[str]:
        """The names of fields on the older side, as far as this step touches them."""
        return frozenset([*self.renamed, *self.removed, *(name for each in self.reshaped for name in each.fields)])

    @property
    def newer(self) -> frozenset[str]:
        """The names of fields on the newer side."""
        made = (name for each in self.reshaped for name in each.into_fields)
        return frozenset([*self.renamed.values(), *self.added, *made])


@dataclass(frozen=True)
class Shape:
    """One direction of ``Reshaped``."""

    unit: str
    fields: tuple[str, ...]
    into: str
    into_fields: tuple[str, ...]
    turn: Callable[[Fields], Fields]

    def turned(self, values: Fields) -> dict[str, Any] | None:
        """Return the new values, ``None`` where these are none that the step can read."""
        if all(value is None for value in values.values()):
            return dict.fromkeys(self.into_fields)
        try:
            made = self.turn(values)
            return {name: made.get(name) for name in self.into_fields}
        except (ValueError, TypeError, LookupError, AttributeError, ArithmeticError):
            return None


@dataclass(frozen=True)
class Direction:
    """One step of one type, one way."""

    renamed: Words = field(default_factory=dict)
    codes: Mapping[str, Words] = field(default_factory=dict)
    shapes: tuple[Shape, ...] = ()
    left_out: frozenset[str] = frozenset()
    unknown: frozenset[str] = frozenset()
    """Names that mean nothing on the side from which this begins."""
    known: frozenset[str] = frozenset()
    """Names that mean something there, as far as this step touches them."""

    def fields(self, given: Fields, *, partial: bool) -> dict[str, Any]:
        """Turn values by field name. ``partial``: what is not given is not empty, so a group is turned only whole."""
        made: dict[str, Any] = {}
        done: set[str] = set(self.left_out)
        for name, value in given.items():
            if name in done:
                continue
            turned = self._reshaped(name, given, partial=partial) if name in self._shaped else None
            if turned is None:
                made[self.renamed.get(name, name)] = _recoded(self.codes.get(name), value)
            else:
                made |= turned if partial else {new: found for new, found in turned.items() if found is not None}
                done.update(self._shaped[name].fields)
        return made

    @cached_property
    def _shaped(self) -> Mapping[str, Shape]:
        return {name: shape for shape in self.shapes for name in shape.fields}

    def _reshaped(self, name: str, given: Fields, *, partial: bool) -> dict[str, Any] | None:
        shape = self._shaped[name]
        if partial and not all(each in given for each in shape.fields):
            return None
        return shape.turned({each: given.get(each) for each in shape.fields})

    def names(self, name: str) -> tuple[str, ...]:
        """Return the fields that a field became; none for one that is left out."""
        for shape in self.shapes:
            if name in shape.fields:
                return shape.into_fields
        return () if name in self.left_out else (self.renamed.get(name, name),)

    def unit(self, name: str) -> str | None:
        """Return what a field or group became as far as edits meet in it; ``None`` for one that is left out."""
        for shape in self.shapes:
            if name == shape.unit or name in shape.fields:
                return shape.into
        return None if name in self.left_out else self.renamed.get(name, name)


def _recoded(codes: Words | None, value: Any) -> Any:
    if not codes:
        return value
    if isinstance(value, list):
        return _sorted([_recoded(codes, each) for each in value])
    return codes.get(value, value) if isinstance(value, str) else value


def _sorted(values: list[Any]) -> list[Any]:
    return sorted(values) if all(isinstance(each, str) for each in values) else values


@dataclass(frozen=True)
class Turn:
    """All steps of one type between two schemas, one way; nothing at all where nothing changed."""

    steps: tuple[Direction, ...] = ()

    def __bool__(self) -> bool:
        return bool(self.steps)

    def fields(self, given: Fields, *, partial: bool = False) -> Fields:
        """Return values by field name; see ``Direction.fields``."""
        for step in self.steps:
            given = step.fields(given, partial=partial)
        return given

    def names(self, name: str) -> tuple[str, ...]:
        """Return the fields that a field became."""
        found: tuple[str, ...] = (name,)
        for step in self.steps:
            found = tuple(new for old in found for new in step.names(old))
        return found

    def unit(self, name: str) -> str | None:
        """Return what a field or group became as far as edits meet in it."""
        found: str | None = name
        for step in self.steps:
            found = step.unit(found) if found is not None else None
        return found

    def is_group(self, unit: str) -> bool | None:
        """Tell whether a unit is a group of fields where this begins; ``None`` where it is still what it was."""
        for step in self.steps:
            for shape in step.shapes:
                if shape.unit == unit:
                    return shape.fields != (unit,)
            unit = step.unit(unit) or unit
        return None

    @cached_property
    def unknown(self) -> frozenset[str]:
        """The names that mean something later on and nothing where this begins."""
        found: frozenset[str] = frozenset()
        for step in reversed(self.steps):
            found = frozenset(found - step.known) | step.unknown
        return found

    @cached_property
    def own(self) -> frozenset[str]:
        """The names that mean something where this begins and nothing at its end."""
        return self.steps[0].known - self.steps[0].unknown if self.steps else frozenset()


UNCHANGED = Turn()


@dataclass(frozen=True)
class Step:
    """The way to schema ``number`` from the one before. ``note`` says in a line why."""

    number: int
    note: str
    types: Mapping[str, Changes] = field(default_factory=dict)
    new_types: frozenset[str] = frozenset()


@dataclass(frozen=True, eq=False)
class History:
    """The steps that led to the declarations of today. The oldest schema still spoken is the one before the first."""

    steps: tuple[Step, ...] = ()
    oldest: int = 1
    _turns: dict[tuple[str, int, bool], Turn] = field(default_factory=dict, repr=False)

    def __post_init__(self) -> None:
        numbers = [step.number for step in self.steps]
        if numbers != list(range(self.oldest + 1, self.oldest + 1 + len(numbers))):
            raise LossyStep(f"steps lead from {self.oldest} on without gaps: {numbers}")

    @property
    def current(self) -> int:
        """The schema of the declarations as they are."""
        return self.oldest + len(self.steps)

    def up(self, kind: str, from_: int) -> Turn:
        """Return the way of a type's fields from an older schema to the current one."""
        return self._turn(kind, from_, up=True)

    def down(self, kind: str, to: int) -> Turn:
        """Return the way of a type's fields from the current schema to an older one."""
        return self._turn(kind, to, up=False)

    def upcast(self, kind: str, fields: Fields, from_: int, *, partial: bool = False) -> Fields:
        """Return fields written under an older schema as the current one says them."""
        return self.up(kind, from_).fields(fields, partial=partial)

    def downcast(self, kind: str, fields: Fields, to: int, *, partial: bool = False) -> Fields:
        """Return fields of the current schema as an older one says them; what it cannot know is left out."""
        return self.down(kind, to).fields(fields, partial=partial)

    def knows(self, kind: str, schema: int) -> bool:
        """Tell whether a type of today was there in an older schema."""
        return all(kind not in step.new_types for step in self._after(schema))

    def touched(self, since: int) -> frozenset[str]:
        """Return the types that any step after a schema changes."""
        return frozenset(kind for step in self._after(since) for kind in step.types)

    def older_names(self, kind: str) -> frozenset[str]:
        """Return the names that only older schemas have for fields and groups of a type."""
        changes = [step.types[kind] for step in self.steps if kind in step.types]
        units = {shape.unit for each in changes for shape in each.up.shapes}
        return frozenset(units).union(*(each.older for each in changes))

    def _after(self, schema: int) -> list[Step]:
        return [step for step in self.steps if step.number > schema]

    def _turn(self, kind: str, other: int, *, up: bool) -> Turn:
        if other >= self.current:
            return UNCHANGED
        key = (kind, max(other, self.oldest), up)
        if key not in self._turns:
            changes = [step.types[kind] for step in self._after(other) if kind in step.types]
            self._turns[key] = Turn(
                tuple(each.up for each in changes) if up else tuple(each.down for each in reversed(changes))
            )
        return self._turns[key]


HISTORY = History()
"""The history of ``schemas.records``. A released declaration changes only together with a step here."""


@dataclass(frozen=True)
class Declarations(Mapping[str, RecordType]):
    """Record types together with another history than ``HISTORY``."""

    types: Mapping[str, RecordType]
    history: History

    def __getitem__(self, name: str) -> RecordType:
        return self.types[name]

    def __iter__(self) -> Iterator[str]:
        return iter(self.types)

    def __len__(self) -> int:
        return len(self.types)


def history_of(types: Mapping[str, RecordType]) -> History:
    """Return the history that comes with some types."""
    return types.history if isinstance(types, Declarations) else HISTORY
