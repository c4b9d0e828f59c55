"""A centre with some work in it, and another folder and database into which it is restored."""

from dataclasses import dataclass
from datetime import timedelta
from pathlib import Path
from typing import Any

from sqlalchemy import Connection, select

from server import create_app
from server.backup.checking import Tried, try_backup
from server.backup.restoring import Restored, restore
from server.backup.taking import Taken, mark_verified, take
from server.centre import Centre, open_centre
from server.config import Settings
from server.models import metadata
from server.models.engine import reading
from tests.server.centre import MORNING, Somebody, TestCentre, TurnableClock
from tests.server.test_uploads import attach, begin, send

PHOTO = bytes(range(256)) * 800
NOT_COMPARED = frozenset({"backup", "job_lease", "sync_epoch", "token", "enrolment_code"})
"""What a restore writes anew on purpose."""


@dataclass
class Kept:
    """A centre and what was put into it."""

    centre: TestCentre
    alice: Somebody
    photo: str
    folder: Path

    def take(self) -> Taken:
        return take(self.centre.centre, self.folder, self.centre.clock())

    def verified(self) -> tuple[Taken, Tried, int]:
        """Take a backup, try it, and let devices forget."""
        taken = self.take()
        tried = try_backup(taken.place, self.centre.centre.settings.backup_key, beside=self.centre.centre.engine)
        return taken, tried, mark_verified(self.centre.centre, taken, self.centre.clock())


def kept(centre: TestCentre, folder: Path) -> Kept:
    """Fill a centre: people, a record, a photo whose bytes came a minute ago, and one whose bytes did not."""
    centre.clock.turn(minutes=-1)
    alice = centre.field("social_worker@province:54")
    photo = attach(centre, alice, PHOTO)
    send(alice, begin(alice, photo, PHOTO).headers["Location"], PHOTO, 0)
    attach(centre, alice, b"never sent")
    centre.clock.turn(minutes=1)
    return Kept(centre, alice, photo, folder)


@dataclass
class Spare:
    """An empty folder and database, an hour later."""

    centre: Centre
    clock: TurnableClock

    def restore(self, place: Path, **options: Any) -> Restored:
        """Restore a backup into it."""
        return restore(self.centre, place, self.clock(), **options)

    def opened(self) -> TestCentre:
        """Open it as a centre that answers."""
        return TestCentre(self.centre, self.clock, create_app(centre=self.centre))


def spare(url: str, folder: Path, **settings: Any) -> Spare:
    """Make a place into which to restore."""
    clock = TurnableClock(MORNING + timedelta(hours=1))
    generous = {"token_attempts": "10000 per minute", "enrolment_attempts": "10000 per minute", "jobs": False}
    return Spare(
        open_centre(Settings(data_dir=folder, database_url=url, **{**generous, **settings}), clock=clock), clock
    )


def content(centre: Centre) -> dict[str, list[Any]]:
    """Return every row of every table that a restore leaves alone."""
    with reading(centre.engine) as connection:
        return {name: _rows(connection, name) for name in metadata.tables if name not in NOT_COMPARED}


def _rows(connection: Connection, name: str) -> list[Any]:
    return sorted((tuple(row) for row in connection.execute(select(metadata.tables[name]))), key=repr)
