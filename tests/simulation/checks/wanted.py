"""What a press of Save has to leave in a device's log, told from what was typed and from the protocol's words alone.

Section 3 (a mutation, stored form), section 10 (`from` is what was on the screen), section 7 (what a device fills in).
Nobody types entries of a log field in these schedules, so nothing is said of those.
"""

import unicodedata
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any

from schemas.base import Merge, RecordType
from schemas.records import RECORD_TYPES
from tests.schemas.old_version import HISTORY as STEPS
from tests.simulation.fleet import Fleet
from tests.simulation.journal import Promise
from tests.simulation.pressing import Press, Screen, Typed, Values
from tests.simulation.words import OLD, OLD_TYPES

FACT_DATES = frozenset({"received_on", "visited_on", "given_on"})
"""Dates that a device fills in where nobody typed them."""


@dataclass(frozen=True)
class Wanted:
    """One mutation that has to be in the log. ``filled``: the fields that the kit may add by itself."""

    op: str
    type: str
    record: str | None
    parts: Mapping[str, Any] = field(default_factory=dict)
    filled: frozenset[str] = frozenset()
    untyped: frozenset[str] = frozenset()
    """Dates of a creation that goes again which nobody has typed yet."""


def wanted_of(fleet: Fleet, press: Press) -> list[Wanted]:
    """Return the mutations of a Save in the order in which they were typed; what changes nothing is none."""
    screens: dict[str | None, Screen | None] = {}
    found = [_wanted(fleet, press, each, screens) for each in press.typed]
    return [each for each in found if each is not None]


def going_again(fleet: Fleet, press: Press) -> Iterator[tuple[Promise, bool]]:
    """Yield what was refused only together with a creation that goes again, and whether it has to go with it."""
    touched = {each.record for each in press.typed}
    for each in press.typed:
        creation = fleet.journal.promises[each.refused] if each.refused else None
        for mate in fleet.journal.promises.values() if creation else ():
            if creation and mate.press == creation.press and mate.record not in touched and _was_good(press, mate):
                yield mate, each.screen is None and not _went_again(press, fleet.journal.promises.values(), mate)


def _went_again(press: Press, promises: Iterable[Promise], mate: Promise) -> bool:
    """Tell whether an edit was logged by a later press already, with another creation of its Save."""
    same = (mate.phone, mate.op, mate.record)
    later = [each for each in promises if each.press > mate.press and (each.phone, each.op, each.record) == same]
    # its author may have corrected a creation, and a newer program says the old words in its own
    return any(each.op == "create" or each.payload == mate.payload or press.phone.updated for each in later)


def stored(value: Any) -> Any:
    """Return a value in its stored form, as far as what people type here is not in it: ``None`` is an empty field."""
    if isinstance(value, str):
        return unicodedata.normalize("NFC", value).strip() or None
    if isinstance(value, (list, tuple)):
        return sorted(set(value)) or None
    return value


def _wanted(fleet: Fleet, press: Press, typed: Typed, screens: dict[str | None, Screen | None]) -> Wanted | None:
    screen, kind = screens.get(typed.record, typed.screen), _kind(press, typed.type)
    if typed.op == "merge":
        return Wanted("merge", typed.type, typed.record, typed.values)
    if typed.op == "delete":
        return Wanted("delete", typed.type, typed.record)
    if typed.op == "update" and screen:
        parts = _changes(kind, screen.data, typed.values)
        screens[typed.record] = Screen(screen.record, screen.type, {**screen.data, **typed.values})
        return Wanted("update", typed.type, typed.record, parts) if parts else None
    before = _creation_data(fleet, press, typed) if typed.refused else {}
    data = {name: to for name, value in {**before, **typed.values}.items() if (to := stored(value)) is not None}
    if typed.record:
        screens[typed.record] = Screen(typed.record, typed.type, data)
    untyped = _untyped(fleet, typed) & data.keys()
    return Wanted("create", typed.type, typed.record, {"data": data}, _filled(kind) - data.keys(), untyped)


def _kind(press: Press, name: str) -> RecordType:
    kind: RecordType = (OLD_TYPES if press.phone.old else RECORD_TYPES)[name]
    return kind


def _changes(kind: RecordType, seen: Values, typed: Values) -> dict[str, Any]:
    """Return the parts of an update: what is as it was is left out, a list goes by elements, a group goes whole."""
    sets: dict[str, Any] = {}
    added: dict[str, Any] = {}
    removed: dict[str, Any] = {}
    for name, value in typed.items():
        before, to = seen.get(name), stored(value)
        if kind.fields[name].merge is Merge.SET:
            added[name], removed[name] = _without(to, before), _without(before, to)
        elif to != before:
            sets[name] = [before, to]
    for names in kind.groups.values():
        if sets.keys() & set(names):
            sets |= {each: [seen.get(each), stored(typed.get(each, seen.get(each)))] for each in names}
    parts = {"set": sets, "add": _filled_ones(added), "remove": _filled_ones(removed)}
    return _filled_ones(parts)


def _without(some: Iterable[Any] | None, others: Iterable[Any] | None) -> list[Any]:
    return sorted(set(some or ()) - set(others or ()))


def _filled_ones(parts: Mapping[str, Any]) -> dict[str, Any]:
    return {name: value for name, value in parts.items() if value}


def _filled(kind: RecordType) -> frozenset[str]:
    """Return what a device may fill in where nobody typed it: the day, and a number of one that must have one."""
    minted = {each.name for each in kind.fields.values() if each.kind == "reference_number" and each.required}
    return frozenset(minted | (FACT_DATES & kind.fields.keys()))


def _untyped(fleet: Fleet, typed: Typed) -> frozenset[str]:
    """Return the dates that a refused creation called assumed, and that are not typed into it now."""
    said = fleet.journal.promises[typed.refused].payload.get("assumed", ()) if typed.refused else ()
    return frozenset(said) - typed.values.keys()


def _creation_data(fleet: Fleet, press: Press, typed: Typed) -> dict[str, Any]:
    """Return what a refused creation said, in the words of the program that sends it again."""
    payload = fleet.journal.promises[str(typed.refused)].payload
    said: dict[str, Any] = payload.get("data", {})
    is_older = press.phone.updated and payload.get("schema") == OLD
    return dict(STEPS.upcast(typed.type, said, OLD)) if is_older else said


def _was_good(press: Press, mate: Promise) -> bool:
    """Tell whether an edit was refused for no fault of its own, and can be read on its device."""
    sql = """SELECT 1 FROM mutation WHERE id = ? AND outcome = 'rejected' AND code IN ('group_rejected', 'returned')
        AND detail ->> 'errors' IS NULL AND sealed IS NULL"""
    return bool(press.phone.rows(sql, (mate.id,)))
