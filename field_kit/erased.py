"""Forget what was erased at the centre on its subject's demand: row, search text, photo, witness, words in the log.

The edits themselves stay in the log, empty, with their numbers and outcomes: a lane has no gaps, and what was not sent
yet still goes up, to end there as erased.
"""

from collections.abc import Iterable, Sequence
from typing import Any

import msgspec

from field_kit.checksums import Counter
from field_kit.database import Database
from field_kit.identity import change_identity
from field_kit.log import Payload
from schemas.records import RECORD_TYPES
from sync.erasing import ERASED, belongs_to, without_content
from sync.messages import Gone, MutationOutcome
from sync.mutation import Mutation, Op

_encode = msgspec.json.Encoder().encode
_decode = msgspec.json.Decoder(Payload).decode

HELD_HERE = (
    ("membership", "record"),
    ("fresh_membership", "record"),
    ("record", "id"),
    ("witness", "id"),
    ("searchable", "record"),
    ("search_due", "record"),
    ("file", "attachment"),
)
"""Tables and the column that names the record. The chunks of a file go with it."""


def note_gone(database: Database, gone: Iterable[Gone]) -> None:
    """Forget what a page says was erased, inside the caller's transaction."""
    forget(database, sorted({record for record, _, _, why in gone if why == ERASED}))


def note_outcomes(database: Database, outcomes: Iterable[MutationOutcome]) -> None:
    """Forget what the answer to a push says was erased, inside the caller's transaction."""
    ids = [each.id for each in outcomes if each.code == ERASED]
    if not ids:
        return
    named = "SELECT DISTINCT record FROM mutation WHERE id IN (SELECT value FROM json_each(?))"
    records = [record for (record,) in database.rows(named, _json(ids))]
    counter = Counter(database, records)
    forget(database, records)
    counter.add_changes([])


def forget(database: Database, records: Sequence[str]) -> None:
    """Forget records, and what was made here to belong to them, wherever this device has something of them."""
    if not records:
        return
    ids = [*records, *_belonging(database, set(records))]
    for table, column in HELD_HERE:
        database.execute(f"DELETE FROM {table} WHERE {column} IN (SELECT value FROM json_each(?))", _json(ids))
    change_identity(database, search_unclean=True)
    _blank(database, ids)


def _belonging(database: Database, records: set[str]) -> list[str]:
    """Return what was made here and wholly belongs to some records, and is not on this device by the centre's word.

    What is (a photo that has arrived, say) is told by the centre in the same commit.
    """
    made = database.rows(
        """SELECT id, type, record, payload FROM mutation WHERE op = 'create' AND sealed IS NULL
        AND NOT EXISTS (SELECT 1 FROM record WHERE record.id = mutation.record)"""
    )
    edits = (
        Mutation(0, mutation, Op.CREATE, kind, record, "", data=_read_up(database, kind, _decode(payload)))
        for mutation, kind, record, payload in made
    )
    return [
        edit.record
        for edit in edits
        if edit.record not in records and not records.isdisjoint(belongs_to(RECORD_TYPES, edit))
    ]


def _read_up(database: Database, kind: str, made: Payload) -> dict[str, Any]:
    """Return the data of a creation in the words of today."""
    return dict(database.history.upcast(kind, made.data, made.schema or database.history.current))


def _blank(database: Database, records: Sequence[str]) -> None:
    """Empty every edit of some records. What waited at the centre can never take effect: it is refused."""
    found = database.rows(
        "SELECT id, type, payload FROM mutation WHERE record IN (SELECT value FROM json_each(?))", _json(records)
    )
    empty = [(_emptied(kind, payload), mutation) for mutation, kind, payload in found]
    database.executemany(
        """UPDATE mutation SET payload = ?, sealed = NULL, detail = NULL, code = 'erased',
        outcome = CASE outcome WHEN 'held' THEN 'rejected' ELSE outcome END WHERE id = ?""",
        empty,
    )


def _emptied(kind: str, payload: str) -> str:
    kept = without_content(RECORD_TYPES.get(kind), _decode(payload).data)
    return _encode(Payload(data=kept)).decode()


def _json(values: Sequence[str]) -> tuple[str]:
    return (_encode(list(values)).decode(),)
