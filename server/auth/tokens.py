"""Opaque bearer tokens: random, shown once, kept as their hash."""

from collections.abc import Mapping
from datetime import datetime, timedelta
from hashlib import sha256
from secrets import token_urlsafe
from typing import Any

from sqlalchemy import Connection, Row, Select, bindparam, delete, insert, select, update

from server.auth.roles import Assignment
from server.auth.viewer import Contact, Viewer
from server.models.identity import device, role_assignment, token, user
from sync.errors import DeviceRevoked, TokenExpired, Unauthenticated
from sync.instants import rfc3339

PREFIX: Mapping[str, str] = {"device": "hd_", "staff": "hs_"}
"""Lets a leak be recognised where it turns up, and says nothing else."""


def hash_of(text: str) -> str:
    """Return what is kept of a token."""
    return sha256(text.encode()).hexdigest()


def issue(
    connection: Connection, owner: str, *, kind: str, lasts: timedelta, now: datetime, device: str | None = None
) -> str:
    """Make a token and return it; it cannot be shown again."""
    text = PREFIX[kind] + token_urlsafe(32)
    row = {"sha256": hash_of(text), "user": owner, "device": device, "kind": kind}
    instants = {"created_at": rfc3339(now), "expires_at": rfc3339(now + lasts)}
    connection.execute(insert(token), [row | instants])
    return text


def viewer_of(connection: Connection, text: str, now: datetime, *, even_lost: bool = False) -> Viewer:
    """Return whom a token names, with their roles, in one query.

    ``even_lost``: any token that a lost device ever had is good enough for what it may still do.

    :raises Unauthenticated: for an unknown or withdrawn token, or a person who is no longer active.
    :raises DeviceRevoked: for a lost device.
    :raises TokenExpired: for one that was good once.
    """
    rows = connection.execute(_VIEWER, {"sha256": hash_of(text)}).all()
    if not rows:
        raise Unauthenticated
    first = rows[0]
    if first.revoked_order == "lost":
        if even_lost:
            return _viewer(first, ())
        raise DeviceRevoked(order="lost")
    if first.token_revoked_at or not first.active:
        raise Unauthenticated
    if first.expires_at <= rfc3339(now):
        raise TokenExpired
    return _viewer(first, tuple(Assignment(row.role, row.scope) for row in rows if row.role))


def renew(connection: Connection, sha256: str, expires_at: datetime) -> None:
    """Let a device's token last until then."""
    connection.execute(update(token).where(token.c.sha256 == sha256).values(expires_at=rfc3339(expires_at)))


def withdraw(connection: Connection, sha256: str, now: datetime) -> None:
    """End one token."""
    connection.execute(update(token).where(token.c.sha256 == sha256).values(revoked_at=rfc3339(now)))


def withdraw_device(connection: Connection, id_: str, now: datetime) -> None:
    """End every token of a device."""
    mine = (token.c.device == id_) & token.c.revoked_at.is_(None)
    connection.execute(update(token).where(mine).values(revoked_at=rfc3339(now)))


def prune(connection: Connection, before: datetime) -> int:
    """Remove tokens that ended before then, and say how many; until then the reason for a refusal can be told."""
    return connection.execute(delete(token).where(token.c.expires_at < rfc3339(before))).rowcount


def _viewer(row: Row[Any], roles: tuple[Assignment, ...]) -> Viewer:
    return Viewer(
        token=row.sha256,
        kind=row.kind,
        user=row.user,
        display_name=row.display_name,
        language=row.language,
        device=row.device,
        expires_at=row.expires_at,
        contact=Contact(row.last_contact_at, row.client_version, row.clock_offset_ms) if row.device else None,
        roles=roles,
        leaving=row.revoked_order == "left",
        lost=row.revoked_order == "lost",
    )


def _query() -> Select[Any]:
    return (
        select(
            token.c.sha256,
            token.c.kind,
            token.c.user,
            token.c.device,
            token.c.expires_at,
            token.c.revoked_at.label("token_revoked_at"),
            user.c.display_name,
            user.c.language,
            user.c.active,
            device.c.revoked_order,
            device.c.last_contact_at,
            device.c.clock_offset_ms,
            device.c.client_version,
            role_assignment.c.role,
            role_assignment.c.scope,
        )
        .join_from(token, user)
        .outerjoin(device, device.c.id == token.c.device)
        .outerjoin(role_assignment, role_assignment.c.user == token.c.user)
        .where(token.c.sha256 == bindparam("sha256"))
        .order_by(role_assignment.c.role, role_assignment.c.scope)
    )


_VIEWER = _query()
