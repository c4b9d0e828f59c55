"""Kinds of query parameters: as the kinds of record fields, but everything arrives as text and may have a default."""

import re
from typing import Any

from schemas.fields import Integer, Line
from schemas.rules import Range

NUMBER = re.compile("-?[0-9]{1,30}")


class QueryLine(Line):
    """One line of text."""

    def __init__(self, th: str, en: str, *, load_default: str | None = None, **declared: Any) -> None:
        super().__init__(th, en, **declared)
        self.load_default = load_default

    def deserialize(self, value: Any, *about: Any, **more: Any) -> Any:
        """Return the text; ``?name=`` without any says no more than leaving it out."""
        found = super().deserialize(value, *about, **more)
        return self.load_default if found is None else found


class QueryInteger(Integer):
    """A whole number, written in digits."""

    def __init__(self, th: str, en: str, *, minimum: int, maximum: int, load_default: int) -> None:
        super().__init__(th, en, rules=(Range(minimum, maximum),))
        self.load_default = load_default

    def stored(self, value: Any) -> Any:
        """Return the number."""
        if isinstance(value, str) and NUMBER.fullmatch(value):
            value = int(value)
        return super().stored(value)
