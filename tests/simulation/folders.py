"""The centre's folders of files: empty at the beginning of each schedule, in backups, back after a restore."""

import shutil
from collections.abc import Iterable, Mapping

from server.blobs import Blobs

Files = Mapping[str, bytes]
"""Hash -> bytes."""


def empty_files(blobs: Blobs) -> None:
    """Forget every file that the centre has."""
    for folder in (blobs.uploads, blobs.blobs):
        shutil.rmtree(folder, ignore_errors=True)


def files_of(blobs: Blobs, digests: Iterable[str]) -> Files:
    """Return the files that arrived whole, as the database names them: that is what a backup keeps."""
    return {digest: blobs.path_of(digest).read_bytes() for digest in digests}


def bring_back(blobs: Blobs, files: Files) -> None:
    """Put the files of a backup on a new machine."""
    empty_files(blobs)
    for digest, content in files.items():
        path = blobs.path_of(digest)
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(content)
