"""Enrolment: a code, said or scanned, that turns one device into somebody's, once.

Only the code's hash is stored. The code itself derives from the enrolment's id and a secret in the data directory, so
that its QR can be shown again while it is good, and a copy of the database gives none away.
"""

import hmac
from dataclasses import dataclass
from datetime import datetime, timedelta
from hashlib import sha256
from io import BytesIO

import segno
from sqlalchemy import Connection, insert, select, update

from schemas import reference_number
from server.auth.grants import assignments_of
from server.auth.roles import ROLES
from server.auth.tokens import hash_of
from server.errors import CodeExpired, CodeUnknown, CodeUsed, NoDeviceRole, NotFound
from server.ids import new_id
from server.models.identity import enrolment_code
from sync.instants import rfc3339


@dataclass(frozen=True, slots=True)
class Enrolment:
    """A code that was made for somebody."""

    id: str
    user: str
    code: str
    expires_at: str


def create(
    connection: Connection, secret: bytes, user: str, *, lasts: timedelta, now: datetime, by: str | None = None
) -> Enrolment:
    """Make a code for a person.

    :raises NoDeviceRole: when none of their roles works on a device.
    """
    if not any(ROLES[held.role].carries_device for held in assignments_of(connection, user)):
        raise NoDeviceRole
    id_ = new_id()
    made = Enrolment(id_, user, code_of(secret, id_), rfc3339(now + lasts))
    row = {"id": id_, "sha256": hash_of(made.code), "user": user, "created_at": rfc3339(now), "created_by": by}
    connection.execute(insert(enrolment_code), [row | {"expires_at": made.expires_at}])
    return made


def use(connection: Connection, code: str, now: datetime) -> Enrolment:
    """Take a code as it was typed; it is used from here on.

    :raises CodeUnknown: for one that was never made.
    :raises CodeUsed: for one that enrolled a device before.
    :raises CodeExpired: for one that is too old.
    """
    plain = reference_number.normalise(code)
    mine = enrolment_code.c.sha256 == hash_of(plain)
    row = connection.execute(select(enrolment_code).where(mine).with_for_update()).one_or_none()
    if row is None:
        raise CodeUnknown
    if row.used_at:
        raise CodeUsed
    if row.expires_at <= rfc3339(now):
        raise CodeExpired
    connection.execute(update(enrolment_code).where(mine).values(used_at=rfc3339(now)))
    return Enrolment(row.id, row.user, plain, row.expires_at)


def used_by(connection: Connection, id_: str, device: str) -> None:
    """Note which device a code enrolled."""
    connection.execute(update(enrolment_code).where(enrolment_code.c.id == id_).values(device=device))


def still_good(connection: Connection, secret: bytes, id_: str, now: datetime) -> Enrolment:
    """Return an enrolment with its code, for as long as it may be used.

    :raises NotFound: when there is none that may be.
    """
    row = connection.execute(select(enrolment_code).where(enrolment_code.c.id == id_)).one_or_none()
    if row is None or row.used_at or row.expires_at <= rfc3339(now):
        raise NotFound
    return Enrolment(row.id, row.user, code_of(secret, id_), row.expires_at)


def code_of(secret: bytes, id_: str) -> str:
    """Return the code of an enrolment."""
    digest = hmac.new(secret, f"enrolment:{id_}".encode(), sha256).digest()
    return reference_number.mint(int.from_bytes(digest[:8], "big"))


def address(public_url: str, code: str) -> str:
    """Return what the QR says. The code follows ``#``, so it reaches no log on the way."""
    return f"{public_url.rstrip('/')}/enrol#{code}"


def qr_svg(text: str) -> bytes:
    """Return a QR code as an SVG image."""
    picture = BytesIO()
    segno.make(text, error="m").save(picture, kind="svg", scale=6, xmldecl=False)
    return picture.getvalue()
