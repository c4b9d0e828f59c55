"""What a record type declares, once: fields, labels, merge rules, privacy classes, buckets, what it carries.

Validation on both sides, OpenAPI, forms, merging, masking and report views all read ``RecordType``; nothing lists a
field a second time.
"""

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from functools import cached_property
from typing import Any, ClassVar

from marshmallow import RAISE, Schema, ValidationError

from schemas.checks import sayable
from schemas.ending import Ending
from schemas.fast import acceptor
from schemas.field_spec import Carry, Declared, FieldSpec, Merge, Origin, Risk
from schemas.label import Label
from schemas.placement import Place
from schemas.rules import RecordRule

__all__ = [
    "MERGED_INTO", "Carry", "Declared", "Errors", "FieldSpec", "Label", "Merge", "Origin", "RecordSchema",
    "RecordType", "Risk",
]  # fmt: skip

Errors = dict[str, list[dict[str, Any]]]
"""Field name -> problems; a problem is ``{"code": "too_long", "max": 200}``. Texts live in the message catalogue."""


class RecordSchema(Schema):
    """Base of every record type. A subclass says ``type_name``, ``type_label``, ``places`` and its fields.

    What is said of the type stands in names that no field would have (a team has a field ``name``).
    """

    class Meta:
        unknown = RAISE

    error_messages = {"unknown": {"code": "unknown_field"}, "type": {"code": "not_an_object"}}  # type: ignore[dict-item]

    type_name: ClassVar[str]
    type_label: ClassVar[Label]
    places: ClassVar[tuple[Place, ...]] = ()
    origin: ClassVar[Origin] = Origin.FIELD
    record_rules: ClassVar[tuple[RecordRule, ...]] = ()
    """Rules over several fields, such as ``RequiredIf``."""
    record_warnings: ClassVar[tuple[RecordRule, ...]] = ()
    """Rules of the same shape whose problems are shown and never refused."""
    summary_fields: ClassVar[tuple[str, ...]] = ()
    """The fields that make up one line about the record, in a list."""
    owner_edits_only: ClassVar[bool] = False
    """Others read the record; only who created it may change it."""
    assigning: ClassVar[frozenset[str]] = frozenset()
    """Fields that say in whose hands a record is, and so who sees it whole: changing them is the action ``assign``."""
    mergeable: ClassVar[bool] = False
    """Two records of the type may turn out to be one: the same person, the same incident."""
    ending: ClassVar[Ending | None] = None
    """How a record ends, and what speaks against it."""
    one_per_owner: ClassVar[str | None] = None
    """The reference of which one owner may have a single record (an officer's assessment of a case)."""


MERGED_INTO = "merged_into"
"""Beside the fields of a record: the id of the one that it was merged into. No edit sets it; merging does."""


@dataclass(frozen=True)
class RecordType:
    """A declared record type, ready for use by ``sync``, server and kit."""

    schema: type[RecordSchema]

    @property
    def name(self) -> str:
        """The identifier, such as ``visit``."""
        return self.schema.type_name

    @property
    def label(self) -> Label:
        """The label in both languages."""
        return self.schema.type_label

    @property
    def origin(self) -> Origin:
        """Who may create such records."""
        return self.schema.origin

    @property
    def summary(self) -> tuple[str, ...]:
        """The fields that make up one line about a record."""
        return self.schema.summary_fields

    @cached_property
    def fields(self) -> Mapping[str, FieldSpec]:
        """Every field in declared order."""
        return {name: declared.spec(name) for name, declared in self._instance.declared_fields.items()}  # type: ignore[attr-defined]

    @cached_property
    def groups(self) -> Mapping[str, tuple[str, ...]]:
        """Field groups that are set as one: group name -> its fields."""
        found: dict[str, tuple[str, ...]] = {}
        for spec in self.fields.values():
            if spec.group:
                found[spec.group] = (*found.get(spec.group, ()), spec.name)
        return found

    @cached_property
    def references(self) -> tuple[FieldSpec, ...]:
        """The fields that mean something for buckets."""
        return tuple(spec for spec in self.fields.values() if spec.carry)

    def own_buckets(self, data: Mapping[str, Any], owner: str) -> frozenset[str]:
        """Return the buckets in which the record lies of itself."""
        return frozenset(bucket for place in self.schema.places for bucket in place(data, owner))

    def named(self, data: Mapping[str, Any], carry: Carry) -> Iterator[str]:
        """Yield the ids of the records that fields of this carry mode name, also where nobody checked the values."""
        for name in self.names_by_carry[carry]:
            value = data.get(name)
            yield from (each for each in (value if isinstance(value, list) else (value,)) if isinstance(each, str))

    @cached_property
    def names_by_carry(self) -> Mapping[Carry, tuple[str, ...]]:
        """The fields of each carry mode."""
        return {carry: tuple(spec.name for spec in self.references if spec.carry is carry) for carry in Carry}

    @cached_property
    def written_by_centre(self) -> frozenset[str]:
        """The fields that no device writes."""
        return frozenset(spec.name for spec in self.fields.values() if spec.written_by is Origin.CENTRE)

    def load(self, data: Mapping[str, Any]) -> tuple[dict[str, Any], Errors]:
        """Validate a whole record; return it as it is stored (no nulls, no empty lists) and its errors by field."""
        return (dict(data), {}) if self.accepts(data) else self.examine(data)

    def examine(self, data: Mapping[str, Any]) -> tuple[dict[str, Any], Errors]:
        """Validate as ``load`` does, asking marshmallow about every field: it writes all error messages."""
        present = {name: value for name, value in data.items() if value is not None}
        try:
            loaded: dict[str, Any] = self._instance.load(present)
            clean = {name: value for name, value in loaded.items() if value is not None and value != []}
            errors: Errors = {name: [{"code": "required"}] for name in self._required if name not in clean}
        except ValidationError as invalid:
            clean = present
            errors = {sayable(name): _problems(found) for name, found in _by_field(invalid).items()}
        for rule in self.schema.record_rules:
            for name, problem in rule(clean):
                errors.setdefault(name, []).append(problem)
        return clean, errors

    @cached_property
    def accepts(self) -> Callable[[Any], bool]:
        """Whether data is valid and already as it would be stored; a quick test, which may say no too often."""
        return acceptor(self.name, self.fields, self.schema.record_rules)

    def load_values(self, values: Mapping[str, Any]) -> tuple[dict[str, Any], Errors]:
        """Validate single field values, each alone; ``None`` clears a field and is always well formed."""
        clean: dict[str, Any] = {}
        errors: Errors = {}
        for name, value in values.items():
            spec = self.fields.get(name)
            if spec is None:
                errors[sayable(name)] = [{"code": "unknown_field"}]
            elif value is None or spec.is_stored_form(value):
                clean[name] = value
            else:
                try:
                    clean[name] = spec.marshmallow.deserialize(value)
                except ValidationError as invalid:
                    errors[name] = _problems(invalid.messages)
        return clean, errors

    def warnings(self, data: Mapping[str, Any]) -> Errors:
        """Return what looks wrong in a valid record and is saved all the same (an ID failing its check digit)."""
        found: Errors = {}
        for rule in self.schema.record_warnings:
            for name, problem in rule(data):
                found.setdefault(name, []).append(problem)
        return found

    @cached_property
    def _required(self) -> tuple[str, ...]:
        return tuple(spec.name for spec in self.fields.values() if spec.required)

    @cached_property
    def _instance(self) -> RecordSchema:
        return self.schema()


def _by_field(invalid: ValidationError) -> Mapping[str, Any]:
    """Return what marshmallow found of a whole record, by field."""
    return invalid.messages if isinstance(invalid.messages, dict) else {"_schema": invalid.messages}


def _problems(found: Any) -> list[dict[str, Any]]:
    """Flatten marshmallow's messages, whose leaves are our problems; nested ones keep their position as ``at``."""
    if isinstance(found, dict) and "code" not in found:
        return [{**problem, "at": sayable(at)} for at, inner in found.items() for problem in _problems(inner)]
    if isinstance(found, list):
        return [problem for inner in found for problem in _problems(inner)]
    return [found if isinstance(found, dict) else {"code": "invalid", "detail": str(found)}]
