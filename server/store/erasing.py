"""Erase records for ever: content, history, memberships, files. One write transaction like any other.

What stays says that there was something, who erased it and when: an id, a type, places in the feed and in the chain.
"""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, replace

from sqlalchemy import Connection, delete, or_, select, update

from schemas.base import MERGED_INTO, RecordType
from server.ids import new_id
from server.models.files import blob, upload
from server.models.quarantine import delivery, settlement
from server.models.sync_tables import bucket_entry, mutation, record
from server.models.upkeep import erasure, kept_apart, match_key
from server.store import clock
from server.store.among import among
from server.store.astray import astray, conflicts_without
from server.store.belonging import Found
from server.store.change import Change
from server.store.loading import state_of
from server.store.membership import Relocation
from server.store.persist import LEDGER_COLUMNS, LedgerEntry, encoded, upsert, write_feed, write_ledger, write_records
from server.store.transaction import CENTRE
from sync.buckets import Entry
from sync.erasing import ERASED
from sync.state import RecordState
from sync.version import SCHEMA_VERSION

ERASE = "erase"
"""The ledger's word for an erasure; no device sends it."""

ASTRAY = "astray"
"""In the ledger's row of an erasure: the mutations under other records that were emptied with it."""

WITNESS = "witness"
"""The kind of deliveries that hold a row which a restored centre no longer had."""


@dataclass(frozen=True, slots=True)
class Order:
    """Who had a record erased, why and when. ``record``: the one that was named; others go with it."""

    record: str
    by: str
    reason: str
    at: str


@dataclass(frozen=True, slots=True)
class Trace:
    """One record to erase, and the buckets whose holders may have a trace of it."""

    id: str
    type: str
    buckets: frozenset[str]


@dataclass(frozen=True, slots=True)
class Erased:
    """What an erasure did. ``files`` and ``uploads`` are to be removed from the disk once it is committed."""

    commit: int
    traces: Sequence[Trace]
    files: Sequence[str]
    uploads: Sequence[str]


def traces_of(connection: Connection, found: Mapping[str, Found]) -> list[Trace]:
    """Return records with every bucket in which they lie or lay, and those of everybody who wrote of them."""
    buckets: dict[str, set[str]] = {identifier: set() for identifier in found}
    entries = select(bucket_entry.c.record, bucket_entry.c.bucket).where(among(bucket_entry.c.record, found))
    for row in connection.execute(entries):
        buckets[row.record].add(row.bucket)
    authors = select(mutation.c.record, mutation.c.author).where(
        among(mutation.c.record, found), mutation.c.device != CENTRE
    )
    for row in connection.execute(authors.distinct()):
        buckets[row.record].add(f"user:{row.author}")
    return [
        Trace(each.id, each.type, frozenset(buckets[each.id]) | {f"user:{author}" for author in each.authors})
        for each in found.values()
    ]


def write_erasure(
    connection: Connection,
    types: Mapping[str, RecordType],
    order: Order,
    traces: Sequence[Trace],
    states: Mapping[str, RecordState],
) -> Erased:
    """Erase records, whether they are here (``states``, locked) or only known to have been; return what was done."""
    commit = clock.take(connection)
    ids = [each.id for each in traces]
    digests = {str(state.data["sha256"]) for state in states.values() if state.data.get("sha256")}
    changes = [Change(states.get(each.id), _emptied(each, states.get(each.id), order, commit)) for each in traces]
    elsewhere = astray(connection, ids)
    besides = [*_let_go(connection, ids, commit), *conflicts_without(connection, ids, elsewhere, commit)]
    write_records(connection, types, [*changes, *besides], commit, ())
    _write_gone(connection, traces, commit)
    _blank_ledger(connection, ids, elsewhere)
    _forget_judgements(connection, ids)
    _note(connection, order, traces, commit)
    write_ledger(connection, [_entry(order, each, ids, elsewhere) for each in traces], commit)
    uploads = connection.execute(delete(upload).where(among(upload.c.attachment, ids)).returning(upload.c.id))
    return Erased(commit, traces, _unneeded(connection, digests), sorted(uploads.scalars().all()))


def _emptied(trace: Trace, state: RecordState | None, order: Order, commit: int) -> RecordState:
    """Return what stays of a record: that it was, and that it is no more."""
    if state is None:
        return RecordState(trace.id, trace.type, commit, commit, order.by, {}, {}, deleted=True)
    return replace(
        state, version=commit, data={}, field_versions={}, deleted=True, merged_into=None, by_others=frozenset()
    )


def _let_go(connection: Connection, ids: Collection[str], commit: int) -> list[Change]:
    """Take apart what a restored backup has as merged into these, though it was not when they were erased."""
    besides = among(record.c.merged_into, ids) & ~among(record.c.id, ids)
    states = [state_of(row) for row in connection.execute(select(record).where(besides).with_for_update())]
    told = {MERGED_INTO: commit}
    return [
        Change(each, replace(each, version=commit, merged_into=None, field_versions={**each.field_versions, **told}))
        for each in states
    ]


def _write_gone(connection: Connection, traces: Sequence[Trace], commit: int) -> None:
    """Say ``gone``, ``erased`` wherever a trace may be.

    ``since`` is left below the commit only where the record lay until now: there its history may still be looked up.
    """
    here: dict[str, list[Entry]] = {each.id: [] for each in traces}
    for row in connection.execute(select(bucket_entry).where(among(bucket_entry.c.record, here))):
        lay = row.live or row.why == "deleted" or (row.why == ERASED and row.since < row.commit_number)
        since = row.since if lay and row.since < commit else commit
        here[row.record].append(Entry(row.bucket, row.record, commit, since, False, ERASED, frozenset()))
    for each in traces:
        known = {entry.bucket for entry in here[each.id]}
        here[each.id] += [
            Entry(bucket, each.id, commit, commit, False, ERASED, frozenset())
            for bucket in sorted(each.buckets - known)
        ]
    # Counts and checksums are right since the records were written: these entries were not live any more.
    write_feed(connection, [Relocation(key, commit, commit, {}, entries) for key, entries in here.items()], commit)


def _blank_ledger(connection: Connection, ids: Collection[str], elsewhere: Collection[str]) -> None:
    """Take payload, salt and details out of every row; the hash stays, so that the chain still verifies."""
    about = among(mutation.c.record, ids) & (mutation.c.op != ERASE)
    for rows in (about, among(mutation.c.id, elsewhere)):
        connection.execute(update(mutation).where(rows).values(payload=None, salt=None, detail={}))


def _forget_judgements(connection: Connection, ids: Collection[str]) -> None:
    """Forget by what a record was compared with others, what staff wrote about it, and what devices witness of it."""
    connection.execute(delete(match_key).where(among(match_key.c.record, ids)))
    connection.execute(delete(kept_apart).where(or_(among(kept_apart.c.first, ids), among(kept_apart.c.second, ids))))
    edits = select(mutation.c.id).where(among(mutation.c.record, ids))
    connection.execute(update(settlement).where(settlement.c.mutation.in_(edits)).values(reason=""))
    witnessed = (delivery.c.kind == WITNESS) & among(delivery.c.detail["record"].as_string(), ids)
    connection.execute(update(delivery).where(witnessed).values(content=b"", reason=None))


def _note(connection: Connection, order: Order, traces: Sequence[Trace], commit: int) -> None:
    columns = ("record", "type", "erased_at", "by", "reason", "commit_number")
    rows = [(each.id, each.type, order.at, order.by, order.reason, commit) for each in traces]
    upsert(connection, erasure, columns, rows)


def _entry(order: Order, trace: Trace, ids: Sequence[str], elsewhere: Collection[str]) -> LedgerEntry:
    """Return the ledger's row of an erasure: who erased which record, why and when, and nothing of what it said.

    That of the record which was named lists what was emptied: by it the audit tells an erasure from a gap.
    """
    identifier = new_id()
    said = {"id": identifier, "op": ERASE, "type": trace.type, "record": trace.id, "reason": order.reason}
    values = {
        "group_position": 0,
        "id": identifier,
        "repeat": False,
        "device": CENTRE,
        "incarnation": CENTRE,
        "lane": CENTRE,
        "author": order.by,
        "schema": SCHEMA_VERSION,
        "op": ERASE,
        "type": trace.type,
        "record": trace.id,
        "base": 0,
        "recorded_at": order.at,
        "received_at": order.at,
        "outcome": "applied",
        "detail": encoded({"reason": order.reason}),
    }
    emptied = {"with": list(ids), ASTRAY: sorted(elsewhere)} if trace.id == order.record else {}
    payload = encoded(said | emptied)
    return LedgerEntry(tuple(values.get(name) for name in LEDGER_COLUMNS), payload)


def _unneeded(connection: Connection, digests: Collection[str]) -> list[str]:
    """Forget the files that no record shows any more, and return their hashes."""
    shown = (
        select(upload.c.sha256)
        .join(record, record.c.id == upload.c.attachment)
        .where(among(upload.c.sha256, digests), upload.c.finished_at.is_not(None), ~record.c.deleted)
    )
    gone = sorted(set(digests).difference(connection.execute(shown).scalars()))
    connection.execute(delete(blob).where(among(blob.c.sha256, gone)))
    return gone
