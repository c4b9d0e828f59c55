"""What a device shows: the last state from the server with its own pending mutations on top. Nothing is merged here."""

from collections.abc import Iterable, Mapping
from typing import Any

from schemas.base import MERGED_INTO, Merge, RecordType
from sync.mutation import Mutation, Op

Data = dict[str, Any]


def overlay(kind: RecordType, stored: Mapping[str, Any] | None, pending: Iterable[Mutation]) -> Data | None:
    """Return the record as its holder should see it, or ``None`` when it does not exist for them.

    ``pending`` are this device's mutations of the record, oldest first. An update or delete of a record that the
    device no longer holds shows nothing: the row was evicted, the work is in the outbox.
    """
    shown: Data | None = dict(stored) if stored is not None else None
    for mutation in pending:
        if mutation.op is Op.DELETE:
            shown = None
        elif mutation.op is Op.CREATE:
            shown = {**(shown or {}), **mutation.data}
        elif shown is not None and mutation.op is Op.MERGE:
            shown = {**shown, MERGED_INTO: mutation.into}
        elif shown is not None and mutation.op is Op.UNMERGE:
            shown = {name: value for name, value in shown.items() if name != MERGED_INTO}
        elif shown is not None and mutation.op is Op.UPDATE:
            shown = edited(kind, shown, mutation)
    return shown


def edited(kind: RecordType, shown: Mapping[str, Any], mutation: Mutation) -> Data:
    """Return a record with one update laid over it: put ``to``, apply ``add`` and ``remove``."""
    result = dict(shown)
    for name, (_, to) in mutation.set.items():
        result[name] = to
    for name, elements in mutation.add.items():
        result[name] = with_added(kind, name, result.get(name), elements)
    for name, elements in mutation.remove.items():
        result[name] = without(result.get(name), elements)
    return {name: value for name, value in result.items() if value is not None}


def with_added(kind: RecordType, name: str, current: Any, elements: list[Any]) -> list[Any]:
    """Return a set or append field with elements added, each once; sets stay sorted, logs keep their order."""
    present = list(current or [])
    spec = kind.fields.get(name)
    if spec is not None and spec.merge is Merge.APPEND:
        known = {entry["id"] for entry in present}
        return present + [entry for entry in elements if entry["id"] not in known]
    return sorted({*present, *elements})


def without(current: Any, elements: list[Any]) -> list[Any] | None:
    """Return a set field with elements removed, ``None`` when nothing is left."""
    return [element for element in current or [] if element not in elements] or None
