"""How alike two people are."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from rapidfuzz.distance import OSA, Levenshtein

from schemas.likeness.keys import ID_DIGITS, PHONE_DIGITS_MIN, houses_of
from schemas.likeness.names import Names, names_of, sound_alike
from schemas.likeness.reason import Likeness, likeness
from schemas.likeness.weights import ALIKE_ENOUGH, ALWAYS_SHOWN, PERSON, SPELLED_ALIKE, YEARS_APART

SAID_BY_OFFICER = "said_by_officer"
"""The reason of two people of whom an officer said «not sure, let staff look». It weighs nothing and comes first."""

_AGE_BANDS = ("under_18", "18_25", "26_59", "60_over")
_KNOWN = {"day": 10, "month": 7, "year": 4, "unknown": 0}
"""How many characters of a birth date are known."""

Data = Mapping[str, Any]


@dataclass(frozen=True, slots=True)
class Traits:
    """What is compared of a person. Take it once of somebody who is compared with many."""

    names: Names
    number: str
    phones: frozenset[str]
    houses: frozenset[tuple[str, str]]
    born: str
    """As much of the birth date as is known: 10, 7, 4 or no characters."""
    age_band: str
    sex: str


def traits_of(data: Data) -> Traits:
    """Return what is compared of a person."""
    known = _KNOWN.get(str(data.get("birth_date_precision") or "day"), 0)
    return Traits(
        names=names_of(data),
        number=str(data.get("id_number") or ""),
        phones=frozenset(phone for phone in data.get("phones") or () if len(phone) >= PHONE_DIGITS_MIN),
        houses=frozenset(houses_of(data)),
        born=str(data.get("birth_date") or "")[:known],
        age_band=str(data.get("age_band") or ""),
        sex=str(data.get("sex") or ""),
    )


def person_likeness(one: Data, other: Data) -> Likeness:
    """Return how alike two people are. It is the same whichever of them comes first."""
    return traits_likeness(traits_of(one), traits_of(other))


def traits_likeness(one: Traits, other: Traits) -> Likeness:
    """Return how alike two people are, of whom the traits were taken before."""
    codes = {
        *_numbers(one.number, other.number),
        *_names(one.names, other.names),
        *_contact(one, other),
        *_births(one.born, other.born),
        *_ages(one.age_band, other.age_band),
    }
    if {one.sex, other.sex} == {"male", "female"}:
        codes.add("sex_differs")
    return likeness(codes, PERSON, at_least=ALIKE_ENOUGH if codes & ALWAYS_SHOWN else 0)


def _numbers(one: str, other: str) -> Iterator[str]:
    """Compare identity numbers. Only those like a national ID can be off by a slip: others have no known length."""
    if not one or not other:
        return
    if one == other:
        yield "id_same"
    elif all(number.isascii() and number.isdigit() for number in (one, other)) and _about_as_long(one, other):
        if OSA.distance(one, other) > 1:
            yield "id_differs"
        else:
            yield "id_one_digit" if Levenshtein.distance(one, other) == 1 else "id_digits_swapped"


def _about_as_long(one: str, other: str) -> bool:
    lengths = {len(one), len(other)}
    return ID_DIGITS in lengths and lengths <= {ID_DIGITS - 1, ID_DIGITS}


def _names(one: Names, other: Names) -> Iterator[str]:
    """Compare names where both are known: who has none is like nobody by name."""
    if one == other and one.first and one.last:
        yield "name_same"
        return
    if one.first and one.last and (one.first, one.last) == (other.last, other.first):
        yield "name_swapped"
        return
    for part, mine, theirs in zip(("first_name", "last_name"), one, other, strict=True):
        if mine and theirs:
            yield f"{part}_{_compared(mine, theirs)}"


def _compared(one: str, other: str) -> str:
    if one == other:
        return "same"
    close = Levenshtein.normalized_similarity(one, other) >= SPELLED_ALIKE
    return "alike" if close or sound_alike(one, other) else "differs"


def _contact(one: Traits, other: Traits) -> Iterator[str]:
    if one.phones & other.phones:
        yield "phone_same"
    if any(_one_house(mine, theirs) for mine in one.houses for theirs in other.houses):
        yield "house_same"


def _one_house(one: tuple[str, str], other: tuple[str, str]) -> bool:
    """Tell whether two addresses may be one house: the village, where only one of them says it, is no obstacle."""
    areas = sorted((one[0], other[0]), key=len)
    return one[1] == other[1] and areas[1].startswith(areas[0])


def _births(one: str, other: str) -> Iterator[str]:
    """Compare birth dates as far as both are known."""
    known = min(len(one), len(other))
    if not known:
        return
    if one[:known] == other[:known]:
        yield "birth_same" if known == _KNOWN["day"] else "birth_fits"
    elif abs(int(one[:4]) - int(other[:4])) > YEARS_APART or known == _KNOWN["day"]:
        yield "birth_differs"


def _ages(one: str, other: str) -> Iterator[str]:
    """Compare estimated age bands; neighbours say nothing, an estimate is off by one easily."""
    if one in _AGE_BANDS and other in _AGE_BANDS:
        apart = abs(_AGE_BANDS.index(one) - _AGE_BANDS.index(other))
        if apart != 1:
            yield "age_differs" if apart else "age_same"
