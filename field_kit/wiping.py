"""Wipe this device: seal what was not sent, leave it at the centre, delete everything, look that it is gone, say so.

An order file begins it and outlives every crash: where it lies, the wipe goes on without key or passphrase. The sealed
outbox stays until the centre has it, the order until the centre knows.
"""

import os
from collections.abc import Callable, Iterable, Iterator
from functools import partial
from pathlib import Path
from typing import Any, NamedTuple, Protocol

import msgspec

from field_kit import carrying
from field_kit.database import Database
from field_kit.errors import ServerRefused, Unreachable, WipeIncomplete
from field_kit.export import PART_BYTES, Part, plan, sealed_parts, write_whole
from field_kit.identity import read_identity
from field_kit.keyfile import sync_folder
from field_kit.keyring import keeper_for
from field_kit.surroundings import Surroundings
from field_kit.witnesses import in_portions
from sync.errors import ProtocolError
from sync.instants import rfc3339
from sync.unsent import MAGIC, OUTBOX, as_file, parts_of

ORDER, SEALED_OUTBOX = ".wiping", ".outbox"
KEPT = (ORDER, SEALED_OUTBOX)

Step = Callable[[str], None]
"""Told before each step; tests die there."""


class Order(msgspec.Struct, frozen=True):
    """Why this device wipes itself, and what it needs to tell the centre. The token is good for nothing else now."""

    version: int
    order: str
    server_url: str
    token: str
    device: str
    posted: int = 0
    """How many parts of the sealed outbox the centre has."""
    wiped: bool = False


class Wiped(NamedTuple):
    """How far the centre knows. ``left``: no sealed work is left here. ``confirmed``: it knows that all is gone."""

    order: str
    left: bool
    confirmed: bool


class Door(Protocol):
    """What a wipe needs of a link."""

    def deliver(self, sealed: bytes) -> None:
        """Leave one sealed part."""

    def confirm_wiped(self) -> None:
        """Say that everything here was deleted."""

    def close(self) -> None:
        """Close the link."""


def nothing(step: str) -> None:
    """Tell nobody."""


def prepare(
    database: Database, order: str, surroundings: Surroundings, *, seal: bool = True, step: Step = nothing
) -> Path:
    """Seal what was not sent and what is carried, then write the order, which begins the wipe; return its path.

    ``seal``: false where everything was exported.
    """
    path, outbox = order_of(database.path), outbox_of(database.path)
    before = _order(path) if path.exists() else None
    if before and not before.wiped:
        return path
    step("seal")
    parts = list(_parts(database, surroundings)) if seal else []
    # of an earlier life of this file, which was wiped and whose outbox the centre has yet to take
    older = parts_of(outbox.read_bytes()) if before and outbox.exists() else []
    if parts:
        write_whole(outbox, as_file(iter([*older, *parts])))
    step("order")
    known, posted = read_identity(database), before.posted if before and older else 0
    said = Order(1, order, known.server_url, known.token, known.device, posted)
    _write(path, said)
    return path


def carry_out(path: Path, knock: Callable[[Order], Door], step: Step = nothing) -> Wiped:
    """Carry out the order that a file holds, or the rest of it.

    :raises WipeIncomplete: when something could not be deleted; the order stays.
    """
    order = _order(path)
    door = knock(order)
    try:
        step("post")
        left = _posted(path, door)
        if not order.wiped:
            _wipe(path, step)
        step("confirm")
        confirmed = _told(door.confirm_wiped)
    finally:
        door.close()
    step("end")
    if left and confirmed:
        path.unlink(missing_ok=True)
    return Wiped(order.order, left, confirmed)


def wipe_now(database: Path) -> None:
    """Do here what an order asks, if there is one, before anybody else begins in its place."""
    path = order_of(database)
    if path.exists() and not _order(path).wiped:
        _wipe(path, nothing)


def orders_in(folder: Path, user: str | None = None) -> list[Path]:
    """Return the orders of a folder that are not carried out to their end."""
    return sorted(path for path in folder.glob(f"*{ORDER}") if user in (None, path.stem))


def order_of(database: Path) -> Path:
    """Return where the order to wipe a file lies."""
    return database.with_suffix(ORDER)


def outbox_of(database: Path) -> Path:
    """Return where the sealed outbox of a wiped file waits."""
    return database.with_suffix(SEALED_OUTBOX)


def _order(path: Path) -> Order:
    return msgspec.json.decode(path.read_bytes(), type=Order)


def _write(path: Path, order: Order) -> None:
    write_whole(path, iter([msgspec.json.encode(order)]))


def _note(path: Path, **changes: Any) -> None:
    _write(path, msgspec.structs.replace(_order(path), **changes))


def _parts(database: Database, surroundings: Surroundings) -> Iterator[bytes]:
    """Yield what is sealed here and what was brought here sealed. Without the centre's key only that."""
    if read_identity(database).centre_public_key:
        rows = [Part([], [], portion) for portion in in_portions(database, PART_BYTES)]
        yield from sealed_parts(database, [*plan(database), *rows], OUTBOX, rfc3339(surroundings.now()))
    yield from carrying.contents(database)


def _posted(path: Path, door: Door) -> bool:
    """Leave the sealed outbox at the centre; tell whether none is left here. Sent again, it is one delivery there."""
    outbox = outbox_of(path)
    if not outbox.exists():
        return True
    parts = parts_of(outbox.read_bytes())
    for number, part in enumerate(parts[_order(path).posted :], start=_order(path).posted + 1):
        if not _told(partial(door.deliver, part)):
            return False
        _note(path, posted=number)
    outbox.unlink(missing_ok=True)
    return True


def _told(exchange: Callable[[], None]) -> bool:
    """Do one exchange; tell whether the centre took it. Whatever it says otherwise, it is asked again next time."""
    try:
        exchange()
    except (Unreachable, ProtocolError, ServerRefused):
        return False
    return True


def _wipe(path: Path, step: Step) -> None:
    """Delete the key first, for without it nothing can be read, then all the rest; look that all of it is gone."""
    step("key")
    _shred(path.with_suffix(".key"))
    step("keyring")
    keeper = keeper_for(path.with_suffix(".db"))
    keeper.delete()
    step("files")
    for each in _everything(path):
        each.unlink(missing_ok=True)
    sync_folder(path.parent)
    step("look")
    found = list(_everything(path))
    if found or keeper.read() is not None:
        raise WipeIncomplete(files=[each.name for each in found])
    step("wiped")
    _note(path, wiped=True)


def _everything(path: Path) -> Iterable[Path]:
    """Return every file of this user, and every sealed file, but what the centre has yet to have."""
    mine = [each for each in path.parent.glob(f"{path.stem}.*") if each.suffix not in KEPT]
    return [*mine, *(each for each in path.parent.iterdir() if each not in mine and _is_sealed(each))]


def _is_sealed(path: Path) -> bool:
    if path.suffix in KEPT or not path.is_file():
        return False
    with path.open("rb") as file:
        return file.read(len(MAGIC)) == MAGIC


def _shred(path: Path) -> None:
    """Write over a small file before it goes, for a disk that really writes there."""
    if path.exists():
        with path.open("r+b") as file:
            file.write(b"\0" * path.stat().st_size)
            file.flush()
            os.fsync(file.fileno())
        path.unlink()
