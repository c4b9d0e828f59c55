"""Carry somebody's sealed work to the centre: keep it as it is, leave it there at the next sync, read nothing of it."""

from collections.abc import Iterable, Iterator
from functools import partial
from hashlib import sha256
from pathlib import Path

from field_kit.database import Database
from field_kit.errors import NotSealedWork, ServerRefused
from field_kit.identity import read_identity
from field_kit.session import Session
from field_kit.surroundings import Surroundings
from sync.errors import NotPermitted, PayloadTooLarge, TooManyRequests, ValidationFailed
from sync.instants import rfc3339
from sync.unsent import NoSealedFile, parts_of

NOT_NOW = (NotPermitted, PayloadTooLarge, TooManyRequests, ValidationFailed, ServerRefused)
"""Refusals of one delivery; it stays here, and the rest of the sync goes on."""


def carry(database: Database, path: Path, surroundings: Surroundings) -> int:
    """Keep the parts of a sealed file; return how many were not here yet.

    :raises NotSealedWork: when it is no such file, or part of it is missing; nothing is kept.
    """
    try:
        parts = parts_of(path.read_bytes())
    except NoSealedFile:
        raise NotSealedWork(name=path.name) from None
    before = waiting(database)
    with database.transaction():
        keep(database, parts, rfc3339(surroundings.now()))
    return waiting(database) - before


def keep(database: Database, parts: Iterable[bytes], now: str) -> None:
    """Keep sealed parts to be delivered, inside the caller's transaction."""
    database.executemany(
        "INSERT OR IGNORE INTO carried (sha256, content, kept_at) VALUES (?, ?, ?)",
        ((sha256(part).hexdigest(), part, now) for part in parts),
    )


def waiting(database: Database) -> int:
    """Return how many sealed parts are carried."""
    return int(database.value("SELECT count(*) FROM carried"))


def contents(database: Database) -> Iterator[bytes]:
    """Yield the sealed parts that are carried."""
    for (digest,) in database.rows("SELECT sha256 FROM carried ORDER BY kept_at, rowid"):
        yield _content(database, digest)


def deliver(session: Session) -> None:
    """Leave what is carried at the centre; what it does not take now stays for the next time."""
    database = session.database
    for (digest,) in database.rows("SELECT sha256 FROM carried ORDER BY kept_at, rowid"):
        content = database.value("SELECT content FROM carried WHERE sha256 = ?", (digest,))
        epoch = read_identity(database).epoch
        # nothing: another sync of this device was quicker
        if content is not None and session.patiently(partial(_left, session, bytes(content))):
            with session.storing(epoch) as current:
                if current:
                    database.execute("DELETE FROM carried WHERE sha256 = ?", (digest,))
                    session.tally.delivered += 1


def _left(session: Session, content: bytes) -> bool:
    """Leave one part. A centre whose staff have too much to look at says so for hours: nobody waits for that here."""
    try:
        session.transport.deliver(content)
    except NOT_NOW:
        return False
    return True


def _content(database: Database, digest: str) -> bytes:
    return bytes(database.value("SELECT content FROM carried WHERE sha256 = ?", (digest,)))
