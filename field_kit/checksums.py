"""Bucket checksums on the device, kept by adding and subtracting what a page changes."""

from collections.abc import Iterable, Sequence
from typing import Any

import msgspec

from field_kit.database import Database
from sync.checksum import MODULUS, Checksum, entry_hash

_LIVE = """SELECT membership.bucket, record.id, record.version FROM record
    JOIN membership ON membership.record = record.id"""


class Counter:
    """Counts what the records of a page add to every bucket, before it and after it."""

    def __init__(self, database: Database, records: Sequence[str]) -> None:
        self._database = database
        rows = self._rows(records)
        self._known = {record for _, record, _ in rows}
        self._before = _sums(rows)

    def add_changes(self, put: Iterable[tuple[str, int, list[str]]]) -> None:
        """Add the difference to the buckets that are still held.

        ``put`` are (record, version, buckets) of the page's rows: of records new to the device they say everything. A
        record may come twice on a page.
        """
        new = {
            (bucket, record, version) for record, version, homes in put if record not in self._known for bucket in homes
        }
        after = _sums([*self._rows(sorted(self._known)), *new])
        differences = [
            (*_difference(after.get(bucket, (0, 0)), self._before.get(bucket, (0, 0))), bucket)
            for bucket in sorted({*after, *self._before})
        ]
        _add(self._database, differences)

    def _rows(self, records: Sequence[str]) -> list[tuple[Any, ...]]:
        listed = msgspec.json.encode(records).decode()
        return self._database.rows(f"{_LIVE} WHERE record.id IN (SELECT value FROM json_each(?))", (listed,))

    @staticmethod
    def recount(database: Database, buckets: Iterable[str]) -> None:
        """Count some buckets from their rows, in one walk over all."""
        sums = _sums(database.connection.execute(_LIVE))
        for bucket in buckets:
            count, total = sums.get(bucket, (0, 0))
            _write(database, bucket, Checksum(count, total % MODULUS))


def _sums(rows: Iterable[tuple[Any, ...]]) -> dict[str, tuple[int, int]]:
    sums: dict[str, tuple[int, int]] = {}
    hashes: dict[str, int] = {}
    for bucket, record, version in rows:
        if record not in hashes:
            hashes[record] = entry_hash(record, version)
        count, total = sums.get(bucket, (0, 0))
        sums[bucket] = count + 1, total + hashes[record]
    return sums


def _difference(after: tuple[int, int], before: tuple[int, int]) -> tuple[int, int]:
    return after[0] - before[0], after[1] - before[1]


def _add(database: Database, differences: Sequence[tuple[int, int, str]]) -> None:
    for count, total, bucket in differences:
        held = database.row("SELECT live, checksum FROM checkpoint WHERE bucket = ?", (bucket,))
        if held and (count or total):
            _write(database, bucket, Checksum(held[0] + count, (int(held[1], 16) + total) % MODULUS))


def _write(database: Database, bucket: str, found: Checksum) -> None:
    database.execute("UPDATE checkpoint SET live = ?, checksum = ? WHERE bucket = ?", (found.count, found.hex, bucket))
