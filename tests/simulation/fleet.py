"""The whole fleet at one moment: centre, devices, what is in the air, what was promised."""

from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from random import Random
from typing import Any, TypeVar

from field_kit.errors import KitError
from schemas.history import HISTORY
from tests.simulation.air import Exchange, cut
from tests.simulation.clock import DeviceClock
from tests.simulation.desk import Desk
from tests.simulation.folders import Files
from tests.simulation.headquarters import Answer, Headquarters, Image, Request, ServerDied
from tests.simulation.homes import empty_homes
from tests.simulation.journal import Journal
from tests.simulation.people import DEVICES, beginning, mixed_beginning
from tests.simulation.phone import Phone, Sync, phone_on
from tests.simulation.pressing import Press, heard
from tests.simulation.sight import Sight
from tests.simulation.words import speak

One = TypeVar("One")


class Violation(AssertionError):
    """A promise was broken. ``promise``: its number and name."""

    def __init__(self, promise: str, what: str) -> None:
        super().__init__(f"{promise}: {what}")
        self.promise = promise


@dataclass
class Backup:
    """A backup of the centre, and what was true when it was taken."""

    id: str
    image: Image
    commit: int
    epoch: str
    taken_at: str
    ledger: frozenset[str]
    files: Files = field(default_factory=dict)
    verified: bool = False


@dataclass
class Fleet:
    """Everything that a step may touch."""

    seed: int
    headquarters: Headquarters
    phones: list[Phone]
    users: dict[str, str]
    desk: Desk
    journal: Journal = field(default_factory=Journal)
    strays: list[Request] = field(default_factory=list)
    """Requests that the network kept and may deliver once more."""
    backups: list[Backup] = field(default_factory=list)
    wiping: list[Phone] = field(default_factory=list)
    """Devices of which nothing is left but perhaps a sealed outbox that the centre has yet to have."""
    parcels: list[bytes] = field(default_factory=list)
    """Sealed files that somebody carries around."""
    open_pages: list[tuple[str, str, Any]] = field(default_factory=list)
    """(conflict, tag, body) of what staff have on their screens."""
    sight: Sight = field(init=False)
    watchers: list[Any] = field(default_factory=list)
    """The checks: they are told of what happens, and asked after every step."""
    number: int = 0
    trace: list[str] = field(default_factory=list)
    trouble: Exception | None = None
    broken_save: Press | None = None
    """A press of Save that is under way, or over which its device died, had no room, or refused it."""
    hot: int = 0
    """How many records of a type people work on; 0: any."""
    schema: int = 1
    """The centre's."""

    def __post_init__(self) -> None:
        self.sight = Sight(self.headquarters)

    @property
    def alive(self) -> list[Phone]:
        return [phone for phone in self.phones if not phone.gone]

    def phone(self, dice: Random) -> Phone | None:
        """Pick a device that is still in use."""
        return dice.choice(self.alive) if self.alive else None

    def choose(self, dice: Random, found: Sequence[One], steepness: float = 0.6) -> One:
        """Pick of what is in the order of age, the oldest most often: people work on the same things."""
        return found[min(int(dice.expovariate(steepness)), min(len(found), self.hot or len(found)) - 1)]

    def waiting(self) -> list[Exchange]:
        """Return the exchanges that wait for their fate, in the order of the devices."""
        return [sync.exchange for phone in (*self.phones, *self.wiping) for sync in phone.syncs if sync.exchange]

    def say(self, what: str) -> None:
        self.trace.append(f"{self.number:3} {what}")

    def tell(self, event: str, *facts: Any) -> None:
        """Tell every check that cares about it what has happened."""
        for watcher in self.watchers:
            if heard := getattr(watcher, event, None):
                heard(self, *facts)

    # --- what people do on devices

    def save(self, phone: Phone, write: Callable[[], Any]) -> bool:
        """Press Save on a device; what it then says it has kept is a promise. Tell whether it said so."""
        self.look_at_broken_save()
        press = self.broken_save = Press(phone, _end_of_log(phone))
        try:
            with heard(press):
                write()
            press.returned = True
        except KitError:
            press.refused = True
            raise
        finally:
            rows = _logged_since(press)
        self.broken_save = None
        return self._keep(press, rows)

    def look_at_broken_save(self) -> None:
        """Look at what is left of a Save that did not come to its end: what is there is shown, and so a promise."""
        press, self.broken_save = self.broken_save, None
        if press and not press.phone.gone:
            self._keep(press, _logged_since(press))

    def _keep(self, press: Press, rows: list[Any]) -> bool:
        self.tell("pressed", press, rows)
        if not (rows or press.returned):
            return False
        self.journal.promise(press.phone.name, press.phone.user, rows, self.number)
        self.tell("saved", press.phone, [row[0] for row in rows])
        return bool(rows)

    # --- what happens to exchanges

    def ask(self, request: Request) -> Answer | None:
        """Let the centre answer; ``None`` when it died over it."""
        try:
            answer = self.headquarters.handle(request)
        except ServerDied:
            return None
        self.tell("answered", request, answer)
        return answer

    def go_on(self, exchange: Exchange, fate: Any) -> None:
        """Give an exchange its fate and let its sync go on."""
        sync: Sync = exchange.sync
        try:
            sync.phone.step(sync, fate)
        finally:
            self.notice_wiped(sync.phone)
        delivered = fate if isinstance(fate, Answer) else None
        self.tell("went_on", sync, exchange, delivered)

    def deliver(self, exchange: Exchange) -> None:
        """Let an exchange simply succeed."""
        answer = self.ask(exchange.request)
        self.go_on(exchange, answer if answer is not None else cut())

    def sync(self, phone: Phone, exchanges_max: int = 400) -> Sync:
        """Let a device sync from beginning to end without any trouble."""
        return self.carry_on(phone.begin_sync(), exchanges_max)

    def carry_on(self, sync: Sync, exchanges_max: int = 400) -> Sync:
        """Let a sync that has just begun go on to its end."""
        self.notice_wiped(sync.phone)
        self.tell("went_on", sync, None, None)
        for _ in range(exchanges_max):
            if sync.exchange is None:
                return sync
            self.deliver(sync.exchange)
        raise Violation("28 queues drain", f"a sync of {sync.phone.name} does not end")

    def notice_wiped(self, phone: Phone) -> None:
        """Take a device that has wiped itself out of the fleet; what is left of it is to be delivered."""
        if phone.gone and phone in self.phones:
            self.phones = [each for each in self.phones if each is not phone]
            self.wiping.append(phone)
            self.tell("wiped", phone)

    @contextmanager
    def dying(self, statements: int) -> Iterator[None]:
        """Let the centre be killed before its n-th statement."""
        self.headquarters.doom.statements = statements
        try:
            yield
        finally:
            self.headquarters.doom.statements = None


def _end_of_log(phone: Phone) -> int:
    return int(phone.rows("SELECT coalesce(max(rowid), 0) FROM mutation")[0][0])


def _logged_since(press: Press) -> list[Any]:
    columns = "id, lane, save, op, type, record, payload, base"
    return press.phone.rows(f"SELECT {columns} FROM mutation WHERE rowid > ? ORDER BY rowid", (press.end_of_log,))


def assemble(seed: int, devices: tuple[str, ...], *, mixed: bool = False) -> Fleet:
    """Put a fleet together from its beginning, with dice from the seed.

    ``mixed``: the centre knows a newer schema, and so do some devices.
    """
    start = mixed_beginning() if mixed else beginning()
    speak(mixed=mixed)
    dice = Random(f"programs {seed}")
    old = {name for name, _ in DEVICES if mixed and dice.random() < 0.75}
    headquarters = start.headquarters
    headquarters.load(start.centre)
    headquarters.begin(seed)
    empty_homes()
    phones = [
        phone_on(
            start.phones[name],
            name,
            start.users[whose],
            DeviceClock(headquarters.time),
            Random(f"{seed}{name}"),
            old=name in old,
        )
        for name, whose in DEVICES
        if name in devices
    ]
    desk = Desk(headquarters, dict(start.staff), dict(start.users))
    return Fleet(seed, headquarters, phones, dict(start.users), desk, schema=HISTORY.current)
