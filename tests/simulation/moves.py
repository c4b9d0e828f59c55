"""Single moves of which the acts with several moves in a row are made."""

from collections.abc import Callable, Mapping
from contextlib import suppress
from datetime import timedelta
from random import Random
from typing import Any

from field_kit.errors import KitError
from tests.simulation.acts import REGISTERS, TEXTS, mark
from tests.simulation.fleet import Backup, Fleet
from tests.simulation.office import set_at_centre, take_backup
from tests.simulation.phone import Phone

KINDS = ("case", "case", "person", "visit", "household")


def idle(fleet: Fleet, dice: Random) -> Phone | None:
    """Pick a device that does nothing at the moment."""
    found = [phone for phone in fleet.alive if not phone.syncs]
    return dice.choice(found) if found else None


def saved(fleet: Fleet, phone: Phone, write: Callable[[], Any]) -> bool:
    """Save on a device; what its kit refuses was not saved, and that is fine."""
    if not phone.gone:
        with suppress(KitError):
            return fleet.save(phone, write)
    return False


def write(fleet: Fleet, phone: Phone, record: str, values: Mapping[str, Any]) -> bool:
    """Change some fields of a record on a device."""
    return saved(fleet, phone, lambda: phone.kit.update(record, values))


def synced(fleet: Fleet, phone: Phone) -> bool:
    """Let a device sync that does nothing else; tell whether all came through and it is still in use."""
    return not phone.gone and not phone.syncs and fleet.sync(phone).complete and not phone.gone


def known(fleet: Fleet, phone: Phone, kind: str) -> list[str]:
    """Return what a device shows of a type and the centre has, as a record of its own."""
    if phone.gone:
        return []
    records = fleet.sight.records
    return sorted(each.id for each in phone.kit.list(kind) if each.id in records and not records[each.id].merged_into)


def one_of(fleet: Fleet, dice: Random, phone: Phone) -> tuple[str, str] | None:
    """Pick a record that a device shows and the centre has, the oldest most often."""
    kind = dice.choice(KINDS)
    found = known(fleet, phone, kind)
    return (kind, fleet.choose(dice, found, 0.8)) if found else None


def two_of(fleet: Fleet, dice: Random, phone: Phone, kind: str) -> tuple[str, str] | None:
    """Pick two records of a type that a device shows and the centre has; what is wanting is made first."""
    found = known(fleet, phone, kind)
    if len(found) < 2:
        made = {"first_name": "สมชาย"} if kind == "person" else {"area": "540101", "house_number": "14"}
        for _ in range(2 - len(found)):
            fleet.save(phone, lambda: phone.kit.create(kind, made))
        fleet.sync(phone)
        found = known(fleet, phone, kind)
    if phone.gone or len(found) < 2:
        return None
    one, other = dice.sample(found, 2)
    return one, other


def something(fleet: Fleet, dice: Random, phone: Phone, kind: str) -> dict[str, Any]:
    """Return a field of a type with something new in it."""
    if dice.random() < 0.4 and kind in TEXTS:
        return {dice.choice(TEXTS[kind]): f"บรรทัด {mark(fleet, phone)}"}
    name = dice.choice(sorted(REGISTERS[kind]))
    return {name: dice.choice(REGISTERS[kind][name])}


def changed_at_centre(fleet: Fleet, record: str, values: Mapping[str, Any]) -> None:
    """Let staff set fields of a record, if the centre has it, one after the other."""
    for name, value in values.items():
        fleet.headquarters.time.pass_(timedelta(seconds=1))  # no two edits are the same to the instant
        state = fleet.sight.records.get(record)
        if state is not None and not state.deleted and not state.merged_into:
            set_at_centre(fleet, state, name, value)


def asked(fleet: Fleet, what: str, record: str, body: Mapping[str, Any]) -> int | None:
    """Let staff do something with a record as it is now; return the status of the answer."""
    state = fleet.sight.records.get(record)
    tag = f'"{state.version}"' if state else '"0"'
    said = fleet.desk.ask("nation", "POST", f"/records/{record}/{what}", body, If_Match=tag)
    return said.status if said else None


def backed_up(fleet: Fleet, dice: Random) -> Backup:
    """Take a backup and return it."""
    take_backup(fleet, dice)
    return fleet.backups[-1]


def something_else(dice: Random, kind: str, name: str) -> Any:
    """Return what staff may write into a field: one of its few values, or a line of their own."""
    return dice.choice(REGISTERS[kind].get(name) or (f"แก้โดยศูนย์ {dice.randrange(1000)}", None))
