"""Unsent work outside a push: what a device seals to the centre for a file, or before it wipes itself.

A delivery is one SealedBox. Inside stand 32 bytes of HMAC-SHA-256 and a JSON body: nobody but the centre reads it, and
nobody who knows only the centre's public key can write one in somebody's name. A file holds several, each with its
length before it.
"""

import hmac
from collections.abc import Iterable, Iterator, Mapping, Sequence
from hashlib import sha256

import msgspec

from sync.messages import Witness
from sync.mutation import ClockText, Number, SchemaNumber, Uuid

MAGIC = b"HUSEC-SEALED 1\n"
LENGTH_BYTES = 4
MAC_BYTES = 32

WORK_VERSION = 1
EXPORT, OUTBOX = "export", "outbox"
"""``kind``: brought by hand, to be applied; or posted by a lost device, to be looked at."""


class UnsentFile(msgspec.Struct, frozen=True):
    """The bytes of a photo or file; base64 in JSON."""

    attachment: Uuid
    sha256: str
    bytes: bytes


class UnsentWork(msgspec.Struct, frozen=True):
    """One part of what a device had not sent. ``lanes``: groups as in a push; ``files``: bytes not yet uploaded."""

    version: int
    kind: str
    device: Uuid
    incarnation: Uuid
    epoch: Uuid
    schema: SchemaNumber
    made_at: ClockText
    part: Number
    parts: Number
    lanes: Mapping[str, Sequence[Sequence[msgspec.Raw]]] = {}
    files: Sequence[UnsentFile] = ()
    clock_offset_ms: int | None = None
    """The centre's clock minus the device's, as the device last estimated."""
    everything: bool = False
    """Whether it is the whole log, and not only what has no outcome."""
    witnesses: Sequence[Witness] | msgspec.UnsetType = msgspec.UNSET
    """Rows from before a restore that were not offered before the device had to wipe itself."""


class NoSealedFile(ValueError):
    """These bytes are no file of sealed work, or are cut off."""


def mac_key(token: str) -> bytes:
    """Return the key that only the device and the centre know: the centre keeps no more of a token."""
    return sha256(token.encode()).digest()


def authenticated(work: UnsentWork, key: bytes) -> bytes:
    """Return what is sealed: the MAC and the body."""
    body = msgspec.json.encode(work)
    return hmac.digest(key, body, "sha256") + body


def is_authentic(inside: bytes, keys: Iterable[bytes]) -> bool:
    """Tell whether a body was written by somebody who knew one of the keys."""
    mac, body = inside[:MAC_BYTES], inside[MAC_BYTES:]
    return any(hmac.compare_digest(mac, hmac.digest(key, body, "sha256")) for key in keys)


def work_in(inside: bytes) -> UnsentWork | None:
    """Return the body of an opened delivery; ``None`` when it says nothing that is known here."""
    try:
        work = _decode(inside[MAC_BYTES:])
    except (msgspec.DecodeError, UnicodeDecodeError, RecursionError):
        return None
    return work if work.version == WORK_VERSION and work.kind in (EXPORT, OUTBOX) else None


def as_file(parts: Iterable[bytes]) -> Iterator[bytes]:
    """Yield a file of sealed parts, piece by piece."""
    yield MAGIC
    for part in parts:
        yield len(part).to_bytes(LENGTH_BYTES, "big")
        yield part


def parts_of(content: bytes) -> list[bytes]:
    """Return the sealed parts of a file.

    :raises NoSealedFile: when it is none, or is cut off.
    """
    if not content.startswith(MAGIC):
        raise NoSealedFile
    parts, at = [], len(MAGIC)
    while at < len(content):
        begin = at + LENGTH_BYTES
        at = begin + int.from_bytes(content[begin - LENGTH_BYTES : begin], "big")
        if begin > len(content) or at > len(content) or at == begin:
            raise NoSealedFile
        parts.append(content[begin:at])
    return parts


_decode = msgspec.json.Decoder(UnsentWork).decode
