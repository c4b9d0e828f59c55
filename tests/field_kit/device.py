"""What tests of the kit are made of: a device that never saw a centre, and the outside world in a test's hand."""

from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

from field_kit import FieldKit, Record, Surroundings
from field_kit.enrolling import make_file
from field_kit.home import database_path, key_path
from field_kit.keyfile import Strength, write_key
from field_kit.link import Enrolment
from field_kit.surroundings import uuid7

KEY = bytes(range(32))
PASSPHRASE = "ฝนตกที่แพร่ 54"
QUICK = Strength(passes=1, memory_bytes=8192)
"""Argon2id at its cheapest: its price is not what is tested."""

USER = "01a00000-0000-7000-8000-00000000aaaa"
EPOCH = "01a00000-0000-7000-8000-00000000eeee"
DISTRICT, DUTY, TEAM = "district:5401", "duty:5401", "team:01a00000-0000-7000-8000-00000000bbbb"
SERVER_TIME = "2026-11-23T03:00:00.000Z"

CASE = {"intake_channel": "walk_in", "intake_district": "5401", "area": "540101"}


@dataclass
class Outside:
    """The outside world: each look at the clock moves it by a second, each id follows the one before."""

    clock: datetime = datetime(2026, 11, 23, 3, 0, tzinfo=UTC)
    waits: list[float] = field(default_factory=list)
    ids: int = 0

    def now(self) -> datetime:
        self.clock += timedelta(seconds=1)
        return self.clock

    def new_id(self) -> str:
        self.ids += 1
        return uuid7(lambda: self.clock, lambda _: self.ids.to_bytes(10, "big"))

    @property
    def surroundings(self) -> Surroundings:
        return Surroundings(
            now=self.now,
            new_id=self.new_id,
            random_bits=lambda bits: self.ids,
            jitter=lambda: 0.5,
            sleep=self.waits.append,
            monotonic=lambda: self.clock.timestamp(),
        )


def begin(folder: Path, outside: Outside) -> Path:
    """Enrol a device without a centre; return its file."""
    path = database_path(folder, USER)
    given = Enrolment(
        device="01a00000-0000-7000-8000-00000000dddd",
        token="token-of-the-device",
        user={"id": USER, "display_name": "อลิซ"},
        epoch=EPOCH,
        protocol=1,
        schema=1,
        server_time=SERVER_TIME,
    )
    make_file(path, KEY, given, "http://centre.invalid", outside.surroundings)
    write_key(key_path(path), KEY, PASSPHRASE, None, QUICK)
    return path


def seen(kit: FieldKit, record: str) -> Record:
    """Return a record that must be there."""
    found = kit.get(record)
    assert found is not None
    return found


def log_of(kit: FieldKit, *columns: str) -> list[tuple[Any, ...]]:
    """Return columns of the whole log in the order in which it was written."""
    return kit.database.rows(f"SELECT {', '.join(columns)} FROM mutation ORDER BY rowid")


class Crash(BaseException):
    """The program is killed here."""


class DyingConnection:
    """A connection under which the program dies before its n-th statement."""

    def __init__(self, connection: Any, dies_at: int) -> None:
        self._connection = connection
        self._left = dies_at

    def execute(self, *arguments: Any) -> Any:
        self._count()
        return self._connection.execute(*arguments)

    def executemany(self, *arguments: Any) -> Any:
        self._count()
        return self._connection.executemany(*arguments)

    def __getattr__(self, name: str) -> Any:
        return getattr(self._connection, name)

    def _count(self) -> None:
        self._left -= 1
        if self._left < 0:
            raise Crash


def dying(kit: FieldKit, dies_at: int) -> Callable[[], None]:
    """Let a device die at its n-th statement from now on; return what brings it back to life."""
    alive = kit.database.connection
    kit.database.connection = DyingConnection(alive, dies_at)  # type: ignore[assignment]

    def revive() -> None:
        kit.database.connection = alive

    return revive
