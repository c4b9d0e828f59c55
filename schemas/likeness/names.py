"""A person's names as matching sees them: titles gone, one spelling of each sign, no name where none is known."""

import re
from collections.abc import Mapping
from functools import lru_cache
from typing import Any, NamedTuple

from pythainlp.soundex import lk82, udom83

from schemas.thai import TITLES, search_text, without_title

_UNNAMED = re.compile("ไม่ทราบ|ไม่ระบุ|ไม่มีชื่อ|นิรนาม|unknown|unnamed|no name|anonymous")
_LETTER = re.compile("[ก-ฮ]|[^\\W\\d_]")
_MARKS = "\u0e31\u0e34-\u0e3a\u0e47-\u0e4e"


class Names(NamedTuple):
    """First and last name; empty where unknown."""

    first: str
    last: str


class Sounds(NamedTuple):
    """How a name sounds by two systems. They err differently, so either may bring two spellings together."""

    lk82: str
    udom83: str


def names_of(data: Mapping[str, Any]) -> Names:
    """Return a person's names. A last name typed into the field of the first one is found there."""
    first, last = _bare(str(data.get("first_name") or "")), _plain(str(data.get("last_name") or ""))
    if first and not last and " " in first:
        first, _, last = first.partition(" ")
    return Names(_letters(first), _letters(last))


def _bare(name: str) -> str:
    """Return a name without any title before it, however many there are."""
    plain = _plain(name)
    while plain.startswith(TITLES) and (rest := without_title(plain)) != plain:
        plain = rest
    return plain


def _plain(name: str) -> str:
    plain = search_text(name)
    return "" if _UNNAMED.search(plain) else plain


def _letters(name: str) -> str:
    """Return the letters and vowel signs of a name; nothing where there is no letter."""
    kept = re.sub(rf"[^\w{_MARKS}]|[\d_]", "", name)
    return kept if _LETTER.search(kept) else ""


@lru_cache(maxsize=20_000)
def sounds_of(name: str) -> Sounds:
    """Return how a name of ``names_of`` sounds."""
    return Sounds(lk82(name), udom83(name))


def sound_alike(one: str, other: str) -> bool:
    """Tell whether two names sound the same by either system."""
    pairs = zip(sounds_of(one), sounds_of(other), strict=True)
    return any(mine and mine == theirs for mine, theirs in pairs)
