"""Blocking keys: what two records of one person are likely to share, however they were typed.

Only people who share a key are compared. Keys hold what people typed; whoever keeps them keeps personal data.
"""

import re
from collections.abc import Iterator, Mapping
from typing import Any

from schemas.likeness.names import names_of, sounds_of
from schemas.thai import arabic_digits, search_text

SOUND = "sound:"
"""Of one name. Many strangers share it: good for looking up one person, too wide for comparing everybody."""

HOUSE = "house:"
"""Of one house. A family shares it, so it is too wide in the same way; ``home:`` is a house and how somebody there
is called."""

ID_DIGITS = 13
PHONE_DIGITS_MIN = 8
"""A hotline of three or four digits is nobody's own."""

_KEY_LENGTH_MAX = 80
_HOUSE = re.compile("[0-9]+(?:/[0-9]+)*")

Data = Mapping[str, Any]


def person_keys(data: Data) -> frozenset[str]:
    """Return the keys of a person, each at most 80 characters long."""
    found = (*_by_name(data), *_by_number(data), *_by_phone(data), *_by_house(data))
    return frozenset(key[:_KEY_LENGTH_MAX] for key in found)


def _by_name(data: Data) -> Iterator[str]:
    """Yield a key for each sound of either name, and one of both names for comparing everybody with everybody."""
    names = names_of(data)
    for name in filter(None, names):
        for system, code in sounds_of(name)._asdict().items():
            if code:
                yield f"{SOUND}{system}:{code}"
    if names.first and names.last:
        for first, last in zip(sounds_of(names.first), sounds_of(names.last), strict=True):
            yield "names:" + "+".join(sorted((first, last)))


def _by_number(data: Data) -> Iterator[str]:
    """Yield the number and, of one like a national ID, what is left without each of its digits.

    Two numbers of which one digit is wrong, missing, or has changed places with its neighbour share such a rest.
    """
    number = str(data.get("id_number") or "")
    if number:
        yield f"id:{number}"
    if number.isascii() and number.isdigit():
        if len(number) == ID_DIGITS:
            yield from {f"near:{number[:at]}{number[at + 1 :]}" for at in range(ID_DIGITS)}
        elif len(number) == ID_DIGITS - 1:
            yield f"near:{number}"


def _by_phone(data: Data) -> Iterator[str]:
    for phone in data.get("phones") or ():
        if len(phone) >= PHONE_DIGITS_MIN:
            yield f"phone:{phone}"


def _by_house(data: Data) -> Iterator[str]:
    first = names_of(data).first
    for area, house in houses_of(data):
        yield f"{HOUSE}{area[:6]}:{house}"
        for sound in filter(None, sounds_of(first) if first else ()):
            yield f"home:{area[:6]}:{house}:{sound}"


def houses_of(data: Data) -> set[tuple[str, str]]:
    """Return (area of 6 or 8 digits, house number) of a person's addresses."""
    pairs = (("address_area", "house_number"), ("registered_area", "registered_house_number"))
    typed = {(str(data.get(area) or ""), str(data.get(house) or "")) for area, house in pairs}
    found = {(area, _house_number(house)) for area, house in typed if len(area) >= 6 and house}
    return {(area, house) for area, house in found if house}


def _house_number(typed: str) -> str:
    """Return the number alone: «12/3 หมู่ 5» and «บ้านเลขที่ 12/3» are one house."""
    number = _HOUSE.search(arabic_digits(typed))
    return number[0] if number else search_text(typed)[:40]
