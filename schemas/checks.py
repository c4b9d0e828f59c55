"""Checks of single values that have a form of their own: identity numbers, telephone numbers, house codes."""

import re
from typing import Any

from schemas.thai import arabic_digits

UNSTORABLE = re.compile("[\x00\ud800-\udfff]")
"""NUL and lone surrogates: PostgreSQL's JSONB refuses them."""

_SEPARATORS = re.compile(r"[\s\-().\u2010-\u2015]+")
_MOBILE = re.compile(r"0[689]\d{8}")
_LANDLINE = re.compile(r"0[2-7]\d{7}")
_HOTLINE = re.compile(r"1\d{2,3}")
_ABROAD = re.compile(r"\+(?!66)[1-9]\d{6,14}")


def sayable(name: Any) -> str:
    """Return a name that a client made up, fit to be stored and sent back in an error."""
    return UNSTORABLE.sub("\ufffd", str(name))[:100]


def is_national_id(text: str) -> bool:
    """Tell whether 13 digits carry their check digit: (11 - sum of d(i) * (13 - i) mod 11) mod 10.

    The third digit has weight 11, so any slip in it passes: valid is not correct. A leading 0 is legal.
    """
    if not re.fullmatch(r"[0-9]{13}", text):
        return False
    total = sum(int(digit) * (13 - position) for position, digit in enumerate(text[:12]))
    return (11 - total % 11) % 10 == int(text[12])


def read_back_national_id(text: str) -> str:
    """Return 13 digits in the groups in which they are read aloud, 1-4-5-2-1."""
    return "-".join((text[0], text[1:5], text[5:10], text[10:12], text[12:])) if len(text) == 13 else text


def identity_number(text: str) -> str:
    """Return an identity number as stored: no separators, Arabic digits, capital letters."""
    return _SEPARATORS.sub("", arabic_digits(text)).upper()


def phone_number(text: str) -> str | None:
    """Return a telephone number as stored, or ``None`` when it has no known form.

    Mobiles and landlines start with 0 (``+66`` is read as that), hotlines have three or four digits, numbers abroad
    keep their ``+``.
    """
    plain = _SEPARATORS.sub("", arabic_digits(text))
    if plain.startswith("00") and len(plain) > 10:
        plain = "+" + plain[2:]
    if plain.startswith("+66"):
        plain = "0" + plain[3:].removeprefix("0")
    known = any(form.fullmatch(plain) for form in (_MOBILE, _LANDLINE, _HOTLINE, _ABROAD))
    return plain if known and plain.isascii() else None


def is_house_code(text: str) -> bool:
    """Tell whether a text has the length of a house code; nothing more is known of its digits."""
    return re.fullmatch(r"[0-9]{11}", text) is not None


def area_code(text: str) -> str | None:
    """Return a DOPA code of 2, 4, 6 or 8 digits as stored, or ``None``.

    Some systems write a tambon as 8 digits ending 00; no village has the number 00.
    """
    plain = arabic_digits(text).strip()
    if not re.fullmatch(r"[0-9]{2}(?:[0-9]{2}){0,3}", plain):
        return None
    return plain[:6] if len(plain) == 8 and plain.endswith("00") else plain
