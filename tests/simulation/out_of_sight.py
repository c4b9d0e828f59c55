"""People and devices that lose sight of something while they have work about it; each needs several things in a row."""

from collections.abc import Mapping
from random import Random

from schemas.reference_number import mint
from tests.simulation.acts import SETS, Act
from tests.simulation.carrying import bring_parcel
from tests.simulation.enrolling_again import lay_key_file
from tests.simulation.faults import forgive_what_is_gone, restore
from tests.simulation.fleet import Fleet
from tests.simulation.homes import homes
from tests.simulation.moves import asked, backed_up, changed_at_centre, idle, known, saved, something, synced, write
from tests.simulation.phone import Phone

EXCHANGES_MAX = 40


def role_for_a_while(fleet: Fleet, dice: Random) -> str | None:
    """Whoever filed a case in which staff wrote sensitive words gets a role with which to see them, and loses it."""
    phone = _volunteer(fleet) or idle(fleet, dice)
    if phone is None or phone.syncs or (case := _own_case(fleet, dice, phone)) is None:
        return None
    words = {"summary": f"แก้โดยศูนย์ {dice.randrange(1000)}", "problems": [dice.choice(SETS["case"][1])]}
    changed_at_centre(fleet, case, words if dice.random() < 0.7 else {"danger_notes": "ระวังสุนัข", **words})
    state = fleet.sight.records.get(case)
    if state is None or not state.data.get("area"):
        return None
    path, scope = f"/users/{phone.user}/roles", f"district:{state.data['area'][:4]}"
    fleet.desk.ask("admin", "POST", path, {"role": "social_worker", "scope": scope})
    there = synced(fleet, phone)
    if dice.random() < 0.3:
        write(fleet, phone, case, something(fleet, dice, phone, "case"))
    fleet.desk.ask("admin", "DELETE", f"{path}/social_worker/{scope}")
    if there and dice.random() < 0.8:
        synced(fleet, phone)
    return f"{phone.name} is social worker of {scope} for a while, and filed case {case[-6:]}"


def merge_out_of_sight(fleet: Fleet, dice: Random) -> str | None:
    """Staff merge a case on which somebody has just typed into one that those people do not hold."""
    phone = idle(fleet, dice)
    if phone is None:
        return None
    shown = known(fleet, phone, "case")
    if not shown:
        return None
    case, other = dice.choice(shown), _unseen_case(fleet, dice, phone)
    for _ in range(dice.choice((1, 2, 3))):
        write(fleet, phone, case, something(fleet, dice, phone, "case"))
    said = asked(fleet, "merge", case, {"into": other, "reason": "เรื่องเดียวกัน"})
    if dice.random() < 0.8:
        synced(fleet, phone)
    return f"staff merge case {case[-6:]} of {phone.name} into {other[-6:]}, which it does not hold -> {said}"


def lose_after_export(fleet: Fleet, dice: Random) -> str | None:
    """What somebody exported is brought to the centre after the device was cancelled as lost."""
    phone = idle(fleet, dice)
    if phone is None or len(fleet.alive) < 3:
        return None
    for kind in ("case", "person"):
        for record in known(fleet, phone, kind)[:1]:
            write(fleet, phone, record, something(fleet, dice, phone, kind))
    path = homes() / "parcel"
    if not phone.kit.export(path).parts:
        return None
    parcel = path.read_bytes()
    path.unlink()
    said = _cancel(fleet, phone)
    return f"{phone.name} exports and is lost -> {said}; {bring_parcel(fleet, parcel)}"


def lose_with_witnesses(fleet: Fleet, dice: Random) -> str | None:
    """A device that keeps rows which a restored centre has lost is cancelled before it could offer them."""
    phone = idle(fleet, dice)
    if phone is None or len(fleet.alive) < 3:
        return None
    made = backed_up(fleet, dice)
    for record in known(fleet, phone, "case")[: dice.choice((1, 2))]:
        changed_at_centre(fleet, record, {"place_text": f"แก้โดยศูนย์ {dice.randrange(1000)}"})
    if not synced(fleet, phone):
        return None
    fleet.tell("check")
    restore(fleet, made)
    forgive_what_is_gone(fleet)
    sync = phone.begin_sync()
    fleet.notice_wiped(phone)
    fleet.tell("went_on", sync, None, None)
    for _ in range(EXCHANGES_MAX):
        if sync.exchange is None or phone.gone or phone.rows("SELECT 1 FROM witness LIMIT 1"):
            break
        fleet.deliver(sync.exchange)
    said = _cancel(fleet, phone)
    for _ in range(EXCHANGES_MAX):
        if sync.exchange is None:
            break
        fleet.deliver(sync.exchange)
    return f"{phone.name} learns of a restore to commit {made.commit} and is lost -> {said}"


def _cancel(fleet: Fleet, phone: Phone) -> int | None:
    lay_key_file(phone)
    said = fleet.desk.ask("admin", "POST", f"/devices/{phone.device}/revoke", {"order": "lost"})
    return said.status if said else None


def _volunteer(fleet: Fleet) -> Phone | None:
    return next((phone for phone in fleet.alive if phone.user == fleet.users["ek"] and not phone.syncs), None)


def _own_case(fleet: Fleet, dice: Random, phone: Phone) -> str | None:
    """Return a case that a device's user filed and its device shows; a new one where there is none."""
    records = fleet.sight.records
    found = [each for each in known(fleet, phone, "case") if records[each].owner == phone.user]
    if found:
        return dice.choice(found)
    made: list[str] = []
    about = {"received_on": "2026-11-20", "intake_channel": "walk_in", "intake_district": "5401", "area": "54010103"}

    def record() -> None:
        number = mint(dice.getrandbits(60))
        made.append(phone.kit.create("case", {**about, "reference_number": number}).record)

    return made[0] if saved(fleet, phone, record) and synced(fleet, phone) else None


def _unseen_case(fleet: Fleet, dice: Random, phone: Phone) -> str:
    """Return a case that a device does not have; a new one where there is none."""
    here = {row[0] for row in phone.rows("SELECT id FROM record")}
    cases = [each for each in fleet.sight.records.values() if each.type == "case" and each.id not in here]
    found = [each.id for each in cases if not each.deleted and not each.merged_into and each.data]
    if found:
        return dice.choice(found)
    headquarters = fleet.headquarters
    id_, number = str(headquarters.ids.uuid7()), mint(dice.getrandbits(60))
    data = {
        "reference_number": number, "received_on": "2026-11-21", "intake_channel": "hotline_1300",
        "intake_district": "5602", "area": "560201", "place_text": "ตลาด", "danger_notes": "แจ้งทางโทรศัพท์",
    }  # fmt: skip
    headquarters.centre.store.create([("case", id_, data)], headquarters.time.at_centre(), user=fleet.users["nation"])
    return id_


OUT_OF_SIGHT: Mapping[str, tuple[Act, int]] = {
    "role-for-a-while": (role_for_a_while, 3),
    "merge-out-of-sight": (merge_out_of_sight, 4),
    "lose-after-export": (lose_after_export, 1),
    "lose-with-witnesses": (lose_with_witnesses, 1),
}
