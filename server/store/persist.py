"""Write a decided commit, set-based: records, who travels with whom, the feed, bucket checksums, ledger and chain."""

import os
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from hashlib import sha256
from typing import Any

from sqlalchemy import Connection, Table, bindparam, delete, insert, select, update
from sqlalchemy.dialects import postgresql, sqlite

from schemas.base import RecordType
from server.models.sync_tables import bucket, bucket_entry, carry, chain, device_lane, mutation, record
from server.store.loading import chunks
from server.store.membership import Edge, Holding, Placement, Relocation, Written, edges_of
from sync.checksum import Checksum
from sync.state import RecordState

Row = dict[str, Any]
FIRST_LINK = "0" * 64


@dataclass(frozen=True, slots=True)
class Change:
    """One record that a commit writes: before (``None`` when new) and now, stamped with the commit number."""

    before: RecordState | None
    now: RecordState


def upsert(connection: Connection, table: Table, rows: Sequence[Row]) -> None:
    """Insert rows, or replace the columns other than the primary key where they exist."""
    if not rows:
        return
    dialect = postgresql if connection.dialect.name == "postgresql" else sqlite
    statement = dialect.insert(table)
    keys = [column.name for column in table.primary_key]
    rest = {name: statement.excluded[name] for name in rows[0] if name not in keys}
    connection.execute(statement.on_conflict_do_update(index_elements=keys, set_=rest), rows)


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
    now = {change.now.id: _holding(types, change.now) for change in changes}
    _insert_records(connection, [change.now for change in changes if change.before is None], now)
    _update_records(connection, [change.now for change in changes if change.before is not None], now)
    also = _write_edges(connection, types, changes, foreign)
    written = {
        change.now.id: Written(_holding(types, change.before) if change.before else None, now[change.now.id])
        for change in changes
    }
    write_feed(connection, Placement(connection, commit, written).relocations(also), commit)


def _holding(types: Mapping[str, RecordType], state: RecordState) -> Holding:
    own = types[state.type].own_buckets(state.data, state.owner)
    return Holding(state.owner, own, state.deleted, state.version)


def _insert_records(connection: Connection, states: Sequence[RecordState], holdings: Mapping[str, Holding]) -> None:
    rows = [{**_record_row(state, holdings), "type": state.type, "owner": state.owner} for state in states]
    if rows:
        connection.execute(insert(record), rows)


def _update_records(connection: Connection, states: Sequence[RecordState], holdings: Mapping[str, Holding]) -> None:
    if not states:
        return
    rows = [{f"b_{name}": value for name, value in _record_row(state, holdings).items()} for state in states]
    changed = {name: bindparam(f"b_{name}", type_=record.c[name].type) for name in _record_row(states[0], holdings)}
    statement = update(record).where(record.c.id == changed.pop("id")).values(changed)
    connection.execute(statement, rows)


def _record_row(state: RecordState, holdings: Mapping[str, Holding]) -> Row:
    return {
        "id": state.id,
        "version": state.version,
        "created": state.created,
        "data": state.data,
        "field_versions": state.field_versions,
        "own_buckets": sorted(holdings[state.id].own),
        "deleted": state.deleted,
        "merged_into": state.merged_into,
    }


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
        (edge.carrier, edge.carried): {
            "carrier": edge.carrier,
            "carried": edge.carried,
            "whole": edge.whole,
            "granted": edge.carried not in foreign,
        }
        for edge in gained
    }
    upsert(connection, carry, list(rows.values()))
    return {edge.carried for edge in gained + lost}


def _forget(connection: Connection, edges: Sequence[Edge]) -> None:
    if edges:
        statement = delete(carry).where(carry.c.carrier == bindparam("a"), carry.c.carried == bindparam("b"))
        connection.execute(statement, [{"a": edge.carrier, "b": edge.carried} for edge in edges])


def write_feed(connection: Connection, relocations: Iterable[Relocation], commit: int) -> None:
    """Write entries, and bring the count and checksum of each touched bucket forward by what changed."""
    relocations = list(relocations)
    rows = [
        {
            "bucket": entry.bucket,
            "record": entry.record,
            "commit_number": entry.commit,
            "since": entry.since,
            "live": entry.live,
            "why": entry.why,
            "reasons": sorted(entry.reasons),
        }
        for relocation in relocations
        for entry in relocation.entries
    ]
    upsert(connection, bucket_entry, rows)
    _write_checksums(connection, relocations, commit)


def _write_checksums(connection: Connection, relocations: Sequence[Relocation], commit: int) -> None:
    keys = {entry.bucket for relocation in relocations for entry in relocation.entries}
    sums = dict.fromkeys(sorted(keys), Checksum())
    for chunk in chunks(keys):
        for row in connection.execute(select(bucket).where(bucket.c.key.in_(chunk))):
            sums[row.key] = Checksum(row.live, int(row.checksum, 16))
    for relocation in relocations:
        for entry in relocation.entries:
            was = relocation.before.get(entry.bucket)
            if was is not None and was.live:
                sums[entry.bucket] = sums[entry.bucket].minus(entry.record, relocation.old_version)
            if entry.live:
                sums[entry.bucket] = sums[entry.bucket].plus(entry.record, relocation.new_version)
    rows = [{"key": key, "last_commit": commit, "live": each.count, "checksum": each.hex} for key, each in sums.items()]
    upsert(connection, bucket, rows)


@dataclass(frozen=True, slots=True)
class LedgerEntry:
    """One row of the ledger but for its commit number, position and hash. ``payload``: the mutation as it came."""

    row: Row
    payload: str


def write_ledger(connection: Connection, entries: Sequence[LedgerEntry], commit: int) -> None:
    """Append to the ledger and add this commit's link to the chain. Salted, so an erased payload cannot be guessed."""
    salts = os.urandom(16 * len(entries)).hex()
    rows = []
    for position, entry in enumerate(entries):
        salt = salts[32 * position : 32 * position + 32]
        rows.append(
            {
                **entry.row,
                "commit_number": commit,
                "position": position,
                "payload": entry.payload,
                "salt": salt,
                "payload_hash": sha256(f"{salt}{entry.payload}".encode()).hexdigest(),
            }
        )
    if rows:
        connection.execute(insert(mutation), rows)
    previous = connection.execute(select(chain.c.link).order_by(chain.c.commit_number.desc()).limit(1)).scalar()
    connection.execute(insert(chain), {"commit_number": commit, "link": link(previous or FIRST_LINK, commit, rows)})


def link(previous: str, commit: int, rows: Sequence[Mapping[str, Any]]) -> str:
    """Return the chain's next link: over the one before, the commit number and the payload hashes in order."""
    hashes = "".join(row["payload_hash"] for row in rows)
    return sha256(f"{previous}:{commit}:{hashes}".encode()).hexdigest()


def write_lane(connection: Connection, device: str, incarnation: str, lane: str, last_seq: int, last_id: str) -> None:
    """Move a lane's end forward, in the transaction of the effects."""
    row = {"device": device, "incarnation": incarnation, "lane": lane, "last_seq": last_seq, "last_id": last_id}
    upsert(connection, device_lane, [row])


def stamped(states: Iterable[RecordState], before: Mapping[str, RecordState], commit: int) -> list[Change]:
    """Return changed states with the commit number taken; a record made and unmade within one commit stays deleted."""
    return [Change(before.get(state.id), replace(state.stamped(commit))) for state in states]
