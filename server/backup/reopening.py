"""What a restored database must learn before it may open: its new epoch, and what the register says was done since."""

from dataclasses import asdict, dataclass
from datetime import datetime
from pathlib import Path

from sqlalchemy import Connection, delete, insert, select, update

from server import erasure
from server.auth import devices
from server.backup.manifest import Manifest
from server.backup.taking import row_of
from server.centre import Centre
from server.ids import new_id
from server.models.identity import enrolment_code, token
from server.models.lease import job_lease
from server.models.upkeep import backup
from server.models.upkeep import erasure as erasure_table
from server.register import Entry
from server.store.epochs import Epoch, add_epochs, all_epochs
from sync.instants import rfc3339


@dataclass(frozen=True, slots=True)
class Reopened:
    """What was done anew."""

    epoch: Epoch
    lost_epochs: int
    revocations: int
    erasures: int


def reopen(
    connection: Connection, centre: Centre, entries: list[Entry], manifest: Manifest, place: Path, now: datetime
) -> Reopened:
    """Begin a new epoch and do again what must not be undone; inside the transaction that filled the database.

    The register has the new epoch before the commit: a later restore must know it, whatever happens in between.
    """
    lost, epoch = _begin_epoch(connection, entries, manifest, now)
    connection.execute(delete(backup).where(backup.c.id == manifest.id))
    connection.execute(insert(backup), [row_of(manifest, place, verified_at=rfc3339(now))])
    _close_doors(connection, now)
    revoked = sum(devices.revoke_again(connection, entry.facts) for entry in entries if entry.kind == "revocation")
    for entry in entries:
        if entry.kind == "wiped":
            devices.wiped_again(connection, entry.facts)
    erased = _erase_again(connection, centre, entries, now)
    centre.register.append("epoch", **asdict(epoch))
    return Reopened(epoch, lost, revoked, erased)


def _begin_epoch(connection: Connection, entries: list[Entry], manifest: Manifest, now: datetime) -> tuple[int, Epoch]:
    """Write the epochs that only the register remembers, then the new one; return how many those were, and it."""
    known = all_epochs(connection)
    ids = {each.id for each in known}
    told = {entry.facts["id"]: _epoch(entry) for entry in entries if entry.kind == "epoch"}
    lost = [each for each in told.values() if each.id not in ids]
    new = Epoch(new_id(), manifest.epoch, manifest.commit, rfc3339(now))
    add_epochs(connection, len(known), [*lost, new])
    return len(lost), new


def _epoch(entry: Entry) -> Epoch:
    facts = entry.facts
    return Epoch(facts["id"], facts["parent"], facts["restored_to"], facts["started_at"])


def _close_doors(connection: Connection, now: datetime) -> None:
    """End staff logins and unused codes: those that ended since the backup would be good again.

    Devices keep their tokens, for they could not come back by themselves; a cancelled one is refused all the same.
    """
    at = rfc3339(now)
    logins = (token.c.kind == "staff") & token.c.revoked_at.is_(None)
    connection.execute(update(token).where(logins).values(revoked_at=at))
    unused = enrolment_code.c.used_at.is_(None) & (enrolment_code.c.expires_at > at)
    connection.execute(update(enrolment_code).where(unused).values(expires_at=at))
    connection.execute(delete(job_lease))


def _erase_again(connection: Connection, centre: Centre, entries: list[Entry], now: datetime) -> int:
    known = set(connection.execute(select(erasure_table.c.record)).scalars())
    again = [entry.facts for entry in entries if entry.kind == "erasure" and entry.facts["record"] not in known]
    return erasure.replay(connection, centre.blobs, again, now)
