"""Sealed work that is carried by hand: exported, brought to the centre, or given to another device."""

from collections.abc import Mapping
from random import Random

from field_kit.errors import KitError
from sync.unsent import parts_of
from tests.simulation.acts import Act
from tests.simulation.fleet import Fleet
from tests.simulation.headquarters import Request
from tests.simulation.homes import homes


def export_work(fleet: Fleet, dice: Random) -> str | None:
    """Somebody writes what was not sent, or all of it, into a sealed file."""
    busy = [phone for phone in fleet.alive if phone.rows("SELECT 1 FROM mutation WHERE unanswered = 1 LIMIT 1")]
    phone = dice.choice(busy) if busy else None
    if phone is None:
        return None
    path = homes() / "parcel"
    made = phone.kit.export(path, everything=dice.random() < 0.2)
    if made.parts:
        fleet.parcels.append(path.read_bytes())
        path.unlink()
    return f"{phone.name} exports {made.mutations} edits and {made.files} photos"


def carry_work(fleet: Fleet, dice: Random) -> str | None:
    """A device takes a sealed file along; sometimes that was the only copy, sometimes it is damaged."""
    phone = fleet.phone(dice)
    if phone is None or not fleet.parcels:
        return None
    parcel, path = dice.choice(fleet.parcels), homes() / "parcel"
    damaged = dice.random() < 0.1
    path.write_bytes(parcel[: dice.randrange(len(parcel))] if damaged else parcel)
    try:
        parts = phone.kit.carry(path)
    except KitError as refused:
        return f"{phone.name} does not take a damaged file: {type(refused).__name__}"
    finally:
        path.unlink()
    if not damaged and dice.random() < 0.5:
        fleet.parcels.remove(parcel)
    return f"{phone.name} carries {parts} sealed parts"


def bring_work(fleet: Fleet, dice: Random) -> str | None:
    """Somebody brings a sealed file to the centre themselves; sometimes a part of it is damaged."""
    if not fleet.parcels:
        return None
    damaged, parcel = dice.random() < 0.1, dice.choice(fleet.parcels)
    return f"a {'damaged' if damaged else 'sealed'} file is brought: {bring_parcel(fleet, parcel, damaged=damaged)}"


def bring_parcel(fleet: Fleet, parcel: bytes, *, damaged: bool = False) -> str:
    """Bring a sealed file to the centre, part by part; say what became of each."""
    said = []
    for part in parts_of(parcel):
        body = part[:-1] + bytes([part[-1] ^ 1]) if damaged else part
        about = {"Authorization": f"Bearer {fleet.desk.tokens['nation']}", "Content-Type": "application/octet-stream"}
        answer = fleet.ask(Request("POST", "/api/v1/deliveries", about, body))
        work = answer.json.get("work") if answer else None
        said.append(f"{answer.status if answer else 'died'} {work and work['state']} {work and work['added']}")
    return "; ".join(said)


CARRYING: Mapping[str, tuple[Act, int]] = {
    "export-work": (export_work, 2),
    "carry-work": (carry_work, 2),
    "bring-work": (bring_work, 2),
}
