"""Unsent work that came by hand, or from a lost device before it wiped itself: open it, keep it, apply it once.

Exports whose MAC is good apply at once, as the person whose device wrote them. Everything else waits for staff: a lost
device's outbox (a thief may have typed it), and what cannot be shown to be a device's own.
"""

from collections.abc import Sequence
from dataclasses import asdict, dataclass, field, replace
from datetime import datetime, timedelta
from hashlib import sha256
from io import BytesIO
from typing import Any

import msgspec
from sqlalchemy import Connection, exists, select

from server import quarantine, uploads, witnesses
from server.auth import people
from server.auth.grants import assignments_of
from server.auth.roles import permits_of
from server.centre import Centre
from server.errors import DeliveryUnreadable, NotFound
from server.models.engine import reading, writing
from server.models.files import upload
from server.models.identity import device, token, user
from server.quarantine import Delivery
from server.store import Author
from server.store.arrival import Arrived, Weighed, arrived
from server.store.bringing import Bringer
from server.store.epochs import check_epoch
from server.store.push import CLOCK_OFFSET_MS_MAX
from server.store.transaction import CENTRE
from sync.errors import EpochChanged, NotPermitted, PayloadTooLarge, ValidationFailed
from sync.mutation import Mutation
from sync.sequence import LANES
from sync.state import Receipt, Writer
from sync.unsent import EXPORT, OUTBOX, UnsentFile, UnsentWork, is_authentic, work_in

AUTHENTIC = "the device's own"
"""The reason under which an authentic export is applied."""


@dataclass
class Added:
    """What a delivery brought. ``known``: edits the centre had; ``files_waiting``: their records are not there yet."""

    known: int = 0
    outcomes: dict[str, int] = field(default_factory=dict)
    files: int = 0
    files_known: int = 0
    files_waiting: int = 0
    files_refused: int = 0
    witnesses: int = 0
    """Rows from before a restore, which now wait for staff one by one."""


@dataclass(frozen=True, slots=True)
class Received:
    """What became of a delivery. ``added`` is ``None`` where it waits for staff."""

    delivery: Delivery
    added: Added | None


@dataclass(frozen=True, slots=True)
class _Opened:
    work: UnsentWork
    authentic: bool
    owner: Any
    """The row of the device: its person, the order under which it was cancelled, whether they are active."""

    @property
    def applies(self) -> bool:
        """Whether nobody need look at it first."""
        good = self.owner is not None and self.owner.active and self.owner.revoked_order != "lost"
        return self.authentic and good and self.work.kind == EXPORT

    @property
    def kind(self) -> str:
        lost = self.owner is not None and self.owner.revoked_order == "lost"
        return OUTBOX if lost else self.work.kind

    @property
    def detail(self) -> dict[str, Any]:
        """What can be told without opening it again."""
        work = self.work
        return {
            "readable": True,
            "authentic": self.authentic,
            "made_at": work.made_at,
            "mutations": sum(len(group) for groups in work.lanes.values() for group in groups),
            "files": len(work.files),
            "witnesses": len(work.witnesses or ()),
            "part": work.part,
            "parts": work.parts,
        }


def receive(centre: Centre, sealed: bytes, *, now: datetime, brought_by: str | None, device: str | None) -> Received:
    """Keep a sealed delivery, and apply it if it is a device's own export; bringing it again adds nothing.

    ``device``: the one that brought it. What cannot be opened is kept too: another key may open it one day.
    """
    with writing(centre.engine) as connection:
        opened = _open(connection, centre, sealed)
        about: dict[str, Any] = {"kind": EXPORT, "detail": {"readable": False}, "device": device}
        if opened:
            owner = str(opened.owner.user) if opened.owner else None
            about = {"kind": opened.kind, "detail": opened.detail, "device": opened.work.device, "user": owner}
        id_ = quarantine.deposit(connection, content=sealed, now=now, brought_by=brought_by, **about)
        kept = quarantine.one(connection, id_)
    if opened is None or not opened.applies or kept.state == quarantine.DISMISSED:
        return Received(kept, None)
    added = _add(centre, opened, now)
    if kept.state == quarantine.OPEN and not added.files_waiting:
        with writing(centre.engine) as connection:
            kept = _closed(connection, id_, CENTRE, AUTHENTIC, added, now)
    return Received(kept, added)


def apply(centre: Centre, delivery: Delivery, by: str, reason: str, now: datetime) -> Received:
    """Apply a delivery that staff have looked at, as its author.

    It stays open while photos in it wait for their records.

    :raises DeliveryUnreadable: it cannot be opened, or nobody knows the device.
    """
    with writing(centre.engine) as connection:
        opened = _open(connection, centre, quarantine.content_of(connection, delivery.id))
    if opened is None or opened.owner is None:
        raise DeliveryUnreadable
    added = _add(centre, opened, now)
    if added.files_waiting:
        return Received(delivery, added)
    with writing(centre.engine) as connection:
        told = {"added": asdict(added)}
        decided = quarantine.decide(connection, delivery.id, quarantine.APPLIED, by, reason, now, detail=told)
    return Received(decided, added)


def whose(centre: Centre, delivery: Delivery) -> str:
    """Return the name of the person whose work it is; empty when nobody knows."""
    with reading(centre.engine) as connection:
        return people.find(connection, delivery.user).display_name if delivery.user else ""


def edits_in(centre: Centre, sealed: bytes) -> tuple[list[Arrived], Sequence[UnsentFile]]:
    """Return what a delivery holds, for staff to look at; nothing when it cannot be opened."""
    inside = centre.keys.open(sealed)
    work = work_in(inside) if inside else None
    groups = _groups(centre, work) if work else None
    if work is None or groups is None:
        return [], ()
    return [each for group in groups for each in group], work.files


def _open(connection: Connection, centre: Centre, sealed: bytes) -> _Opened | None:
    inside = centre.keys.open(sealed)
    work = work_in(inside) if inside else None
    if inside is None or work is None or _groups(centre, work) is None:
        return None
    keys = connection.execute(select(token.c.sha256).where(token.c.device == work.device)).scalars()
    authentic = is_authentic(inside, [bytes.fromhex(each) for each in keys])
    owner = select(device.c.user, device.c.revoked_order, user.c.active).join_from(device, user)
    return _Opened(work, authentic, connection.execute(owner.where(device.c.id == work.device)).one_or_none())


def _groups(centre: Centre, work: UnsentWork) -> list[list[Arrived]] | None:
    """Return the groups of a delivery, the urgent lane first; ``None`` when one has no readable place.

    So too when what is sealed in it once more is, opened, larger than any delivery.
    """
    opener = Weighed(centre.keys.open_mutation, centre.settings.delivery_bytes_max)
    try:
        return [
            [arrived(raw, opener) for raw in group]
            for lane in sorted(work.lanes, key=_order)
            for group in work.lanes[lane]
        ]
    except (msgspec.DecodeError, UnicodeDecodeError, RecursionError, PayloadTooLarge):
        return None


def _order(lane: str) -> tuple[int, str]:
    return (LANES.index(lane) if lane in LANES else len(LANES), lane)


def _add(centre: Centre, opened: _Opened, now: datetime) -> Added:
    """Apply what is new of a delivery: edits in their order, then the bytes of photos."""
    assert opened.owner is not None
    work, author = opened.work, str(opened.owner.user)
    with reading(centre.engine) as connection:
        roles = frozenset(held.role for held in assignments_of(connection, author))
        restored_to = _restored_to(connection, work.epoch)
    writer = Writer(author, work.device, work.incarnation, permits_of(roles))
    receipt = Receipt(now, _sensible(work.clock_offset_ms))
    store = centre.store
    groups = [[_lowered(each, restored_to) for each in group] for group in _groups(centre, work) or []]
    bringer = Bringer(store.engine, store.types, store.derivations, writer, receipt, work.schema)
    brought = bringer.bring([group for group in groups if group])
    added = Added(brought.known, brought.outcomes)
    for file in work.files:
        _add_file(centre, file, work.device, author, added, now)
    if work.witnesses:
        witnesses.keep_sealed(centre, Author(author, work.device, roles), work.witnesses, work.schema, now)
        added.witnesses = len(work.witnesses)
    return added


def _restored_to(connection: Connection, epoch: str) -> int | None:
    """Return the commit to which the centre was restored since a device's epoch; ``None`` when it was not."""
    try:
        check_epoch(connection, epoch)
    except EpochChanged as changed:
        return int(changed.extra["restored_to"])
    return None


def _lowered(each: Arrived, restored_to: int | None) -> Arrived:
    """Return an edit whose base the restored centre knows, as its device would send it after the recovery."""
    mutation = each.mutation
    if restored_to is None or not isinstance(mutation, Mutation) or mutation.base <= restored_to:
        return each
    said = msgspec.json.decode(each.payload or "{}") | {"base": restored_to}
    lowered = msgspec.structs.replace(mutation, base=restored_to)
    return replace(each, mutation=lowered, payload=msgspec.json.encode(said).decode())


def _sensible(offset_ms: int | None) -> int | None:
    return offset_ms if offset_ms is not None and abs(offset_ms) <= CLOCK_OFFSET_MS_MAX else None


def _add_file(centre: Centre, file: UnsentFile, of: str, author: str, added: Added, now: datetime) -> None:
    """Keep the bytes of a photo as if its device had uploaded them."""
    if sha256(file.bytes).hexdigest() != file.sha256:
        added.files_refused += 1
        return
    meta = {"attachment": file.attachment, "sha256": file.sha256}
    lasts = timedelta(hours=centre.settings.upload_hours)
    try:
        with writing(centre.engine) as connection:
            if _is_here(connection, file):
                added.files_known += 1
                return
            this = uploads.create(connection, centre.blobs, of, author, meta, len(file.bytes), now=now, lasts=lasts)
    except NotFound:
        added.files_waiting += 1
    except (NotPermitted, ValidationFailed):
        added.files_refused += 1
    else:
        uploads.receive(centre.blobs, this, BytesIO(file.bytes), 0, None)
        uploads.finish(centre, this, now)
        added.files += 1


def _is_here(connection: Connection, file: UnsentFile) -> bool:
    sent = (upload.c.attachment == file.attachment) & (upload.c.sha256 == file.sha256)
    return bool(connection.execute(select(exists().where(sent, upload.c.finished_at.is_not(None)))).scalar())


def _closed(connection: Connection, id_: str, by: str, reason: str, added: Added, now: datetime) -> Delivery:
    """Close a delivery, unless another request that brought the same has just done so."""
    if quarantine.one(connection, id_).state != quarantine.OPEN:
        return quarantine.one(connection, id_)
    return quarantine.decide(connection, id_, quarantine.APPLIED, by, reason, now, detail={"added": asdict(added)})
