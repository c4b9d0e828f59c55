"""Restores and old copies that come at the worst moment: each of these needs several things in a row."""

from collections.abc import Mapping
from random import Random

from tests.simulation.acts import Act
from tests.simulation.faults import forgive_what_is_gone, restore
from tests.simulation.fleet import Backup, Fleet
from tests.simulation.moves import (
    backed_up,
    changed_at_centre,
    idle,
    known,
    one_of,
    something,
    something_else,
    synced,
    write,
)
from tests.simulation.phone import Phone


def fork_again(fleet: Fleet, dice: Random) -> str | None:
    """A device with settled edits, some of them outdated by others, goes back to an old copy and is typed on."""
    phone = idle(fleet, dice)
    if phone is None or (chosen := one_of(fleet, dice, phone)) is None:
        return None
    kind, record = chosen
    values = something(fleet, dice, phone, kind)
    write(fleet, phone, record, values)
    if not synced(fleet, phone):
        return None
    if dice.random() < 0.8:
        changed_at_centre(fleet, record, {name: something_else(dice, kind, name) for name in values})
        synced(fleet, phone)
    if phone.gone or phone.syncs:
        return None
    copy = phone.copy()
    write(fleet, phone, record, something(fleet, dice, phone, kind))
    synced(fleet, phone)
    if phone.gone or phone.syncs:
        return None
    fleet.tell("check")
    phone.restart(copy)
    forgive_what_is_gone(fleet)
    fleet.tell("replaced", phone)
    write(fleet, phone, record, something(fleet, dice, phone, kind))
    if dice.random() < 0.8:
        synced(fleet, phone)
    return f"{phone.name} syncs an edit of {kind} {record[-6:]}, goes back to a copy and types again"


def restore_twice(fleet: Fleet, dice: Random) -> str | None:
    """The centre goes back far, and then a little; one device hears of both at once."""
    phone = idle(fleet, dice)
    if phone is None:
        return None
    first = backed_up(fleet, dice)
    _goes_on(fleet, dice, phone, dice.choice((1, 2, 3)))
    if not synced(fleet, phone):
        return None
    if dice.random() < 0.5 and (chosen := one_of(fleet, dice, phone)):
        write(fleet, phone, chosen[1], something(fleet, dice, phone, chosen[0]))
    _go_back(fleet, first)
    _goes_on(fleet, dice, phone, dice.choice((2, 4, 6)))
    second = backed_up(fleet, dice)
    _goes_on(fleet, dice, phone, 1)
    _go_back(fleet, second)
    if dice.random() < 0.8:
        synced(fleet, phone)
    return f"the centre goes back to commit {first.commit} and then to {second.commit}, {phone.name} hears of it late"


def type_below_restore(fleet: Fleet, dice: Random) -> str | None:
    """What a device typed rests on a value that a restore takes away, and staff write another one meanwhile."""
    phone = idle(fleet, dice)
    if phone is None or (chosen := one_of(fleet, dice, phone)) is None:
        return None
    kind, record = chosen
    made = backed_up(fleet, dice)
    values = something(fleet, dice, phone, kind)
    _goes_on(fleet, dice, phone, dice.choice((2, 3, 5)))
    changed_at_centre(fleet, record, {name: something_else(dice, kind, name) for name in values})
    if not synced(fleet, phone) or not write(fleet, phone, record, values):
        return None
    _go_back(fleet, made)
    changed_at_centre(fleet, record, {name: something_else(dice, kind, name) for name in values})
    if dice.random() < 0.8:
        synced(fleet, phone)
    return f"{phone.name} types {sorted(values)} of {kind} {record[-6:]}, and the centre goes back to below that"


def leave_then_restore(fleet: Fleet, dice: Random) -> str | None:
    """A device has sent edits of a record that then leaves it; the centre goes back to before them."""
    phone = idle(fleet, dice)
    if phone is None or (chosen := _of_others(fleet, dice, phone)) is None or not synced(fleet, phone):
        return None
    made = backed_up(fleet, dice)
    for _ in range(dice.choice((1, 2))):
        write(fleet, phone, chosen, something(fleet, dice, phone, "case"))
    if not synced(fleet, phone):
        return None
    changed_at_centre(fleet, chosen, {"team": None, "assigned_to": None, "area": _elsewhere(fleet, phone)})
    if not synced(fleet, phone):
        return None
    _go_back(fleet, made)
    if dice.random() < 0.8:
        synced(fleet, phone)
    return f"case {chosen[-6:]} leaves {phone.name}, and the centre goes back to commit {made.commit}"


def _of_others(fleet: Fleet, dice: Random, phone: Phone) -> str | None:
    records = fleet.sight.records
    found = [each for each in known(fleet, phone, "case") if records[each].owner != phone.user]
    return dice.choice(found) if found else None


def _elsewhere(fleet: Fleet, phone: Phone) -> str:
    """Return a tambon of a district that a device has nothing of."""
    held = fleet.sight.grants.get(phone.user, frozenset())
    return next((area for area in ("560201", "540201", "540102") if f"district:{area[:4]}" not in held), "560201")


def _goes_on(fleet: Fleet, dice: Random, phone: Phone, times: int) -> None:
    """Let staff change some of what a device shows."""
    for _ in range(times):
        if chosen := one_of(fleet, dice, phone):
            values = something(fleet, dice, phone, chosen[0])
            changed_at_centre(fleet, chosen[1], {name: something_else(dice, chosen[0], name) for name in values})


def _go_back(fleet: Fleet, made: Backup) -> None:
    fleet.tell("check")
    restore(fleet, made)
    forgive_what_is_gone(fleet)


GOING_BACK: Mapping[str, tuple[Act, int]] = {
    "fork-again": (fork_again, 4),
    "restore-twice": (restore_twice, 1),
    "type-below-restore": (type_below_restore, 4),
    "leave-then-restore": (leave_then_restore, 3),
}
