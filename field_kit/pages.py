"""Apply one page of a pull: rows, memberships, checkpoint, masking and eviction in one transaction, set by set."""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

import msgspec

from field_kit import erased, log, notices
from field_kit.checksums import Counter
from field_kit.database import Database
from field_kit.identity import change_identity, read_identity
from field_kit.sealing import seal_departed
from schemas.placement import kinds_known
from schemas.records import RECORD_TYPES
from sync.buckets import classes_of_others, classes_seen, masked
from sync.messages import Cursor, PullReply, Table

Checkpoint = dict[str, Cursor]

_encode = msgspec.json.Encoder().encode
_decode = msgspec.json.Decoder(dict[str, Any]).decode


@dataclass
class Applied:
    """What a page did. ``current`` is false when its checkpoint was no longer ours and nothing was touched."""

    current: bool
    rows: int = 0
    evicted: int = 0
    mismatched: list[str] = field(default_factory=list)
    narrowed: list[str] = field(default_factory=list)
    """Buckets to be fetched again: what of their rows this device may still see, only the centre can tell."""


def read_checkpoint(database: Database) -> Checkpoint:
    """Return where this device stands in each bucket it holds."""
    rows = database.rows("SELECT bucket, commit_number, record FROM checkpoint ORDER BY bucket")
    return {bucket: (commit, record) for bucket, commit, record in rows}


def apply_page(
    database: Database, asked: Mapping[str, Cursor], reply: PullReply, now: str, epoch: str | None = None
) -> Applied:
    """Store a page, all of it or nothing; discard it when another pull has moved the checkpoint meanwhile.

    Discard it also when this device is in another ``epoch`` by now than the one that asked: a restored centre gives
    the same commit numbers to other changes.
    """
    with database.transaction():
        if read_checkpoint(database) != asked or epoch not in (None, read_identity(database).epoch):
            return Applied(current=False)
        applied = Applied(current=True, rows=sum(len(table.put) for table in reply.tables))
        counter = Counter(database, _touched(reply))
        ended = _end_memberships(database, reply)
        told = [row[0] for table in reply.tables for row in table.gone]
        erased.note_gone(database, (row for table in reply.tables for row in table.gone))
        _put(database, reply)
        notices.note(database, _told_of(reply))
        _note_search(database, [row[0] for table in reply.tables for row in table.put])
        applied.evicted = _evict(database, [*told, *ended])
        shown = {row[0] for table in reply.tables for row in table.put}
        applied.narrowed = _mask(database, [record for record in ended if record not in shown])
        _move_checkpoint(database, reply)
        counter.add_changes((row[0], row[1], row[2]) for table in reply.tables for row in table.put)
        if reply.complete:
            applied.narrowed += _replace_refetched(database)
            applied.mismatched = _complete(database, reply, now)
    return applied


def _touched(reply: PullReply) -> list[str]:
    return [row[0] for table in reply.tables for row in (*table.put, *table.gone)]


_HELD_UNTIL_NOW = """SELECT membership.record FROM json_each(?) AS gone
    JOIN membership ON membership.bucket = gone.value ->> 0 AND membership.record = gone.value ->> 1"""


def _end_memberships(database: Database, reply: PullReply) -> list[str]:
    """Take records out of buckets; return those that were in one of them. What is told again ends nothing again."""
    gone = [(bucket, record) for table in reply.tables for record, _, bucket, _ in table.gone]
    listed = _encode(gone).decode()
    ended = [record for (record,) in database.rows(_HELD_UNTIL_NOW, (listed,))] if gone else []
    dropped = [(bucket,) for bucket in reply.drop]
    for bucket in dropped:
        ended += [record for (record,) in database.rows("SELECT record FROM membership WHERE bucket = ?", bucket)]
    for table in ("membership", "fresh_membership"):
        database.executemany(f"DELETE FROM {table} WHERE bucket = ? AND record = ?", gone)
        database.executemany(f"DELETE FROM {table} WHERE bucket = ?", dropped)
    database.executemany("DELETE FROM checkpoint WHERE bucket = ?", dropped)
    return ended


def _put(database: Database, reply: PullReply) -> None:
    for table in reply.tables:
        database.executemany(
            """INSERT INTO record (id, type, version, data) VALUES (?, ?, ?, ?) ON CONFLICT (id) DO UPDATE
            SET type = excluded.type, version = excluded.version, data = excluded.data""",
            _rows(table.type, table.fields, table.put),
        )
    memberships = [(bucket, row[0]) for table in reply.tables for row in table.put for bucket in row[2]]
    database.executemany("INSERT OR IGNORE INTO membership (bucket, record) VALUES (?, ?)", memberships)
    refetched = {bucket for (bucket,) in database.rows("SELECT bucket FROM checkpoint WHERE refetch = 1")}
    if refetched:
        database.executemany(
            "INSERT OR IGNORE INTO fresh_membership (bucket, record) VALUES (?, ?)",
            [membership for membership in memberships if membership[0] in refetched],
        )


def _rows(kind: str, fields: Sequence[str], put: Iterable[Any]) -> Iterator[tuple[str, str, int, str]]:
    """Yield rows as stored: JSON objects without nulls. A type unknown here has no fields and stays opaque."""
    for record, version, _, values in put:
        data = {name: value for name, value in zip(fields, values, strict=False) if value is not None}
        yield record, kind, version, _encode(data).decode()


def _told_of(reply: PullReply) -> list[str]:
    """Return the edits of which the page's notices tell."""
    rows = [dict(zip(table.fields, row[3], strict=False)) for table in _notices(reply) for row in table.put]
    return [notice["mutation"] for notice in rows if notice.get("mutation")]


def _notices(reply: PullReply) -> Iterator[Table]:
    return (table for table in reply.tables if table.type == "notice")


def _evict(database: Database, ended: Sequence[str]) -> int:
    """Drop the rows that no bucket holds any more. Their mutations stay in the log and still go up."""
    if not ended:
        return 0
    evicted = database.rows(
        """DELETE FROM record WHERE id IN (SELECT value FROM json_each(?))
        AND NOT EXISTS (SELECT 1 FROM membership WHERE membership.record = record.id) RETURNING id""",
        (_json(ended),),
    )
    unsearch(database, [record for (record,) in evicted])
    seal_departed(database, [record for (record,) in evicted])
    return len(evicted)


def _mask(database: Database, ended: Sequence[str]) -> list[str]:
    """Delete from rows that stay every field whose class none of their remaining buckets carries.

    A bucket may carry less of what others wrote, and a row does not say who wrote what: such fields go too, and the
    buckets are returned, for the centre to send again what of them may be seen; so are those of a kind unknown here.
    """
    if not ended:
        return []
    narrower, doubtful = [], set[str]()
    for record, kind, data, buckets in database.rows(
        """SELECT record.id, record.type, record.data, json_group_array(membership.bucket) FROM record
        JOIN membership ON membership.record = record.id
        WHERE record.id IN (SELECT value FROM json_each(?)) GROUP BY record.id""",
        (_json(ended),),
    ):
        known = RECORD_TYPES.get(kind)
        stored = _decode(data)
        keys = msgspec.json.decode(buckets)
        seen = masked(known, stored, classes_of_others(keys)) if known else {}
        if known and len(seen) < len(masked(known, stored, classes_seen(keys))):
            doubtful.update(key for key in keys if any(kind.classes > kind.of_others for kind in kinds_known([key])))
        doubtful.update(key for key in keys if not kinds_known([key]))
        if len(seen) < len(stored):
            narrower.append((_encode(seen).decode(), record))
    database.executemany("UPDATE record SET data = ? WHERE id = ?", narrower)
    records = [record for _, record in narrower]
    unsearch(database, records)
    _note_search(database, records)
    return sorted(doubtful)


def _note_search(database: Database, records: Sequence[str]) -> None:
    database.executemany("INSERT OR IGNORE INTO search_due (record) VALUES (?)", [(record,) for record in records])


def unsearch(database: Database, records: Sequence[str]) -> None:
    """Let nobody find records by words that stand here no more; inside the caller's transaction."""
    if records:
        database.execute("DELETE FROM searchable WHERE record IN (SELECT value FROM json_each(?))", (_json(records),))
        change_identity(database, search_unclean=True)


def _move_checkpoint(database: Database, reply: PullReply) -> None:
    begun: Checkpoint = dict.fromkeys(reply.add, (0, None))
    database.executemany(
        """INSERT INTO checkpoint (bucket, commit_number, record) VALUES (?, ?, ?)
        ON CONFLICT (bucket) DO UPDATE SET commit_number = excluded.commit_number, record = excluded.record""",
        [(bucket, *cursor) for bucket, cursor in {**begun, **reply.checkpoint}.items() if bucket not in reply.drop],
    )


def _complete(database: Database, reply: PullReply, now: str) -> list[str]:
    """End a pull: answered edits leave the overlay, checksums are compared."""
    left = log.leave_overlay(database, reply.commit)
    _note_search(database, left)
    change_identity(database, last_complete=now, last_commit=reply.commit)
    mine = {
        bucket: (live, total) for bucket, live, total in database.rows("SELECT bucket, live, checksum FROM checkpoint")
    }
    theirs = {bucket: (live, total) for bucket, (_, live, total) in reply.checksums.items()}
    mismatched = sorted(bucket for bucket in mine.keys() & theirs.keys() if mine[bucket] != theirs[bucket])
    # What a restore took away and the whole of the new epoch does not bring has left, though nobody said so here.
    taken = [] if mismatched else [record for (record,) in database.rows("SELECT id FROM witness")]
    seal_departed(database, [*left, *taken])
    return mismatched


def _replace_refetched(database: Database) -> list[str]:
    """Let the fresh sets replace the old ones; return the buckets to be fetched again as ``_mask`` does."""
    narrowed: set[str] = set()
    buckets = [bucket for (bucket,) in database.rows("SELECT bucket FROM checkpoint WHERE refetch = 1")]
    for bucket in buckets:
        stale = database.rows(
            """DELETE FROM membership WHERE bucket = ? AND record NOT IN
            (SELECT record FROM fresh_membership WHERE bucket = ?) RETURNING record""",
            (bucket, bucket),
        )
        ended = [record for (record,) in stale]
        _evict(database, ended)
        narrowed.update(_mask(database, ended))
        database.execute("DELETE FROM fresh_membership WHERE bucket = ?", (bucket,))
        database.execute("UPDATE checkpoint SET refetch = 0 WHERE bucket = ?", (bucket,))
    if buckets:
        Counter.recount(database, buckets)
    return sorted(narrowed)


def refetch(database: Database, buckets: Sequence[str]) -> None:
    """Fetch some buckets again from their beginning, into fresh sets; what is shown stays until they are complete."""
    with database.transaction():
        begin_again(database, buckets)


def begin_again(database: Database, buckets: Sequence[str]) -> None:
    """Do the same inside the caller's transaction."""
    database.executemany("DELETE FROM fresh_membership WHERE bucket = ?", [(bucket,) for bucket in buckets])
    database.executemany(
        "UPDATE checkpoint SET refetch = 1, commit_number = 0, record = NULL WHERE bucket = ?",
        [(bucket,) for bucket in buckets],
    )


def _json(values: Sequence[str]) -> str:
    return _encode(list(values)).decode()
