"""The closed list of validators. Each is a Python function here and, on the phone, one twin pinned by vectors."""

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from marshmallow import ValidationError

from schemas.checks import is_house_code, is_national_id

CHECKS = {"national_id": is_national_id, "house_code": is_house_code}
"""The named checks of values that have a form of their own."""


class Rule:
    """A validator of one value; its problem carries a stable code and what the message needs."""

    def declaration(self) -> dict[str, Any]:
        """Return the rule as data, for ``GET /api/v1/schema``."""
        raise NotImplementedError

    def problem(self, value: Any) -> dict[str, Any] | None:
        """Return what is wrong with the value, or ``None``."""
        raise NotImplementedError

    def __call__(self, value: Any) -> Any:
        """Raise the problem, as marshmallow expects of a validator."""
        if problem := self.problem(value):
            raise ValidationError([problem])  # leaves are problems, not texts
        return value


@dataclass(frozen=True, slots=True)
class Length(Rule):
    """At least and at most so many characters (or elements of a list)."""

    min: int = 0
    max: int = 10_000

    def declaration(self) -> dict[str, Any]:
        """Return the rule as data."""
        return {"rule": "length", "min": self.min, "max": self.max}

    def problem(self, value: Any) -> dict[str, Any] | None:
        """Return ``too_short`` or ``too_long``."""
        if len(value) < self.min:
            return {"code": "too_short", "min": self.min}
        return {"code": "too_long", "max": self.max} if len(value) > self.max else None


@dataclass(frozen=True, slots=True)
class Range(Rule):
    """Between two numbers, both allowed."""

    min: float
    max: float

    def declaration(self) -> dict[str, Any]:
        """Return the rule as data."""
        return {"rule": "range", "min": self.min, "max": self.max}

    def problem(self, value: Any) -> dict[str, Any] | None:
        """Return ``out_of_range``."""
        if self.min <= value <= self.max:
            return None
        return {"code": "out_of_range", "min": self.min, "max": self.max}


@dataclass(frozen=True, slots=True)
class Pattern(Rule):
    """The whole text fits a regular expression, in the subset that JavaScript reads alike: no classes."""

    regex: str

    def declaration(self) -> dict[str, Any]:
        """Return the rule as data."""
        return {"rule": "pattern", "regex": self.regex}

    def problem(self, value: Any) -> dict[str, Any] | None:
        """Return ``wrong_form``."""
        return None if re.fullmatch(self.regex, value) else {"code": "wrong_form"}


class RecordRule:
    """A rule over several fields of a record."""

    def declaration(self) -> dict[str, Any]:
        """Return the rule as data, for ``GET /api/v1/schema``."""
        raise NotImplementedError

    def holds(self, data: Mapping[str, Any]) -> bool:
        """Tell whether a record keeps the rule."""
        raise NotImplementedError

    def problem(self) -> tuple[str, dict[str, Any]]:
        """Return the field that breaks the rule, and what is wrong with it."""
        raise NotImplementedError

    def __call__(self, data: Mapping[str, Any]) -> Iterator[tuple[str, dict[str, Any]]]:
        """Yield what is wrong in a record, by field."""
        if not self.holds(data):
            yield self.problem()


_NOTHING: tuple[Any, ...] = (None, "", [])


@dataclass(frozen=True, slots=True)
class RequiredIf(RecordRule):
    """A field must be filled when another one has one of the given values, or (``has=()``) any value."""

    field: str
    when: str
    has: tuple[Any, ...] = ()

    def declaration(self) -> dict[str, Any]:
        """Return the rule as data."""
        return {"rule": "required_if", "field": self.field, "when": self.when, "has": list(self.has)}

    def holds(self, data: Mapping[str, Any]) -> bool:
        """Tell whether the field is filled, or need not be."""
        if data.get(self.field) not in _NOTHING:
            return True
        other = data.get(self.when)
        return other not in self.has if self.has else other in _NOTHING

    def problem(self) -> tuple[str, dict[str, Any]]:
        """Return the empty field with ``required``."""
        return self.field, {"code": "required", "when": self.when}


@dataclass(frozen=True, slots=True)
class Check(RecordRule):
    """A named check of a field; with ``when``, only while another field has one of the given values."""

    field: str
    check: str
    code: str
    when: str | None = None
    has: tuple[Any, ...] = ()

    def declaration(self) -> dict[str, Any]:
        """Return the rule as data."""
        only = {"when": self.when, "has": list(self.has)} if self.when else {}
        return {"rule": "check", "field": self.field, "check": self.check, "code": self.code, **only}

    def holds(self, data: Mapping[str, Any]) -> bool:
        """Tell whether the value passes, or is not to be checked."""
        if self.when is not None and data.get(self.when) not in self.has:
            return True
        value = data.get(self.field)
        return not isinstance(value, str) or CHECKS[self.check](value)

    def problem(self) -> tuple[str, dict[str, Any]]:
        """Return the field with this rule's code."""
        return self.field, {"code": self.code}
