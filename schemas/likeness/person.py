"""How alike two people are."""

from collections.abc import Iterator, Mapping
from typing import Any

from rapidfuzz.distance import OSA, Levenshtein

from schemas.likeness.keys import ID_DIGITS, PHONE_DIGITS_MIN, houses_of
from schemas.likeness.names import Names, names_of, sound_alike
from schemas.likeness.reason import Likeness, likeness
from schemas.likeness.weights import ALIKE_ENOUGH, ALWAYS_SHOWN, PERSON, SPELLED_ALIKE, YEARS_APART

SAID_BY_OFFICER = "said_by_officer"
"""The reason of two people of whom an officer said «not sure, let staff look». It weighs nothing and comes first."""

_AGE_BANDS = ("under_18", "18_25", "26_59", "60_over")

Data = Mapping[str, Any]


def person_likeness(one: Data, other: Data) -> Likeness:
    """Return how alike two people are. It is the same whichever of them comes first."""
    codes = {
        *_numbers(str(one.get("id_number") or ""), str(other.get("id_number") or "")),
        *_names(names_of(one), names_of(other)),
        *_contact(one, other),
        *_births(one, other),
        *_ages(one, other),
        *_sexes(one, other),
    }
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


def _contact(one: Data, other: Data) -> Iterator[str]:
    phones = set(one.get("phones") or ()) & set(other.get("phones") or ())
    if any(len(phone) >= PHONE_DIGITS_MIN for phone in phones):
        yield "phone_same"
    if any(_one_house(mine, theirs) for mine in houses_of(one) for theirs in houses_of(other)):
        yield "house_same"


def _one_house(one: tuple[str, str], other: tuple[str, str]) -> bool:
    """Tell whether two addresses may be one house: the village, where only one of them says it, is no obstacle."""
    areas = sorted((one[0], other[0]), key=len)
    return one[1] == other[1] and areas[1].startswith(areas[0])


def _births(one: Data, other: Data) -> Iterator[str]:
    """Compare birth dates as far as both are known."""
    dates, precisions = zip(
        *((str(each.get("birth_date") or ""), _precision(each)) for each in (one, other)), strict=True
    )
    if not all(dates) or "unknown" in precisions:
        return
    known = min({"day": 10, "month": 7, "year": 4}[each] for each in precisions)
    if dates[0][:known] == dates[1][:known]:
        yield "birth_same" if known == 10 else "birth_fits"
    elif abs(int(dates[0][:4]) - int(dates[1][:4])) > YEARS_APART or known == 10:
        yield "birth_differs"


def _precision(data: Data) -> str:
    return str(data.get("birth_date_precision") or "day")


def _ages(one: Data, other: Data) -> Iterator[str]:
    """Compare estimated age bands; neighbours say nothing, an estimate is off by one easily."""
    bands = [each.get("age_band") for each in (one, other)]
    if all(band in _AGE_BANDS for band in bands):
        apart = abs(_AGE_BANDS.index(str(bands[0])) - _AGE_BANDS.index(str(bands[1])))
        if apart != 1:
            yield "age_differs" if apart else "age_same"


def _sexes(one: Data, other: Data) -> Iterator[str]:
    if {one.get("sex"), other.get("sex")} == {"male", "female"}:
        yield "sex_differs"
