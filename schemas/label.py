"""A text in both languages of the screens."""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Label:
    """A text in both languages."""

    th: str
    en: str
