"""Rows from before the centre was restored: what it did not bring back is offered once, and then deleted here."""

from collections.abc import Iterator, Sequence
from functools import partial
from typing import Any, NamedTuple

import msgspec

from field_kit.database import Database
from field_kit.errors import ServerRefused
from field_kit.identity import read_identity
from field_kit.session import Session
from sync.errors import TooManyRequests, ValidationFailed
from sync.messages import Witness, WitnessRequest
from sync.version import PROTOCOL_VERSION, SCHEMA_VERSION

ROWS_AT_ONCE = 100
ENVELOPE_BYTES = 400
_EVERY = -1
"""SQLite's word for no limit."""

UNKNOWN_THERE = frozenset({"not_found", "method_not_allowed"})
"""What a centre of an earlier time answers; the rows are kept."""

NOT_NOW = (TooManyRequests, ValidationFailed)
"""Staff have too many to look at, or the centre knows nothing of that time: kept, and nothing else waits for it."""

_decode = msgspec.json.Decoder(dict[str, Any]).decode


class Kept(NamedTuple):
    """One row of the table ``witness``."""

    rowid: int
    witness: Witness
    size: int


def offer_witnesses(session: Session) -> None:
    """Offer what a restored centre did not bring back. After a complete pull only: then it has brought what it has."""
    database = session.database
    _forget_brought_back(database)
    while rows := _next(database):
        request = _request(database, rows)
        try:
            taken = session.patiently(partial(_offered, session, request))
        except ServerRefused as refused:
            if refused.facts["server_code"] not in UNKNOWN_THERE:
                raise
            return
        if not taken:
            return
        with session.storing(request.epoch) as current:
            _forget(database, [row.rowid for row in rows] if current else [])
        session.tally.witnesses += len(rows) if current else 0


def _offered(session: Session, request: WitnessRequest) -> bool:
    """Offer some rows; tell whether the centre gave its receipt."""
    try:
        session.transport.witnesses(request)
    except NOT_NOW:
        return False
    return True


def waiting(database: Database) -> int:
    """Return how many rows of before a restore the centre has yet to be offered."""
    return int(database.value("SELECT count(*) FROM witness"))


def in_portions(database: Database, bytes_max: int) -> Iterator[list[Witness]]:
    """Yield all of them, in portions that travel together."""
    portion: list[Witness] = []
    room = bytes_max
    for row in _rows(database, _EVERY):
        if portion and row.size > room:
            yield portion
            portion, room = [], bytes_max
        portion.append(row.witness)
        room -= row.size
    if portion:
        yield portion


def _forget_brought_back(database: Database) -> None:
    """Delete the witnesses whose record is here again and says all that they say."""
    with database.transaction():
        pairs = database.rows(
            """SELECT witness.rowid, witness.data, record.data FROM witness JOIN record ON record.id = witness.id
            AND record.type = witness.type"""
        )
        _forget(database, [rowid for rowid, before, now in pairs if _says_all(_decode(now), _decode(before))])


def _says_all(now: dict[str, Any], before: dict[str, Any]) -> bool:
    return all(now.get(name) == value for name, value in before.items())


def _next(database: Database) -> list[Kept]:
    """Return the next witnesses, as many as one request may hold."""
    limit = read_identity(database).limits.bytes // 2
    rows: list[Kept] = []
    size = 0
    for row in _rows(database, ROWS_AT_ONCE):
        size += row.size
        if rows and size > limit:
            break
        rows.append(row)
    return rows


def _rows(database: Database, most: int) -> Iterator[Kept]:
    for rowid, id_, kind, version, data, epoch in database.rows(
        "SELECT rowid, id, type, version, data, epoch FROM witness ORDER BY rowid LIMIT ?", (most,)
    ):
        yield Kept(rowid, Witness(id_, kind, version, _decode(data), epoch), len(data.encode()) + ENVELOPE_BYTES)


def _request(database: Database, rows: Sequence[Kept]) -> WitnessRequest:
    identity = read_identity(database)
    return WitnessRequest(
        protocol=PROTOCOL_VERSION,
        epoch=identity.epoch,
        device=identity.device,
        schema=SCHEMA_VERSION,
        witnesses=[row.witness for row in rows],
    )


def _forget(database: Database, rowids: Sequence[int]) -> None:
    """Delete some, inside the caller's transaction."""
    database.executemany("DELETE FROM witness WHERE rowid = ?", [(rowid,) for rowid in rowids])
