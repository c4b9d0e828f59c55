"""A forgotten passphrase: each key file holds a copy of the data key for the centre, which may seal it anew.

The device makes a key pair for this one time. Staff approve once the person on the telephone has read out a code that
is made of that key, so that nobody else's key can be put in its place.
"""

from base64 import b64decode, b64encode
from dataclasses import dataclass
from datetime import datetime, timedelta

from nacl.exceptions import CryptoError
from nacl.public import PublicKey, SealedBox
from sqlalchemy import ColumnElement, Connection, func, insert, select, update

from schemas import reference_number
from server.auth import people
from server.errors import CodeMismatch, KeyRecoveryClosed, NotFound
from server.ids import new_id
from server.keys import CentreKeys
from server.models.identity import device, user
from server.models.quarantine import key_recovery
from sync.errors import DeviceRevoked, ValidationFailed
from sync.instants import rfc3339
from sync.key_code import code_of, key_of

OPEN, APPROVED, REFUSED, EXPIRED = "open", "approved", "refused", "expired"

OPEN_MAX = 5
"""Requests of one device that may wait at once; one more takes the place of the oldest, so nobody is kept out."""


@dataclass(frozen=True, slots=True)
class KeyRecovery:
    """One request, as staff see it: the code is not told, they type what they hear. ``state`` may be ``expired``."""

    id: str
    device: str
    device_name: str
    user: str
    display_name: str
    requested_at: str
    expires_at: str
    state: str
    decided_at: str | None
    decided_by: str | None
    of_device: int
    """How many requests of this device have ever come: several at once may be somebody else's."""


def ask(
    connection: Connection,
    keys: CentreKeys,
    of: str,
    box: str,
    public_key: str,
    *,
    now: datetime,
    lasts: timedelta,
) -> KeyRecovery:
    """Note that somebody forgot the passphrase of a device; asking again with the same key is the same request.

    :raises NotFound: for a device that nobody knows.
    :raises DeviceRevoked: for one that was cancelled: its key is given to nobody.
    :raises ValidationFailed: when the box holds no key of this device that the centre can open.
    """
    owner = _owner(connection, of)
    if _key_in(keys, box, of) is None or _public(public_key) is None:
        raise ValidationFailed(errors={"box": [{"code": "invalid"}]})
    mine = key_recovery.c.device == of
    known = connection.execute(select(key_recovery.c.id).where(mine, key_recovery.c.public_key == public_key)).scalar()
    if known:
        return one(connection, known, now)
    _make_room(connection, of, now)
    row = {"id": new_id(), "device": of, "user": owner, "public_key": public_key, "box": box, "state": OPEN}
    instants = {"requested_at": rfc3339(now), "expires_at": rfc3339(now + lasts)}
    connection.execute(insert(key_recovery), [row | instants])
    return one(connection, row["id"], now)


def _make_room(connection: Connection, of: str, now: datetime) -> None:
    """Let the oldest requests of a device that wait expire, but for the newest few."""
    open_ = (key_recovery.c.device == of) & (key_recovery.c.state == OPEN) & (key_recovery.c.expires_at > rfc3339(now))
    newest = (
        select(key_recovery.c.id).where(open_).order_by(key_recovery.c.requested_at.desc(), key_recovery.c.id.desc())
    )
    older = list(connection.execute(newest).scalars())[OPEN_MAX - 1 :]
    connection.execute(update(key_recovery).where(key_recovery.c.id.in_(older)).values(expires_at=rfc3339(now)))


def answer_of(connection: Connection, id_: str, now: datetime) -> tuple[str, str | None]:
    """Return the state of a request, and once approved the data key, sealed to the key of the request.

    :raises NotFound: when there is no such request.
    :raises DeviceRevoked: when the device was cancelled in the meantime.
    """
    found = one(connection, id_, now)
    _owner(connection, found.device)
    query = select(key_recovery.c.answer).where(key_recovery.c.id == id_)
    return found.state, connection.execute(query).scalar() if found.state == APPROVED else None


def approve(connection: Connection, keys: CentreKeys, id_: str, code: str, by: str, now: datetime) -> KeyRecovery:
    """Seal the data key to the key of the request, which the code read out on the telephone proves.

    :raises CodeMismatch: another code belongs to it; nothing is decided.
    :raises KeyRecoveryClosed: it was decided before, or is too old.
    :raises DeviceRevoked: the device was cancelled.
    """
    _owner(connection, _open(connection, id_, now).device)
    row = connection.execute(select(key_recovery).where(key_recovery.c.id == id_)).one()
    public_key, data_key = _public(row.public_key), _key_in(keys, row.box, row.device)
    if public_key is None or data_key is None:
        raise ValidationFailed(errors={"box": [{"code": "invalid"}]})
    if reference_number.normalise(code) != code_of(row.device, bytes(public_key)):
        raise CodeMismatch
    answer = b64encode(SealedBox(public_key).encrypt(data_key)).decode()
    return _decide(connection, id_, {"state": APPROVED, "answer": answer}, by, now)


def refuse(connection: Connection, id_: str, by: str, now: datetime) -> KeyRecovery:
    """Refuse a request.

    :raises KeyRecoveryClosed: it was decided before, or is too old.
    """
    _open(connection, id_, now)
    return _decide(connection, id_, {"state": REFUSED}, by, now)


def some(
    connection: Connection,
    now: datetime,
    *,
    after: str = "",
    limit: int = 100,
    only: ColumnElement[bool] | None = None,
) -> list[KeyRecovery]:
    """Return requests in the order in which they came, a page at a time."""
    names = ("id", "device", "user", "requested_at", "expires_at", "state", "decided_at", "decided_by")
    columns = [key_recovery.c[name] for name in names]
    query = (
        select(*columns, user.c.display_name, func.coalesce(device.c.name, "").label("device_name"), _OF_DEVICE)
        .join_from(key_recovery, user, user.c.id == key_recovery.c.user)
        .outerjoin(device, device.c.id == key_recovery.c.device)
        .where(key_recovery.c.id > after)
    )
    if only is not None:
        query = query.where(only)
    rows = [dict(row._mapping) for row in connection.execute(query.order_by(key_recovery.c.id).limit(limit))]
    for row in rows:
        if row["state"] == OPEN and row["expires_at"] <= rfc3339(now):
            row["state"] = EXPIRED
    return [KeyRecovery(**row) for row in rows]


_OTHER = key_recovery.alias("other")
_OF_DEVICE = select(func.count()).where(_OTHER.c.device == key_recovery.c.device).scalar_subquery().label("of_device")


def one(connection: Connection, id_: str, now: datetime) -> KeyRecovery:
    """Return one request.

    :raises NotFound: when there is none.
    """
    found = some(connection, now, only=key_recovery.c.id == id_)
    if not found:
        raise NotFound
    return found[0]


def _open(connection: Connection, id_: str, now: datetime) -> KeyRecovery:
    found = one(connection, id_, now)
    if found.state != OPEN:
        raise KeyRecoveryClosed(state=found.state)
    return found


def _decide(connection: Connection, id_: str, values: dict[str, str], by: str, now: datetime) -> KeyRecovery:
    said = values | {"decided_at": rfc3339(now), "decided_by": by}
    mine = (key_recovery.c.id == id_) & (key_recovery.c.state == OPEN)
    if not connection.execute(update(key_recovery).where(mine).values(said)).rowcount:
        raise KeyRecoveryClosed(state=one(connection, id_, now).state)
    return one(connection, id_, now)


def _owner(connection: Connection, id_: str) -> str:
    """Return whose device it is; a cancelled device's key is nobody's to have, nor that of somebody who has gone."""
    row = connection.execute(select(device.c.user, device.c.revoked_order).where(device.c.id == id_)).one_or_none()
    if row is None or not people.find(connection, row.user).active:
        raise NotFound
    if row.revoked_order:
        raise DeviceRevoked(order=row.revoked_order)
    return str(row.user)


def _key_in(keys: CentreKeys, box: str, of: str) -> bytes | None:
    """Return the data key in a box; another device's box, which lies in the open beside its file, counts as none."""
    try:
        found = keys.open(b64decode(box, validate=True))
    except ValueError:
        return None
    return key_of(found, of) if found is not None else None


def _public(text: str) -> PublicKey | None:
    try:
        return PublicKey(b64decode(text, validate=True))
    except (ValueError, TypeError, CryptoError):
        return None
