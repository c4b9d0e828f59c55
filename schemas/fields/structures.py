"""Kinds made of objects: a log, a list of objects, one object, and any JSON at all."""

import math
from collections.abc import Mapping
from typing import Any

from marshmallow import ValidationError

from schemas.base import Merge
from schemas.fields.base import RecordField, refused
from schemas.fields.links import Id
from schemas.fields.text import storable

ELEMENTS_MAX = 1_000
DEPTH_MAX = 20


class Object(RecordField):
    """One object with declared fields."""

    kind = "object"

    def __init__(self, th: str, en: str, *, of: Mapping[str, RecordField], **declared: Any) -> None:
        super().__init__(th, en, **declared)
        self.element = of
        self.of = of

    def stored(self, value: Any) -> Any:
        """Return the object as stored."""
        return self.one(value)

    def one(self, value: Any) -> dict[str, Any]:
        """Return one object with its values as stored, and without nulls."""
        if not isinstance(value, dict):
            raise self.wrong_type()
        clean: dict[str, Any] = {}
        problems: dict[str, Any] = {str(name): [{"code": "unknown_field"}] for name in value if name not in self.of}
        for name, inner in self.of.items():
            try:
                found = inner.deserialize(value[name]) if value.get(name) is not None else None
            except ValidationError as invalid:
                problems[name] = invalid.messages
                continue
            if found is not None:
                clean[name] = found
            elif inner.required:
                problems[name] = [{"code": "required"}]
        if problems:
            raise ValidationError(problems)
        return clean


class Objects(Object):
    """A list of objects that is set as one."""

    kind = "objects"

    def stored(self, value: Any) -> list[dict[str, Any]]:
        """Return the objects as stored, in the given order."""
        if not isinstance(value, list):
            raise self.wrong_type()
        if len(value) > ELEMENTS_MAX:
            raise refused("too_long", max=ELEMENTS_MAX)
        clean: list[dict[str, Any]] = []
        problems: dict[int, Any] = {}
        for position, each in enumerate(value):
            try:
                clean.append(self.one(each))
            except ValidationError as invalid:
                problems[position] = invalid.messages
        if problems:
            raise ValidationError(problems)  # positions become texts later
        return clean


class Log(Objects):
    """A list that only grows: each object has an ``id`` of its own, and the last one is the latest."""

    kind = "log"
    default_merge = Merge.APPEND

    def __init__(self, th: str, en: str, *, of: Mapping[str, RecordField], **declared: Any) -> None:
        super().__init__(th, en, of={"id": Id("รหัส", "Identifier", required=True), **of}, **declared)

    def stored(self, value: Any) -> list[dict[str, Any]]:
        """Return the entries as stored; no two may have one id."""
        clean = super().stored(value)
        if len({entry["id"] for entry in clean}) < len(clean):
            raise refused("repeated_id")
        return clean


class Raw(RecordField):
    """Any JSON, for values that another declaration has already judged (both sides of a conflict)."""

    kind = "raw"

    def stored(self, value: Any) -> Any:
        """Return the value unchanged when every store can hold it."""
        self._walk(value, depth=0)
        return value

    def _walk(self, value: Any, *, depth: int) -> None:
        if depth > DEPTH_MAX:
            raise refused("too_deep", max=DEPTH_MAX)
        if isinstance(value, str):
            storable(value)
        elif isinstance(value, float) and not math.isfinite(value):
            raise refused("not_finite")
        elif isinstance(value, list):
            for each in value:
                self._walk(each, depth=depth + 1)
        elif isinstance(value, dict):
            for name, each in value.items():
                self._walk(name, depth=depth + 1)
                self._walk(each, depth=depth + 1)
        elif value is not None and not isinstance(value, bool | int | float):
            raise self.wrong_type()
