"""No room: the several ways in which a system says that a disk is full, as the one error that people understand."""

import errno
import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from field_kit.driver import DatabaseError
from field_kit.errors import StoreFull

NO_ROOM = frozenset({errno.ENOSPC, errno.EDQUOT, errno.EFBIG})

FREE_BYTES_MIN = 64 * 1024
"""With less than this SQLite cannot even make the small file through which programs share its log."""


@contextmanager
def needing_room(folder: Path) -> Iterator[None]:
    """Do something that writes below a folder.

    :raises StoreFull: when there is no room for it; every other error goes on as it is.
    """
    try:
        yield
    except (DatabaseError, OSError) as error:
        if says_full(error, folder):
            raise StoreFull(str(error)) from error
        raise


def says_full(error: DatabaseError | OSError, folder: Path) -> bool:
    """Tell whether an error means that the disk is full; SQLite says "disk I/O error" of some of its files then."""
    if isinstance(error, OSError):
        return error.errno in NO_ROOM
    text = str(error)
    return "full" in text or ("I/O" in text and shutil.disk_usage(folder).free < FREE_BYTES_MIN)
