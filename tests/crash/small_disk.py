"""A disk of a few megabytes that can be filled to the last byte and emptied again."""

import errno
import subprocess
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

PIECE_BYTES = 4_096


class NotPermitted(RuntimeError):
    """This machine does not let us mount a file system in memory."""


@dataclass
class SmallDisk:
    """A file system in memory under ``place``."""

    place: Path

    @property
    def _ballast(self) -> Path:
        return self.place / "ballast"

    def fill(self, left_bytes: int = 0) -> None:
        """Leave so much room and no more."""
        with self._ballast.open("ab", buffering=0) as file:
            try:
                while True:
                    file.write(bytes(PIECE_BYTES))
            except OSError as full:
                if full.errno != errno.ENOSPC:
                    raise
            file.truncate(max(0, file.tell() - left_bytes))

    def empty(self) -> None:
        """Make room again."""
        self._ballast.unlink(missing_ok=True)


@contextmanager
def small_disk(place: Path, megabytes: int) -> Iterator[SmallDisk]:
    """Mount one.

    :raises NotPermitted: on a machine where only an administrator may.
    """
    place.mkdir(parents=True)
    mounting = ["mount", "-t", "tmpfs", "-o", f"size={megabytes}m", "husec-small-disk", str(place)]
    try:
        subprocess.run(mounting, check=True, capture_output=True)
    except (OSError, subprocess.CalledProcessError) as refused:
        raise NotPermitted(str(refused)) from refused
    try:
        yield SmallDisk(place)
    finally:
        subprocess.run(["umount", "--lazy", str(place)], check=True)
