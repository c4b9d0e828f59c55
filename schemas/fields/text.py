"""Kinds of text."""

import re
from collections.abc import Sequence
from typing import Any

from schemas.base import Merge
from schemas.checks import UNSTORABLE, identity_number, phone_number
from schemas.fields.base import RecordField, refused
from schemas.reference_number import is_valid, normalise
from schemas.rules import Length, Rule
from schemas.thai import OUTER_SPACE, stored_text

_BREAKS = re.compile("[\t\n\v\f\r\u0085\u2028\u2029]+")


def storable(text: str) -> str:
    """Return a text that every store can hold.

    :raises ValidationError: for NUL and lone surrogates.
    """
    if UNSTORABLE.search(text):
        raise refused("unstorable_characters")
    return text


class Line(RecordField):
    """One line of text, at most 200 characters unless said otherwise; line breaks and tabs become a space."""

    kind = "line"
    max_length = 200

    def __init__(self, th: str, en: str, *, rules: Sequence[Rule] = (), **declared: Any) -> None:
        limits = () if any(isinstance(rule, Length) for rule in rules) else (Length(max=self.max_length),)
        super().__init__(th, en, rules=(*limits, *rules), **declared)

    def deserialize(self, value: Any, attr: str | None = None, data: Any = None, **kwargs: Any) -> Any:
        """Return the stored form; a text of nothing but white space, or of which nothing is left, is no text."""
        if isinstance(value, str) and not value.strip(OUTER_SPACE):
            value = None
        found = super().deserialize(value, attr, data, **kwargs)
        return super().deserialize(None, attr, data, **kwargs) if found == "" else found

    def stored(self, value: Any) -> str:
        """Return the text as stored."""
        if not isinstance(value, str):
            raise self.wrong_type()
        return self.form(storable(value))

    def form(self, text: str) -> str:
        """Return a storable text in this kind's one form."""
        return stored_text(_BREAKS.sub(" ", text))


class Text(Line):
    """Several lines; two people's edits are joined line by line."""

    kind = "text"
    default_merge = Merge.TEXT
    max_length = 20_000

    def form(self, text: str) -> str:
        """Return the text with the line feed as its only line break, so that merging sees the same lines everywhere."""
        return stored_text(text.replace("\r\n", "\n").replace("\r", "\n"))


class Phone(Line):
    """A telephone number; none at all is legal."""

    kind = "phone"
    max_length = 20

    def form(self, text: str) -> str:
        """Return the number without separators."""
        if (number := phone_number(text)) is None:
            raise refused("wrong_phone")
        return number


class IdentityNumber(Line):
    """A number on an identity document. A wrong check digit is a warning of the record, never an error here."""

    kind = "identifier"
    max_length = 30

    def form(self, text: str) -> str:
        """Return the number without separators, in capitals."""
        return stored_text(identity_number(stored_text(text)))


class ReferenceNumber(Line):
    """The short number of a case or request."""

    kind = "reference_number"
    max_length = 20

    def form(self, text: str) -> str:
        """Return the number in groups."""
        number = normalise(text)
        if not is_valid(number):
            raise refused("wrong_reference_number")
        return number


class Sha256(Line):
    """The SHA-256 of a file, as 64 lower-case hexadecimal digits."""

    kind = "sha256"
    max_length = 64

    def form(self, text: str) -> str:
        """Return the digits in lower case."""
        digest = text.strip(OUTER_SPACE).lower()
        if not re.fullmatch("[0-9a-f]{64}", digest):
            raise refused("wrong_form")
        return digest
