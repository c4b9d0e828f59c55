"""The files of a backup: linked or copied, never in memory whole; what an earlier backup has is linked from it."""

import os
import shutil
from collections.abc import Callable, Collection, Iterator
from hashlib import blake2b, sha256
from pathlib import Path

from server.backup.parts import read_part, writing_part
from server.backup.problem import BackupProblem
from server.blobs import Blobs

FOLDER = "blobs"


def keep_all(
    digests: Iterator[str],
    blobs: Blobs,
    folder: Path,
    before: Path | None,
    key: bytes | None,
    gone: Callable[[str], bool],
) -> tuple[int, int, list[str]]:
    """Put every blob into a backup; return their count, their bytes and those that were erased meanwhile.

    :raises BackupProblem: when one is missing that the store still counts on.
    """
    count = size = 0
    left_out: list[str] = []
    for digest in digests:
        if _kept(digest, blobs, folder, before, key):
            count, size = count + 1, size + (folder / name_of(digest, key)).stat().st_size
        elif gone(digest):
            left_out.append(digest)
        else:
            raise BackupProblem("blob_missing", sha256=digest)
    return count, size, left_out


def name_of(digest: str, key: bytes | None) -> str:
    """Return where a blob lies in a backup. Sealed ones do not even show the hash of what they hold."""
    if key is None:
        return f"{FOLDER}/{digest[:2]}/{digest}"
    hidden = blake2b(digest.encode(), key=key, digest_size=32).hexdigest()
    return f"{FOLDER}/{hidden[:2]}/{hidden}"


def is_whole(folder: Path, digest: str, key: bytes | None) -> bool:
    """Tell whether a blob of a backup is there and hashes to its name."""
    found = sha256()
    try:
        for piece in read_part(folder, name_of(digest, key), key, compressed=False):
            found.update(piece)
    except BackupProblem:
        return False
    return found.hexdigest() == digest


def bring_back(digests: Iterator[str], blobs: Blobs, folder: Path, key: bytes | None, left_out: Collection[str]) -> int:
    """Put the blobs of a backup where the centre keeps its own; say how many were missing there.

    One that is there already and is whole stays.
    """
    brought = 0
    for digest in digests:
        target = blobs.path_of(digest)
        if digest in left_out or _hashes_to(target, digest):
            continue
        draft = target.with_name(f"{digest}.restoring")
        target.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
        descriptor = os.open(draft, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600)
        with os.fdopen(descriptor, "wb") as file:
            for piece in read_part(folder, name_of(digest, key), key, compressed=False):
                file.write(piece)
            file.flush()
            os.fsync(file.fileno())
        draft.replace(target)
        brought += 1
    return brought


def _kept(digest: str, blobs: Blobs, folder: Path, before: Path | None, key: bytes | None) -> bool:
    name = name_of(digest, key)
    target = folder / name
    target.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
    if before is not None and is_whole(before, digest, key) and _linked(before / name, target):
        return True
    source = blobs.path_of(digest)
    if key is not None:
        return _sealed(source, folder, name, key)
    return _linked(source, target) or _copied(source, target)


def _linked(source: Path, target: Path) -> bool:
    """Give a file a second name; not every disk can, and none does for another disk's file."""
    try:
        os.link(source, target)
    except OSError:
        return False
    return True


def _copied(source: Path, target: Path) -> bool:
    try:
        with source.open("rb") as file, target.open("xb") as copy:
            target.chmod(0o600)
            shutil.copyfileobj(file, copy)
            copy.flush()
            os.fsync(copy.fileno())
    except FileNotFoundError:
        return False
    return True


def _sealed(source: Path, folder: Path, name: str, key: bytes) -> bool:
    if not source.exists():
        return False
    with source.open("rb") as file, writing_part(folder, name, key, compress=False) as part:
        while piece := file.read(1 << 20):
            part.write(piece)
        part.close()
    return True


def _hashes_to(path: Path, digest: str) -> bool:
    found = sha256()
    try:
        with path.open("rb") as file:
            while piece := file.read(1 << 20):
                found.update(piece)
    except FileNotFoundError:
        return False
    return found.hexdigest() == digest
