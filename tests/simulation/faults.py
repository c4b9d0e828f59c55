"""Accidents: crashes, full disks, copies, old backups, wrong clocks, damaged files."""

from collections.abc import Mapping
from datetime import timedelta
from random import Random
from typing import Any

import msgspec

from server.backup.reopening import reopen
from server.models.engine import writing
from tests.simulation.acts import TYPED, Act
from tests.simulation.air import cut
from tests.simulation.clock import DeviceClock
from tests.simulation.fleet import Backup, Fleet
from tests.simulation.folders import bring_back
from tests.simulation.office import PLACE, manifest_of
from tests.simulation.phone import phone_on
from tests.simulation.sealed import sealed_edits

# --- crashes


def device_dies_typing(fleet: Fleet, dice: Random) -> str | None:
    """A device dies in the middle of something typed: all of that Save is there, or nothing."""
    phone = fleet.phone(dice)
    if phone is None:
        return None
    name = dice.choice(list(TYPED))
    only, others = Random(dice.getrandbits(32)), fleet.phones
    fleet.phones = [phone]
    try:
        died = phone.dies_within(_statements(dice), lambda: TYPED[name][0](fleet, only))
    finally:
        fleet.phones = others
    return f"{phone.name} {'dies' if died else 'almost dies'} over {name}"


def _statements(dice: Random) -> int:
    """Return how far somebody comes who looks for something to change (some 40 statements) and presses Save (15)."""
    return dice.randrange(dice.choice((12, 24, 64)))


def device_dies_syncing(fleet: Fleet, dice: Random) -> str | None:
    """A device dies while it stores an answer."""
    waiting = fleet.waiting()
    if not waiting:
        return None
    exchange = dice.choice(waiting)
    phone, answer = exchange.sync.phone, exchange.answer or fleet.ask(exchange.request)
    if answer is None:
        return None
    statements = int(dice.expovariate(0.08))
    died = phone.dies_within(statements, lambda: fleet.go_on(exchange, answer))
    if died:
        fleet.tell("restarted", phone)
    return f"{phone.name} {'dies' if died else 'almost dies'} over {exchange.what}"


def device_restarts(fleet: Fleet, dice: Random) -> str | None:
    """The battery is taken out."""
    phone = fleet.phone(dice)
    if phone is None:
        return None
    phone.restart()
    fleet.tell("restarted", phone)
    return f"{phone.name} restarts"


def server_dies(fleet: Fleet, dice: Random) -> str | None:
    """The server is killed at any statement of a request."""
    waiting = [exchange for exchange in fleet.waiting() if not exchange.answer]
    if not waiting:
        return None
    exchange = dice.choice(waiting)
    statement = dice.randrange(60)
    with fleet.dying(statement):
        answer = fleet.ask(exchange.request)
    fleet.go_on(exchange, answer if answer is not None else cut())
    return f"the centre {'survives' if answer else 'dies'} at statement {statement} of {exchange.what}"


def server_dies_committing(fleet: Fleet, dice: Random) -> str | None:
    """The server is killed when all of a request is written and nothing of it is committed."""
    waiting = [exchange for exchange in fleet.waiting() if not exchange.answer]
    if not waiting:
        return None
    exchange = dice.choice(waiting)
    fleet.headquarters.doom.commit = True
    answer = fleet.ask(exchange.request)
    fleet.go_on(exchange, answer if answer is not None else cut())
    return f"the centre {'survives' if answer else 'dies before its commit of'} {exchange.what}"


# --- copies


def copy_device(fleet: Fleet, dice: Random) -> str | None:
    """Somebody copies a device's file."""
    phone = fleet.phone(dice)
    if phone is None:
        return None
    phone.old_copies = [*phone.old_copies[-2:], phone.copy()]
    return f"{phone.name} is copied"


def restore_device(fleet: Fleet, dice: Random) -> str | None:
    """A device's file is replaced by an older copy; what was typed since and never sent is gone for good."""
    found = [phone for phone in fleet.alive if phone.old_copies]
    if not found:
        return None
    phone = dice.choice(found)
    phone.restart(dice.choice(phone.old_copies))
    forgive_what_is_gone(fleet)
    fleet.tell("replaced", phone)
    return f"{phone.name} gets an old copy of its file back"


def clone_device(fleet: Fleet, dice: Random) -> str | None:
    """A copy of a device's file comes to life beside it."""
    found = [phone for phone in fleet.alive if phone.old_copies]
    if not found or len(fleet.phones) > 9:
        return None
    phone = dice.choice(found)
    clock = DeviceClock(fleet.headquarters.time, phone.clock.error)
    name = f"{phone.name}'{fleet.number}"
    only = Random(dice.getrandbits(32))
    clone = phone_on(dice.choice(phone.old_copies), name, phone.user, clock, only, old=phone.old)
    clone.damaged = phone.damaged
    fleet.phones.append(clone)
    return f"{clone.name} is a living copy of {phone.name}"


def forgive_what_is_gone(fleet: Fleet) -> None:
    """Take note of what no device and no ledger has any more: no program can bring it back."""
    there = fleet.sight.ledger_ids | {row[0] for phone in fleet.phones for row in phone.rows("SELECT id FROM mutation")}
    there |= sealed_edits(fleet)
    fleet.journal.forgiven |= fleet.journal.promises.keys() - there
    fleet.tell("forgave")


# --- the centre from a backup


def restore_centre(fleet: Fleet, dice: Random) -> str | None:
    """The centre is restored from a backup, perhaps not the latest, and begins a new epoch."""
    if not fleet.backups:
        return None
    newest = max((each.commit for each in fleet.backups if each.verified), default=0)
    good = [each for each in fleet.backups if each.commit >= newest]
    made = dice.choice(fleet.backups if dice.random() < 0.2 else good)
    before = fleet.sight.commit
    restore(fleet, made)
    forgive_what_is_gone(fleet)
    return f"the centre goes back from commit {before} to {made.commit}"


def restore(fleet: Fleet, made: Backup) -> None:
    """Put a backup in the centre's place, with what the real restore does to a filled database."""
    headquarters = fleet.headquarters
    register = headquarters.centre.register.entries()
    headquarters.load(made.image)
    bring_back(headquarters.centre.blobs, made.files)
    with writing(headquarters.centre.engine) as connection:
        reopen(connection, headquarters.centre, register, manifest_of(made), PLACE, headquarters.time.at_centre())
        connection.exec_driver_sql("UPDATE token SET revoked_at = NULL WHERE kind = 'staff'")  # they sign in again
    fleet.open_pages.clear()
    fleet.tell("restored", made)


# --- clocks and disks


def device_clock(fleet: Fleet, dice: Random) -> str | None:
    """Somebody sets a device's clock: ten years off, or back a little."""
    phone = fleet.phone(dice)
    if phone is None:
        return None
    days = dice.choice((-3650, -30, -1, 0, 0, 1, 3650))
    phone.clock.error = timedelta(days=days, minutes=dice.randrange(-90, 90))
    return f"the clock of {phone.name} is {days} days off"


def centre_clock(fleet: Fleet, dice: Random) -> str:
    """The centre's own clock jumps, backwards too."""
    fleet.headquarters.time.centre_error = timedelta(minutes=dice.choice((-600, -45, -5, 0, 5, 300)))
    return f"the centre's clock is {fleet.headquarters.time.centre_error} off"


def flip_bit(fleet: Fleet, dice: Random) -> str | None:
    """A value in a device's file changes by itself."""
    phone = fleet.phone(dice)
    if phone is None:
        return None
    rows = phone.rows("SELECT id, data FROM record WHERE type IN ('case', 'person', 'visit') ORDER BY id")
    if not rows:
        return None
    record, data = dice.choice(rows)
    values: dict[str, Any] = msgspec.json.decode(data)
    names = sorted(name for name, value in values.items() if isinstance(value, str))
    if not names:
        return None
    values[dice.choice(names)] = "เสียหาย"
    with phone.kit.database.transaction():
        phone.kit.database.execute(
            "UPDATE record SET data = ? WHERE id = ?", (msgspec.json.encode(values).decode(), record)
        )
    phone.damaged = True
    return f"a row of {phone.name} is damaged"


def disk_full(fleet: Fleet, dice: Random) -> str | None:
    """A device's disk is full while somebody types, or while it stores an answer."""
    phone = fleet.phone(dice)
    if phone is None:
        return None
    waiting = [sync for sync in phone.syncs if sync.exchange]
    statements = _statements(dice)
    if waiting and dice.random() < 0.5:
        exchange = waiting[0].exchange
        assert exchange is not None
        answer = exchange.answer or fleet.ask(exchange.request)
        if answer:
            phone.full_after(statements, lambda: fleet.go_on(exchange, answer))
        return f"{phone.name} has no room for an answer"
    name, only, others = dice.choice(list(TYPED)), Random(dice.getrandbits(32)), fleet.phones
    fleet.phones = [phone]
    try:
        phone.full_after(statements, lambda: TYPED[name][0](fleet, only))
    finally:
        fleet.phones = others
    return f"{phone.name} has no room for {name}"


def lose_device(fleet: Fleet, dice: Random) -> str | None:
    """A device falls into a river."""
    if len(fleet.alive) < 3:
        return None
    phone = fleet.phone(dice)
    assert phone is not None
    phone.restart()
    phone.gone = True
    fleet.phones = [each for each in fleet.phones if each is not phone]
    forgive_what_is_gone(fleet)
    return f"{phone.name} is gone for ever"


ACCIDENTS: Mapping[str, Mapping[str, tuple[Act, int]]] = {
    "device crashes": {
        "device-dies-typing": (device_dies_typing, 2),
        "device-dies-syncing": (device_dies_syncing, 4),
        "device-restarts": (device_restarts, 1),
    },
    "server crashes": {"server-dies": (server_dies, 4), "server-dies-committing": (server_dies_committing, 2)},
    "copies": {
        "copy-device": (copy_device, 2),
        "restore-device": (restore_device, 2),
        "clone-device": (clone_device, 1),
    },
    "old backups": {"restore-centre": (restore_centre, 2)},
    "clocks": {"device-clock": (device_clock, 2), "centre-clock": (centre_clock, 1)},
    "full disks": {"disk-full": (disk_full, 2)},
    "damage": {"flip-bit": (flip_bit, 1)},
    "lost devices": {"lose-device": (lose_device, 1)},
}
"""Groups of accidents: group -> name -> (act, weight)."""
