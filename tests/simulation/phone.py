"""A device of the fleet: the real kit on a SQLite database in memory, with clones, old copies, crashes and syncs."""

from collections.abc import Callable
from contextlib import nullcontext, suppress
from dataclasses import dataclass, field
from random import Random
from typing import Any

from greenlet import greenlet

from field_kit.app_update import bring_up
from field_kit.database import Database
from field_kit.driver import DatabaseError, connect
from field_kit.errors import KitError
from field_kit.kit import FieldKit
from field_kit.migrations import migrate
from field_kit.surroundings import Surroundings, uuid7
from field_kit.transport import HttpTransport
from schemas.history import HISTORY
from sync.errors import ProtocolError
from tests.field_kit.device import Crash, DyingConnection
from tests.simulation.air import ADDRESS, Exchange, Link
from tests.simulation.clock import DeviceClock
from tests.simulation.headquarters import Image
from tests.simulation.homes import database_of
from tests.simulation.words import BEFORE, OldKit, old_program


class Dead:
    """The file of a program that is no more: whatever still runs of it changes nothing."""

    in_transaction = False

    def __getattr__(self, name: str) -> Any:
        raise Crash


class FullDisk(DyingConnection):
    """A file that cannot grow from its n-th statement on; what was begun can still be rolled back."""

    def execute(self, *arguments: Any) -> Any:
        if arguments[0] == "ROLLBACK":
            return self._connection.execute(*arguments)
        return super().execute(*arguments)

    def _count(self) -> None:
        self._left -= 1
        if self._left < 0:
            raise DatabaseError("database or disk is full")


@dataclass
class Sync:
    """One sync under way; two of a device at once are two programs on one file."""

    phone: "Phone"
    errand: Callable[[Link], Any] | None = None
    """What it does instead of an ordinary sync."""
    run: greenlet = field(init=False)
    exchange: Exchange | None = None
    ended_by: BaseException | None = None
    complete: bool = False

    def __post_init__(self) -> None:
        self.run = greenlet(self._synchronize)

    @property
    def over(self) -> bool:
        return self.run.dead

    def go_on(self, fate: Any = None) -> None:
        """Run until the next exchange, or to the end.

        :raises Crash: when the device died meanwhile.
        """
        self.exchange = None
        if not self.over:  # it may have been killed meanwhile
            self.exchange = self.run.switch(fate) if fate is not None else self.run.switch()

    def _synchronize(self) -> None:
        try:
            if self.errand:
                self.errand(Link(self))
                return
            kit = self.phone.kit
            transport = HttpTransport(ADDRESS, kit.identity.token, client=Link(self))  # type: ignore[arg-type]
            self.complete = kit.sync(transport=transport).complete
        except (KitError, ProtocolError, DatabaseError) as ended:
            self.ended_by = ended


@dataclass
class Phone:
    """One device in somebody's hand."""

    name: str
    user: str
    kit: FieldKit
    clock: DeviceClock
    syncs: list[Sync] = field(default_factory=list)
    old_copies: list[Image] = field(default_factory=list)
    damaged: bool = False
    """A row changed by itself, and no comparison of contents has found it yet."""
    old: bool = False
    """Its program knows only the schema before today's."""
    updated: bool = False
    gone: bool = False
    """Wiped, or lost for good."""

    @property
    def device(self) -> str:
        return self.kit.identity.device

    def rows(self, sql: str, parameters: tuple[Any, ...] = ()) -> list[Any]:
        """Return what its file says."""
        return self.kit.database.rows(sql, parameters)

    def begin_sync(self, errand: Callable[[Link], Any] | None = None) -> Sync:
        """Begin a sync, or another errand at the centre; it waits at its first exchange, or has ended."""
        sync = Sync(self, errand)
        self.syncs.append(sync)
        self.step(sync)
        return sync

    def step(self, sync: Sync, fate: Any = None) -> None:
        """Let a sync go on with what became of its exchange."""
        try:
            with old_program() if self.old else nullcontext():
                sync.go_on(fate)
        finally:
            self.syncs = [each for each in self.syncs if not each.over]
            if not self.gone and self._is_closed():
                self.gone = True
                self._end([each for each in self.syncs if each is not sync])

    def _is_closed(self) -> bool:
        """Tell whether the file is no more; the database in memory went with its connection."""
        try:
            return self.kit.database.connection.total_changes < 0
        except DatabaseError:
            return True

    def dies_within(self, statements: int, what: Callable[[], Any]) -> bool:
        """Do something on a device that is killed before its n-th statement; tell whether it was."""
        database = self.kit.database
        alive = database.connection
        database.connection = DyingConnection(alive, statements)  # type: ignore[assignment]
        try:
            what()
        except Crash:
            database.connection = alive
            self.restart()
            return True
        database.connection = alive
        return False

    def full_after(self, statements: int, what: Callable[[], Any]) -> None:
        """Do something on a device whose disk is full from its n-th statement on; its programs end as they would."""
        database = self.kit.database
        alive = database.connection
        database.connection = FullDisk(alive, statements)  # type: ignore[assignment]
        try:
            with suppress(DatabaseError, KitError):
                what()
        finally:
            database.connection = alive

    def restart(self, image: Image | None = None) -> None:
        """End every program on it and open the file again, as it is on disk, or as it was when a copy was made."""
        database = self.kit.database
        alive, database.connection = database.connection, Dead()  # type: ignore[assignment]
        self._end(self.syncs)
        database.connection = alive
        if self.gone:
            return
        if alive.in_transaction:
            alive.rollback()
        if image is not None:
            image.backup(alive)
            bring_up(database)

    def update_program(self) -> None:
        """Install the new program; it reads the file in its words."""
        self.old, self.updated = False, True
        self.kit.database.history = HISTORY
        self.kit = FieldKit(self.kit.database, self.kit.key, self.kit.surroundings)
        bring_up(self.kit.database)

    def _end(self, syncs: list[Sync]) -> None:
        """Kill programs where they are."""
        for sync in syncs:
            if not sync.over:
                with suppress(Crash):
                    sync.run.throw(Crash)
        self.syncs = [each for each in self.syncs if not each.over]

    def copy(self) -> Image:
        """Copy its file, as a backup program or a thief would."""
        copy = connect(":memory:", isolation_level=None)
        self.kit.database.connection.backup(copy)
        return copy


def phone_on(
    image: Image | None, name: str, user: str, clock: DeviceClock, dice: Random, *, old: bool = False
) -> Phone:
    """Open a device on a copy of an image, or on an empty file. ``old``: its program knows the older schema only."""
    connection = connect(":memory:", isolation_level=None, cached_statements=256)
    if image is not None:
        image.backup(connection)
    connection.execute("PRAGMA foreign_keys = ON")
    connection.execute("PRAGMA temp_store = MEMORY")
    database = Database(connection, database_of(name), BEFORE if old else HISTORY)
    if image is None:
        with database.transaction():
            migrate(connection)
    kit = (OldKit if old else FieldKit)(database, b"", surroundings(clock, dice))
    bring_up(database)
    return Phone(name, user, kit, clock, old=old)


def surroundings(clock: DeviceClock, dice: Random) -> Surroundings:
    """Return the outside world as a device sees it: a wrong clock, its own dice, and no waiting."""
    return Surroundings(
        now=clock,
        new_id=lambda: uuid7(clock.for_ids, dice.randbytes),
        random_bits=dice.getrandbits,
        jitter=dice.random,
        sleep=lambda _seconds: None,
        monotonic=lambda: clock.time.now.timestamp(),
    )
