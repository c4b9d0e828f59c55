"""The deep check: is what lies here, byte for byte, what the centre would send? Weekly, and after anything suspicious.

Buckets that differ are fetched again from their beginning; what was typed here is not touched by it.
"""

from collections.abc import Sequence
from datetime import datetime, timedelta
from functools import partial
from hashlib import sha256
from typing import Any

import msgspec

from field_kit import pages
from field_kit.database import Database
from field_kit.errors import ServerRefused, Unreachable
from field_kit.identity import Identity, change_identity, read_identity
from field_kit.pulling import pull
from field_kit.session import Session
from sync.checksum import MODULUS, Checksum, content_hash
from sync.errors import ServerBusy, TooManyRequests
from sync.instants import parsed, rfc3339
from sync.messages import CheckRequest
from sync.version import PROTOCOL_VERSION

EVERY = timedelta(days=7)

UNKNOWN_THERE = frozenset({"not_found", "method_not_allowed"})
"""What a centre of an earlier time answers."""

_decode = msgspec.json.Decoder(dict[str, Any]).decode


def begin(session: Session) -> None:
    """Note that a sync is under way; one that never noted its end was killed, and what it left is checked."""
    with session.database.transaction():
        killed = read_identity(session.database).syncing
        change_identity(session.database, syncing=True, **({"check_due": True} if killed else {}))


def end(session: Session) -> None:
    """Note that a sync came to an end, good or bad."""
    with session.database.transaction():
        change_identity(session.database, syncing=False)


def ask_for_check(database: Database) -> None:
    """Let the next sync check the contents; inside the caller's transaction."""
    change_identity(database, check_due=True)


def check_if_due(session: Session) -> None:
    """Check the contents when it is time; fetch again what differs. After a complete pull only."""
    database, now = session.database, session.surroundings.now()
    identity = read_identity(database)
    if identity.checked_at is None and not identity.check_due:
        _note(session, [])  # everything has just been fetched
        return
    if not _is_due(identity, now):
        return
    if (request := check_request(database)) is None:
        return
    ask = partial(session.transport.check, request)
    try:
        reply = session.patiently(ask) if identity.check_due else ask()
    except (ServerBusy, TooManyRequests, Unreachable):
        if identity.check_due:
            raise
        return  # what is only routine waits for the next sync
    except ServerRefused as refused:
        if refused.facts["server_code"] not in UNKNOWN_THERE:
            raise
        _note(session, [])
        return
    found = {state: [key for key, said in reply.buckets.items() if said == state] for state in ("differs", "moved_on")}
    _note(session, found["moved_on"])
    if found["differs"]:
        session.tally.damaged = sorted({*session.tally.damaged, *found["differs"]})
        pages.refetch(database, found["differs"])
        pull(session)


def _is_due(identity: Identity, now: datetime) -> bool:
    last = parsed(identity.checked_at or "")
    return identity.check_due or bool(identity.check_again) or last is None or abs(now - last) >= EVERY


def _note(session: Session, again: Sequence[str]) -> None:
    """Write down that the contents were checked, but for some buckets that have moved on meanwhile."""
    with session.database.transaction():
        at = rfc3339(session.surroundings.now())
        change_identity(session.database, checked_at=at, check_due=False, check_again=list(again))


def check_request(database: Database) -> CheckRequest | None:
    """Return what this device holds; ``None`` while it is in the middle of a pull."""
    with database.snapshot():
        identity = read_identity(database)
        held = database.rows("SELECT bucket, commit_number, record, refetch FROM checkpoint ORDER BY bucket")
        commits = {commit for _, commit, _, _ in held}
        if not held or len(commits) > 1 or any(record or refetch for _, _, record, refetch in held):
            return None
        wanted = {bucket for bucket, *_ in held}
        if identity.check_again and not identity.check_due:
            wanted &= set(identity.check_again)
        sums = contents(database)
    found = {bucket: sums.get(bucket, Checksum()) for bucket in sorted(wanted)}
    return CheckRequest(
        protocol=PROTOCOL_VERSION,
        epoch=identity.epoch,
        device=identity.device,
        schema=database.history.current,
        commit=commits.pop(),
        buckets={bucket: (each.count, each.hex) for bucket, each in found.items()},
    )


def contents(database: Database) -> dict[str, Checksum]:
    """Return the content checksum of every bucket that holds something."""
    sums: dict[str, tuple[int, int]] = {}
    for record, version, data, buckets in database.connection.execute(
        """SELECT record.id, record.version, record.data, json_group_array(membership.bucket) FROM record
        JOIN membership ON membership.record = record.id GROUP BY record.id"""
    ):
        hashed = _hash(record, version, data)
        for bucket in msgspec.json.decode(buckets):
            count, total = sums.get(bucket, (0, 0))
            sums[bucket] = count + 1, (total + hashed) % MODULUS
    return {bucket: Checksum(*found) for bucket, found in sums.items()}


def _hash(record: str, version: int, data: str) -> int:
    """Return the hash of a stored row; one so damaged that it cannot be read is like nothing the centre has."""
    try:
        return content_hash(record, version, _decode(data))
    except (msgspec.MsgspecError, ValueError):
        return int.from_bytes(sha256(f"damaged:{record}".encode()).digest()[:8], "big")
