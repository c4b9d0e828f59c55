"""After an update of this program to a newer schema: what the file holds is read in the new words from now on.

The log keeps every edit as it was written, with its schema; only what is shown of it is read up (field_kit/log.py).
"""

from collections.abc import Iterable
from typing import Any

import msgspec

from field_kit.database import Database
from field_kit.errors import ProgramTooOld
from field_kit.identity import change_identity
from field_kit.pages import begin_again
from schemas.records import RECORD_TYPES
from sync.upcasting import CONFLICT, row_upcast

_encode = msgspec.json.Encoder().encode
_decode = msgspec.json.Decoder(dict[str, Any]).decode

FIRST_SCHEMA = 1
"""Of files that do not say."""


def stored_schema(database: Database) -> int | None:
    """Return the schema in whose words the file is kept; ``None`` while it is nobody's yet."""
    said = database.value("SELECT value FROM meta WHERE key = 'schema'")
    if said is not None:
        return int(said)
    return FIRST_SCHEMA if database.value("SELECT 1 FROM meta WHERE key = 'device'") else None


def bring_up(database: Database) -> bool:
    """Bring a file of an older schema up to this program's, in one local transaction; tell whether it was one.

    Rows are rewritten in the new words and go on being shown. Every bucket is fetched again from its beginning, for
    the centre had left out what the older schema could not know.

    :raises ProgramTooOld: the file was used by a newer program. Nothing is touched.
    """
    if stored_schema(database) in (None, database.history.current):
        return False
    with database.transaction():
        stored = stored_schema(database)  # another process may have been quicker
        if stored is None or stored == database.history.current:
            return False
        if stored > database.history.current:
            raise ProgramTooOld(schema=stored)
        for table in ("record", "witness"):
            _rewrite(database, table, stored)
        database.execute("INSERT OR IGNORE INTO search_due SELECT id FROM record UNION SELECT record FROM mutation")
        begin_again(database, [bucket for (bucket,) in database.rows("SELECT bucket FROM checkpoint")])
        change_identity(database, schema=database.history.current)
    return True


def _rewrite(database: Database, table: str, stored: int) -> None:
    kinds = sorted({CONFLICT, *database.history.touched(stored)})
    marks = ", ".join("?" * len(kinds))
    rows = database.connection.execute(f"SELECT rowid, type, data FROM {table} WHERE type IN ({marks})", kinds)
    changed = list(_changed(database, rows, stored))
    database.executemany(f"UPDATE {table} SET data = ? WHERE rowid = ?", changed)


def _changed(database: Database, rows: Iterable[Any], stored: int) -> Iterable[tuple[str, int]]:
    for rowid, kind, data in rows:
        before = _decode(data)
        now = row_upcast(database.history, RECORD_TYPES, kind, before, stored)
        if now != before:
            yield _encode(now).decode(), rowid
