"""One user's encrypted file: opened with a raw key, in WAL, every commit on disk before anybody is told."""

import os
from collections.abc import Iterable, Iterator, Sequence
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import Any

from field_kit.driver import Connection, DatabaseError, connect
from field_kit.errors import KeyRefused, StoreFull
from field_kit.room import needing_room, says_full
from schemas.history import HISTORY, History

BUSY_TIMEOUT_MS = 20_000
"""How long a writer waits for another process; transactions here take milliseconds."""

TABLES_VERSION = 7
"""How many migrations there are; a test compares."""

Parameters = Sequence[Any]


class Database:
    """An open file. Every write goes through ``transaction``, which is short and never held across HTTP."""

    def __init__(self, connection: Connection, path: Path, history: History = HISTORY) -> None:
        self.connection = connection
        self.path = path
        self.history = history

    @contextmanager
    def transaction(self) -> Iterator[None]:
        """Do all of a block or nothing of it. Takes the write lock at once, so that what is read stays true.

        :raises StoreFull: when the disk has no room for it; nothing of it was done.
        """
        with needing_room(self.path.parent):
            self.connection.execute("BEGIN IMMEDIATE")
            try:
                yield
                self.connection.execute("COMMIT")
            except BaseException:
                if self.connection.in_transaction:
                    self.connection.execute("ROLLBACK")
                raise

    @contextmanager
    def snapshot(self) -> Iterator[None]:
        """Read several statements from one state of the file."""
        if self.connection.in_transaction:
            yield
            return
        self.connection.execute("BEGIN")
        try:
            yield
        finally:
            self.connection.execute("ROLLBACK")

    def execute(self, sql: str, parameters: Parameters = ()) -> int:
        """Run one statement and return how many rows it changed."""
        return self.connection.execute(sql, parameters).rowcount

    def executemany(self, sql: str, rows: Iterable[Parameters]) -> None:
        """Run one statement for each row."""
        self.connection.executemany(sql, rows)

    def rows(self, sql: str, parameters: Parameters = ()) -> list[tuple[Any, ...]]:
        """Return all rows of a query."""
        return self.connection.execute(sql, parameters).fetchall()

    def row(self, sql: str, parameters: Parameters = ()) -> tuple[Any, ...] | None:
        """Return the first row of a query, or ``None``."""
        found: tuple[Any, ...] | None = self.connection.execute(sql, parameters).fetchone()
        return found

    def value(self, sql: str, parameters: Parameters = ()) -> Any:
        """Return the first column of the first row, or ``None``."""
        found = self.row(sql, parameters)
        return found[0] if found else None

    def close(self) -> None:
        """Close the file; what was committed is on disk already."""
        self.connection.close()


def open_database(path: Path, key: bytes, history: History = HISTORY) -> Database:
    """Open (or begin) the file with its 32-byte data key, and bring its tables and words up to date.

    :raises KeyRefused: when the key does not open the file. The file is not touched.
    :raises StoreFull: when the disk is so full that SQLite cannot even make its small files beside it.
    :raises ProgramTooOld: when a newer program has used the file. Its content is not touched.
    """
    _keep_private(path)
    connection = connect(str(path), isolation_level=None, timeout=BUSY_TIMEOUT_MS / 1000, cached_statements=256)
    try:
        _prepare(connection, key, path.parent)
        database = Database(connection, path, history)
        _migrate(database)
        _bring_up(database)
    except BaseException:
        connection.close()
        raise
    return database


def _keep_private(path: Path) -> None:
    """Make the file its owner's alone before anything is in it; SQLite gives ``-wal`` and ``-shm`` the same mode.

    An existing file is never opened here: closing it again would drop SQLite's locks of this process.
    """
    with suppress(FileExistsError):
        os.close(os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600))
    if os.name != "nt":
        for suffix in ("", "-wal", "-shm"):
            with suppress(OSError):  # not there; or a memory card's file system, which has no modes
                Path(f"{path}{suffix}").chmod(0o600)


def _migrate(database: Database) -> None:
    """Bring the tables up to date; ``user_version`` spares an up-to-date file the look."""
    if database.value("PRAGMA user_version") == TABLES_VERSION:
        return
    from field_kit.migrations import migrate  # slow to import, and rarely needed

    with database.transaction():
        migrate(database.connection)
        database.execute(f"PRAGMA user_version = {TABLES_VERSION}")


def _bring_up(database: Database) -> None:
    """Read what the file holds in this program's words; ``meta`` spares an up-to-date file the look."""
    if database.value("SELECT value FROM meta WHERE key = 'schema'") == str(database.history.current):
        return
    from field_kit.app_update import bring_up  # slow to import, and rarely needed

    bring_up(database)


def _prepare(connection: Connection, key: bytes, folder: Path) -> None:
    if len(key) != 32:
        raise KeyRefused("a data key has 32 bytes")
    connection.execute("PRAGMA cipher_log_level = NONE")  # a wrong key is our error to report
    connection.execute(f"PRAGMA key = \"x'{key.hex()}'\"")
    try:
        connection.execute("SELECT count(*) FROM sqlite_master").fetchone()
    except DatabaseError as refused:
        raise (StoreFull if says_full(refused, folder) else KeyRefused)(str(refused)) from refused
    for pragma in ("journal_mode = WAL", "synchronous = FULL", "foreign_keys = ON", "secure_delete = FAST"):
        connection.execute(f"PRAGMA {pragma}")
    connection.execute("PRAGMA cache_size = -16000")
    connection.execute("PRAGMA wal_autocheckpoint = 4000")  # 16 MB: a first sync writes each page once
    connection.execute("PRAGMA temp_store = MEMORY")
