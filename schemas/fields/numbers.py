"""Kinds of numbers, and the flag."""

import math
from collections.abc import Sequence
from typing import Any

from schemas.fields.base import RecordField, refused
from schemas.rules import Range, Rule

SAFE_INTEGER = 2**53 - 1
"""The largest whole number that JavaScript holds exactly."""


class _Bounded(RecordField):
    """A number, within this kind's limits unless the declaration has its own."""

    limits: Range

    def __init__(self, th: str, en: str, *, rules: Sequence[Rule] = (), **declared: Any) -> None:
        limits = () if any(isinstance(rule, Range) for rule in rules) else (self.limits,)
        super().__init__(th, en, rules=(*limits, *rules), **declared)


class Integer(_Bounded):
    """A whole number."""

    kind = "integer"
    limits = Range(-SAFE_INTEGER, SAFE_INTEGER)

    def stored(self, value: Any) -> int:
        """Return the number; ``1.0`` is not one, and neither is ``true``."""
        if type(value) is not int:
            raise self.wrong_type()
        return value


class Money(Integer):
    """An amount in satang, so that sums are exact; a hundred satang are one baht."""

    kind = "money"
    limits = Range(0, 10**12)


class Number(_Bounded):
    """A finite number."""

    kind = "number"
    limits = Range(-(10**15), 10**15)

    def stored(self, value: Any) -> int | float:
        """Return the number; a whole one is stored as an integer, as JavaScript writes it."""
        if type(value) is int:
            return value
        if type(value) is not float:
            raise self.wrong_type()
        if not math.isfinite(value):
            raise refused("not_finite")
        return int(value) if value.is_integer() else value


class Flag(RecordField):
    """Yes or no; not asked is not stored."""

    kind = "flag"

    def stored(self, value: Any) -> bool:
        """Return the value; ``1`` and ``"true"`` are of another type."""
        if type(value) is not bool:
            raise self.wrong_type()
        return value
