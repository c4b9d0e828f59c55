"""Devices: whose they are, when they were last in contact, and whether they were cancelled."""

from collections.abc import Mapping
from dataclasses import asdict, dataclass
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import ColumnElement, Connection, func, insert, select, update

from server.errors import DeviceNotYours, NotFound
from server.ids import new_id
from server.models.identity import device, token, user
from server.models.quarantine import delivery
from server.register import Register
from sync.errors import DeviceRevoked
from sync.instants import rfc3339

CONTACT_EVERY = timedelta(minutes=1)
"""Contacts closer together than this are not written: an idle pull must cost no write."""


@dataclass(frozen=True, slots=True)
class Device:
    """A device as staff see it."""

    id: str
    user: str
    display_name: str
    name: str
    platform: str
    client_version: str
    enrolled_at: str
    last_contact_at: str
    clock_offset_ms: int | None
    unsent_reported: int | None
    silent_since: str | None
    revoked_at: str | None
    revoked_order: str | None
    wiped_at: str | None
    """When it confirmed that everything on it was deleted."""
    outboxes: int
    """How many sealed outboxes of it have come; staff find them among the deliveries."""


@dataclass(frozen=True, slots=True)
class Described:
    """What a device says of itself when it enrols."""

    name: str
    platform: str
    client_version: str


def add(connection: Connection, owner: str, said: Described, now: datetime, id_: str | None = None) -> str:
    """Add a device of a person and return its id."""
    added = id_ or new_id()
    row = {"id": added, "user": owner, "enrolled_at": rfc3339(now), "last_contact_at": rfc3339(now)}
    connection.execute(insert(device), [row | asdict(said)])
    return added


def take_back(connection: Connection, id_: str, owner: str, said: Described, now: datetime) -> None:
    """Let a device that was away come back to the same person; it keeps its id, and the ledger knows its work by it.

    One that is unknown here is added under its own id: the centre was restored from before its enrolment.

    :raises DeviceNotYours: when it is somebody else's.
    :raises DeviceRevoked: when it was cancelled.
    """
    mine = device.c.id == id_
    row = connection.execute(select(device.c.user, device.c.revoked_order).where(mine).with_for_update()).one_or_none()
    if row is None:
        add(connection, owner, said, now, id_)
        return
    if row.user != owner:
        raise DeviceNotYours
    if row.revoked_order:
        raise DeviceRevoked(order=row.revoked_order)
    values = asdict(said) | {"last_contact_at": rfc3339(now), "silent_since": None}
    connection.execute(update(device).where(mine).values(values))


def some(
    connection: Connection, *, after: str = "", limit: int = 100, only: ColumnElement[bool] | None = None
) -> list[Device]:
    """Return devices in order of id, a page at a time."""
    columns = [device.c[name] for name in Device.__dataclass_fields__ if name in device.c]
    sent = (delivery.c.device == device.c.id) & (delivery.c.kind == "outbox")
    outboxes = select(func.count()).select_from(delivery).where(sent).scalar_subquery().label("outboxes")
    query = select(*columns, user.c.display_name, outboxes).join_from(device, user).where(device.c.id > after)
    if only is not None:
        query = query.where(only)
    rows = connection.execute(query.order_by(device.c.id).limit(limit))
    return [Device(**row._mapping) for row in rows]


def find(connection: Connection, id_: str) -> Device:
    """Return one device.

    :raises NotFound: when there is none.
    """
    found = some(connection, only=device.c.id == id_)
    if not found:
        raise NotFound
    return found[0]


def revoke(connection: Connection, register: Register, id_: str, order: str, now: datetime) -> Device:
    """Cancel a device: ``lost`` (it wipes at its next contact) or ``left`` (it first sends its work).

    A device once lost stays lost; the first instant stands. The register has it before the database commits: a restore
    from an older backup cancels it again.

    :raises NotFound: when there is no such device.
    """
    before = find(connection, id_)
    if before.revoked_order not in ("lost", order):
        at = before.revoked_at or rfc3339(now)
        values = {"revoked_at": at, "revoked_order": order}
        connection.execute(update(device).where(device.c.id == id_).values(values))
        mine = (token.c.device == id_) & token.c.revoked_at.is_(None)
        tokens = {each.sha256: each.expires_at for each in connection.execute(select(token).where(mine))}
        register.append("revocation", device=id_, order=order, at=at, user=before.user, tokens=tokens)
    return find(connection, id_)


def wiped(connection: Connection, register: Register, id_: str, now: datetime) -> Device:
    """Note that a device deleted everything; the first instant stands, in the register too.

    One that nobody had cancelled left by its user's own decision.
    """
    before = find(connection, id_)
    if before.revoked_order is None:
        revoke(connection, register, id_, "left", now)
    if before.wiped_at is None:
        at = rfc3339(now)
        connection.execute(update(device).where(device.c.id == id_).values(wiped_at=at))
        register.append("wiped", device=id_, at=at)
    return find(connection, id_)


def wiped_again(connection: Connection, facts: Mapping[str, Any]) -> None:
    """Note after a restore what a device had confirmed: it will not say so again."""
    mine = (device.c.id == facts["device"]) & device.c.wiped_at.is_(None)
    connection.execute(update(device).where(mine).values(wiped_at=facts["at"]))


def revoke_again(connection: Connection, facts: Mapping[str, Any]) -> bool:
    """Cancel a device after a restore as the register says; tell whether it was not cancelled so already.

    One that was enrolled since the backup is written down with its tokens, so that it still learns its order.
    """
    mine = device.c.id == facts["device"]
    row = connection.execute(select(device.c.revoked_order).where(mine)).one_or_none()
    values = {"revoked_at": facts["at"], "revoked_order": facts["order"]}
    if row is None:
        return _cancelled_unknown(connection, facts, values)
    if row.revoked_order in ("lost", facts["order"]):
        return False
    connection.execute(update(device).where(mine).values(values))
    return True


def _cancelled_unknown(connection: Connection, facts: Mapping[str, Any], values: Mapping[str, str]) -> bool:
    """Write a cancelled device that the store does not know; of a person that it does not know either there is none."""
    if connection.execute(select(user.c.id).where(user.c.id == facts["user"])).first() is None:
        return False
    at = facts["at"]
    about = {"name": "-", "platform": "-", "client_version": "-", "enrolled_at": at, "last_contact_at": at}
    connection.execute(insert(device), [{"id": facts["device"], "user": facts["user"], **about, **values}])
    row = {"user": facts["user"], "device": facts["device"], "kind": "device", "created_at": at}
    tokens = [row | {"sha256": sha256, "expires_at": until} for sha256, until in facts["tokens"].items()]
    if tokens:
        connection.execute(insert(token), tokens)
    return True


def contact(
    connection: Connection,
    id_: str,
    now: datetime,
    *,
    client_version: str | None = None,
    clock_offset_ms: int | None = None,
    unsent_reported: int | None = None,
) -> None:
    """Note that a device was in contact, with what it said of itself."""
    told = {
        "client_version": client_version,
        "clock_offset_ms": clock_offset_ms,
        "unsent_reported": unsent_reported,
    }
    values = {"last_contact_at": rfc3339(now), "silent_since": None} | {k: v for k, v in told.items() if v is not None}
    connection.execute(update(device).where(device.c.id == id_).values(values))


def flag_silent(connection: Connection, since: datetime, now: datetime) -> int:
    """Flag devices without contact since then, and say how many became silent just now."""
    silent = (
        (device.c.last_contact_at < rfc3339(since)) & device.c.revoked_at.is_(None) & device.c.silent_since.is_(None)
    )
    return connection.execute(update(device).where(silent).values(silent_since=rfc3339(now))).rowcount
