"""What an officer does on a device, written down: presses of Save, each a few steps. ``device.py`` carries it out.

A value ``@name`` in a step's data stands for the id of the record that an earlier step called ``name``.
"""

from collections.abc import Collection
from typing import Any

import msgspec


class Create(msgspec.Struct, frozen=True, tag=True, tag_field="do"):
    """Record something new, called ``name`` from here on."""

    name: str
    type: str
    data: dict[str, Any]


class Photograph(msgspec.Struct, frozen=True, tag=True, tag_field="do"):
    """Take photo number ``photo`` and attach it to a record."""

    name: str
    of: str
    photo: int
    kind: str


Step = Create | Photograph
Save = list[Step]


class Plan(msgspec.Struct, frozen=True):
    """The work of one device. ``names``: ids of records that exist already. ``days_off``: how wrong its clock is.

    ``sync``: send it all at once, by that clock.
    """

    folder: str = ""
    passphrase: str = ""
    saves: list[Save] = []
    names: dict[str, str] = {}
    days_off: int = 0
    sync: bool = False


class Done(msgspec.Struct):
    """What was made on a device: the id of every name, the type of every id, the hash of every photo by its id."""

    names: dict[str, str] = {}
    types: dict[str, str] = {}
    hashes: dict[str, str] = {}

    def add(self, name: str, record: str, type_: str, sha256: str | None = None) -> None:
        """Note one record that was made."""
        self.names[name] = record
        self.types[record] = type_
        if sha256:
            self.hashes[record] = sha256

    def update(self, more: "Done") -> None:
        """Note all that was made elsewhere on the same device."""
        self.names.update(more.names)
        self.types.update(more.types)
        self.hashes.update(more.hashes)


def resolved(data: dict[str, Any], names: dict[str, str], *, leave: Collection[str] = ()) -> dict[str, Any]:
    """Return data with every ``@name`` replaced by the id it stands for, but those to be left as they are."""
    return {
        field: names[value[1:]] if isinstance(value, str) and value.startswith("@") and value not in leave else value
        for field, value in data.items()
    }
