"""Unsent work as sealed parts: a file that anybody may carry to the centre, or the outbox of a device to be wiped."""

import os
from base64 import b64decode
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import NamedTuple

import msgspec
from nacl.public import PublicKey, SealedBox

from field_kit import files, log
from field_kit.database import Database
from field_kit.errors import ExportInside, NoCentreKey
from field_kit.files import WaitingFile
from field_kit.identity import Identity, change_identity, read_identity
from field_kit.keyfile import sync_folder
from field_kit.log import Logged
from field_kit.room import needing_room
from field_kit.surroundings import Surroundings
from sync.instants import rfc3339
from sync.messages import Witness
from sync.unsent import EXPORT, WORK_VERSION, UnsentFile, UnsentWork, as_file, authenticated, mac_key

PART_BYTES = 1024 * 1024
"""Of edits and photos in one sealed part, which a bad link must take whole; a larger photo is a part of its own."""

_UNSENT = "unanswered = 1"


class Part(NamedTuple):
    """What goes into one sealed part."""

    groups: list[list[Logged]]
    files: list[WaitingFile]
    witnesses: Sequence[Witness] = ()


class Exported(NamedTuple):
    """How much a file holds."""

    mutations: int
    files: int
    parts: int


def write_export(database: Database, path: Path, surroundings: Surroundings, *, everything: bool = False) -> Exported:
    """Write what was not sent (or the whole log) into a file that only the centre can open, whole or not at all.

    Nothing to send writes no file.

    :raises ExportInside: when the file would lie in the device's own folder, which a wipe empties.
    :raises NoCentreKey: when this device never had the centre's key.
    """
    if path.resolve().is_relative_to(database.path.parent.resolve()):
        raise ExportInside(folder=str(database.path.parent))
    newest = _newest(database)  # first: what another process saves meanwhile is not in the file
    planned = plan(database, everything=everything)
    if planned:
        made_at = rfc3339(surroundings.now())
        write_whole(path, as_file(sealed_parts(database, planned, EXPORT, made_at, everything=everything)))
        with database.transaction():
            change_identity(database, exported=newest)
    return _counted(planned)


def plan(database: Database, *, everything: bool = False) -> list[Part]:
    """Divide what was not sent into parts, oldest first, photos last."""
    parts: list[Part] = []
    room = 0
    for group in _groups(database, "1" if everything else _UNSENT):
        room = _grow(parts, room, sum(entry.size for entry in group))
        parts[-1].groups.append(group)
    for file in files.waiting(database):
        room = _grow(parts, room, file.size)
        parts[-1].files.append(file)
    return parts


def sealed_parts(
    database: Database, planned: Sequence[Part], kind: str, made_at: str, *, everything: bool = False
) -> Iterator[bytes]:
    """Yield the sealed bytes of each part."""
    identity = read_identity(database)
    if identity.centre_public_key is None:
        raise NoCentreKey
    box = SealedBox(PublicKey(b64decode(identity.centre_public_key)))
    for number, part in enumerate(planned, start=1):
        work = UnsentWork(
            version=WORK_VERSION,
            kind=kind,
            device=identity.device,
            incarnation=identity.incarnation,
            epoch=identity.epoch,
            schema=database.history.current,
            made_at=made_at,
            part=number,
            parts=len(planned),
            lanes=_by_lane(part),
            files=[_with_bytes(database, file) for file in part.files],
            clock_offset_ms=identity.clock_offset_ms,
            everything=everything,
            witnesses=part.witnesses or msgspec.UNSET,
        )
        yield bytes(box.encrypt(authenticated(work, mac_key(identity.token))))


def all_exported(database: Database, identity: Identity) -> bool:
    """Tell whether everything that waits here is in the last export."""
    waits = f"""SELECT EXISTS (SELECT 1 FROM mutation WHERE rowid > ? AND ({_UNSENT} OR record IN
        (SELECT attachment FROM file WHERE state = 'waiting')))"""
    return not database.value(waits, (identity.exported,))


def write_whole(path: Path, pieces: Iterator[bytes]) -> None:
    """Write a file for its owner's eyes; it is there whole, on disk, or not at all.

    :raises StoreFull: when the disk has no room for it.
    """
    draft = path.with_name(f"{path.name}.new")
    with needing_room(path.parent):
        with open(os.open(draft, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600), "wb") as file:
            for piece in pieces:
                file.write(piece)
            file.flush()
            os.fsync(file.fileno())
        draft.replace(path)
        sync_folder(path.parent)


def _groups(database: Database, where: str) -> list[list[Logged]]:
    """Return whole presses of Save of which something has no outcome, in the order in which they were made."""
    groups: dict[str, list[Logged]] = {}
    for entry in log.entries(database, f"save IN (SELECT save FROM mutation WHERE {where})"):
        groups.setdefault(entry.save, []).append(entry)
    return list(groups.values())


def _grow(parts: list[Part], room: int, size: int) -> int:
    """Begin another part where one more thing has no room; return the room that is left."""
    if not parts or size > room:
        parts.append(Part([], []))
        room = PART_BYTES
    return room - size


def _by_lane(part: Part) -> dict[str, list[list[msgspec.Raw]]]:
    lanes: dict[str, list[list[msgspec.Raw]]] = {}
    for group in part.groups:
        lanes.setdefault(group[0].lane, []).append([entry.wire for entry in group])
    return lanes


def _with_bytes(database: Database, file: WaitingFile) -> UnsentFile:
    return UnsentFile(file.attachment, file.sha256, files.content_of(database, file.attachment))


def _counted(planned: Sequence[Part]) -> Exported:
    mutations = sum(len(group) for part in planned for group in part.groups)
    return Exported(mutations, sum(len(part.files) for part in planned), len(planned))


def _newest(database: Database) -> int:
    """Return the place of the last edit in the log."""
    return int(database.value("SELECT coalesce(max(rowid), 0) FROM mutation"))
