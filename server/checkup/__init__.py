"""What ``husec doctor`` looks at: one function per topic, each with its line here."""

from collections.abc import Callable, Iterator
from datetime import datetime

from sqlalchemy import Connection

from server import migrations
from server.centre import Centre
from server.checkup import running, storage
from server.checkup.finding import Finding, Level
from server.models.engine import reading

Check = Callable[[Centre, Connection, datetime], Iterator[Finding]]

CHECKS: tuple[Check, ...] = (
    storage.database,
    storage.ledger,
    storage.buckets,
    storage.files,
    storage.disk,
    storage.backups,
    storage.register,
    running.jobs,
    running.devices,
    running.waiting,
    running.settings,
)


def examine(centre: Centre, now: datetime) -> list[Finding]:
    """Run every check in one snapshot; the tables come first, for nothing else can be read without them."""
    found = migrations.current(centre.engine)
    if found is None:
        return [Finding(Level.BROKEN, "not_set_up")]
    if found != migrations.newest():
        return [Finding(Level.BROKEN, "tables_old", {"found": found, "needed": migrations.newest()})]
    with reading(centre.engine) as connection:
        return [each for check in CHECKS for each in check(centre, connection, now)]
