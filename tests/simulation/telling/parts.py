"""What a mutation says, part by part, in stored form: one value for each field, or what is added and taken away."""

from typing import Any

from schemas.base import Merge
from schemas.records import RECORD_TYPES


def wanted_of(unit: str, names: tuple[str, ...], parts: dict[str, Any]) -> Any:
    """Return what a contender says."""
    made = {
        name: parts[name][2] if parts[name][0] == "value" else {"add": parts[name][1], "remove": parts[name][2]}
        for name in names
        if name in parts
    }
    return made[unit] if names == (unit,) else made


def parts_of(type_: str, said: dict[str, Any]) -> dict[str, Any]:
    """Return field -> (value, seen, made) or (delta, added, removed), in stored form."""
    kind = RECORD_TYPES[type_]
    edits = {name: (seen, to) for name, (seen, to) in said.get("set", {}).items()}
    if said["op"] == "create":
        edits = {name: (None, value) for name, value in said.get("data", {}).items()}
        for names in kind.groups.values():
            if any(name in edits for name in names):
                edits |= {name: edits.get(name, (None, None)) for name in names}
    parts: dict[str, Any] = {}
    for name, (seen, to) in edits.items():
        seen, to, merge = normal(kind, name, seen), normal(kind, name, to), merge_of(type_, name)
        if merge is Merge.SET:
            before, after = seen or [], to or []
            parts[name] = ("delta", [e for e in after if e not in before], [e for e in before if e not in after])
        elif merge is Merge.APPEND:
            parts[name] = ("delta", to or [], [])
        else:
            parts[name] = ("value", seen, to)
    for name in {**said.get("add", {}), **said.get("remove", {})}:
        add, remove = (normal(kind, name, said.get(part, {}).get(name, [])) or [] for part in ("add", "remove"))
        parts[name] = ("delta", add, remove)
    return parts


def units_of(kind: Any, parts: dict[str, Any]) -> dict[str, tuple[str, ...]]:
    """Return what is merged as one: field groups by their names, every other field alone."""
    found: dict[str, tuple[str, ...]] = {}
    for name in parts:
        group = kind.fields[name].group if name in kind.fields else None
        found[group or name] = tuple(kind.groups[group]) if group else (name,)
    return found


def merge_of(type_: str, name: str) -> Merge:
    spec = RECORD_TYPES[type_].fields.get(name)
    return spec.merge if spec else Merge.REGISTER


def normal(kind: Any, name: str, value: Any) -> Any:
    spec = kind.fields.get(name)
    return spec.normalise(value) if spec else value
