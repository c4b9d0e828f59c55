"""Quarantine: what came by other ways than a push, kept as it came until staff have looked at it."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from hashlib import sha256
from typing import Any

from sqlalchemy import ColumnElement, Connection, insert, select, update
from sqlalchemy.exc import IntegrityError

from server.errors import DeliveryDecided, NotFound
from server.ids import new_id
from server.models.quarantine import delivery
from sync.instants import rfc3339

OPEN, APPLIED, DISMISSED = "open", "applied", "dismissed"


@dataclass(frozen=True, slots=True)
class Delivery:
    """One delivery without its content. ``device`` and ``user``: whose it is, where that is known."""

    id: str
    kind: str
    device: str | None
    user: str | None
    brought_by: str | None
    received_at: str
    sha256: str
    state: str
    decided_at: str | None
    decided_by: str | None
    reason: str | None
    detail: Mapping[str, Any]


def deposit(
    connection: Connection,
    *,
    kind: str,
    content: bytes,
    now: datetime,
    device: str | None = None,
    user: str | None = None,
    brought_by: str | None = None,
    detail: Mapping[str, Any] | None = None,
) -> str:
    """Keep what came and return its id; the same bytes of the same kind are kept once, and say whose they were first.

    Needs a write transaction.
    """
    digest = sha256(content).hexdigest()
    row: dict[str, Any] = {"id": new_id(), "kind": kind, "device": device, "user": user, "brought_by": brought_by}
    row |= {"received_at": rfc3339(now), "sha256": digest, "content": content}
    row |= {"state": OPEN, "detail": dict(detail or {})}
    known = select(delivery.c.id).where(delivery.c.kind == kind, delivery.c.sha256 == digest)
    if before := connection.execute(known).scalar():
        return str(before)
    try:
        with connection.begin_nested():
            connection.execute(insert(delivery), [row])
    except IntegrityError:  # somebody else brought it in the meantime
        return str(connection.execute(known).scalar_one())
    return str(row["id"])


def listing(
    connection: Connection,
    *,
    after: str = "",
    limit: int = 100,
    state: str | None = None,
    only: ColumnElement[bool] | None = None,
) -> list[Delivery]:
    """Return deliveries in the order in which they came, a page at a time."""
    query = select(*_COLUMNS).where(delivery.c.id > after).order_by(delivery.c.id).limit(limit)
    if state is not None:
        query = query.where(delivery.c.state == state)
    if only is not None:
        query = query.where(only)
    return [Delivery(**row._mapping) for row in connection.execute(query)]


def one(connection: Connection, id_: str) -> Delivery:
    """Return one delivery.

    :raises NotFound: when there is none.
    """
    found = listing(connection, limit=1, only=delivery.c.id == id_)
    if not found:
        raise NotFound
    return found[0]


def content_of(connection: Connection, id_: str) -> bytes:
    """Return what came, to the byte.

    :raises NotFound: when there is no such delivery.
    """
    found = connection.execute(select(delivery.c.content).where(delivery.c.id == id_)).scalar()
    if found is None:
        raise NotFound
    return bytes(found)


def decide(
    connection: Connection,
    id_: str,
    state: str,
    by: str,
    reason: str,
    now: datetime,
    *,
    detail: Mapping[str, Any] | None = None,
) -> Delivery:
    """Close a delivery: ``applied`` or ``dismissed``, by whom and why. The content stays.

    ``detail``: what is told of it beside what was.

    :raises NotFound: when there is none.
    :raises DeliveryDecided: when somebody decided it before.
    """
    values: dict[str, Any] = {"state": state, "decided_at": rfc3339(now), "decided_by": by, "reason": reason}
    if detail:
        values["detail"] = {**one(connection, id_).detail, **detail}
    mine = (delivery.c.id == id_) & (delivery.c.state == OPEN)
    if not connection.execute(update(delivery).where(mine).values(values)).rowcount:
        raise DeliveryDecided(state=one(connection, id_).state)
    return one(connection, id_)


_COLUMNS = [delivery.c[name] for name in Delivery.__dataclass_fields__]
