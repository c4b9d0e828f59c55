"""The centre's own keys, made once by ``husec init`` and kept in the data directory."""

import os
import zlib
from base64 import b64decode
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from secrets import token_bytes, token_hex

from nacl.exceptions import CryptoError
from nacl.public import PrivateKey, SealedBox

from sync.messages import Limits

PRIVATE_KEY_FILE = "centre.key"
CODE_SECRET_FILE = "codes.key"


@dataclass(frozen=True, slots=True)
class CentreKeys:
    """``private``: opens what devices seal to the centre (X25519). ``code_secret``: enrolment codes derive from it."""

    private: PrivateKey
    code_secret: bytes

    @property
    def public(self) -> bytes:
        """What devices receive when they enrol."""
        return bytes(self.private.public_key)

    def open(self, sealed: bytes) -> bytes | None:
        """Open what a device sealed to the centre; ``None`` when it was sealed to somebody else, or damaged."""
        try:
            return bytes(SealedBox(self.private).decrypt(sealed))
        except (CryptoError, TypeError, ValueError):
            return None

    def open_mutation(self, sealed: str) -> bytes | None:
        """Open one sealed mutation (base64, deflated inside); ``None`` when it cannot be, or is larger than any."""
        try:
            inside = self.open(b64decode(sealed, validate=True))
            unpacker = zlib.decompressobj()
            opened = unpacker.decompress(inside or b"", Limits().bytes)
        except (ValueError, zlib.error):
            return None
        return opened if unpacker.eof else None


def open_keys(data_dir: Path) -> CentreKeys:
    """Read the keys, making those that are missing."""
    private = _kept(data_dir / PRIVATE_KEY_FILE, lambda: bytes(PrivateKey.generate()))
    return CentreKeys(PrivateKey(private), _kept(data_dir / CODE_SECRET_FILE, lambda: token_bytes(32)))


def _kept(path: Path, make: Callable[[], bytes]) -> bytes:
    """Return what a file holds. Only the first of several processes writes it, whole, for its owner's eyes alone."""
    path.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
    if not path.exists():
        draft = path.with_name(f"{path.name}.{os.getpid()}.{token_hex(4)}")
        draft.touch(mode=0o600)
        draft.write_text(make().hex())
        try:
            os.link(draft, path)
        except FileExistsError:
            pass
        finally:
            draft.unlink()
    return bytes.fromhex(path.read_text())
