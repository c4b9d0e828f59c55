"""Kinds that name something by its identifier."""

import re
from collections.abc import Sequence
from typing import Any

from schemas.base import Carry, Merge
from schemas.fields.base import RecordField, refused

ANY_RECORD = ("*",)

UUID_FORM = "[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}"
_UUID = re.compile(UUID_FORM)


class Id(RecordField):
    """The identifier of something that is not a record: a mutation, a device, an incarnation."""

    kind = "id"

    def stored(self, value: Any) -> Any:
        """Return the UUID as stored."""
        return self.one(value)

    def one(self, value: Any) -> str:
        """Return one UUID in lower-case canonical text."""
        if not isinstance(value, str):
            raise self.wrong_type()
        text = value.lower()
        if not _UUID.fullmatch(text):
            raise refused("wrong_id")
        return text


class User(Id):
    """A user of the system, by id."""

    kind = "user"


class Reference(Id):
    """One record, by id. It need not exist yet where the value is checked: what was filed first may arrive last."""

    kind = "reference"

    def __init__(
        self, th: str, en: str, *, refers_to: Sequence[str], carry: Carry | None = None, **declared: Any
    ) -> None:
        super().__init__(th, en, **declared)
        self.refers_to = tuple(refers_to)
        self.carry = carry


class References(Reference):
    """Any number of records; each is added and removed by itself."""

    kind = "references"
    default_merge = Merge.SET

    def stored(self, value: Any) -> list[str]:
        """Return the ids in order, each once."""
        if not isinstance(value, list):
            raise self.wrong_type()
        return sorted({self.one(each) for each in value})
