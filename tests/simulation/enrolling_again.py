"""Tokens that end, and devices that are enrolled again with a fresh code."""

from collections.abc import Mapping
from datetime import timedelta
from random import Random

from field_kit.home import key_path
from field_kit.keyfile import write_key
from field_kit.transport import HttpTransport
from server.auth import enrolment, people
from server.auth.roles import Assignment
from server.auth.tokens import hash_of
from server.errors import NoDeviceRole
from server.models.engine import writing
from sync.errors import TokenExpired, Unauthenticated
from tests.field_kit.device import PASSPHRASE, QUICK
from tests.simulation.acts import Act
from tests.simulation.air import ADDRESS
from tests.simulation.fleet import Fleet
from tests.simulation.headquarters import instant
from tests.simulation.phone import Phone, Sync

KEY = bytes(32)
"""The data key of a file that is not encrypted; its key file is real."""


def token_ends(fleet: Fleet, dice: Random) -> str | None:
    """A device was away for so long that its token has ended."""
    phone = fleet.phone(dice)
    if phone is None:
        return None
    headquarters = fleet.headquarters
    with writing(headquarters.centre.engine) as connection:
        connection.exec_driver_sql(
            "UPDATE token SET expires_at = ? WHERE device = ?", (instant(headquarters.time.at_centre()), phone.device)
        )
    return f"the token of {phone.name} has ended"


def enrol_again(fleet: Fleet, dice: Random) -> str | None:
    """A device is enrolled again, mostly one whose token is good no more; what answers that gets may be lost."""
    shut = [phone for phone in fleet.alive if not phone.syncs and not is_let_in(fleet, phone)]
    phone = dice.choice(shut) if shut else fleet.phone(dice) if dice.random() < 0.2 else None
    if phone is None or phone.syncs or (code := _code(fleet, phone)) is None:
        return None
    sync = _renewing(fleet, phone, code)
    if sync.exchange and dice.random() < 0.7:
        fleet.deliver(sync.exchange)
    return f"{phone.name} is enrolled again: {sync.exchange.what if sync.exchange else ended(sync)}"


def let_in(fleet: Fleet, phone: Phone, sync: Sync) -> Sync:
    """Enrol a device again that was refused for its token, and let it sync; who lost every role gets theirs back."""
    if not isinstance(sync.ended_by, (TokenExpired, Unauthenticated)):
        return sync
    code = _code(fleet, phone) or _code_with_roles(fleet, phone)
    renewing = _renewing(fleet, phone, code)
    while renewing.exchange:
        fleet.deliver(renewing.exchange)
    return fleet.sync(phone) if not phone.gone and renewing.ended_by is None else renewing


def lay_key_file(phone: Phone) -> None:
    """Put beside a device's database what lies there in real life; most schedules have no use for it."""
    path = key_path(phone.kit.database.path)
    if not path.exists():
        phone.kit.key = KEY
        write_key(path, KEY, PASSPHRASE, None, QUICK)


def ended(sync: Sync) -> str:
    return type(sync.ended_by).__name__ if sync.ended_by else "done"


def _renewing(fleet: Fleet, phone: Phone, code: str) -> Sync:
    kit = phone.kit
    lay_key_file(phone)
    sync = phone.begin_sync(
        lambda link: kit.renew(code, transport=HttpTransport(ADDRESS, client=link))  # type: ignore[arg-type]
    )
    fleet.notice_wiped(phone)
    return sync


def is_let_in(fleet: Fleet, phone: Phone) -> bool:
    """Tell whether a device's token is good."""
    now = instant(fleet.headquarters.time.at_centre())
    held = hash_of(phone.kit.identity.token)
    good = "SELECT 1 FROM token WHERE sha256 = ? AND revoked_at IS NULL AND expires_at > ?"
    return bool(fleet.headquarters.rows(good, (held, now)))


def is_stranded(fleet: Fleet, phone: Phone) -> bool:
    """Tell whether a device was cancelled and has no token to send anything with."""
    if phone.kit.identity.cancelled:
        return True
    ordered = "SELECT 1 FROM device WHERE id = ? AND revoked_order IS NOT NULL"
    return bool(fleet.headquarters.rows(ordered, (phone.device,))) and not is_let_in(fleet, phone)


def _code(fleet: Fleet, phone: Phone) -> str | None:
    """Make a code for a device's user; ``None`` while they have no role that works on a device."""
    centre = fleet.headquarters.centre
    try:
        with writing(centre.engine) as connection:
            return enrolment.create(
                connection, centre.keys.code_secret, phone.user, lasts=timedelta(hours=24), now=centre.now()
            ).code
    except NoDeviceRole:
        return None


def _code_with_roles(fleet: Fleet, phone: Phone) -> str:
    centre = fleet.headquarters.centre
    with writing(centre.engine) as connection:
        people.give_role(connection, phone.user, Assignment("volunteer", "village:54010103"), now=centre.now())
    code = _code(fleet, phone)
    assert code is not None
    return code


ENROLLING: Mapping[str, tuple[Act, int]] = {
    "token-ends": (token_ends, 1),
    "enrol-again": (enrol_again, 3),
}
