"""Examine a device from its bytes up. Each check is one function; a new one is one line in ``CHECKS``."""

import hashlib
import shutil
from collections.abc import Callable, Iterator
from contextlib import suppress
from typing import NamedTuple

from field_kit import files, pages, search
from field_kit.checking import ask_for_check
from field_kit.checksums import Counter
from field_kit.database import Database
from field_kit.driver import DatabaseError
from field_kit.errors import StoreFull
from field_kit.home import key_path
from field_kit.identity import change_identity, read_identity
from field_kit.tally import Tally
from sync.sequence import LANES

SKEW_MS_MAX = 5 * 60 * 1000
FREE_BYTES_MIN = 200 * 1024 * 1024


class Finding(NamedTuple):
    """One check: its code, whether all is well, and what was seen."""

    code: str
    ok: bool
    detail: str = ""


SUSPICIOUS = frozenset({"pages_authentic", "tables_sound", "buckets_equal"})
"""Findings after which the next sync compares the contents as well."""


def examine(database: Database, *, repair: bool = False) -> list[Finding]:
    """Run every check; with ``repair``, fetch again what can be fetched and index again what is local."""
    findings = [finding for check in CHECKS for finding in _checked(check, database)]
    if any(finding.code in SUSPICIOUS and not finding.ok for finding in findings):
        with suppress(DatabaseError, StoreFull), database.transaction():
            ask_for_check(database)
    if repair and all(finding.ok for finding in findings if finding.code == "pages_authentic"):
        _repair(database, findings)
    return findings


def _checked(check: Callable[[Database], Iterator[Finding]], database: Database) -> list[Finding]:
    """Run one check; one that the damage itself stops has found something wrong."""
    try:
        return list(check(database))
    except (DatabaseError, StoreFull) as damaged:
        return [Finding(check.__name__, ok=False, detail=str(damaged))]


def contents_equal(tally: Tally) -> Finding:
    """Say what the deep check of a sync found."""
    return Finding("contents_equal", not tally.damaged, ", ".join(tally.damaged))


def pages_authentic(database: Database) -> Iterator[Finding]:
    """Check that every page of the file still carries its authentication code."""
    broken = [str(row[0]) for row in database.rows("PRAGMA cipher_integrity_check")]
    yield Finding("pages_authentic", not broken, "; ".join(broken[:3]))


def tables_sound(database: Database) -> Iterator[Finding]:
    """Check that SQLite finds its tables and indexes consistent."""
    found = [str(row[0]) for row in database.rows("PRAGMA integrity_check")]
    yield Finding("tables_sound", found == ["ok"], "" if found == ["ok"] else "; ".join(found[:3]))


def log_dense(database: Database) -> Iterator[Finding]:
    """Check that the numbers of each lane that have no answer yet follow one another without a gap."""
    for lane in LANES:
        first, last, count = database.rows(
            """SELECT min(seq), max(seq), count(*) FROM mutation WHERE lane = ?
            AND seq >= (SELECT min(seq) FROM mutation WHERE lane = ? AND unanswered = 1)""",
            (lane, lane),
        )[0]
        yield Finding(f"log_dense_{lane}", not count or last - first + 1 == count, f"{count}")


def buckets_equal(database: Database) -> Iterator[Finding]:
    """Check that what each bucket holds adds up to the checksum kept for it."""
    kept = "SELECT bucket, live, checksum FROM checkpoint ORDER BY bucket"
    before = database.rows(kept)
    with database.transaction():
        Counter.recount(database, [bucket for bucket, _, _ in before])
        after = database.rows(kept)
    wrong = [old[0] for old, new in zip(before, after, strict=True) if old != new]
    yield Finding("buckets_equal", not wrong, ", ".join(wrong))


_READABLE = "SELECT attachment, sha256 FROM file WHERE state <> 'sealed' ORDER BY attachment"


def files_whole(database: Database) -> Iterator[Finding]:
    """Check that the bytes of every photo kept here still have their hash."""
    wrong = [
        attachment
        for attachment, sha256 in database.rows(_READABLE)
        if hashlib.sha256(files.content_of(database, attachment)).hexdigest() != sha256
    ]
    yield Finding("files_whole", not wrong, ", ".join(wrong))


def index_complete(database: Database) -> Iterator[Finding]:
    """Check that the search index agrees with its texts."""
    with database.transaction():
        database.execute("INSERT INTO search (search, rank) VALUES ('integrity-check', 1)")
    yield Finding("index_complete", ok=True)


def clock_right(database: Database) -> Iterator[Finding]:
    """Check that the clock agrees with the centre's; a wrong one harms nothing but what is shown."""
    offset = read_identity(database).clock_offset_ms or 0
    yield Finding("clock_right", abs(offset) <= SKEW_MS_MAX, f"{offset} ms")


def room_left(database: Database) -> Iterator[Finding]:
    """Check that there is room for more photos."""
    free = shutil.disk_usage(database.path.parent).free
    yield Finding("room_left", free >= FREE_BYTES_MIN, f"{free // 1024 // 1024} MB")


def key_recoverable(database: Database) -> Iterator[Finding]:
    """Check that the data key is also sealed to the centre, for a forgotten passphrase."""
    text = key_path(database.path).read_text() if key_path(database.path).exists() else ""
    yield Finding("key_recoverable", '"centre"' in text)


CHECKS: tuple[Callable[[Database], Iterator[Finding]], ...] = (
    pages_authentic,
    tables_sound,
    log_dense,
    buckets_equal,
    files_whole,
    index_complete,
    clock_right,
    room_left,
    key_recoverable,
)


def _repair(database: Database, findings: list[Finding]) -> None:
    wrong = {finding.code: finding for finding in findings if not finding.ok}
    if "buckets_equal" in wrong or "tables_sound" in wrong:
        pages.refetch(database, list(pages.read_checkpoint(database)))
    if "index_complete" in wrong:
        _index_anew(database)


def _index_anew(database: Database) -> None:
    with database.transaction():
        database.execute("INSERT INTO search (search) VALUES ('rebuild')")  # so that what is deleted next is there
        database.execute("DELETE FROM searchable")
        database.execute("INSERT OR IGNORE INTO search_due SELECT id FROM record UNION SELECT record FROM mutation")
        change_identity(database, search_unclean=True)
    search.index_due(database)
