"""The deep check: whether buckets hold on a device, byte for byte, what the centre would send it now."""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from datetime import datetime
from typing import Any

import msgspec
from sqlalchemy import Connection, Engine, exists, or_, select

from schemas.base import RecordType
from server.models.engine import reading
from server.models.sync_tables import bucket, bucket_entry, bucket_grant, clock, record
from server.store.among import among
from server.store.author import Author
from server.store.epochs import check_epoch, current_epoch
from server.store.pull import granted_buckets, page_shape
from sync.checksum import Checksum, content_checksum
from sync.instants import rfc3339
from sync.messages import CheckReply, CheckRequest

EQUAL, DIFFERS, MOVED_ON = "equal", "differs", "moved_on"

ROWS_AT_ONCE = 1_000


def check(
    engine: Engine, types: Mapping[str, RecordType], author: Author, request: CheckRequest, now: datetime
) -> CheckReply:
    """Compare what a device holds with what it would be sent now, bucket by bucket, from one snapshot.

    :raises EpochChanged: the store was restored since.
    """
    with reading(engine) as connection:
        check_epoch(connection, request.epoch)
        found = _Check(connection, types, author, request)
        return CheckReply(
            epoch=current_epoch(connection),
            commit=int(connection.execute(select(clock.c.value)).scalar_one()),
            server_time=rfc3339(now),
            buckets={key: found.state(key) for key in sorted(request.buckets)},
        )


class _Check:
    """One request inside one snapshot."""

    def __init__(
        self, connection: Connection, types: Mapping[str, RecordType], author: Author, request: CheckRequest
    ) -> None:
        self.connection = connection
        self.types = types
        self.request = request
        self.granted = granted_buckets(connection, author.user)
        self.regranted = self._regranted(author.user)

    def state(self, key: str) -> str:
        """Tell how one bucket stands. A difference counts only where nothing has changed that the device knows of."""
        if self.regranted or key not in self.granted or self._moved_on(key):
            return MOVED_ON
        count, total = self.request.buckets[key]
        if self._content(key) == Checksum(count, int(total, 16)):
            return EQUAL
        return MOVED_ON if self._touched_elsewhere(key) else DIFFERS

    def _regranted(self, user: str) -> bool:
        since = or_(bucket_grant.c.since > self.request.commit, bucket_grant.c.until > self.request.commit)
        query = select(exists().where(bucket_grant.c.user == user, since))
        return bool(self.connection.execute(query).scalar_one())

    def _moved_on(self, key: str) -> bool:
        last = self.connection.execute(select(bucket.c.last_commit).where(bucket.c.key == key)).scalar()
        return (last or 0) > self.request.commit

    def _touched_elsewhere(self, key: str) -> bool:
        """Tell whether a record of the bucket came into or left another one since, and so shows another part."""
        other = bucket_entry.alias("other")
        query = select(
            exists()
            .where(bucket_entry.c.bucket == key, bucket_entry.c.live, other.c.record == bucket_entry.c.record)
            .where(among(other.c.bucket, self.granted), other.c.commit_number > self.request.commit)
        )
        return bool(self.connection.execute(query).scalar_one())

    def _content(self, key: str) -> Checksum:
        total = Checksum()
        for rows in self._rows(key):
            part = content_checksum(self._shown(rows))
            total = Checksum(total.count + part.count, (total.total + part.total) % (1 << 64))
        return total

    def _rows(self, key: str) -> Iterator[Sequence[Any]]:
        """Yield the records of a bucket, so many at a time."""
        after = ""
        while True:
            query = (
                select(record)
                .join(bucket_entry, bucket_entry.c.record == record.c.id)
                .where(bucket_entry.c.bucket == key, bucket_entry.c.live, bucket_entry.c.record > after)
                .order_by(bucket_entry.c.record)
                .limit(ROWS_AT_ONCE)
            )
            rows = self.connection.execute(query).all()
            if not rows:
                return
            yield rows
            after = rows[-1].id

    def _shown(self, rows: Sequence[Any]) -> Iterable[tuple[str, int, dict[str, Any]]]:
        """Yield records as a page of a pull would bring them: made by the same code, read as a device reads it."""
        shape = page_shape(self.types, self.request.schema)
        shape.add(rows)
        homes = self._homes([row.id for row in rows])
        for row in rows:
            id_, version, _, values = msgspec.json.decode(shape.encoded(row, homes[row.id]))
            yield id_, version, dict(zip(shape.fields[row.type], values, strict=True))

    def _homes(self, records: Sequence[str]) -> dict[str, list[str]]:
        query = (
            select(bucket_entry.c.record, bucket_entry.c.bucket)
            .where(
                among(bucket_entry.c.record, records), among(bucket_entry.c.bucket, self.granted), bucket_entry.c.live
            )
            .order_by(bucket_entry.c.record, bucket_entry.c.bucket)
        )
        homes: dict[str, list[str]] = {each: [] for each in records}
        for record_, key in self.connection.execute(query).all():
            homes[record_].append(key)
        return homes
