"""The key file beside a database: the random data key, wrapped by the passphrase and, besides, sealed to the centre.

A new passphrase rewrites a hundred bytes, not the database. What is sealed only the centre can open: a forgotten
passphrase is recovered after staff approve.
"""

import os
from base64 import b64decode, b64encode
from pathlib import Path
from typing import Annotated, NamedTuple

import msgspec
from nacl import pwhash
from nacl.exceptions import CryptoError
from nacl.exceptions import TypeError as CryptoTypeError
from nacl.public import PublicKey, SealedBox
from nacl.secret import SecretBox

from field_kit.errors import KeyRefused, PassphraseTooShort, WrongPassphrase
from field_kit.room import needing_room
from sync.key_code import KEY_BYTES, bound

PASSPHRASE_LENGTH_MIN = 8
"""Whoever steals the laptop can try passphrases against the key file as long as they like."""


PASSES_MAX, MEMORY_BYTES_MAX = 64, 1 << 30
"""A damaged file must not keep a laptop busy for years."""


class Strength(NamedTuple):
    """What one try of a passphrase costs (Argon2id). An old laptop with 2 GB must manage it too."""

    passes: int = pwhash.argon2id.OPSLIMIT_INTERACTIVE
    memory_bytes: int = pwhash.argon2id.MEMLIMIT_INTERACTIVE


class PassphraseWrap(msgspec.Struct, frozen=True):
    """The data key in a SecretBox under Argon2id of the passphrase; bytes are base64."""

    kdf: str
    salt: str
    passes: Annotated[int, msgspec.Meta(ge=1, le=PASSES_MAX)]
    memory_bytes: Annotated[int, msgspec.Meta(ge=pwhash.argon2id.MEMLIMIT_MIN, le=MEMORY_BYTES_MAX)]
    box: str


class CentreWrap(msgspec.Struct, frozen=True):
    """The data key and whose it is (see ``bound``) in a SealedBox to the centre's public key."""

    public_key: str
    box: str


class KeyFile(msgspec.Struct, frozen=True, omit_defaults=True):
    """What the file holds; a wrap is added or replaced without touching the other.

    ``server_url`` and ``device``: whom to ask, and about what, when the passphrase was forgotten.
    """

    version: int
    passphrase: PassphraseWrap
    centre: CentreWrap | None = None
    server_url: str | None = None
    device: str | None = None


def new_key() -> bytes:
    """Return a data key from the operating system's randomness."""
    return os.urandom(KEY_BYTES)


def write_key(
    path: Path,
    key: bytes,
    passphrase: str,
    centre_key: str | None,
    strength: Strength | None = None,
    *,
    server_url: str | None = None,
    device: str | None = None,
) -> None:
    """Wrap a data key and write its file, whole or not at all; sealed to the centre where key and device are known.

    :raises PassphraseTooShort: under ``PASSPHRASE_LENGTH_MIN`` characters.
    """
    if len(passphrase) < PASSPHRASE_LENGTH_MIN:
        raise PassphraseTooShort(min=PASSPHRASE_LENGTH_MIN)
    wrapped = _wrap(key, passphrase, strength or Strength())
    sealed = _seal(key, centre_key, device) if centre_key and device else None
    _write(path, KeyFile(1, wrapped, sealed, server_url, device))


def read_key(path: Path, passphrase: str) -> bytes:
    """Return the data key.

    :raises WrongPassphrase: and nothing is changed.
    :raises KeyRefused: when the file is damaged.
    """
    wrap = read_key_file(path).passphrase
    try:
        salt, box = b64decode(wrap.salt), b64decode(wrap.box)
        derived = _derived(passphrase, salt, Strength(wrap.passes, wrap.memory_bytes))
        key = SecretBox(derived).decrypt(box)
    except (ValueError, CryptoTypeError) as damaged:  # before CryptoError, of which PyNaCl's own ValueError is one
        raise KeyRefused(f"{path}: {damaged}") from damaged
    except CryptoError:
        raise WrongPassphrase from None
    return key


def change_passphrase(path: Path, key: bytes, passphrase: str, strength: Strength | None = None) -> None:
    """Wrap the same data key under another passphrase; the sealed copy stays."""
    if len(passphrase) < PASSPHRASE_LENGTH_MIN:
        raise PassphraseTooShort(min=PASSPHRASE_LENGTH_MIN)
    wrapped = _wrap(key, passphrase, strength or Strength())
    _write(path, msgspec.structs.replace(read_key_file(path), passphrase=wrapped))


def seal_to(path: Path, key: bytes, centre_key: str | None, *, server_url: str, device: str) -> None:
    """Seal the data key to a centre's public key, unless it is, and say where the centre is; the passphrase stays."""
    held = read_key_file(path)
    sealed = held.centre
    if centre_key and (sealed is None or (sealed.public_key, held.device) != (centre_key, device)):
        sealed = _seal(key, centre_key, device)
    _write(path, msgspec.structs.replace(held, centre=sealed, server_url=server_url, device=device))


def _wrap(key: bytes, passphrase: str, strength: Strength) -> PassphraseWrap:
    salt = os.urandom(pwhash.argon2id.SALTBYTES)
    box = SecretBox(_derived(passphrase, salt, strength)).encrypt(key)
    return PassphraseWrap("argon2id", _text(salt), strength.passes, strength.memory_bytes, _text(bytes(box)))


def _seal(key: bytes, centre_key: str, device: str) -> CentreWrap:
    return CentreWrap(centre_key, _text(SealedBox(PublicKey(b64decode(centre_key))).encrypt(bound(key, device))))


def _derived(passphrase: str, salt: bytes, strength: Strength) -> bytes:
    return pwhash.argon2id.kdf(
        KEY_BYTES, passphrase.encode(), salt, opslimit=strength.passes, memlimit=strength.memory_bytes
    )


def read_key_file(path: Path) -> KeyFile:
    """Return what a key file holds.

    :raises KeyRefused: when it cannot be read.
    """
    try:
        return msgspec.json.decode(path.read_bytes(), type=KeyFile)
    except (OSError, msgspec.MsgspecError, UnicodeDecodeError, RecursionError) as damaged:
        raise KeyRefused(f"{path}: {damaged}") from damaged


def _write(path: Path, content: KeyFile) -> None:
    draft = path.with_suffix(".new")
    with needing_room(path.parent):
        with open(os.open(draft, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600), "wb") as file:
            file.write(msgspec.json.format(msgspec.json.encode(content)) + b"\n")
            file.flush()
            os.fsync(file.fileno())
        draft.replace(path)
        sync_folder(path.parent)


def sync_folder(folder: Path) -> None:
    """Make a file's new name survive a power cut, where the system can (Windows does it by itself)."""
    if os.name != "nt":
        descriptor = os.open(folder, os.O_RDONLY)
        try:
            os.fsync(descriptor)
        finally:
            os.close(descriptor)


def _text(raw: bytes) -> str:
    return b64encode(raw).decode("ascii")
