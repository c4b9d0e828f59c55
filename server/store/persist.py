"""Write a decided commit, set-based: records, who travels with whom, the feed, bucket checksums, ledger and chain."""

import os
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass
from functools import cache
from hashlib import sha256
from operator import itemgetter
from typing import Any

import msgspec
from sqlalchemy import Connection, Table, bindparam, delete, select

from schemas.base import RecordType
from server.models.sync_tables import bucket, bucket_entry, carry, chain, device_lane, mutation, record
from server.store.among import among_named
from server.store.change import Change
from server.store.families import own_buckets
from server.store.membership import OUTLIVING, Edge, Holding, Placement, Relocation, Written, edges_of
from sync.checksum import Checksum
from sync.state import RecordState

Values = tuple[Any, ...]
FIRST_LINK = "0" * 64

_encode = msgspec.json.Encoder().encode


def upsert(connection: Connection, table: Table, columns: Sequence[str], rows: Sequence[Values]) -> None:
    """Insert rows, or replace the columns other than the primary key where they exist."""
    if rows:
        insert_rows(connection, table, columns, rows, _or_replace(table, tuple(columns)))


def insert_rows(
    connection: Connection, table: Table, columns: Sequence[str], rows: Sequence[Values], then: str = ""
) -> None:
    """Insert many rows in one statement, straight through the driver: JSON comes encoded, as text.

    SQLAlchemy's own executemany costs more than the database here; ``make bench`` measures.
    """
    if rows:
        mark = "%s" if connection.dialect.paramstyle in ("format", "pyformat") else "?"
        connection.exec_driver_sql(_insert(table, tuple(columns), mark, then), rows)


@cache
def _insert(table: Table, columns: tuple[str, ...], mark: str, then: str) -> str:
    named = ", ".join(f'"{name}"' for name in columns)
    marks = ", ".join([mark] * len(columns))
    return f'INSERT INTO "{table.name}" ({named}) VALUES ({marks}) {then}'


@cache
def _or_replace(table: Table, columns: tuple[str, ...]) -> str:
    keys = [column.name for column in table.primary_key]
    rest = ", ".join(f'"{name}" = excluded."{name}"' for name in columns if name not in keys)
    named = ", ".join(f'"{name}"' for name in keys)
    return f"ON CONFLICT ({named}) DO UPDATE SET {rest}"


def encoded(value: Any) -> str:
    """Return a value as JSON text."""
    return _encode(value).decode()


def write_records(
    connection: Connection,
    types: Mapping[str, RecordType],
    changes: Sequence[Change],
    commit: int,
    foreign: Collection[str],
) -> None:
    """Write records and everything that follows from them: edges, memberships, checksums.

    ``foreign``: records that the writers of this commit name without holding them; see ``carry.granted``.
    """
    if not changes:
        return
    own = own_buckets(connection, types, changes, commit)
    changes = [*changes, *own.moved]
    now = {change.now.id: _holding(change.now, own.now[change.now.id]) for change in changes}
    _insert_records(connection, [change.now for change in changes if change.before is None], now)
    _update_records(connection, [change.now for change in changes if change.before is not None], now)
    also = _write_edges(connection, types, changes, foreign)
    before = {change.now.id: _holding(change.before, own.before[change.now.id]) for change in changes if change.before}
    written = {key: Written(before.get(key), holding) for key, holding in now.items()}
    write_feed(connection, Placement(connection, commit, written).relocations(also), commit)


def _holding(state: RecordState, own: frozenset[str]) -> Holding:
    return Holding(state.owner, own, state.deleted, state.version, state.type == OUTLIVING)


RECORD_COLUMNS = (
    "id",
    "type",
    "owner",
    "version",
    "created",
    "data",
    "field_versions",
    "own_buckets",
    "by_others",
    "deleted",
    "merged_into",
)


def _insert_records(connection: Connection, states: Sequence[RecordState], holdings: Mapping[str, Holding]) -> None:
    insert_rows(connection, record, RECORD_COLUMNS, [_record_row(state, holdings[state.id]) for state in states])


def _update_records(connection: Connection, states: Sequence[RecordState], holdings: Mapping[str, Holding]) -> None:
    upsert(connection, record, RECORD_COLUMNS, [_record_row(state, holdings[state.id]) for state in states])


def _record_row(state: RecordState, holding: Holding) -> Values:
    return (
        state.id,
        state.type,
        state.owner,
        state.version,
        state.created,
        encoded(state.data),
        encoded(state.field_versions) if state.field_versions else "{}",
        encoded(sorted(holding.own)) if holding.own else "[]",
        encoded(sorted(state.by_others)) if state.by_others else "[]",
        state.deleted,
        state.merged_into,
    )


def _write_edges(
    connection: Connection, types: Mapping[str, RecordType], changes: Sequence[Change], foreign: Collection[str]
) -> set[str]:
    """Write who travels with whom where that changed; return the records that gained or lost a carrier thereby."""
    gained: list[Edge] = []
    lost: list[Edge] = []
    for change in changes:
        before = edges_of(types[change.before.type], change.before) if change.before else []
        now = edges_of(types[change.now.type], change.now)
        gained += [edge for edge in now if edge not in before]
        lost += [edge for edge in before if edge not in now]
    _forget(connection, lost)
    # A record that a writer names without holding it stays where it is: an id must not open what it names.
    rows = {
        (edge.carrier, edge.carried): (edge.carrier, edge.carried, edge.whole, edge.carried not in foreign)
        for edge in gained
    }
    upsert(connection, carry, ("carrier", "carried", "whole", "granted"), list(rows.values()))
    return {edge.carried for edge in gained + lost}


_FORGOTTEN = delete(carry).where(carry.c.carrier == bindparam("a"), carry.c.carried == bindparam("b"))


def _forget(connection: Connection, edges: Sequence[Edge]) -> None:
    if edges:
        connection.execute(_FORGOTTEN, [{"a": edge.carrier, "b": edge.carried} for edge in edges])


ENTRY_COLUMNS = ("bucket", "record", "commit_number", "since", "live", "why", "reasons")


def write_feed(connection: Connection, relocations: Iterable[Relocation], commit: int) -> None:
    """Write entries, and bring the count and checksum of each touched bucket forward by what changed."""
    relocations = list(relocations)
    rows = [
        (
            entry.bucket,
            entry.record,
            entry.commit,
            entry.since,
            entry.live,
            entry.why,
            encoded(sorted(entry.reasons)),
        )
        for relocation in relocations
        for entry in relocation.entries
    ]
    upsert(connection, bucket_entry, ENTRY_COLUMNS, rows)
    _write_checksums(connection, relocations, commit)


_BUCKETS = select(bucket).where(among_named(bucket.c.key))


def _write_checksums(connection: Connection, relocations: Sequence[Relocation], commit: int) -> None:
    keys = {entry.bucket for relocation in relocations for entry in relocation.entries}
    sums = dict.fromkeys(sorted(keys), Checksum())
    for row in connection.execute(_BUCKETS, {"ids": keys}) if keys else ():
        sums[row.key] = Checksum(row.live, int(row.checksum, 16))
    for relocation in relocations:
        for entry in relocation.entries:
            was = relocation.before.get(entry.bucket)
            if was is not None and was.live:
                sums[entry.bucket] = sums[entry.bucket].minus(entry.record, relocation.old_version)
            if entry.live:
                sums[entry.bucket] = sums[entry.bucket].plus(entry.record, relocation.new_version)
    rows = [(key, commit, each.count, each.hex) for key, each in sums.items()]
    upsert(connection, bucket, ("key", "last_commit", "live", "checksum"), rows)


LEDGER_COLUMNS = (
    "group_position",
    "id",
    "repeat",
    "device",
    "incarnation",
    "lane",
    "seq",
    "author",
    "schema",
    "op",
    "type",
    "record",
    "base",
    "recorded_at",
    "received_at",
    "clock_offset_ms",
    "outcome",
    "code",
    "detail",
    "waits_for",
    "releases",
)
"""What a ``LedgerEntry`` says, in its order; commit number, position, payload, salt and hash are added on writing."""


@dataclass(frozen=True, slots=True)
class LedgerEntry:
    """One row of the ledger as far as it is known before the commit. ``payload``: the mutation as it came.

    ``kept`` is false where it is about an erased record: then only the salted hash is written, and no salt.
    """

    values: Values
    payload: str | None
    kept: bool = True


_LAST_LINK = select(chain.c.link).order_by(chain.c.commit_number.desc()).limit(1)


def write_ledger(connection: Connection, entries: Sequence[LedgerEntry], commit: int) -> None:
    """Append to the ledger and add this commit's link to the chain. Salted, so an erased payload cannot be guessed."""
    salts = os.urandom(16 * len(entries)).hex()
    rows: list[Values] = []
    lines: list[bytes] = []
    for position, entry in enumerate(entries):
        salt = salts[32 * position : 32 * position + 32]
        hashed = sha256(f"{salt}{entry.payload or ''}".encode()).hexdigest()
        kept = (entry.payload, salt) if entry.kept and entry.payload is not None else (None, None)
        rows.append((*entry.values, commit, position, *kept, hashed))
        lines.append(line(hashed, _fixed(entry.values)))
    more = ("commit_number", "position", "payload", "salt", "payload_hash")
    insert_rows(connection, mutation, (*LEDGER_COLUMNS, *more), rows)
    previous = connection.execute(_LAST_LINK).scalar()
    row = (commit, link(previous or FIRST_LINK, commit, lines))
    insert_rows(connection, chain, ("commit_number", "link"), [row])


FIXED_COLUMNS = tuple(name for name in LEDGER_COLUMNS if name != "detail")
"""What the chain covers of a row beside its payload: all that nothing ever changes. An erasure empties ``detail``."""

_fixed = itemgetter(*map(LEDGER_COLUMNS.index, FIXED_COLUMNS))


def line(payload_hash: str, values: Values) -> bytes:
    """Return the bytes by which a row is in the chain: its payload's salted hash and ``FIXED_COLUMNS`` in their order.

    One JSON list in UTF-8 without spaces, ``null`` for what is empty: no value can be read as a part of the next.
    """
    return _encode((payload_hash, *values))


def link(previous: str, commit: int, lines: Sequence[bytes]) -> str:
    """Return the chain's next link: SHA-256 over the one before, the commit number and the rows' lines in order.

    The bytes: ``<previous>:<commit>`` and for each row a line feed (0x0A) and its line, which holds none itself.
    """
    return sha256(b"\n".join([f"{previous}:{commit}".encode(), *lines])).hexdigest()


def write_lane(connection: Connection, device: str, incarnation: str, lane: str, last_seq: int, last_id: str) -> None:
    """Move a lane's end forward, in the transaction of the effects."""
    columns = ("device", "incarnation", "lane", "last_seq", "last_id")
    upsert(connection, device_lane, columns, [(device, incarnation, lane, last_seq, last_id)])


def stamped(states: Iterable[RecordState], before: Mapping[str, RecordState], commit: int) -> list[Change]:
    """Return changed states with the commit number taken; a record made and unmade within one commit stays deleted."""
    return [Change(before.get(state.id), state.stamped(commit)) for state in states]
