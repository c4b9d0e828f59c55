"""One declared field: how it merges, who may see it, what it carries, what is at stake in it."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from enum import StrEnum
from typing import Any, ClassVar

from marshmallow import ValidationError
from marshmallow import fields as ma

from schemas.fast import value_test
from schemas.label import Label
from schemas.privacy import Privacy


class Merge(StrEnum):
    """How two edits of one field meet (sync/merge.py holds one function for each)."""

    REGISTER = "register"
    TEXT = "text"
    SET = "set"
    APPEND = "append"
    LATEST = "latest"


class Carry(StrEnum):
    """What a reference means for buckets, besides naming a record."""

    BY = "by"
    """This record is carried by the one it names (a visit by its case)."""
    ALONG = "along"
    """This record carries the one it names (a case its affected person)."""
    WITH = "with"
    """This record is wherever the one it names is (an attachment with its visit, a conflict with its record)."""


class Origin(StrEnum):
    """Who may write: records of a type, or one field of a record."""

    FIELD = "field"
    CENTRE = "centre"


class Risk(StrEnum):
    """What is at stake when two edits of a field disagree; conflicts are sorted by it."""

    SAFETY = "safety"
    IDENTITY = "identity"
    MONEY = "money"
    CLOSURE = "closure"
    ORDINARY = "ordinary"


@dataclass(frozen=True, slots=True)
class FieldSpec:
    """One field as everybody but marshmallow sees it."""

    name: str
    kind: str
    label: Label
    hint: Label | None
    merge: Merge
    privacy: Privacy
    privacy_from: str | None
    group: str | None
    required: bool
    vocabulary: str | None
    refers_to: tuple[str, ...]
    """Record types the reference may name; ``("*",)`` is any."""
    carry: Carry | None
    rules: tuple[Mapping[str, Any], ...]
    written_by: Origin
    """``CENTRE``: devices see the field and never send it."""
    risk: Risk
    fixed: bool
    """Set when the record is created, and never changed (sync/fixed.py)."""
    digits: tuple[int, ...]
    """Of an area: how many digits its code may have."""
    element: Mapping[str, "FieldSpec"] | None
    """The fields of one element, for kinds made of objects."""
    marshmallow: ma.Field[Any] = field(repr=False, compare=False)
    is_stored_form: Callable[[Any], bool] = field(init=False, repr=False, compare=False)
    """Whether a value surely is valid and as it would be stored; a quick test, which may say no too often."""

    def __post_init__(self) -> None:
        object.__setattr__(self, "is_stored_form", value_test(self))

    def normalise(self, value: Any) -> Any:
        """Return the value as it would be stored, or unchanged when it is not valid."""
        if value is None or self.is_stored_form(value):
            return value
        try:
            return self.marshmallow.deserialize(value)
        except ValidationError:
            return value


class Declared:
    """Mixin of every field in ``schemas.fields``: what a declaration says beyond marshmallow's own words."""

    kind: ClassVar[str]
    default_merge: ClassVar[Merge] = Merge.REGISTER

    label: Label
    hint: Label | None
    merge: Merge
    privacy: Privacy
    privacy_from: str | None
    group: str | None
    written_by: Origin
    risk: Risk
    fixed: bool
    vocabulary: str | None = None
    refers_to: tuple[str, ...] = ()
    carry: Carry | None = None
    digits: tuple[int, ...] = ()
    element: "Mapping[str, Declared] | None" = None
    rules: Sequence[Any]

    def spec(self, name: str) -> FieldSpec:
        """Return what this field declares, under its name."""
        assert isinstance(self, ma.Field)
        return FieldSpec(
            name=name,
            kind=self.kind,
            label=self.label,
            hint=self.hint,
            merge=self.merge,
            privacy=self.privacy,
            privacy_from=self.privacy_from,
            group=self.group,
            required=self.required,
            vocabulary=self.vocabulary,
            refers_to=self.refers_to,
            carry=self.carry,
            rules=tuple(rule.declaration() for rule in self.rules),
            written_by=self.written_by,
            risk=self.risk,
            fixed=self.fixed,
            digits=self.digits,
            element={inner: declared.spec(inner) for inner, declared in self.element.items()} if self.element else None,
            marshmallow=self,
        )
