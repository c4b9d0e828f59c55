"""The closed list of validators. Each is a Python function here and, on the phone, one twin pinned by vectors."""

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from marshmallow import ValidationError


class Rule:
    """A validator of one value; its problem carries a stable code and what the message needs."""

    def declaration(self) -> dict[str, Any]:
        """Return the rule as data, for ``GET /api/v1/schema``."""
        raise NotImplementedError

    def problem(self, value: Any) -> dict[str, Any] | None:
        """Return what is wrong with the value, or ``None``."""
        raise NotImplementedError

    def __call__(self, value: Any) -> Any:
        if problem := self.problem(value):
            raise ValidationError([problem])
        return value


@dataclass(frozen=True, slots=True)
class Length(Rule):
    """At least and at most so many characters (or elements of a list)."""

    min: int = 0
    max: int = 10_000

    def declaration(self) -> dict[str, Any]:
        return {"rule": "length", "min": self.min, "max": self.max}

    def problem(self, value: Any) -> dict[str, Any] | None:
        if len(value) < self.min:
            return {"code": "too_short", "min": self.min}
        return {"code": "too_long", "max": self.max} if len(value) > self.max else None


@dataclass(frozen=True, slots=True)
class Range(Rule):
    """Between two numbers, both allowed."""

    min: float
    max: float

    def declaration(self) -> dict[str, Any]:
        return {"rule": "range", "min": self.min, "max": self.max}

    def problem(self, value: Any) -> dict[str, Any] | None:
        if self.min <= value <= self.max:
            return None
        return {"code": "out_of_range", "min": self.min, "max": self.max}


@dataclass(frozen=True, slots=True)
class Pattern(Rule):
    """The whole text fits a regular expression (a subset that JavaScript reads alike)."""

    regex: str

    def declaration(self) -> dict[str, Any]:
        return {"rule": "pattern", "regex": self.regex}

    def problem(self, value: Any) -> dict[str, Any] | None:
        return None if re.fullmatch(self.regex, value) else {"code": "wrong_form"}


@dataclass(frozen=True, slots=True)
class RequiredIf:
    """A field must be filled when another one has one of the given values."""

    field: str
    when: str
    has: tuple[Any, ...]

    def declaration(self) -> dict[str, Any]:
        return {"rule": "required_if", "field": self.field, "when": self.when, "has": list(self.has)}

    def __call__(self, data: Mapping[str, Any]) -> Iterator[tuple[str, dict[str, Any]]]:
        if data.get(self.when) in self.has and data.get(self.field) in (None, "", []):
            yield self.field, {"code": "required", "when": self.when}
