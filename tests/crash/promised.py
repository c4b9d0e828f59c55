"""What was promised: outcomes of a push, finished uploads, enrolments; and whether the centre's tables still say so.

Looked at with SQL of its own, which shares nothing with the code that wrote the tables.
"""

import json
import threading
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from hashlib import sha256
from itertools import islice
from pathlib import Path
from typing import Any, NamedTuple

from sqlalchemy import Connection, bindparam, text

from server.models.engine import make_engine, reading
from sync.messages import MutationOutcome

AT_ONCE = 400
HELD = "held"


class Place(NamedTuple):
    """Where a mutation stands in what a device sends."""

    device: str
    incarnation: str
    lane: str
    seq: int


class Promise(NamedTuple):
    """One acknowledged mutation, as the first reply that was read says it."""

    place: Place
    outcome: str
    code: str | None
    commit: int


@dataclass
class Promises:
    """The journal of everything that was acknowledged. Kept outside of what is killed."""

    outcomes: dict[str, Promise] = field(default_factory=dict)
    unchecked: list[str] = field(default_factory=list)
    held: dict[str, dict[str, Any]] = field(default_factory=dict)
    """record -> what it must hold when nothing is on its way: records that one device alone changes."""
    files: dict[str, str] = field(default_factory=dict)
    devices: dict[str, str] = field(default_factory=dict)
    """device -> token"""
    broken: list[str] = field(default_factory=list)
    heard: threading.Event = field(default_factory=threading.Event)
    """Set whenever something new was acknowledged: just then a promise can be broken most easily."""
    lock: threading.Lock = field(default_factory=threading.Lock)

    def acknowledge(self, place: Place, told: MutationOutcome) -> None:
        """Remember an outcome; a later one for the same mutation must be the same, but for what was held."""
        promise = Promise(place, told.outcome, told.code, told.commit)
        with self.lock:
            before = self.outcomes.setdefault(told.id, promise)
            if before is promise:
                self.unchecked.append(told.id)
                self.heard.set()
            elif before != promise and before.outcome != HELD:
                self.broken.append(f"mutation {told.id} was {before}, sent again it is {promise}")

    def expect(self, record: str, data: dict[str, Any]) -> None:
        """Remember what a record must hold, now that the edit is acknowledged."""
        with self.lock:
            self.held.setdefault(record, {}).update(data)

    def take_unchecked(self) -> list[str]:
        """Return what was promised since the last look."""
        with self.lock:
            found, self.unchecked = self.unchecked, []
            return found


Check = Callable[[Connection, "Promises", Path], Iterator[str]]


def problems_of(url: str, promises: Promises, blobs: Path, checks: Sequence[Check] | None = None) -> list[str]:
    """Look once at the centre's tables, from one snapshot; by default in every way, when nothing is on its way.

    The connection ends with the look: one that stayed open would spare the centre the recovery of its file.
    """
    engine = make_engine(url)
    try:
        with reading(engine) as connection:
            return [problem for check in checks or CHECKS for problem in check(connection, promises, blobs)]
    finally:
        engine.dispose()


def missing_outcomes(connection: Connection, promises: Promises, ids: Iterable[str]) -> Iterator[str]:
    """Yield the acknowledged mutations of which the ledger does not say what was said."""
    waiting = iter(ids)
    while some := list(islice(waiting, AT_ONCE)):
        found = {row.id: row for row in in_ledger(connection, some)}
        for each in some:
            promise, row = promises.outcomes[each], found.get(each)
            if row is None:
                yield f"mutation {each}, acknowledged as {promise.outcome}, is not in the ledger"
                continue
            said = Promise(
                Place(row.device, row.incarnation, row.lane, row.seq), row.outcome, row.code, row.commit_number
            )
            if said != promise and HELD not in (promise.outcome, row.outcome):
                yield f"mutation {each} was acknowledged as {promise}, the ledger says {said}"


def in_ledger(connection: Connection, ids: list[str]) -> Any:
    """Return the first rows of mutations."""
    query = text(
        "SELECT id, device, incarnation, lane, seq, outcome, code, commit_number FROM mutation"
        " WHERE NOT repeat AND id IN :ids"
    ).bindparams(bindparam("ids", expanding=True))
    return connection.execute(query, {"ids": ids})


def new_outcomes(connection: Connection, promises: Promises, blobs: Path) -> Iterator[str]:
    yield from missing_outcomes(connection, promises, promises.take_unchecked())


def all_outcomes(connection: Connection, promises: Promises, blobs: Path) -> Iterator[str]:
    yield from missing_outcomes(connection, promises, list(promises.outcomes))
    yield from promises.broken


def dense_lanes(connection: Connection, promises: Promises, blobs: Path) -> Iterator[str]:
    """Yield lanes whose numbers do not follow one another, or that end elsewhere than the centre believes."""
    sql = """SELECT m.device, m.incarnation, m.lane, min(m.seq) AS first, max(m.seq) AS last, count(*) AS count,
        max(l.last_seq) AS kept FROM mutation m LEFT JOIN device_lane l
        ON l.device = m.device AND l.incarnation = m.incarnation AND l.lane = m.lane
        WHERE m.seq IS NOT NULL GROUP BY m.device, m.incarnation, m.lane"""
    for row in connection.execute(text(sql)):
        if not (row.first == 1 and row.last == row.count == row.kept):
            yield f"lane {tuple(row)} has a gap"


def nothing_twice(connection: Connection, promises: Promises, blobs: Path) -> Iterator[str]:
    """Yield mutations that took effect twice: two rows that are not marked as a repeat, two creations of a record."""
    rows = connection.execute(text("SELECT id FROM mutation WHERE NOT repeat GROUP BY id HAVING count(*) > 1"))
    yield from (f"mutation {row.id} is in the ledger twice" for row in rows)
    changed = "NOT repeat AND op = 'create' AND outcome IN ('applied', 'merged', 'conflicted')"
    rows = connection.execute(text(f"SELECT record FROM mutation WHERE {changed} GROUP BY record HAVING count(*) > 1"))
    yield from (f"record {row.record} was created twice" for row in rows)


def effects_present(connection: Connection, promises: Promises, blobs: Path) -> Iterator[str]:
    """Yield records that do not hold what was acknowledged about them."""
    stored = {row.id: row for row in connection.execute(text("SELECT id, data FROM record WHERE NOT deleted"))}
    for record, wanted in promises.held.items():
        row = stored.get(record)
        if row is None:
            yield f"record {record} is not there"
            continue
        data = row.data if isinstance(row.data, dict) else json.loads(row.data)
        wrong = sorted(name for name, value in wanted.items() if data.get(name) != value)
        if wrong:
            yield f"record {record} lacks what was put into {', '.join(wrong)}"


def buckets_add_up(connection: Connection, promises: Promises, blobs: Path) -> Iterator[str]:
    """Yield buckets whose kept count and sum are not those of their live entries."""
    sums: dict[str, list[int]] = {}
    sql = "SELECT e.bucket, e.record, r.version FROM bucket_entry e JOIN record r ON r.id = e.record WHERE e.live"
    for row in connection.execute(text(sql)):
        kept = sums.setdefault(row.bucket, [0, 0])
        kept[0] += 1
        kept[1] += int.from_bytes(sha256(f"{row.record}:{row.version}".encode()).digest()[:8], "big")
    for row in connection.execute(text("SELECT key, live, checksum FROM bucket")):
        count, total = sums.pop(row.key, [0, 0])
        if (count, f"{total % 2**64:016x}") != (row.live, row.checksum):
            yield f"bucket {row.key} says {row.live} {row.checksum}, its entries are {count}"
    yield from (f"bucket {key} has entries and no sum" for key in sums)


def files_whole(connection: Connection, promises: Promises, blobs: Path) -> Iterator[str]:
    """Yield finished uploads whose bytes are not all there."""
    finished = {
        row.attachment for row in connection.execute(text("SELECT * FROM upload WHERE finished_at IS NOT NULL"))
    }
    for attachment, digest in promises.files.items():
        path = blobs / digest[:2] / digest
        whole = path.exists() and sha256(path.read_bytes()).hexdigest() == digest
        if not whole or attachment not in finished:
            state = "whole" if whole else "lost"
            yield f"file of attachment {attachment}: bytes {state}, known as finished: {attachment in finished}"


def devices_known(connection: Connection, promises: Promises, blobs: Path) -> Iterator[str]:
    """Yield enrolments that were answered and are not there."""
    sql = "SELECT d.id, t.sha256 FROM device d JOIN token t ON t.device = d.id WHERE t.revoked_at IS NULL"
    known = {row.id: row.sha256 for row in connection.execute(text(sql))}
    for device, token in promises.devices.items():
        if known.get(device) != sha256(token.encode()).hexdigest():
            yield f"device {device} was enrolled and its token is not known"


def file_sound(connection: Connection, promises: Promises, blobs: Path) -> Iterator[str]:
    """Yield what SQLite finds wrong with its file."""
    if connection.dialect.name == "sqlite":
        said = connection.exec_driver_sql("PRAGMA integrity_check").scalars().all()
        yield from (f"integrity_check: {each}" for each in said if each != "ok")


CHECKS = (
    file_sound,
    all_outcomes,
    dense_lanes,
    nothing_twice,
    effects_present,
    buckets_add_up,
    files_whole,
    devices_known,
)

AFTER_EACH_DEATH: Sequence[Check] = (new_outcomes,)
NOW_AND_THEN: Sequence[Check] = (file_sound, dense_lanes, nothing_twice, buckets_add_up)
"""What holds at every moment, also while edits are on their way."""
