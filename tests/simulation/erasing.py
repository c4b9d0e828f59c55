"""Erasing: somebody is erased for ever, whatever restores, copies and late sendings follow."""

from collections.abc import Mapping
from random import Random

from server.erasure import REASONS
from tests.simulation.acts import TEXTS, Act, mark
from tests.simulation.faults import copy_device, forgive_what_is_gone, restore, restore_device
from tests.simulation.fleet import Fleet
from tests.simulation.moves import asked, changed_at_centre, idle, synced, two_of, write
from tests.simulation.office import take_backup
from tests.simulation.photos import photographed
from tests.simulation.sight import Stored

ERASABLE = ("person", "person", "person", "case", "visit", "household", "attachment")


def erase_record(fleet: Fleet, dice: Random) -> str | None:
    """Staff erase somebody for ever, sometimes on a page that is old by now."""
    state = _somebody(fleet, dice)
    if state is None:
        return None
    who, seen = dice.choice(("head", "nation")), state.version - (dice.random() < 0.1)
    return _erase(fleet, dice, state, who, seen)


def _erase(fleet: Fleet, dice: Random, state: Stored, who: str, seen: int) -> str:
    path, reason = f"/records/{state.id}/erase", {"reason": dice.choice(REASONS)}
    said = fleet.desk.ask(who, "POST", path, reason, If_Match=f'"{seen}"')
    gone = len(said.json["records"]) if said and said.status == 200 else 0
    return f"{who} erases {state.type} {state.id[-6:]} -> {said.status if said else 'died'}, {gone} records"


def erase_and_restore(fleet: Fleet, dice: Random) -> str | None:
    """Staff erase somebody, and the centre then goes back to a backup from before."""
    if not fleet.backups:
        return take_backup(fleet, dice)
    made = fleet.backups[-1]
    erased = erase_record(fleet, dice)
    if erased is None:
        return None
    fleet.tell("check")  # who was erased must be known before all is as it was
    restore(fleet, made)
    forgive_what_is_gone(fleet)
    return f"{erased}; the centre goes back to commit {made.commit}"


def part_and_erase(fleet: Fleet, dice: Random) -> str | None:
    """Words meant for a merged record contend in the other one; the two are parted, and the first is erased."""
    phone, kind = idle(fleet, dice), dice.choice(("person", "person", "household"))
    pair = two_of(fleet, dice, phone, kind) if phone else None
    if phone is None or pair is None:
        return None
    one, other = pair
    name = dice.choice(TEXTS[kind])
    changed_at_centre(fleet, other, {name: f"แก้โดยศูนย์ {dice.randrange(1000)}"})
    asked(fleet, "merge", one, {"into": other, "reason": "คนเดียวกัน"})
    write(fleet, phone, one, {name: f"บรรทัด {mark(fleet, phone)}"})
    if not synced(fleet, phone):
        return None
    apart = asked(fleet, "unmerge", one, {"reason": "คนละคน", "moves": []})
    if dice.random() < 0.5:
        synced(fleet, phone)
    fleet.tell("check")
    state = fleet.sight.records[one]
    erased = _erase(fleet, dice, state, "nation", state.version)
    return f"{kind} {one[-6:]} and {other[-6:]} are parted -> {apart}; {erased}"


def erase_together(fleet: Fleet, dice: Random) -> str | None:
    """Somebody of whom there is a photo, or who was found to be another one as well, is erased: all of it goes."""
    phone, kind = idle(fleet, dice), dice.choice(("person", "person", "household"))
    pair = two_of(fleet, dice, phone, kind) if phone else None
    if phone is None or pair is None:
        return None
    one, other = pair
    if dice.random() < 0.6:
        asked(fleet, "merge", one, {"into": other, "reason": "คนเดียวกัน"})
        one = dice.choice(pair)
    elif not photographed(fleet, phone, one) or not synced(fleet, phone):
        return None
    fleet.tell("check")  # who is one, and what belongs to whom, must be known before they are gone
    state = fleet.sight.records[one]
    return _erase(fleet, dice, state, "nation", state.version)


def keep_copy(fleet: Fleet, dice: Random) -> str | None:
    """A device's file is copied; after an erasure an old copy comes back into use."""
    if fleet.headquarters.rows("SELECT 1 FROM erasure LIMIT 1") and any(phone.old_copies for phone in fleet.alive):
        return restore_device(fleet, dice)
    return copy_device(fleet, dice)


def _somebody(fleet: Fleet, dice: Random) -> Stored | None:
    written = {promise.record for promise in fleet.journal.promises.values()} if dice.random() < 0.6 else set()
    kind = dice.choice(ERASABLE)
    found = [each for each in fleet.sight.records.values() if each.data and each.id in written]
    found = [each for each in found if each.type not in ("conflict", "notice")]
    found = found or [each for each in fleet.sight.records.values() if each.type == kind and each.data]
    return found[min(int(dice.expovariate(0.4)), len(found) - 1)] if found else None


ERASING: Mapping[str, tuple[Act, int]] = {
    "erase-record": (erase_record, 2),
    "erase-and-restore": (erase_and_restore, 1),
    "keep-copy": (keep_copy, 1),
    "part-and-erase": (part_and_erase, 1),
    "erase-together": (erase_together, 1),
}
