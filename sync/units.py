"""What is merged as one: a field group under its name, every other field under its own."""

from collections.abc import Sequence

from schemas.base import RecordType


def units(kind: RecordType, names: Sequence[str]) -> dict[str, tuple[str, ...]]:
    """Return unit -> all its fields, for the units that some fields belong to."""
    found: dict[str, tuple[str, ...]] = {}
    for name in names:
        group = kind.fields[name].group if name in kind.fields else None
        found[group or name] = kind.groups[group] if group else (name,)
    return found
