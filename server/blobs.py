"""The bytes of files, beside the database: what is arriving in ``uploads/``, what arrived whole in ``blobs/``.

A blob is named by its SHA-256, so two uploads of one file store once. Nothing becomes one before its hash was checked.
"""

import errno
import fcntl
import os
from collections.abc import Collection, Iterator
from contextlib import contextmanager, suppress
from datetime import datetime
from hashlib import sha256
from pathlib import Path
from typing import BinaryIO, Protocol

from server.errors import NotEnoughStorage

PIECE_BYTES = 65_536
NO_ROOM = frozenset({errno.ENOSPC, errno.EDQUOT, errno.EFBIG})


class Source(Protocol):
    """Where bytes come from: a request's stream."""

    def read(self, size: int, /) -> bytes:
        """Return at most so many bytes; none at the end."""


class Busy(Exception):
    """Another request is writing this file."""


class Blobs:
    """The files of one data directory."""

    def __init__(self, data_dir: Path) -> None:
        """Keep where they are; folders are made when needed."""
        self.uploads = data_dir / "uploads"
        self.blobs = data_dir / "blobs"

    def path_of(self, digest: str) -> Path:
        """Return where a blob lies."""
        return self.blobs / digest[:2] / digest

    def begin(self, upload: str) -> None:
        """Make the empty file of an upload."""
        with _needing_room():
            self.uploads.mkdir(parents=True, exist_ok=True, mode=0o700)
            (self.uploads / upload).touch(mode=0o600)

    def arrived(self, upload: str) -> int | None:
        """Return how many bytes of an upload are here; ``None`` when there is no file."""
        try:
            return (self.uploads / upload).stat().st_size
        except FileNotFoundError:
            return None

    @contextmanager
    def writing(self, upload: str) -> Iterator[BinaryIO]:
        """Give the file of an upload at its end, to one writer at a time.

        :raises Busy: when another request writes it now, or has just finished it.
        :raises NotEnoughStorage: when the disk is full; what had arrived stays.
        """
        try:
            opened = (self.uploads / upload).open("r+b")
        except FileNotFoundError:
            raise Busy from None
        with _needing_room(), opened as file:  # what is still in memory is written once more on closing
            try:
                fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
            except BlockingIOError:
                raise Busy from None
            file.seek(0, os.SEEK_END)
            yield file

    def digest(self, upload: str) -> str | None:
        """Return the SHA-256 of what has arrived; ``None`` when another request has just kept or dropped it."""
        found = sha256()
        try:
            with (self.uploads / upload).open("rb") as file:
                while piece := file.read(PIECE_BYTES):
                    found.update(piece)
        except FileNotFoundError:
            return None
        return found.hexdigest()

    def keep(self, upload: str, digest: str) -> bool:
        """Make an upload, whose hash was checked, a blob that survives a power cut; say whether it is there.

        The upload's own file stays until ``drop``, when the database knows of the blob.

        :raises NotEnoughStorage: when the disk is full; the upload stays.
        """
        source, target = self.uploads / upload, self.path_of(digest)
        with _needing_room():
            target.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
            try:
                with source.open("rb") as file:
                    os.fsync(file.fileno())
                with suppress(FileExistsError):  # by another request, or a process that was killed before it synced
                    os.link(source, target)
            except FileNotFoundError:
                return target.exists()
            for folder in (target.parent, self.blobs, self.blobs.parent):
                _sync_folder(folder)
        return True

    def drop_strays(self, known: Collection[str], before: datetime) -> int:
        """Remove files of no known upload that nobody has written to since then, and say how many."""
        strays = [
            path
            for path in (self.uploads.iterdir() if self.uploads.is_dir() else ())
            if path.name not in known and path.stat().st_mtime < before.timestamp()
        ]
        for path in strays:
            path.unlink(missing_ok=True)
        return len(strays)

    def drop(self, upload: str) -> None:
        """Remove what has arrived of an upload."""
        (self.uploads / upload).unlink(missing_ok=True)


def pour(source: Source, file: BinaryIO, bytes_max: int) -> Iterator[bytes]:
    """Write a stream to a file, piece by piece, and yield each piece once it is written."""
    left = bytes_max
    while left > 0 and (piece := source.read(min(PIECE_BYTES, left))):
        file.write(piece)
        left -= len(piece)
        yield piece
    file.flush()


@contextmanager
def _needing_room() -> Iterator[None]:
    try:
        yield
    except OSError as error:
        if error.errno not in NO_ROOM:
            raise
        raise NotEnoughStorage from None


def _sync_folder(folder: Path) -> None:
    descriptor = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)
