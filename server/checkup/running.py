"""Whether the centre works as it should: jobs, devices, work that waits for staff, settings."""

import stat
from collections.abc import Iterator
from datetime import datetime
from urllib.parse import urlsplit

from sqlalchemy import ColumnElement, Connection, func, select

from server.centre import Centre
from server.checkup.finding import Finding, Level
from server.jobs import JOBS
from server.models.identity import device
from server.models.lease import job_lease
from server.models.quarantine import delivery, settlement
from server.models.sync_tables import mutation
from sync.instants import rfc3339

LOCAL = frozenset({"127.0.0.1", "localhost", "::1", "0.0.0.0"})
OTHERS = stat.S_IRWXG | stat.S_IRWXO


def jobs(centre: Centre, connection: Connection, now: datetime) -> Iterator[Finding]:
    """Look for jobs that missed their turn twice. A lease ends a little before the next turn."""
    until = {row.name: row.until for row in connection.execute(select(job_lease))}
    stale = [job.name for job in JOBS if job.name in until and until[job.name] < rfc3339(now - 2 * job.every)]
    if stale:
        yield Finding(Level.ATTENTION, "jobs_stale", {"jobs": ", ".join(stale)})
    if not until:
        yield Finding(Level.NOTE, "jobs_never")


def devices(centre: Centre, connection: Connection, now: datetime) -> Iterator[Finding]:
    """Count devices that are silent, and lost ones that have not confirmed that they are empty."""
    if silent := _count(connection, device.c.silent_since.is_not(None) & device.c.revoked_at.is_(None)):
        yield Finding(Level.ATTENTION, "devices_silent", {"count": silent, "days": centre.settings.silent_days})
    if lost := _count(connection, device.c.revoked_at.is_not(None) & device.c.wiped_at.is_(None)):
        yield Finding(Level.ATTENTION, "devices_not_wiped", {"count": lost})


def waiting(centre: Centre, connection: Connection, now: datetime) -> Iterator[Finding]:
    """Count what waits for a person's decision; that is daily work and no fault."""
    if deliveries := _count(connection, delivery.c.state == "open"):
        yield Finding(Level.NOTE, "deliveries_open", {"count": deliveries})
    settled = select(settlement.c.mutation)
    open_ = mutation.c.outcome.in_(("rejected", "held")) & ~mutation.c.repeat & mutation.c.id.not_in(settled)
    if unfinished := _count(connection, open_):
        yield Finding(Level.NOTE, "unfinished", {"count": unfinished})


def settings(centre: Centre, connection: Connection, now: datetime) -> Iterator[Finding]:
    """Look for settings that cannot be meant."""
    address = urlsplit(centre.settings.public_url)
    if address.hostname in LOCAL:
        if _count(connection, device.c.revoked_at.is_(None)):
            yield Finding(Level.ATTENTION, "address_local", {"address": centre.settings.public_url})
    elif address.scheme != "https":
        yield Finding(Level.ATTENTION, "address_open", {"address": centre.settings.public_url})
    secrets = [*centre.settings.data_dir.glob("*.key"), centre.settings.data_dir]
    secrets += [path for path in (centre.settings.database_key_file, centre.settings.backup_key_file) if path]
    if readable := sum(bool(path.stat().st_mode & OTHERS) for path in secrets):
        yield Finding(Level.ATTENTION, "keys_readable", {"count": readable, "place": centre.settings.data_dir})


def _count(connection: Connection, condition: ColumnElement[bool]) -> int:
    return int(connection.execute(select(func.count()).where(condition)).scalar_one())
