"""Whether the store and its files are whole, and when that was last proved by a backup."""

import shutil
from collections.abc import Iterator
from datetime import datetime
from hashlib import sha256
from pathlib import Path

from sqlalchemy import Connection, func, select

from server.audit import verify_ledger
from server.centre import Centre
from server.checkup.finding import Finding, Level
from server.jobs.verify_checksums import wrong_buckets
from server.models.files import blob
from server.models.sync_tables import chain, clock, mutation
from server.models.upkeep import backup
from sync.instants import parsed

FREE_BYTES_MIN = 2_000_000_000
FREE_SHARE_MIN = 0.1
BACKUP_DAYS_MAX = 2
PIECE_BYTES = 1 << 20


def database(centre: Centre, connection: Connection, now: datetime) -> Iterator[Finding]:
    """Ask SQLite whether its file is sound; PostgreSQL has checksums of its own."""
    if connection.dialect.name == "sqlite":
        said = connection.exec_driver_sql("PRAGMA quick_check").scalars().all()
        if said != ["ok"]:
            yield Finding(Level.BROKEN, "database_damaged", {"problems": len(said)})


def ledger(centre: Centre, connection: Connection, now: datetime) -> Iterator[Finding]:
    """Hold the clock against the ledger, and its last link against the one before."""
    commit = connection.execute(select(clock.c.value)).scalar_one()
    tip = connection.execute(select(func.max(chain.c.commit_number))).scalar() or 0
    last = connection.execute(select(func.max(mutation.c.commit_number))).scalar() or 0
    if tip > commit or last != tip:
        yield Finding(Level.BROKEN, "clock_wrong", {"clock": commit, "ledger": last, "chain": tip})
    elif verify_ledger(connection, tip).broken is not None:
        yield Finding(Level.BROKEN, "chain_tip_broken", {"commit": tip})


def buckets(centre: Centre, connection: Connection, now: datetime) -> Iterator[Finding]:
    """Recompute every bucket's checksum."""
    if wrong := sum(1 for _ in wrong_buckets(connection)):
        yield Finding(Level.BROKEN, "buckets_wrong", {"count": wrong})


def files(centre: Centre, connection: Connection, now: datetime) -> Iterator[Finding]:
    """Hash every file that the store counts on."""
    missing = damaged = 0
    for digest in connection.execute(select(blob.c.sha256).execution_options(yield_per=1_000)).scalars():
        found = _digest(centre.blobs.path_of(digest))
        missing += found is None
        damaged += found not in (None, digest)
    if missing or damaged:
        yield Finding(Level.BROKEN, "files_wrong", {"missing": missing, "damaged": damaged})


def disk(centre: Centre, connection: Connection, now: datetime) -> Iterator[Finding]:
    """Look at the room on the disk of the data directory."""
    usage = shutil.disk_usage(centre.settings.data_dir)
    if usage.free < FREE_BYTES_MIN or usage.free < usage.total * FREE_SHARE_MIN:
        facts = {"megabytes": usage.free // 1_000_000, "percent": round(100 * usage.free / usage.total)}
        yield Finding(Level.ATTENTION, "disk_low", facts)


def backups(centre: Centre, connection: Connection, now: datetime) -> Iterator[Finding]:
    """Ask when a backup was last taken and found whole."""
    verified = backup.c.verified_at.is_not(None)
    last = parsed(connection.execute(select(func.max(backup.c.taken_at)).where(verified)).scalar() or "")
    if last is None:
        yield Finding(Level.ATTENTION, "backup_none")
    elif (days := (now - last).days) >= BACKUP_DAYS_MAX:
        yield Finding(Level.ATTENTION, "backup_old", {"days": days})
    if centre.settings.backup_key_file is None:
        yield Finding(Level.NOTE, "backup_open")


def register(centre: Centre, connection: Connection, now: datetime) -> Iterator[Finding]:
    """Look whether the register can be read, and whether one disk can take it and the store away together."""
    if damaged := centre.register.damaged():
        yield Finding(Level.ATTENTION, "register_damaged", {"count": len(damaged)})
    if centre.settings.register_file is None:
        yield Finding(Level.NOTE, "register_beside")


def _digest(path: Path) -> str | None:
    found = sha256()
    try:
        with path.open("rb") as file:
            while piece := file.read(PIECE_BYTES):
                found.update(piece)
    except FileNotFoundError:
        return None
    return found.hexdigest()
