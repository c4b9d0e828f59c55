"""Photo and file bytes, in chunks inside the encrypted file, so that one transaction saves record and bytes."""

import hashlib
import mimetypes
from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import NamedTuple

from field_kit.database import Database
from field_kit.errors import FileTooLarge

CHUNK_BYTES = 256 * 1024
FILE_BYTES_MAX = 20 * 1024 * 1024


class NewFile(NamedTuple):
    """A file as read, before it is saved."""

    content: bytes
    sha256: str
    media_type: str
    name: str


class WaitingFile(NamedTuple):
    """A file whose bytes the centre has not confirmed. ``upload`` is the address at which to go on."""

    attachment: str
    sha256: str
    size: int
    upload: str | None


def read_file(path: Path, limit: int = FILE_BYTES_MAX) -> NewFile:
    """Read a file to be attached.

    :raises FileTooLarge: before anything is read, when it is over the limit.
    """
    size = path.stat().st_size
    if size > limit:
        raise FileTooLarge(name=path.name, bytes=size, max=limit)
    content = path.read_bytes()
    media_type = mimetypes.guess_type(path.name)[0] or "application/octet-stream"
    return NewFile(content, hashlib.sha256(content).hexdigest(), media_type, path.name)


def keep(database: Database, attachment: str, file: NewFile) -> None:
    """Store the bytes, inside the transaction that logs their record."""
    database.execute(
        "INSERT INTO file (attachment, sha256, size) VALUES (?, ?, ?)", (attachment, file.sha256, len(file.content))
    )
    _write(database, attachment, file.content)


def keep_sealed(database: Database, attachment: str, sealed: bytes) -> None:
    """Put a sealed delivery in the place of a file's bytes, inside the caller's transaction."""
    database.execute("DELETE FROM file_chunk WHERE attachment = ?", (attachment,))
    database.execute("UPDATE file SET state = 'sealed' WHERE attachment = ?", (attachment,))
    _write(database, attachment, sealed)


def sealed(database: Database) -> Iterator[bytes]:
    """Yield the sealed deliveries that stand in the place of photos whose records have left."""
    for (attachment,) in database.rows("SELECT attachment FROM file WHERE state = 'sealed' ORDER BY attachment"):
        yield content_of(database, attachment)


def _write(database: Database, attachment: str, content: bytes) -> None:
    database.executemany(
        "INSERT INTO file_chunk (attachment, position, bytes) VALUES (?, ?, ?)",
        [
            (attachment, position, content[start : start + CHUNK_BYTES])
            for position, start in enumerate(range(0, len(content), CHUNK_BYTES))
        ],
    )


def content_of(database: Database, attachment: str) -> bytes:
    """Return the bytes of one file."""
    chunks = database.rows("SELECT bytes FROM file_chunk WHERE attachment = ? ORDER BY position", (attachment,))
    return b"".join(chunk for (chunk,) in chunks)


def waiting(database: Database) -> list[WaitingFile]:
    """Return the files that the centre has not confirmed."""
    rows = database.rows(
        "SELECT attachment, sha256, size, upload FROM file WHERE state = 'waiting' ORDER BY attachment"
    )
    return [WaitingFile(*row) for row in rows]


def ready(database: Database) -> list[WaitingFile]:
    """Return the waiting files whose record the centre has accepted: text goes before photos."""
    rows = database.rows(
        """SELECT attachment, file.sha256, size, upload FROM file WHERE file.state = 'waiting' AND NOT EXISTS
        (SELECT 1 FROM mutation WHERE record = attachment AND op = 'create'
         AND (mutation.state = 'pending' OR outcome IN ('rejected', 'held'))
         AND NOT EXISTS (SELECT 1 FROM mutation AS later WHERE later.record = mutation.record
                         AND later.op = 'create' AND later.rowid > mutation.rowid))
        ORDER BY attachment"""
    )
    return [WaitingFile(*row) for row in rows]


def is_sealed(database: Database, attachment: str) -> bool:
    """Tell whether a file's bytes are sealed."""
    return bool(database.value("SELECT state = 'sealed' FROM file WHERE attachment = ?", (attachment,)))


def one(database: Database, attachment: str) -> WaitingFile | None:
    """Return one file as it stands; ``None`` when it is here no more."""
    found = database.row("SELECT attachment, sha256, size, upload FROM file WHERE attachment = ?", (attachment,))
    return WaitingFile(*found) if found else None


def remember_upload(database: Database, attachment: str, upload: str | None) -> None:
    """Keep the address of an upload under way, so that it goes on where it stopped."""
    with database.transaction():
        database.execute("UPDATE file SET upload = ? WHERE attachment = ?", (upload, attachment))


def mark_arrived(database: Database, attachments: Iterable[str]) -> None:
    """Note the files that the centre holds with matching hashes, inside the caller's transaction."""
    database.executemany(
        "UPDATE file SET state = 'arrived', upload = NULL WHERE attachment = ?", [(each,) for each in attachments]
    )


def prune(database: Database) -> None:
    """Delete bytes that arrived and whose record a verified server backup covers; inside the caller's transaction."""
    database.execute(
        """DELETE FROM file WHERE state IN ('arrived', 'sealed')
        AND NOT EXISTS (SELECT 1 FROM mutation WHERE record = file.attachment)"""
    )


def counts(database: Database) -> tuple[int, int]:
    """Return how many files wait and how many have arrived."""
    found = dict(database.rows("SELECT state, count(*) FROM file GROUP BY state"))
    return found.get("waiting", 0), found.get("arrived", 0)
