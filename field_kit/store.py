"""What the device shows: rows from the server with this device's own open mutations laid over them."""

from collections.abc import Iterator, Sequence
from typing import Any, NamedTuple

import msgspec

from field_kit import log
from field_kit.database import Database
from schemas.base import MERGED_INTO
from schemas.records import RECORD_TYPES
from sync.overlay import overlay

_decode = msgspec.json.Decoder(dict[str, Any]).decode


class Record(NamedTuple):
    """One record as its holder sees it. ``unsent``: some of it has not reached the centre."""

    id: str
    type: str
    version: int
    data: dict[str, Any]
    unsent: bool
    """At least one edit has no answer from the centre yet."""
    awaiting: bool
    """All edits are answered; a pull has yet to bring the central row."""


def shown(database: Database, record: str) -> Record | None:
    """Return one record, or ``None`` when there is nothing to see."""
    return next(_shown(database, "id = ?", "record = ?", (record,)), None)


def going_on(database: Database, record: str) -> Record | None:
    """Return a record as its holder sees it; of one that was merged into another, that other, if it is here."""
    seen: set[str] = set()
    found = shown(database, record)
    while found and (into := found.data.get(MERGED_INTO)) and into not in seen:
        seen.add(into)
        found = shown(database, into) or found
    return found


def shown_of(database: Database, records: Sequence[str]) -> Iterator[Record]:
    """Yield those of some records that can be seen."""
    ids = msgspec.json.encode(list(records)).decode()
    listed = "(SELECT value FROM json_each(?))"
    yield from _shown(database, f"id IN {listed}", f"record IN {listed}", (ids,))


def shown_of_type(database: Database, kind: str) -> Iterator[Record]:
    """Yield every record of a type, those with open edits last."""
    yield from _shown(database, "type = ?", "type = ?", (kind,))


def _shown(database: Database, rows: str, mutations: str, parameters: Sequence[Any]) -> Iterator[Record]:
    with database.snapshot():
        pending = log.open_mutations(database, mutations, parameters)
        stored = database.rows(f"SELECT id, type, version, data FROM record WHERE {rows} ORDER BY id", parameters)
    for record, kind, version, data in stored:
        if record not in pending:
            yield Record(record, kind, version, _decode(data), unsent=False, awaiting=False)
        elif laid := _overlaid(record, version, _decode(data), pending.pop(record)):
            yield laid
    for record, logged in pending.items():
        if laid := _overlaid(record, 0, None, logged):
            yield laid


def _overlaid(record: str, version: int, data: dict[str, Any] | None, logged: list[log.Logged]) -> Record | None:
    kind = logged[0].mutation.type
    laid = overlay(RECORD_TYPES[kind], data, [entry.mutation for entry in logged])
    if laid is None:
        return None
    unsent = any(entry.state == "pending" for entry in logged)
    waits = all(entry.outcome == "held" for entry in logged)
    return Record(record, kind, version, laid, unsent=unsent, awaiting=not unsent and not waits)
