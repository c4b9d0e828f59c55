"""Staff passwords, kept as Argon2id hashes."""

from functools import cache

from nacl import pwhash
from nacl.exceptions import InvalidkeyError

PASSWORD_LENGTH_MIN = 10


def hashed(password: str) -> str:
    """Return what is kept of a password."""
    return _hash(password).decode()


def matches(password: str, kept: str | None) -> bool:
    """Tell whether a password is right; takes as long when there is none to compare with, so names cannot be probed."""
    try:
        correct = pwhash.verify(kept.encode() if kept else _decoy(), password.encode())
    except InvalidkeyError:
        return False
    return correct and kept is not None


def _hash(password: str) -> bytes:
    return pwhash.argon2id.str(
        password.encode(), opslimit=pwhash.argon2id.OPSLIMIT_INTERACTIVE, memlimit=pwhash.argon2id.MEMLIMIT_INTERACTIVE
    )


@cache
def _decoy() -> bytes:
    return _hash("nobody has this password")
