"""What an officer does on a device, written down: presses of Save, each a few steps. ``device.py`` carries it out.

A value ``@name`` in a step's data stands for the id of the record that an earlier step called ``name``.
"""

from typing import Any

import msgspec


class Create(msgspec.Struct, frozen=True, tag=True):
    """Record something new, called ``name`` from here on."""

    name: str
    type: str
    data: dict[str, Any]


class Change(msgspec.Struct, frozen=True, tag=True):
    """Change fields of a record."""

    of: str
    data: dict[str, Any]


class Photograph(msgspec.Struct, frozen=True, tag=True):
    """Take photo number ``photo`` and attach it to a record."""

    name: str
    of: str
    photo: int
    kind: str


Step = Create | Change | Photograph
Save = list[Step]


class Plan(msgspec.Struct, frozen=True):
    """The work of one device. ``names``: ids of records that exist already. ``days_off``: how wrong its clock is."""

    folder: str
    passphrase: str
    saves: list[Save] = []
    names: dict[str, str] = {}
    days_off: int = 0


class Done(msgspec.Struct, frozen=True):
    """What came of a plan: the id of every name, and the types and photo hashes of what was made."""

    names: dict[str, str] = {}
    types: dict[str, str] = {}
    hashes: dict[str, str] = {}


def resolved(data: dict[str, Any], names: dict[str, str]) -> dict[str, Any]:
    """Return data with every ``@name`` replaced by the id it stands for."""
    return {field: _resolved(value, names) for field, value in data.items()}


def _resolved(value: Any, names: dict[str, str]) -> Any:
    if isinstance(value, str) and value.startswith("@"):
        return names[value[1:]]
    return [_resolved(each, names) for each in value] if isinstance(value, list) else value
