"""One file of a backup: compressed, sealed where there is a key, and hashed as it lies on the disk.

Sealed with libsodium's secretstream, chunk by chunk in order: a chunk that was changed, moved or cut off is noticed.
The name of the part goes into every chunk, so that no part passes for another.
"""

import os
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from hashlib import sha256
from pathlib import Path
from typing import Any, BinaryIO

import zstandard
from nacl import bindings
from nacl.exceptions import CryptoError

from server.backup.problem import BackupProblem

CHUNK_BYTES = 1 << 20
OVERHEAD = bindings.crypto_secretstream_xchacha20poly1305_ABYTES
HEADER = bindings.crypto_secretstream_xchacha20poly1305_HEADERBYTES
MORE = bindings.crypto_secretstream_xchacha20poly1305_TAG_MESSAGE
FINAL = bindings.crypto_secretstream_xchacha20poly1305_TAG_FINAL
LEVEL = 6


@dataclass(frozen=True, slots=True)
class Written:
    """What was written: the file's own hash and size."""

    sha256: str
    bytes: int


class PartWriter:
    """Writes one part."""

    def __init__(self, file: BinaryIO, name: str, key: bytes | None, *, compress: bool = True) -> None:
        """Begin it; nothing is on disk for sure before ``close``."""
        self._file = file
        self._name = name.encode()
        self._hash = sha256()
        self._bytes = 0
        self._compressor = zstandard.ZstdCompressor(level=LEVEL).compressobj() if compress else None
        self._waiting = bytearray()
        self._state = None
        if key is not None:
            self._state = bindings.crypto_secretstream_xchacha20poly1305_state()
            self._put(bindings.crypto_secretstream_xchacha20poly1305_init_push(self._state, key))

    def write(self, content: bytes) -> None:
        """Add bytes."""
        self._pass_on(self._compressor.compress(content) if self._compressor else content)

    def close(self) -> Written:
        """Write what is left, wait for the disk, and say what is there."""
        if self._compressor:
            self._pass_on(self._compressor.flush())
        if self._state is not None:
            self._seal(self._state, bytes(self._waiting), FINAL)
        self._file.flush()
        os.fsync(self._file.fileno())
        return Written(self._hash.hexdigest(), self._bytes)

    def _pass_on(self, content: bytes) -> None:
        if self._state is None:
            self._put(content)
            return
        self._waiting += content
        while len(self._waiting) > CHUNK_BYTES:
            self._seal(self._state, bytes(self._waiting[:CHUNK_BYTES]), MORE)
            del self._waiting[:CHUNK_BYTES]

    def _seal(self, state: Any, chunk: bytes, tag: int) -> None:
        self._put(bindings.crypto_secretstream_xchacha20poly1305_push(state, chunk, self._name, tag))

    def _put(self, content: bytes) -> None:
        self._file.write(content)
        self._hash.update(content)
        self._bytes += len(content)


@contextmanager
def writing_part(folder: Path, name: str, key: bytes | None, *, compress: bool = True) -> Iterator[PartWriter]:
    """Give the writer of a new part, for its owner's eyes alone; the caller closes it."""
    path = folder / name
    path.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
    descriptor = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    with os.fdopen(descriptor, "wb") as file:
        yield PartWriter(file, name, key, compress=compress)


def read_lines(folder: Path, name: str, key: bytes | None) -> Iterator[bytes]:
    """Yield the lines of a compressed part.

    :raises BackupProblem: when it cannot be read.
    """
    left = b""
    for piece in read_part(folder, name, key):
        *lines, left = (left + piece).split(b"\n")
        yield from lines
    if left:
        raise BackupProblem("part_damaged", part=name)


def read_part(folder: Path, name: str, key: bytes | None, *, compressed: bool = True) -> Iterator[bytes]:
    """Yield the content of a part in pieces.

    :raises BackupProblem: when it is not there, was changed, or was sealed with another key.
    """
    plain = _opened(folder, name, key)
    if not compressed:
        yield from plain
        return
    decompressor = zstandard.ZstdDecompressor().decompressobj()
    try:
        for chunk in plain:
            for start in range(0, len(chunk), CHUNK_BYTES // 16):
                yield decompressor.decompress(chunk[start : start + CHUNK_BYTES // 16])
    except zstandard.ZstdError:
        raise BackupProblem("part_damaged", part=name) from None
    if not decompressor.eof:
        raise BackupProblem("part_damaged", part=name)


def digest_of(path: Path) -> Written | None:
    """Return hash and size of a file as it lies there; ``None`` when it is not there."""
    found, size = sha256(), 0
    try:
        with path.open("rb") as file:
            while piece := file.read(CHUNK_BYTES):
                found.update(piece)
                size += len(piece)
    except FileNotFoundError:
        return None
    return Written(found.hexdigest(), size)


def _opened(folder: Path, name: str, key: bytes | None) -> Iterator[bytes]:
    """Yield the chunks of a part, opened where it is sealed."""
    try:
        with (folder / name).open("rb") as file:
            if key is None:
                while piece := file.read(CHUNK_BYTES):
                    yield piece
            else:
                yield from _unsealed(file, name, key)
    except FileNotFoundError:
        raise BackupProblem("part_missing", part=name) from None
    except (CryptoError, ValueError, RuntimeError):
        raise BackupProblem("wrong_key", part=name) from None


def _unsealed(file: BinaryIO, name: str, key: bytes) -> Iterator[bytes]:
    state = bindings.crypto_secretstream_xchacha20poly1305_state()
    bindings.crypto_secretstream_xchacha20poly1305_init_pull(state, file.read(HEADER), key)
    tag = MORE
    while tag != FINAL:
        sealed = file.read(CHUNK_BYTES + OVERHEAD)
        opened, tag = bindings.crypto_secretstream_xchacha20poly1305_pull(state, sealed, name.encode())
        yield opened
