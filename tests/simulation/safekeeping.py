"""What a verified backup holds a device may forget, and nothing that came just after; each takes several moves."""

from collections.abc import Mapping
from datetime import timedelta
from random import Random

from tests.simulation.acts import Act
from tests.simulation.faults import forgive_what_is_gone
from tests.simulation.fleet import Fleet
from tests.simulation.moves import backed_up, idle, known, one_of, saved, something, synced, write
from tests.simulation.office import verify_backup
from tests.simulation.phone import Phone
from tests.simulation.photos import before_upload, photographed

TRIES = 4
"""How often somebody looks for something to type before giving up."""


def emergency_after_backup(fleet: Fleet, dice: Random) -> str | None:
    """A device's edits are in a verified backup, an emergency of the other lane is not."""
    phone = idle(fleet, dice)
    if phone is None or not _edited(fleet, dice, phone, 2) or not synced(fleet, phone):
        return None
    backed_up(fleet, dice)
    saved(fleet, phone, lambda: phone.kit.create("emergency", causes=["sexual_abuse_risk"], area="540101"))
    synced(fleet, phone)
    said = verify_backup(fleet, dice)
    _asks_what_is_safe(fleet, phone)
    return f"{phone.name} reports an emergency after a backup; {said}"


def photo_after_backup(fleet: Fleet, dice: Random) -> str | None:
    """A photo's record is in a verified backup, its bytes come later."""
    phone = idle(fleet, dice)
    found = [*known(fleet, phone, "case"), *known(fleet, phone, "person")] if phone else []
    if phone is None or not found:
        return None
    photographed(fleet, phone, dice.choice(found))
    stands = before_upload(fleet, phone) is not None
    backed_up(fleet, dice)
    while phone.syncs and phone.syncs[0].exchange:
        fleet.deliver(phone.syncs[0].exchange)
    fleet.tell("check")  # what the device has of it now must be known before it may forget
    said = verify_backup(fleet, dice)
    _asks_what_is_safe(fleet, phone)
    return f"{phone.name} sends a photo {'before and ' if stands else ''}after a backup; {said}"


def fork_after_backup(fleet: Fleet, dice: Random) -> str | None:
    """A backup from before a device's recovery is verified after it: its numbers are those of the life before."""
    phone = idle(fleet, dice)
    if phone is None or not _edited(fleet, dice, phone, 3) or not synced(fleet, phone):
        return None
    backed_up(fleet, dice)
    verify_backup(fleet, dice)
    if not _asks_what_is_safe(fleet, phone) or not _edited(fleet, dice, phone, 1) or not synced(fleet, phone):
        return None
    backed_up(fleet, dice)
    copy = phone.copy()
    _edited(fleet, dice, phone, 1)
    synced(fleet, phone)
    if phone.gone or phone.syncs:
        return None
    fleet.tell("check")
    phone.restart(copy)
    forgive_what_is_gone(fleet)
    fleet.tell("replaced", phone)
    _edited(fleet, dice, phone, 2)
    synced(fleet, phone)
    said = verify_backup(fleet, dice)
    _asks_what_is_safe(fleet, phone)
    return f"{phone.name} goes back to a copy after a backup and types on; {said}"


def _edited(fleet: Fleet, dice: Random, phone: Phone, times: int) -> bool:
    """Type a few edits on a device; tell whether it said that it kept them. What says nothing new is no edit."""
    made = 0
    for _ in range(times * TRIES):
        if made < times and not phone.gone and (chosen := one_of(fleet, dice, phone)):
            made += write(fleet, phone, chosen[1], something(fleet, dice, phone, chosen[0]))
    return made == times


def _asks_what_is_safe(fleet: Fleet, phone: Phone) -> bool:
    """Let a device sync on the day after: it asks once a day, unless it has something to send."""
    fleet.headquarters.time.pass_(timedelta(days=1))
    return synced(fleet, phone)


SAFEKEEPING: Mapping[str, tuple[Act, int]] = {
    "emergency-after-backup": (emergency_after_backup, 1),
    "photo-after-backup": (photo_after_backup, 1),
    "fork-after-backup": (fork_after_backup, 1),
}
