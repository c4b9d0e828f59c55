"""Open the central store's database, embedded SQLite (with SQLCipher inside) or PostgreSQL, behind one interface.

Every transaction is explicit: ``writing(engine)`` or ``reading(engine)``. On SQLite a writer begins IMMEDIATE, so it
waits for its turn at the start and never fails at the end; on PostgreSQL a writer runs at READ COMMITTED and a reader
in one REPEATABLE READ snapshot.
"""

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import msgspec
import sqlcipher3.dbapi2
from sqlalchemy import URL, Connection, Engine, create_engine, event, make_url

BUSY_TIMEOUT_MS = 15_000
"""How long a SQLite writer waits for its turn before it gives up with ``server_busy``."""

POOL_SIZE, POOL_OVERFLOW = 10, 20

CACHE_KIB = 65_536
"""SQLite's 2 MB would spill in the middle of a push: its indexes touch more pages than that."""

CHECKPOINT_PAGES = 8_000
"""About 32 MB of log between checkpoints, which the writer that reaches it pays for."""


def make_engine(url: str | URL, *, key: bytes | None = None) -> Engine:
    """Return an engine for ``url``.

    ``key``: 32 bytes; the SQLite file is encrypted with it. PostgreSQL has its own means and takes none.
    """
    address = make_url(url)
    if address.get_backend_name() == "sqlite":
        return _sqlite(address, key)
    if key is not None:
        raise ValueError("only the embedded SQLite database takes a key")
    return _postgres(address)


@contextmanager
def writing(engine: Engine) -> Iterator[Connection]:
    """Give a connection inside a write transaction; commit at the end, roll back on an exception."""
    with engine.connect() as connection:
        connection.execution_options(writing=True)
        with connection.begin():
            yield connection


@contextmanager
def reading(engine: Engine) -> Iterator[Connection]:
    """Give a connection that sees one snapshot of the database throughout."""
    with engine.connect() as connection:
        if engine.dialect.name == "postgresql":
            connection.execution_options(isolation_level="REPEATABLE READ", postgresql_readonly=True)
        with connection.begin():
            yield connection


def _encode(value: Any) -> str:
    return msgspec.json.encode(value).decode()


def _postgres(address: URL) -> Engine:
    return create_engine(
        address,
        isolation_level="READ COMMITTED",
        pool_size=POOL_SIZE,
        max_overflow=POOL_OVERFLOW,
        pool_pre_ping=True,
        json_serializer=_encode,
        json_deserializer=msgspec.json.decode,
    )


def _sqlite(address: URL, key: bytes | None) -> Engine:
    engine = create_engine(
        address,
        module=sqlcipher3.dbapi2,
        pool_size=POOL_SIZE,
        max_overflow=POOL_OVERFLOW,
        json_serializer=_encode,
        json_deserializer=msgspec.json.decode,
    )
    event.listen(engine, "connect", lambda connection, _: _prepare(connection, key))
    event.listen(engine, "begin", _begin)
    return engine


def _prepare(connection: Any, key: bytes | None) -> None:
    """Set a new SQLite connection up. The key comes first: nothing can be read before it."""
    connection.isolation_level = None  # the driver begins nothing by itself; _begin does
    cursor = connection.cursor()
    if key is not None:
        cursor.execute(f"PRAGMA key = \"x'{key.hex()}'\"")
    cursor.execute(f"PRAGMA busy_timeout = {BUSY_TIMEOUT_MS}")
    cursor.execute("PRAGMA journal_mode = WAL")
    cursor.execute("PRAGMA synchronous = FULL")
    cursor.execute("PRAGMA foreign_keys = ON")
    cursor.execute(f"PRAGMA cache_size = -{CACHE_KIB}")
    cursor.execute(f"PRAGMA wal_autocheckpoint = {CHECKPOINT_PAGES}")
    cursor.close()


def _begin(connection: Connection) -> None:
    kind = "IMMEDIATE" if connection.get_execution_options().get("writing") else "DEFERRED"
    connection.exec_driver_sql(f"BEGIN {kind}")
