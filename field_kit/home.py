"""The folder of a device: one database and one key file per user, named by the user's id."""

import os
from pathlib import Path

from field_kit.errors import NotEnrolled, SeveralUsers

HOME = "FIELD_KIT_HOME"


def database_path(folder: Path, user: str) -> Path:
    """Return where a user's file lies."""
    return folder / f"{user}.db"


def key_path(database: Path) -> Path:
    """Return the key file beside a database."""
    return database.with_suffix(".key")


def find_database(folder: Path, user: str | None = None) -> Path:
    """Return the one enrolled user's file, or the named user's.

    :raises NotEnrolled: when there is none.
    :raises SeveralUsers: when there are several and none was named.
    """
    found = sorted(path.with_suffix(".db") for path in folder.glob("*.key"))
    if user:
        found = [path for path in found if path.stem == user]
    if not found:
        raise NotEnrolled(folder=str(folder))
    if len(found) > 1:
        raise SeveralUsers(users=[path.stem for path in found])
    return found[0]


def holds_somebody(folder: Path) -> bool:
    """Tell whether anybody is enrolled in the folder."""
    return any(folder.glob("*.key"))


def make_folder(folder: Path) -> None:
    """Make the folder, for its owner's eyes alone."""
    folder.mkdir(parents=True, exist_ok=True, mode=0o700)
    if os.name != "nt":
        folder.chmod(0o700)
