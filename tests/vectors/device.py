"""The field kit's own code on a database in memory: what lies there is what a vector gives."""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from functools import cache
from pathlib import Path
from typing import Any

import msgspec

from field_kit.database import Database
from field_kit.driver import connect
from field_kit.identity import Identity, change_identity, write_identity
from field_kit.migrations import migrate
from field_kit.surroundings import Surroundings
from sync.mutation import Op

USER = "01a00000-0000-7000-8000-00000000aaaa"
EPOCH = "01a00000-0000-7000-8000-00000000eeee"
NOW = datetime(2026, 11, 23, 3, 0, tzinfo=UTC)
PARTS = ("data", "set", "add", "remove", "into", "resolves")
TABLES = ("record", "membership", "fresh_membership", "checkpoint", "witness", "mutation", "searchable", "search_due")


@cache
def _database() -> Database:
    database = Database(connect(":memory:", isolation_level=None), Path(":memory:"))
    with database.transaction():
        migrate(database.connection)
    return database


@contextmanager
def device(**known: Any) -> Iterator[Database]:
    """Give an enrolled device with nothing on it."""
    database = _database()
    with database.transaction():
        for table in TABLES:
            database.execute(f"DELETE FROM {table}")
        database.execute("UPDATE lane SET last_seq = 0, pruned_seq = 0, pruned_id = NULL")
        database.execute("DELETE FROM meta")
        write_identity(database, Identity("http://centre.invalid", "d", {"id": USER}, "t", EPOCH, "i", **known))
        change_identity(database, schema=1)
    yield database


def surroundings(now: datetime = NOW, bits: int = 0) -> Surroundings:
    """Return a clock that stands, ids in order, and chance that is none."""
    count = iter(range(1, 10_000))
    return Surroundings(
        now=lambda: now,
        new_id=lambda: f"01b00000-0000-7000-8000-{next(count):012d}",
        random_bits=lambda _: bits,
        jitter=lambda: 0.5,
        sleep=_no_wait,
        monotonic=now.timestamp,
    )


_no_wait: Callable[[float], None] = [].append


def put_row(database: Database, row: dict[str, Any], buckets: list[str] | None = None) -> None:
    """Store a row as a page would."""
    data = msgspec.json.encode(row["data"]).decode()
    database.execute(
        "INSERT INTO record (id, type, version, data) VALUES (?, ?, ?, ?)",
        (row["id"], row["type"], row["version"], data),
    )
    homes = [(row["id"], bucket) for bucket in buckets or []]
    database.executemany("INSERT INTO membership (record, bucket) VALUES (?, ?)", homes)


def put_edit(database: Database, seq: int, edit: dict[str, Any]) -> None:
    """Log an edit as it was saved; nothing has answered it yet."""
    payload = {part: edit[part] for part in PARTS if part in edit}
    lane = edit.get("lane", "normal")
    database.execute(
        """INSERT INTO mutation (id, seq, lane, save, op, type, record, base, payload, recorded_at)
        VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, '2026-11-22T03:00:00.000Z')""",
        (
            edit["id"], edit.get("seq", seq), lane, edit.get("save", edit["id"]), Op(edit["op"]), edit["type"],
            edit["record"], edit.get("base", 0), msgspec.json.encode(payload).decode(),
        ),
    )  # fmt: skip
    database.execute("UPDATE lane SET last_seq = max(last_seq, ?) WHERE name = ?", (edit.get("seq", seq), lane))
