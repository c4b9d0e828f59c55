"""What is wrong in an edit, or would be wrong in a record by it, as the declarations say."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import UTC, datetime, timedelta
from typing import Any

from schemas.base import Merge, RecordType
from schemas.records import RECORD_TYPES
from tests.simulation.sight import Row
from tests.simulation.telling.needs import new_errors
from tests.simulation.telling.parts import merge_of, parts_of
from tests.simulation.telling.told import Told

HAPPENED = ("received_on", "visited_on", "given_on")
"""What they tell has happened, so they do not lie after the day of receipt."""
BANGKOK = timedelta(hours=7)


def faults_of(row: Row, said: Mapping[str, Any], told: Told | None) -> set[str]:
    """Return the fields for which an edit may be refused. ``told``: the record, where it is there."""
    kind = RECORD_TYPES[row.type]
    if told is None:
        data = said.get("data", {})
        return {*kind.load(data)[1], *_late(row, data)}
    values = {name: to for name, (_, to) in said.get("set", {}).items()} | said.get("add", {})
    values = values | said.get("data", {})
    found = {*kind.load_values({**dict.fromkeys(said.get("remove", ())), **values})[1], *_late(row, values)}
    found |= _odd_deltas(kind, said) | _split_groups(kind, said) | _fixed(kind, values, told)
    return found or _broken(row, said, told)


def _late(row: Row, values: Mapping[str, Any]) -> set[str]:
    """Name the days that had not come when they were received."""
    received = datetime.fromisoformat(row.received_at).astimezone(UTC) + BANGKOK
    return {name for name in HAPPENED if isinstance(values.get(name), str) and values[name] > f"{received:%Y-%m-%d}"}


def _odd_deltas(kind: RecordType, said: Mapping[str, Any]) -> set[str]:
    """Name the fields whose edits do not travel as additions or removals."""
    add, remove = said.get("add", {}), said.get("remove", {})
    odd = {name for name in add if merge_of(kind.name, name) not in (Merge.SET, Merge.APPEND)}
    odd |= {name for name in remove if merge_of(kind.name, name) is not Merge.SET}
    return odd | ({*add, *remove} & {*said.get("set", {})})


def _split_groups(kind: RecordType, said: Mapping[str, Any]) -> set[str]:
    given = said.get("set", {})
    return {group for group, names in kind.groups.items() if 0 < sum(name in given for name in names) < len(names)}


def _fixed(kind: RecordType, values: Mapping[str, Any], told: Told) -> set[str]:
    fixed = {name for name in values if name in kind.fields and kind.fields[name].fixed}
    return {name for name in fixed if values[name] != told.fields.get(name)}


def _broken(row: Row, said: dict[str, Any] | Mapping[str, Any], told: Told) -> set[str]:
    """Name what would be wrong in the record then; where others have changed it since, it is a contender instead."""
    if told.changed_by_others(row, 0 if said["op"] == "create" else row.base):
        return set()
    made = {name: part[2] for name, part in parts_of(told.type, dict(said)).items() if part[0] == "value"}
    return new_errors(told, made)
