"""The feed: where every record lies, in which order, and the sums of each bucket: promises 13, 17 and 22."""

from collections import defaultdict
from functools import lru_cache
from hashlib import sha256
from typing import NamedTuple

from tests.simulation.fleet import Backup, Fleet, Violation


class Entry(NamedTuple):
    """One row of the feed."""

    commit: int
    since: int
    live: bool


class Central:
    """The feed has each record exactly where the whole of the data says, never goes back, and counts right."""

    def __init__(self) -> None:
        self._commits = -1
        self._feed: dict[tuple[str, str], Entry] = {}

    def restored(self, fleet: Fleet, made: Backup) -> None:
        self._feed, self._commits = {}, -1

    def check(self, fleet: Fleet) -> None:
        if self._commits == fleet.headquarters.commits:
            return
        self._commits = fleet.headquarters.commits
        rows = fleet.headquarters.rows("SELECT bucket, record, commit_number, since, live FROM bucket_entry")
        feed = {(row[0], row[1]): Entry(row[2], row[3], bool(row[4])) for row in rows}
        if feed != self._feed:
            _goes_forward(self._feed, feed, fleet.sight.commit)
            self._feed = feed
            _has_every_version(fleet, feed)
            _counted_right(fleet, feed)
        _lies_where_it_should(fleet)

    def at_peace(self, fleet: Fleet) -> None:
        self.check(fleet)


def _lies_where_it_should(fleet: Fleet) -> None:
    """13: exactly where the data says; a live record lies somewhere."""
    wanted, found = fleet.sight.places, fleet.sight.feed
    if wanted == found:
        return
    for record in sorted({*wanted, *found}):
        if wanted.get(record) != found.get(record):
            kind, there = fleet.sight.records[record].type, found.get(record, frozenset())
            more, less = there - wanted.get(record, frozenset()), wanted.get(record, frozenset()) - there
            what = f"{kind} {record[-6:]} lies in {sorted(more)} too, and not in {sorted(less)}"
            raise Violation("13 everything lies where it should", what)


def _goes_forward(before: dict[tuple[str, str], Entry], now: dict[tuple[str, str], Entry], commit: int) -> None:
    """17: what left stays on record for ever; 7: whatever changes comes after all that any cursor has passed."""
    for key, was in before.items():
        entry = now.get(key)
        if entry is None:
            raise Violation("17 what left stays on record", f"{key[1][-6:]} of {key[0]} is no longer in the feed")
        if entry != was and (entry.commit < was.commit or (entry.live != was.live and entry.commit == was.commit)):
            raise Violation("7 the feed goes forward", f"{key[1][-6:]} of {key[0]}: {was} became {entry}")
    for key, entry in now.items():
        if not entry.since <= entry.commit <= commit:
            raise Violation("7 the feed goes forward", f"{key[1][-6:]} of {key[0]}: {entry} at commit {commit}")


def _has_every_version(fleet: Fleet, feed: dict[tuple[str, str], Entry]) -> None:
    """7: a record's last change is in the feed of every bucket in which it lies."""
    records = fleet.sight.records
    for (bucket, record), entry in feed.items():
        if entry.live and (entry.commit < records[record].version or records[record].deleted):
            what = f"{records[record].type} {record[-6:]} of {records[record].version} in {bucket}: {entry}"
            raise Violation("7 the feed has every change", what)


def _counted_right(fleet: Fleet, feed: dict[tuple[str, str], Entry]) -> None:
    """22: count and sum of each bucket are those of what lies in it."""
    records = fleet.sight.records
    counted: dict[str, list[int]] = defaultdict(lambda: [0, 0])
    for (bucket, record), entry in feed.items():
        if entry.live:
            counted[bucket][0] += 1
            counted[bucket][1] += _hash(record, records[record].version)
    for bucket, live, total in fleet.headquarters.rows("SELECT key, live, checksum FROM bucket"):
        count, wanted = counted.pop(bucket, (0, 0))
        if (live, int(total, 16)) != (count, wanted % 2**64):
            raise Violation("22 sums are those of what is there", f"{bucket} says {live} rows, and has {count}")
    if counted:
        raise Violation("22 sums are those of what is there", f"{min(counted)} has rows and no sum")


@lru_cache(maxsize=20_000)
def _hash(record: str, version: int) -> int:
    return int.from_bytes(sha256(f"{record}:{version}".encode()).digest()[:8], "big")
