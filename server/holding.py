"""Who has the store: any number of processes that serve it, or one restore and nobody else.

A lock on a file of the data directory, given up when its holder ends however it ends; and a mark that a restore leaves
until it is through, so that a half restored centre never opens.
"""

import fcntl
import os
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

LOCK_FILE = "store.lock"
MARK_FILE = "restoring"


class StoreHeld(RuntimeError):
    """Somebody else has the store, or a restore did not come to its end."""


def share(data_dir: Path) -> int:
    """Hold the store beside others; return what ``os.close`` gives up again.

    :raises StoreHeld: while it is being restored, or after a restore that was cut off.
    """
    descriptor = _locked(data_dir, fcntl.LOCK_SH)
    if is_marked(data_dir):
        os.close(descriptor)
        raise StoreHeld("a restore was cut off: run husec restore again")
    return descriptor


@contextmanager
def alone(data_dir: Path) -> Iterator[None]:
    """Have the store to oneself.

    :raises StoreHeld: while anybody serves it.
    """
    descriptor = _locked(data_dir, fcntl.LOCK_EX)
    try:
        yield
    finally:
        os.close(descriptor)


def is_marked(data_dir: Path) -> bool:
    """Tell whether a restore was cut off here."""
    return (data_dir / MARK_FILE).exists()


def begin(data_dir: Path) -> None:
    """Mark that from here on the store is neither the old nor the new one."""
    (data_dir / MARK_FILE).touch(mode=0o600)
    _sync(data_dir)


def end(data_dir: Path) -> None:
    """Take the mark away: the store may open."""
    (data_dir / MARK_FILE).unlink(missing_ok=True)
    _sync(data_dir)


def _locked(data_dir: Path, kind: int) -> int:
    data_dir.mkdir(parents=True, exist_ok=True, mode=0o700)
    descriptor = os.open(data_dir / LOCK_FILE, os.O_RDWR | os.O_CREAT, 0o600)
    try:
        fcntl.flock(descriptor, kind | fcntl.LOCK_NB)
    except BlockingIOError:
        os.close(descriptor)
        raise StoreHeld("another process has the store") from None
    return descriptor


def _sync(folder: Path) -> None:
    descriptor = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)
