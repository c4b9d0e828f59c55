"""Two people on two devices, on the same thing at the same time, neither seeing the other: what merging is for.

By chance they would meet rarely: in a schedule of sixty steps few fields are written twice.
"""

from collections.abc import Callable, Mapping
from contextlib import suppress
from random import Random
from typing import Any

from field_kit.errors import KitError
from tests.simulation.acts import BIRTHS, POSITIONS, REGISTERS, SETS, TEXTS, Act, mark
from tests.simulation.fleet import Fleet
from tests.simulation.office import decide_conflict, decide_late, look_at_conflict
from tests.simulation.phone import Phone

Values = Mapping[str, Any]


def meet(fleet: Fleet, dice: Random) -> str | None:
    """Two devices write the same part of one record; sometimes both send it at once, with others' work in between."""
    found = _together(fleet, dice)
    if found is None:
        return None
    one, other, kind, record = found
    said = dice.choice(WAYS)(fleet, dice, one, other, kind, record)
    if said is None:
        return None
    if dice.random() < 0.6:
        for phone in dice.sample((one, other), 2):
            if not (phone.syncs or phone.gone):
                fleet.sync(phone)
    return f"{one.name} and {other.name} {said} of {kind} {record[-6:]}"


def _together(fleet: Fleet, dice: Random) -> tuple[Phone, Phone, str, str] | None:
    """Return two devices and a record that both show."""
    if len(fleet.alive) < 2:
        return None
    one, other = dice.sample(fleet.alive, 2)
    kind = dice.choice(("case", "case", "person", "visit", "household"))
    shown = [{each.id for each in phone.kit.list(kind)} for phone in (one, other)]
    both = sorted(shown[0] & shown[1])
    return (one, other, kind, fleet.choose(dice, both, 0.8)) if both else None


def _write(fleet: Fleet, phone: Phone, record: str, values: Values) -> None:
    """Save on a device; what its kit refuses was not saved, and that is fine."""
    if phone.gone:
        return
    with suppress(KitError):
        fleet.save(phone, lambda: phone.kit.update(record, values))


def _registers(fleet: Fleet, dice: Random, one: Phone, other: Phone, kind: str, record: str) -> str:
    name = dice.choice(sorted(REGISTERS[kind]))
    for phone in (one, other):
        for _ in range(dice.choice((1, 1, 2))):
            _write(fleet, phone, record, {name: dice.choice(REGISTERS[kind][name])})
    return f"set {name}"


def _groups(fleet: Fleet, dice: Random, one: Phone, other: Phone, kind: str, record: str) -> str | None:
    if kind == "case":
        return None
    for phone in (one, other):
        names, choices = (
            (("birth_date", "birth_date_precision"), BIRTHS)
            if kind == "person"
            else (("latitude", "longitude", "accuracy_m"), POSITIONS)
        )
        _write(fleet, phone, record, dict(zip(names, dice.choice(choices), strict=True)))  # type: ignore[arg-type]
    return "set a field group"


def _texts(fleet: Fleet, dice: Random, one: Phone, other: Phone, kind: str, record: str) -> str:
    """One writes above or changes the first line, the other below or the last: far apart, touching or overlapping."""
    name = dice.choice(TEXTS[kind])
    shown = one.kit.get(record)
    if shown is None or not shown.data.get(name):
        lines = "\n".join(f"{place} {mark(fleet, one)}" for place in range(dice.choice((1, 3, 5))))
        _write(fleet, one, record, {name: lines})
        for phone in (one, other):
            if not phone.syncs:
                fleet.sync(phone)
    for phone in (one, other):
        if not phone.gone:  # it was cancelled, and has heard of it just now
            _write(fleet, phone, record, {name: _rewritten(fleet, dice, phone, record, name)})
    return f"write {name}"


def _rewritten(fleet: Fleet, dice: Random, phone: Phone, record: str, name: str) -> str | None:
    shown = phone.kit.get(record)
    lines = str(shown.data.get(name) or "").split("\n") if shown else [""]
    place, new, manner = dice.randrange(len(lines) + 1), f"บรรทัด {mark(fleet, phone)}", dice.random()
    if manner < 0.6 or place == len(lines):
        lines.insert(place, new)
    elif manner < 0.85:
        lines[place] = new
    else:
        lines.pop(place)
    return "\n".join(lines) or None


def _sets(fleet: Fleet, dice: Random, one: Phone, other: Phone, kind: str, record: str) -> str | None:
    if kind not in ("case", "person"):
        return None
    name, choices = SETS[kind]
    for phone in (one, other):
        shown = phone.kit.get(record)
        before = set(shown.data.get(name) or ()) if shown else set()
        _write(fleet, phone, record, {name: sorted(before ^ {dice.choice(choices)})})
    return f"change {name}"


def _ends(fleet: Fleet, dice: Random, one: Phone, other: Phone, kind: str, record: str) -> str:
    """One deletes what the other still writes; of a case, one closes what the other raises."""
    if kind == "case" and dice.random() < 0.8:
        for phone in (one, other):  # raised before, it could not be raised
            _write(fleet, phone, record, {"urgency": "urgent"})
            if not phone.syncs:
                fleet.sync(phone)
        _write(fleet, one, record, {"status": "closed", "closed_on": "2026-11-22", "outcome": "helped"})
        _write(fleet, other, record, {"urgency": "most_urgent"})
        return "close and raise"
    with suppress(KitError):
        fleet.save(one, lambda: one.kit.delete(record))
    name = dice.choice(sorted(REGISTERS[kind]))
    _write(fleet, other, record, {name: dice.choice(REGISTERS[kind][name])})
    return "delete and write"


def delete_unseen(fleet: Fleet, dice: Random) -> str | None:
    """One deletes a record that they have changed, and that another changed elsewhere after their last sync."""
    found = _together(fleet, dice)
    if found is None or found[0].syncs or found[1].syncs:
        return None
    one, other, kind, record = found
    names = dice.sample(sorted(REGISTERS[kind]), min(2, len(REGISTERS[kind])))
    for phone, name in zip((one, other), names, strict=False):
        shown = phone.kit.get(record)
        values = [each for each in REGISTERS[kind][name] if shown is None or each != shown.data.get(name)]
        _write(fleet, phone, record, {name: dice.choice(values)})
        fleet.sync(phone)
        if phone.gone:
            return None
    if one.gone:
        return None
    with suppress(KitError):
        fleet.save(one, lambda: one.kit.delete(record))
    if dice.random() < 0.8:
        fleet.sync(one)
    return f"{one.name} deletes {kind} {record[-6:]}, of which {other.name} has just changed something else"


Way = Callable[[Fleet, Random, Phone, Phone, str, str], str | None]
WAYS: tuple[Way, ...] = (_registers, _registers, _registers, _texts, _texts, _texts, _sets, _groups, _groups, _ends)

MEETING: Mapping[str, tuple[Act, int]] = {
    "meet": (meet, 30),
    "delete-unseen": (delete_unseen, 3),
    "decide-conflict": (decide_conflict, 10),
    "look-at-conflict": (look_at_conflict, 4),
    "decide-late": (decide_late, 6),
}
