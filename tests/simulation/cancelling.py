"""Cancelled devices: what is lost or has left wipes itself, and what it still had comes sealed."""

from collections.abc import Mapping
from random import Random

import msgspec

from field_kit.kit import resume_wipe
from field_kit.transport import HttpTransport
from field_kit.wiping import order_of
from tests.simulation.acts import Act
from tests.simulation.air import ADDRESS, Link
from tests.simulation.enrolling_again import lay_key_file
from tests.simulation.fleet import Fleet
from tests.simulation.homes import is_wiped
from tests.simulation.phone import Phone, Sync


def cancel_device(fleet: Fleet, dice: Random) -> str | None:
    """Staff cancel a device as lost or as one that left; now and then they change their mind about which."""
    if len(fleet.alive) < 3:
        return None
    busy = [phone for phone in fleet.alive if phone.rows("SELECT 1 FROM mutation WHERE unanswered = 1 LIMIT 1")]
    phone = dice.choice(busy if busy and dice.random() < 0.6 else fleet.alive)
    lay_key_file(phone)
    who, order = dice.choice(("head", "admin")), dice.choice(("lost", "left"))
    said = fleet.desk.ask(who, "POST", f"/devices/{phone.device}/revoke", {"order": order})
    return f"{who} cancels {phone.name} as {order} -> {said.status if said else 'died'}"


def leave_device(fleet: Fleet, dice: Random) -> str | None:
    """Somebody hands a device back: it deletes everything, if nothing waits on it."""
    if len(fleet.alive) < 3:
        return None
    phone = fleet.phone(dice)
    assert phone is not None
    if phone.syncs:
        return None
    kit = phone.kit
    lay_key_file(phone)
    sync = phone.begin_sync(lambda link: kit.leave(_door(link, kit.identity.token)))
    fleet.notice_wiped(phone)
    fleet.tell("went_on", sync, None, None)
    return f"{phone.name} leaves: {type(sync.ended_by).__name__ if sync.over else 'wipes itself'}"


def wipe_goes_on(fleet: Fleet, dice: Random) -> str | None:
    """A device that was cut off while it wiped itself goes on, or is cut off once more; a cancelled one has contact."""
    unfinished = [phone for phone in fleet.wiping if phone.syncs or not is_wiped(phone.kit.database.path)]
    if not unfinished:
        return _contact(fleet, dice)
    phone = dice.choice(unfinished)
    if phone.syncs and dice.random() < 0.5:
        phone.restart()
        return f"{phone.name} is cut off while it wipes itself"
    sync = phone.syncs[0] if phone.syncs else go_on_wiping(phone)
    if sync.exchange and dice.random() < 0.7:
        fleet.deliver(sync.exchange)
    return f"{phone.name} goes on wiping itself: {sync.exchange.what if sync.exchange else 'done'}"


def _contact(fleet: Fleet, dice: Random) -> str | None:
    """Let a cancelled device that does not know it hear so, and stop it somewhere on its way."""
    cancelled = {row[0] for row in fleet.headquarters.rows("SELECT id FROM device WHERE revoked_order IS NOT NULL")}
    found = [phone for phone in fleet.alive if phone.device in cancelled and not phone.syncs]
    if not found:
        return None
    phone = dice.choice(found)
    sync = phone.begin_sync()
    fleet.notice_wiped(phone)
    fleet.tell("went_on", sync, None, None)
    for _ in range(dice.randrange(1, 7)):
        if sync.exchange:
            fleet.deliver(sync.exchange)
    return f"{phone.name} hears that it is cancelled: {sync.exchange.what if sync.exchange else 'all done'}"


def settle_delivery(fleet: Fleet, dice: Random) -> str | None:
    """Staff look at something that came sealed, and take it in or dismiss it."""
    found = fleet.desk.get("nation", "/deliveries?limit=50")
    items = [each for each in found["items"] if each["kind"] != "witness"] if found else []
    if not items:
        return None
    chosen, how = dice.choice(items), "apply" if dice.random() < 0.75 else "dismiss"
    fleet.desk.get("nation", f"/deliveries/{chosen['id']}")
    said = fleet.desk.ask("nation", "POST", f"/deliveries/{chosen['id']}/{how}", {"reason": "ดูแล้ว"})
    added = said.json.get("added") if said and said.status == 200 else said.json.get("code") if said else None
    return f"staff {how} a sealed {chosen['kind']} -> {said.status if said else 'died'} {added}"


def go_on_wiping(phone: Phone) -> Sync:
    """Carry out the rest of the order to wipe, without key or passphrase."""
    path = order_of(phone.kit.database.path)
    token = str(msgspec.json.decode(path.read_bytes())["token"])
    return phone.begin_sync(lambda link: resume_wipe(path, transport=_door(link, token)))


def finish_wipe(fleet: Fleet, phone: Phone) -> None:
    """Let a device that wipes itself come to an end."""
    if not is_wiped(phone.kit.database.path):
        fleet.carry_on(go_on_wiping(phone))


def _door(link: Link, token: str) -> HttpTransport:
    return HttpTransport(ADDRESS, token, client=link)  # type: ignore[arg-type]


CANCELLING: Mapping[str, tuple[Act, int]] = {
    "cancel-device": (cancel_device, 2),
    "leave-device": (leave_device, 1),
    "wipe-goes-on": (wipe_goes_on, 3),
    "settle-delivery": (settle_delivery, 3),
}
