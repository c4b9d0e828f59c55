"""Who this device is, kept as one JSON value per key inside the encrypted file."""

from typing import Any

import msgspec

from field_kit.database import Database
from sync.messages import Limits


class Identity(msgspec.Struct, frozen=True):
    """What enrolment gave, and what the centre has said since. ``incarnation`` changes at each recovery."""

    server_url: str
    device: str
    user: dict[str, Any]
    token: str
    epoch: str
    incarnation: str
    centre_public_key: str | None = None
    device_name: str | None = None
    """What the centre's list of devices calls it."""
    limits: Limits = Limits()
    safe_through: dict[str, int] = {}
    clock_offset_ms: int | None = None
    """The centre's clock minus this device's, as last estimated."""
    safe_asked_on: dict[str, str] = {}
    """Lane -> the day on which the centre last said ``safe_through``."""
    last_contact: str | None = None
    last_complete: str | None = None
    last_commit: int = 0
    checked_at: str | None = None
    """When the contents were last compared with the centre's, by this device's clock."""
    check_due: bool = False
    """Something suspicious was seen: the next sync compares the contents."""
    check_again: list[str] = []
    """Buckets that had moved on while they were compared."""
    syncing: bool = False
    """A sync has begun and not noted its end."""
    search_unclean: bool = False
    """Something left the search index since it was last rewritten."""
    schema: int = 1
    """The schema in whose words the rows are kept."""
    exported: int = 0
    """The place in the log up to which the last export holds what was not sent."""
    cancelled: str | None = None
    """The order of a cancelled device: ``lost`` or ``left``."""

    @property
    def owner(self) -> str:
        """The user's id."""
        return str(self.user["id"])


def write_identity(database: Database, identity: Identity) -> None:
    """Keep a whole identity, at enrolment."""
    _write(database, msgspec.to_builtins(identity))


def change_identity(database: Database, **changes: Any) -> None:
    """Change some parts, inside the caller's transaction."""
    _write(database, {name: msgspec.to_builtins(value) for name, value in changes.items()})


def read_identity(database: Database) -> Identity:
    """Return who this device is."""
    stored = {key: msgspec.json.decode(value) for key, value in database.rows("SELECT key, value FROM meta")}
    return msgspec.convert(stored, Identity)


def _write(database: Database, values: dict[str, Any]) -> None:
    database.executemany(
        "INSERT OR REPLACE INTO meta (key, value) VALUES (?, ?)",
        [(key, msgspec.json.encode(value).decode()) for key, value in values.items()],
    )
