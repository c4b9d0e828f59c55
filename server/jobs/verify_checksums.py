"""Hold the checksum of every bucket, which is kept by adding and subtracting, against its entries."""

import logging
from collections.abc import Iterator
from datetime import datetime
from itertools import groupby

from sqlalchemy import Connection, select

from server.centre import Centre
from server.metrics import WRONG_BUCKETS
from server.models.engine import reading
from server.models.sync_tables import bucket, bucket_entry, record
from sync.checksum import Checksum, checksum

LOG = logging.getLogger("husec")

ROWS_AT_ONCE = 10_000


def run(centre: Centre, now: datetime) -> str:
    """Compare every bucket in one snapshot; a wrong one is logged and counted."""
    with reading(centre.engine) as connection:
        wrong = list(wrong_buckets(connection))
        count = len(connection.execute(select(bucket.c.key)).all())
    WRONG_BUCKETS.set(len(wrong))
    for key in wrong:
        LOG.error("the checksum of a bucket is wrong", extra={"facts": {"kind": key.partition(":")[0]}})
    return f"{count} buckets compared, {len(wrong)} wrong"


def wrong_buckets(connection: Connection) -> Iterator[str]:
    """Yield the buckets whose kept checksum differs from that of their live entries."""
    kept = {
        row.key: Checksum(row.live, int(row.checksum, 16)) for row in connection.execute(select(bucket).order_by("key"))
    }
    entries = (
        select(bucket_entry.c.bucket, bucket_entry.c.record, record.c.version)
        .join(record, record.c.id == bucket_entry.c.record)
        .where(bucket_entry.c.live)
        .order_by(bucket_entry.c.bucket, bucket_entry.c.record)
        .execution_options(yield_per=ROWS_AT_ONCE)
    )
    for key, rows in groupby(connection.execute(entries), key=lambda row: row.bucket):
        if checksum((row.record, row.version) for row in rows) != kept.pop(key, Checksum()):
            yield str(key)
    yield from (key for key, left in kept.items() if left != Checksum())
