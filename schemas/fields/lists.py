"""Kinds that hold lists of texts, or of numbers in the telephone's sense."""

from collections.abc import Sequence
from typing import Any

from schemas.base import Merge
from schemas.checks import phone_number
from schemas.fields.base import RecordField, refused
from schemas.fields.text import storable
from schemas.rules import Length, Rule
from schemas.thai import stored_text


class Lines(RecordField):
    """Any number of short texts; each is added and removed by itself."""

    kind = "lines"
    default_merge = Merge.SET
    element_length_max = 100

    def __init__(self, th: str, en: str, *, rules: Sequence[Rule] = (), **declared: Any) -> None:
        limits = () if any(isinstance(rule, Length) for rule in rules) else (Length(max=100),)
        super().__init__(th, en, rules=(*limits, *rules), **declared)

    def stored(self, value: Any) -> list[str]:
        """Return the texts in order of their characters, each once; empty ones are none."""
        if not isinstance(value, list):
            raise self.wrong_type()
        return sorted({text for each in value if (text := self.one(each))})

    def one(self, value: Any) -> str:
        """Return one text as stored."""
        if not isinstance(value, str):
            raise self.wrong_type()
        text = stored_text(" ".join(storable(value).split()))
        if len(text) > self.element_length_max:
            raise refused("too_long", max=self.element_length_max)
        return text


class Phones(Lines):
    """Any number of telephone numbers."""

    kind = "phones"

    def one(self, value: Any) -> str:
        """Return one number without separators."""
        text = super().one(value)
        if not text:
            return text
        if (number := phone_number(text)) is None:
            raise refused("wrong_phone")
        return number
