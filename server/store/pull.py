"""Answer a pull: one page of what changed in the buckets that a user may hold now, from one snapshot.

All buckets are read as one stream ordered by (commit number, record id), so a record that several of them bring
travels once. A cursor may see a row twice and never skips one.
"""

from collections import defaultdict
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from itertools import chain, groupby
from operator import itemgetter
from typing import Any, cast

import msgspec
from sqlalchemy import Connection, Engine, Row, Select, and_, bindparam, func, or_, select

from schemas.base import MERGED_INTO, RecordType
from schemas.history import history_of
from schemas.privacy import Privacy
from server.models.engine import reading
from server.models.sync_tables import bucket, bucket_entry, bucket_grant, clock, record
from server.store.among import among_named
from server.store.author import Author
from server.store.epochs import check_epoch
from sync.buckets import classes_seen, seen_through, visible_fields
from sync.checksum import Checksum
from sync.errors import ServerBusy
from sync.instants import rfc3339
from sync.messages import Cursor, Gone, PageLimit, PullReply, PullRequest, Put, Table
from sync.upcasting import CONFLICT, fields_shown_to, shown_to

ROWS_MAX = 5_000
BYTES_MAX = 4 * 1_048_576
ROWS_AT_ONCE = 500
START: Cursor = (0, None)

_encode = msgspec.json.Encoder().encode


@dataclass(frozen=True, slots=True)
class BucketState:
    """One bucket at the snapshot."""

    last_commit: int
    checksum: Checksum


EMPTY = BucketState(0, Checksum())
"""A bucket in which nothing ever lay."""


def pull(
    engine: Engine, types: Mapping[str, RecordType], author: Author, request: PullRequest, now: datetime
) -> PullReply:
    """Return the next page for a device.

    :raises EpochChanged: the store was restored since the device's last contact.
    """
    with reading(engine) as connection:
        check_epoch(connection, request.epoch)
        return _Page(connection, types, author, request, now).reply()


def _of_one_bucket(query: Select[Any]) -> tuple[Select[Any], Select[Any]]:
    """Return a question about what one bucket holds: beyond all of a commit, and beyond one record of it."""
    later = bucket_entry.c.commit_number > bindparam("commit")
    same = and_(bucket_entry.c.commit_number == bindparam("commit"), bucket_entry.c.record > bindparam("last"))
    query = query.where(bucket_entry.c.bucket == bindparam("bucket"))
    return query.where(later), query.where(or_(later, same))


_FEED, _FEED_WITHIN = _of_one_bucket(
    select(
        bucket_entry.c.commit_number,
        bucket_entry.c.record,
        bucket_entry.c.bucket,
        bucket_entry.c.live,
        bucket_entry.c.why,
    )
    .order_by(bucket_entry.c.commit_number, bucket_entry.c.record)
    .limit(bindparam("rows"))
)
_PLACE = itemgetter(0, 1)
"""Commit number and record of a row of the feed."""

_COUNT, _COUNT_WITHIN = _of_one_bucket(select(func.count()).select_from(bucket_entry))
_STORED = select(
    record.c.id, record.c.type, record.c.version, record.c.data, record.c.by_others, record.c.merged_into
).where(among_named(record.c.id))
_HOMES = (
    select(bucket_entry.c.record, bucket_entry.c.bucket)
    .where(among_named(bucket_entry.c.record), among_named(bucket_entry.c.bucket, "buckets"), bucket_entry.c.live)
    .order_by(bucket_entry.c.record, bucket_entry.c.bucket)
)


class _Page:
    """One page inside one snapshot."""

    def __init__(
        self,
        connection: Connection,
        types: Mapping[str, RecordType],
        author: Author,
        request: PullRequest,
        now: datetime,
    ) -> None:
        self.connection = connection
        self.types = types
        self.request = request
        self.now = now
        self.limit = PageLimit(max(1, min(request.limit.rows, ROWS_MAX)), max(1, min(request.limit.bytes, BYTES_MAX)))
        self.commit = commit_under(connection, history_of(types).current)
        self.states = bucket_states(connection, author.user)
        self.granted = list(self.states)
        self.cursors = {key: request.checkpoint.get(key, START) for key in self.granted}

    def reply(self) -> PullReply:
        """Collect the page, move the cursors and close with checksums when nothing is left."""
        stream, more = self._stream()
        tables, used = self._tables(stream)
        complete = not more and used == len(stream)
        return PullReply(
            epoch=self.request.epoch,
            commit=self.commit,
            server_time=rfc3339(self.now),
            checkpoint=self._checkpoint(None if complete else stream[used - 1]),
            add=sorted(key for key in self.granted if key not in self.request.checkpoint),
            drop=sorted(key for key in self.request.checkpoint if key not in self.states),
            tables=tables,
            remaining=self._remaining(0 if complete else used) if self.request.count else None,
            complete=complete,
            checksums=self._checksums() if complete else {},
        )

    def _behind(self) -> list[str]:
        """Return the buckets in which something may lie beyond the cursor; an idle pull asks no further."""
        return [
            key
            for key in self.granted
            if self.states[key].last_commit > self.cursors[key][0] or self.cursors[key][1] is not None
        ]

    def _stream(self) -> tuple[list[list[Row[Any]]], bool]:
        """Return the next records in feed order, each as its entries, and whether there are more than these."""
        wanted = self.limit.rows + 1
        feeds = [self._feed(key, wanted) for key in self._behind()]
        ordered = sorted(chain.from_iterable(feeds), key=_PLACE)
        records = [list(rows) for _, rows in groupby(ordered, key=_PLACE)]
        return records[: self.limit.rows], len(records) > self.limit.rows

    def _feed(self, key: str, rows: int) -> Sequence[Any]:
        commit, last = self.cursors[key]
        query = _FEED if last is None else _FEED_WITHIN
        return self.connection.execute(query, {"bucket": key, "commit": commit, "last": last, "rows": rows}).all()

    def _tables(self, stream: Sequence[Sequence[Any]]) -> tuple[list[Table], int]:
        """Return the page's tables and how many records of the stream fit; at least one does."""
        stored, homes, shape, loaded = self._load(stream)
        put: dict[str, list[Put]] = defaultdict(list)
        gone: dict[str, list[Gone]] = defaultdict(list)
        size = used = 0
        for rows in stream[:loaded]:
            row = stored[rows[0].record]
            if buckets := homes.pop(row.id, None):  # once on a page, though buckets may bring it at several places
                encoded = shape.encoded(row, buckets)
                size += len(encoded)
                if used and size > self.limit.bytes:
                    break
                put[row.type].append(cast(Put, msgspec.Raw(encoded)))
            for entry in rows:
                if not entry.live:
                    gone[row.type].append((entry.record, entry.commit_number, entry.bucket, entry.why))
            used += 1
        names = sorted(put.keys() | gone.keys())
        return [Table(name, shape.fields.get(name, []), put[name], gone[name]) for name in names], used

    def _load(self, stream: Sequence[Sequence[Any]]) -> tuple[dict[str, Any], dict[str, list[str]], "PageShape", int]:
        """Read records, some at a time, until they fill the page; of 2,000 rows at once most may not fit.

        Return them, their buckets, the shape of the page, and how many records of the stream were read.
        """
        stored: dict[str, Any] = {}
        homes: dict[str, list[str]] = {}
        shape = page_shape(self.types, self.request.schema)
        size = loaded = 0
        while loaded < len(stream) and size <= self.limit.bytes:
            portion = stream[loaded : loaded + ROWS_AT_ONCE]
            loaded += len(portion)
            rows = self._stored({entries[0].record for entries in portion})
            places = self._homes({entry.record for entries in portion for entry in entries if entry.live})
            shape.add(rows[record] for record in places)
            # At least so much: a field that only later rows have can but make these longer.
            size += sum(len(shape.encoded(rows[record], places[record])) for record in places)
            stored |= rows
            homes |= places
        return stored, homes, shape, loaded

    def _stored(self, records: Collection[str]) -> dict[str, Any]:
        return {row.id: row for row in self.connection.execute(_STORED, {"ids": records}).all()}

    def _homes(self, records: Collection[str]) -> dict[str, list[str]]:
        """Return, for each record, every granted bucket it lies in: what the device may see is their union."""
        homes: dict[str, list[str]] = defaultdict(list)
        for identifier, key in self.connection.execute(_HOMES, {"ids": records, "buckets": self.granted}).all():
            homes[identifier].append(key)
        return homes

    def _checkpoint(self, last: Sequence[Row[Any]] | None) -> dict[str, Cursor]:
        """Return the new cursors: the end of the page, or wherever a bucket already stands beyond it."""
        if last is None:
            return dict.fromkeys(self.granted, (self.commit, None))
        end: Cursor = (last[0].commit_number, last[0].record)
        return {key: max(cursor, end, key=_order) for key, cursor in self.cursors.items()}

    def _remaining(self, used: int) -> int:
        """Count what lies beyond this page, for a progress bar; asked for once, on the first page."""
        return max(0, sum(map(self._count, self._behind())) - used) if used else 0

    def _count(self, key: str) -> int:
        commit, last = self.cursors[key]
        query = _COUNT if last is None else _COUNT_WITHIN
        return int(self.connection.execute(query, {"bucket": key, "commit": commit, "last": last}).scalar_one())

    def _checksums(self) -> dict[str, tuple[int, int, str]]:
        return {key: (self.commit, state.checksum.count, state.checksum.hex) for key, state in self.states.items()}


class PageShape:
    """Which fields each type's rows have on a page, and each row as it travels, masked for its reader.

    A row is encoded to the bytes that go out; that is also how the page knows its size. It is done once, unless a later
    row has a field that none had before.
    """

    def __init__(self, types: Mapping[str, RecordType]) -> None:
        """Begin with no rows."""
        self._types = types
        self._used: dict[str, set[str]] = defaultdict(set)
        self._encoded: dict[str, bytes] = {}
        self._visible: dict[tuple[str, tuple[str, ...]], frozenset[str] | None] = {}
        self.fields: Mapping[str, list[str]] = {}

    def add(self, rows: Iterable[Any]) -> None:
        """Take stored rows that may be shown."""
        known = sum(map(len, self._used.values()))
        for row in rows:
            self._used[row.type].update(row.data)
            if row.merged_into:
                self._used[row.type].add(MERGED_INTO)
        if sum(map(len, self._used.values())) > known:
            self._encoded.clear()
            self._visible.clear()
            self.fields = {name: self._in_order(name, used) for name, used in self._used.items()}

    def encoded(self, row: Any, homes: list[str]) -> bytes:
        """Return one row as JSON: id, version, buckets, values in the order of ``fields``."""
        if (known := self._encoded.get(row.id)) is not None:
            return known
        data = self._shown(row, homes)
        if row.merged_into:
            data = {**data, MERGED_INTO: row.merged_into}
        encoded = _encode((row.id, row.version, homes, list(map(data.get, self.fields[row.type]))))
        self._encoded[row.id] = encoded
        return encoded

    def _shown(self, row: Any, homes: list[str]) -> Mapping[str, Any]:
        visible = self._visible_fields(row.type, tuple(homes))
        if visible is None or row.by_others:
            return seen_through(self._types[row.type], row.data, frozenset(row.by_others), homes)
        if visible.issuperset(row.data):
            return cast(Mapping[str, Any], row.data)
        return {name: value for name, value in row.data.items() if name in visible}

    def _visible_fields(self, name: str, homes: tuple[str, ...]) -> frozenset[str] | None:
        """Return the fields to be seen through some buckets; ``None`` where only the record itself can tell."""
        key = (name, homes)
        if key not in self._visible:
            kind, classes = self._types[name], classes_seen(homes)
            depends = any(spec.privacy_from for spec in kind.fields.values())
            undeclared = (
                frozenset(self._used[name]) - kind.fields.keys() if Privacy.PROTECTED in classes else frozenset()
            )
            self._visible[key] = None if depends else visible_fields(kind, classes) | undeclared
        return self._visible[key]

    def _in_order(self, name: str, used: set[str]) -> list[str]:
        declared = [field for field in self._types[name].fields if field in used]
        return declared + sorted(used.difference(declared))


class OlderPageShape(PageShape):
    """The page of a device whose schema is older than the centre's: in the fields and codes that it knows."""

    def __init__(self, types: Mapping[str, RecordType], schema: int) -> None:
        """Begin with no rows, for a device of this schema."""
        super().__init__(types)
        self._history, self._schema = history_of(types), schema

    def _in_order(self, name: str, used: set[str]) -> list[str]:
        if name == CONFLICT:  # an empty value of one field here may be one of a group there, which is told
            used = used | {"base_value", "central_value"}
        return fields_shown_to(self._history, name, super()._in_order(name, used), self._schema)

    def _shown(self, row: Any, homes: list[str]) -> Mapping[str, Any]:
        data = super()._shown(row, homes)
        return shown_to(self._history, self._types, row.type, data, self._schema)


def page_shape(types: Mapping[str, RecordType], schema: int) -> PageShape:
    """Return the shape of a page for a reader of this schema, still without rows."""
    return PageShape(types) if schema >= history_of(types).current else OlderPageShape(types, schema)


_CLOCK = select(clock.c.value, clock.c.schema)


def commit_under(connection: Connection, schema: int) -> int:
    """Return the last commit number of a store whose records are stored under this schema.

    :raises ServerBusy: they are stored under another one, until ``husec db upgrade`` has run.
    """
    number, stored = connection.execute(_CLOCK).one()
    if stored != schema:
        raise ServerBusy(retry_after_ms=60_000)
    return int(number)


def granted_buckets(connection: Connection, user: str) -> list[str]:
    """Return the buckets that a user may hold now, in order."""
    return list(bucket_states(connection, user))


_STATES = (
    select(bucket_grant.c.bucket, bucket.c.last_commit, bucket.c.live, bucket.c.checksum)
    .outerjoin_from(bucket_grant, bucket, bucket.c.key == bucket_grant.c.bucket)
    .where(bucket_grant.c.user == bindparam("user"), bucket_grant.c.until.is_(None))
)


def bucket_states(connection: Connection, user: str) -> dict[str, BucketState]:
    """Return the buckets that a user may hold now, in order, as they stand; nothing ever lay in some of them."""
    rows = sorted(connection.execute(_STATES, {"user": user}), key=lambda row: str(row.bucket))
    return {
        row.bucket: BucketState(row.last_commit, Checksum(row.live, int(row.checksum, 16))) if row.checksum else EMPTY
        for row in rows
    }


def _order(cursor: Cursor) -> tuple[int, bool, str]:
    """Sort key of cursors: all of a commit comes after any record of it."""
    commit, last = cursor
    return commit, last is None, last or ""
