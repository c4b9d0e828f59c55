"""Keep a file unlocked for a shift: in the system keyring if there is a real one, else in an expiring 0600 file."""

import os
from collections.abc import Mapping
from contextlib import suppress
from datetime import datetime, timedelta
from pathlib import Path
from typing import Protocol

import msgspec

UNLOCKED_FOR = timedelta(hours=8)
SERVICE = "field-kit"
CHOICE = "FIELD_KIT_KEYRING"
"""Environment variable: ``system``, ``file``, or unset (whichever there is)."""

REAL_KEYRING_PRIORITY = 1
"""Backends below this keep secrets in plain files, or not at all."""


class Unlocked(msgspec.Struct, frozen=True):
    """A data key, and the span on this device's clock in which it may be used."""

    key: str
    since: datetime
    until: datetime

    def good(self, now: datetime) -> bool:
        """Tell whether it may be used; a clock set back ends it too."""
        return self.since <= now < self.until


class Keeper(Protocol):
    """Somewhere that keeps one short secret."""

    def write(self, secret: str) -> None:
        """Keep the secret."""

    def read(self) -> str | None:
        """Return the secret, or ``None``."""

    def delete(self) -> None:
        """Forget the secret."""


class SystemKeyring:
    """The keyring of the desktop session."""

    def __init__(self, account: str) -> None:
        self._account = account

    @staticmethod
    def exists() -> bool:
        """Tell whether there is a backend that keeps secrets from other users and from the disk's thief."""
        import keyring  # slow to import, and most commands do not need it

        try:
            return float(keyring.get_keyring().priority) >= REAL_KEYRING_PRIORITY
        except Exception:  # a backend may fail in its own ways; then there is none
            return False

    def write(self, secret: str) -> None:
        import keyring

        keyring.set_password(SERVICE, self._account, secret)

    def read(self) -> str | None:
        import keyring

        return keyring.get_password(SERVICE, self._account)

    def delete(self) -> None:
        import keyring
        from keyring.errors import PasswordDeleteError

        with suppress(PasswordDeleteError):
            keyring.delete_password(SERVICE, self._account)


class PrivateFile:
    """A file that only its owner can read: in the session's memory-backed folder, or beside the database."""

    def __init__(self, path: Path) -> None:
        self._path = path

    def write(self, secret: str) -> None:
        self.delete()
        with open(os.open(self._path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "w") as file:
            file.write(secret)

    def read(self) -> str | None:
        with suppress(OSError):
            if os.name == "nt" or self._path.stat().st_mode & 0o077 == 0:
                return self._path.read_text()
        return None

    def delete(self) -> None:
        self._path.unlink(missing_ok=True)


def keeper_for(database: Path, environment: Mapping[str, str] = os.environ) -> Keeper:
    """Return where the key of a database is kept while it is unlocked."""
    choice = environment.get(CHOICE, "")
    if choice == "system" or (choice != "file" and SystemKeyring.exists()):
        return SystemKeyring(str(database.resolve()))
    session = environment.get("XDG_RUNTIME_DIR")
    if session and Path(session).is_dir():
        return PrivateFile(Path(session) / f"field-kit-{database.stem}.unlocked")
    return PrivateFile(database.with_suffix(".unlocked"))


def unlock(keeper: Keeper, key: bytes, now: datetime, lasts: timedelta = UNLOCKED_FOR) -> datetime:
    """Keep a data key for a while; return until when."""
    until = now + lasts
    keeper.write(msgspec.json.encode(Unlocked(key.hex(), now, until)).decode())
    return until


def unlocked_key(keeper: Keeper, now: datetime) -> bytes | None:
    """Return the data key if it is unlocked; what has expired is deleted."""
    kept = keeper.read()
    if kept is None:
        return None
    with suppress(msgspec.MsgspecError, ValueError):
        unlocked = msgspec.json.decode(kept, type=Unlocked)
        if unlocked.good(now):
            return bytes.fromhex(unlocked.key)
    keeper.delete()
    return None
