"""Take a backup: one snapshot of every table while writers go on, then files, keys and the register."""

import os
import shutil
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Any

import msgspec
from alembic.runtime.migration import MigrationContext
from sqlalchemy import Connection, exists, insert, select, update

from server.backup import files
from server.backup.manifest import (
    FORMAT,
    FORMAT_VERSION,
    MANIFEST_FILE,
    PREFIX,
    Manifest,
    Part,
    read_manifest,
    write_manifest,
)
from server.backup.parts import writing_part
from server.backup.problem import BackupProblem
from server.backup.tables import dump_all, read_rows
from server.centre import Centre
from server.config import Settings
from server.ids import new_id
from server.models.engine import reading, writing
from server.models.files import blob
from server.models.sync_tables import chain, clock
from server.models.upkeep import backup
from server.store import safety
from server.store.epochs import current_epoch
from server.store.persist import FIRST_LINK
from sync.instants import rfc3339
from sync.version import PROTOCOL_VERSION, SCHEMA_VERSION

KEYS, REGISTER = "keys.jsonl.zst", "register.jsonl.zst"


@dataclass(frozen=True, slots=True)
class Taken:
    """A backup that is on disk."""

    place: Path
    manifest: Manifest


def take(centre: Centre, directory: Path, now: datetime) -> Taken:
    """Write a backup into a folder of its own and note it; it has its name only when all of it is on disk.

    :raises BackupProblem: when a file is missing, or the place cannot be written.
    """
    id_ = new_id()
    draft = directory / f".{PREFIX}{id_}.partial"
    try:
        draft.mkdir(parents=True, mode=0o700)
        manifest = _write(centre, directory, draft, id_, now)
        write_manifest(draft, manifest)
        place = directory / f"{PREFIX}{now:%Y%m%dT%H%M%SZ}-{manifest.commit}-{id_[-6:]}"
        _sync(draft)
        draft.rename(place)
        _sync_folder(directory)
    except OSError as wrong:
        raise BackupProblem("not_written", place=directory, why=wrong.strerror) from wrong
    finally:
        shutil.rmtree(draft, ignore_errors=True)
    with writing(centre.engine) as connection:
        connection.execute(insert(backup), [row_of(manifest, place, verified_at=None)])
    return Taken(place, manifest)


def row_of(manifest: Manifest, place: Path, *, verified_at: str | None) -> dict[str, object]:
    """Return the row that tells the store of a backup."""
    return {
        "id": manifest.id,
        "epoch": manifest.epoch,
        "commit_number": manifest.commit,
        "taken_at": manifest.taken_at,
        "verified_at": verified_at,
        "sha256": manifest.seal,
        "bytes": manifest.size,
        "place": str(place.absolute()),
    }


def mark_verified(centre: Centre, taken: Taken, now: datetime) -> int:
    """Note that a backup was restored and found whole, and let devices forget what it covers; say how many lanes moved.

    Nothing moves when the store itself was restored meanwhile.
    """
    manifest = taken.manifest
    with writing(centre.engine) as connection:
        if current_epoch(connection) != manifest.epoch:
            return 0
        mine = backup.c.id == manifest.id
        connection.execute(update(backup).where(mine).values(verified_at=rfc3339(now)))
        return safety.cover_commit(connection, manifest.commit, manifest.taken_at)


def _write(centre: Centre, directory: Path, draft: Path, id_: str, now: datetime) -> Manifest:
    key = centre.settings.backup_key
    before = _newest(directory, key)
    with reading(centre.engine) as connection:
        stand = _stand(connection)
        parts = dump_all(connection, draft, key)
    table = next(part for part in parts if part.table == "blob")
    digests = (row["sha256"] for row in read_rows(table, draft, key))
    count, size, left_out = files.keep_all(digests, centre.blobs, draft, before, key, lambda each: _gone(centre, each))
    parts.append(_lines(draft, KEYS, "keys", _keys(centre.settings), key))
    parts.append(_lines(draft, REGISTER, "register", (each.line for each in centre.register.entries()), key))
    return Manifest(
        format=FORMAT,
        format_version=FORMAT_VERSION,
        id=id_,
        protocol=PROTOCOL_VERSION,
        schema=SCHEMA_VERSION,
        taken_at=rfc3339(now),
        encrypted=key is not None,
        parts=parts,
        blobs=count,
        blob_bytes=size,
        left_out=left_out,
        **stand,
    ).sealed(key)


def _stand(connection: Connection) -> dict[str, Any]:
    """Return where the snapshot stands; the first statement, with which it begins."""
    commit = connection.execute(select(clock.c.value)).scalar_one()
    link = connection.execute(select(chain.c.link).order_by(chain.c.commit_number.desc()).limit(1)).scalar()
    revision = MigrationContext.configure(connection).get_current_revision()
    return {"commit": commit, "link": link or FIRST_LINK, "revision": revision, "epoch": current_epoch(connection)}


def _newest(directory: Path, key: bytes | None) -> Path | None:
    """Return the latest backup in a folder from which files may be linked: one sealed with the same key, or none."""
    for manifest in sorted(directory.glob(f"{PREFIX}*/{MANIFEST_FILE}"), reverse=True):
        try:
            if read_manifest(manifest.parent, key).encrypted == (key is not None):
                return manifest.parent
        except BackupProblem:
            continue
    return None


def _gone(centre: Centre, digest: str) -> bool:
    """Tell whether the store has given a blob up since the snapshot; erasure does that."""
    with reading(centre.engine) as connection:
        return not connection.execute(select(exists().where(blob.c.sha256 == digest))).scalar()


def _keys(settings: Settings) -> Iterator[str]:
    """Yield the centre's own keys; those that lock its database and its backups are kept elsewhere by the operator."""
    apart = {path.resolve() for path in (settings.backup_key_file, settings.database_key_file) if path}
    for path in sorted(settings.data_dir.glob("*.key")):
        if path.resolve() in apart:
            continue
        yield msgspec.json.encode([path.name, path.read_text().strip()]).decode()


def _lines(folder: Path, name: str, kind: str, lines: Iterator[str], key: bytes | None) -> Part:
    count = 0
    with writing_part(folder, name, key) as part:
        for line in lines:
            part.write(f"{line}\n".encode())
            count += 1
        written = part.close()
    return Part(name=name, kind=kind, sha256=written.sha256, bytes=written.bytes, rows=count)


def _sync(folder: Path) -> None:
    """Wait until a folder's names are on disk, and those of the folders in it."""
    for inside in (folder, *(path for path in folder.rglob("*") if path.is_dir())):
        _sync_folder(inside)
    descriptor = os.open(folder / MANIFEST_FILE, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)


def _sync_folder(folder: Path) -> None:
    descriptor = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)
