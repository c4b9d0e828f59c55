"""``FieldKit``: the device as a Python object. The command line and the demo use nothing else."""

from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from functools import partial
from pathlib import Path
from types import TracebackType
from typing import Any, TypeVar

from field_kit import (
    carrying,
    checking,
    doctor,
    enrolling,
    files,
    likely,
    log,
    notices,
    search,
    store,
    wiping,
    witnesses,
)
from field_kit.database import Database, open_database
from field_kit.doctor import Finding, contents_equal
from field_kit.errors import (
    DeviceCancelled,
    DeviceWiped,
    DeviceWipedOutboxHere,
    LeaveRefused,
    NotEnrolled,
    UnknownRecord,
    Unreachable,
)
from field_kit.export import Exported, all_exported, write_export
from field_kit.home import find_database, key_path
from field_kit.identity import Identity, read_identity
from field_kit.keyfile import Strength, change_passphrase, read_key
from field_kit.likely import Likely
from field_kit.link import Transport, Welcome
from field_kit.recovery import heed_restore
from field_kit.saving import Save, Saved
from field_kit.sealing import learn_key
from field_kit.session import Session
from field_kit.standing import Standing, standing
from field_kit.store import Record
from field_kit.surroundings import Surroundings
from field_kit.synchronize import hear_before_leaving, synchronize
from field_kit.tally import Progress, Stage, Tally, silent
from field_kit.wiping import Door, Order
from schemas.base import MERGED_INTO
from schemas.history import HISTORY, History
from sync.errors import DeviceRevoked, TokenExpired, Unauthenticated

T = TypeVar("T")

WORLD = Surroundings()

SUPPORT_PHONE = "1300"
"""Whom a device that knows nothing any more tells people to call."""


class FieldKit:
    """One user's device, open. Use it in a ``with`` block, or call ``close``.

    Everything works without a network but ``enrol`` and ``sync``. What a method saved is on disk when it returns.
    """

    def __init__(
        self, database: Database, key: bytes, surroundings: Surroundings = WORLD, language: str = "th"
    ) -> None:
        self.database = database
        self.key = key
        self.surroundings = surroundings
        self.language = language

    # --- open and close

    @classmethod
    def enrol(
        cls,
        server_url: str,
        code: str,
        directory: Path | str,
        passphrase: str,
        *,
        surroundings: Surroundings = WORLD,
        strength: Strength | None = None,
        device_name: str | None = None,
        language: str = "th",
    ) -> "FieldKit":
        """Make this device somebody's with their one-use code, and open it."""
        from field_kit.transport import HttpTransport  # slow to import; most commands never speak

        transport = HttpTransport(server_url, language=language)
        try:
            path, key = enrolling.enrol(
                transport, code, Path(directory), passphrase, surroundings, strength, device_name
            )
        finally:
            transport.close()
        return cls(open_database(path, key), key, surroundings, language)

    @classmethod
    def open(
        cls,
        directory: Path | str,
        passphrase: str,
        *,
        user: str | None = None,
        surroundings: Surroundings = WORLD,
        language: str = "th",
    ) -> "FieldKit":
        """Open an enrolled device; ``user`` says whose file when a folder holds several.

        :raises WrongPassphrase: nothing is changed by trying.
        """
        path = find_database(Path(directory), user)
        return cls.open_with_key(path, read_key(key_path(path), passphrase), surroundings, language)

    @classmethod
    def open_with_key(
        cls,
        path: Path,
        key: bytes,
        surroundings: Surroundings = WORLD,
        language: str = "th",
        history: History = HISTORY,
    ) -> "FieldKit":
        """Open a file with its data key, as kept while it is unlocked."""
        if not path.exists():
            raise NotEnrolled(folder=str(path.parent))
        return cls(open_database(path, key, history), key, surroundings, language)

    def close(self) -> None:
        """Close the file."""
        self.database.close()

    def __enter__(self) -> "FieldKit":
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()

    @property
    def identity(self) -> Identity:
        """Whose device this is, and what the centre last said to it."""
        return read_identity(self.database)

    def change_passphrase(self, passphrase: str) -> None:
        """Wrap the data key under another passphrase; nothing is encrypted anew."""
        change_passphrase(key_path(self.database.path), self.key, passphrase)

    # --- write: on disk when these return, sent by the next sync

    def save(self) -> Save:
        """Begin one press of Save: ``with kit.save() as save: save.create(…); save.update(…)``.

        All of it is logged together when the block ends, and the centre accepts it together or not at all.

        :raises Invalid: at the end of the block, with everything that is wrong; nothing was saved.
        """
        return Save(self.database, self.surroundings)

    def create(self, record_type: str, /, data: Mapping[str, Any] | None = None, **fields: Any) -> Saved:
        """Record something new; ``saved.record`` is its id, ``saved.warnings`` what looks wrong."""
        with self.save() as save:
            save.create(record_type, data, **fields)
        return save.saved

    def update(self, record: str, /, data: Mapping[str, Any] | None = None, **fields: Any) -> Saved:
        """Change some fields of a record; ``None`` empties one. Nothing is logged when nothing changes."""
        with self.save() as save:
            save.update(record, data, **fields)
        return save.saved

    def delete(self, record: str, /) -> Saved:
        """Delete a record."""
        with self.save() as save:
            save.delete(record)
        return save.saved

    def merge(self, record: str, /, into: str, reason: str) -> Saved:
        """Say that a record is the same person, household or incident as another, which goes on."""
        with self.save() as save:
            save.merge(record, into, reason)
        return save.saved

    def attach(self, record: str, path: Path | str, /, **fields: Any) -> Saved:
        """Add a photo or file to a record: ``kind``, ``caption`` and ``taken_at`` may say more about it."""
        with self.save() as save:
            save.attach(record, path, **fields)
        return save.saved

    # --- read: the last state from the centre with this device's own open edits on top

    def get(self, record: str) -> Record | None:
        """Return a record as its holder sees it, or ``None``."""
        return store.shown(self.database, record)

    def list(self, record_type: str, **equal: Any) -> Iterator[Record]:
        """Yield the records of a type, newest first; ``equal`` keeps those whose fields have these values.

        What was merged into another record is left out: that one is there, or with whoever holds it.
        """
        found = sorted(store.shown_of_type(self.database, record_type), key=lambda record: record.id, reverse=True)
        for record in found:
            if MERGED_INTO in record.data:
                continue
            if all(record.data.get(name) == value for name, value in equal.items()):
                yield record

    def search(self, sought: str, types: Sequence[str] = (), limit: int = 100) -> Sequence[Record]:
        """Find records by parts of words, Thai too, from one character on."""
        return search.search(self.database, sought, types, limit)

    def likely(self, record_type: str, /, data: Mapping[str, Any] | None = None, **fields: Any) -> Sequence[Likely]:
        """Return the people on this device who may be the one that is about to be recorded, the likeliest first."""
        return likely.likely(self.database, record_type, {**(data or {}), **fields})

    def file(self, attachment: str) -> bytes:
        """Return the bytes of a photo or file that was attached here.

        :raises UnknownRecord: when its record has left this device; the bytes are sealed then.
        """
        if files.is_sealed(self.database, attachment):
            raise UnknownRecord(record=attachment)
        return files.content_of(self.database, attachment)

    def status(self) -> Standing:
        """Return what waits, what was refused, and when the centre was last heard."""
        return standing(self.database)

    def outbox(self, *, everything: bool = False) -> Sequence[log.Logged]:
        """Return the edits that are not settled or were not accepted, oldest first; or the whole log."""
        return list(log.entries(self.database, "1" if everything else notices.UNFINISHED))

    def refused(self, record: str) -> Sequence[log.Logged]:
        """Return the edits of a record that were refused, wait or were returned, oldest first."""
        return list(log.entries(self.database, f"record = ? AND ({notices.REFUSED})", (record,)))

    def conflicts(self, *, resolved: bool = False) -> Sequence[Record]:
        """Return the conflicts that this device may see and staff have yet to decide, or have decided."""
        wanted = "resolved" if resolved else "open"
        return list(self.list("conflict", status=wanted))

    def doctor(self, *, repair: bool = False) -> Sequence[doctor.Finding]:
        """Check the file from its bytes up; ``repair`` fetches damaged buckets again at the next sync."""
        return doctor.examine(self.database, repair=repair)

    def check_contents(self, progress: Progress = silent, transport: Transport | None = None) -> Finding:
        """Sync, and compare all that lies here with what the centre would send; what differs is fetched again."""
        with self.database.transaction():
            checking.ask_for_check(self.database)
        return contents_equal(self.sync(progress, transport))

    def finish_index(self, progress: Progress = silent) -> None:
        """Bring the search index up to date now rather than at the first search."""
        due = search.due_count(self.database)
        search.finish(self.database, lambda done: progress(Stage.INDEX, min(done, due), due))
        likely.index_many_due(self.database)

    # --- meet the centre

    def sync(self, progress: Progress = silent, transport: Transport | None = None) -> Tally:
        """Send what waits, fetch what is new, upload photos.

        :raises Unreachable: when the link failed; what arrived is kept, the rest goes next time.
        :raises DeviceWiped: the centre had cancelled this device, and nothing is left of what was on it.
        :raises TokenExpired: after long without contact, and ``Unauthenticated`` after longer still: ``renew``.
        """
        if self.identity.cancelled == "lost":
            raise self.obey("lost", transport)
        with self._reaching(transport) as centre:
            session = Session(self.database, centre, self.surroundings, progress)
            return self._obeying(partial(synchronize, session), transport)

    def export(self, path: Path | str, *, everything: bool = False) -> Exported:
        """Write what was not sent into a file that only the centre can open and anybody may carry there."""
        return write_export(self.database, Path(path), self.surroundings, everything=everything)

    def carry(self, path: Path | str) -> int:
        """Keep somebody's sealed file until the next sync leaves it at the centre; return how many parts are new."""
        return carrying.carry(self.database, Path(path), self.surroundings)

    def leave(self, transport: Transport | None = None) -> DeviceWiped:
        """Delete everything here and tell the centre that this device has left.

        The centre is heard first: one that was restored may have lost what it answered, and what only lies here.

        :raises LeaveRefused: when something waits that is neither sent nor in an export; nothing is deleted.
        :raises Unreachable: when the centre cannot be heard while the log still holds work; nothing is deleted.
        :raises TokenExpired: as ``sync``.
        """
        with self._reaching(transport) as centre:
            hear = partial(hear_before_leaving, Session(self.database, centre, self.surroundings))
            try:
                self._obeying(hear, transport)
            except Unreachable:
                if log.holds_work(self.database):
                    raise
        found = self.status()
        waits = found.waiting or found.files_waiting
        kept = found.carried + witnesses.waiting(self.database)
        if kept or (waits and not all_exported(self.database, self.identity)):
            raise LeaveRefused(waiting=found.waiting + found.files_waiting + kept)
        return self.obey("left", transport, seal=False)

    def obey(self, order: str, transport: Door | None = None, *, seal: bool = True) -> DeviceWiped:
        """Seal what was not sent, leave it at the centre, and delete everything here; return what is then to be said.

        The file is closed. Wherever this is cut off, ``wiping.carry_out`` goes on.
        """
        path = wiping.prepare(self.database, order, self.surroundings, seal=seal)
        self.close()
        return resume_wipe(path, self.language, transport)

    @contextmanager
    def _reaching(self, transport: Transport | None) -> Iterator[Transport]:
        """Give a link to the centre: the caller's, or one of its own that is closed again."""
        if transport:
            yield transport
            return
        from field_kit.transport import HttpTransport  # as above

        own = HttpTransport(self.identity.server_url, self.identity.token, language=self.language)
        try:
            yield own
        except (TokenExpired, Unauthenticated) as over:
            over.extra.setdefault("centre", own.server_url)  # where the next step leads
            raise
        finally:
            own.close()

    def _obeying(self, exchange: Callable[[], T], door: Door | None) -> T:
        """Exchange; when the centre cancelled this device, do what it ordered."""
        try:
            return exchange()
        except DeviceCancelled as cancelled:
            raise self.obey(str(cancelled.facts["order"]), door) from cancelled

    def renew(
        self,
        code: str,
        *,
        server_url: str | None = None,
        device_name: str | None = None,
        transport: Welcome | None = None,
    ) -> None:
        """Enrol the same device again with a fresh one-use code, after it was away so long that its token ended.

        Everything in the file stays, and the next sync sends what waits. ``server_url``: where the centre is now.

        :raises ServerRefused: when the code is not good, or is not this device's user's; it is not used then.
        :raises DeviceCancelled: when the centre cancelled this device as one that left; the code is not used.
        :raises DeviceWiped: when it was cancelled as lost.
        """
        from field_kit.transport import HttpTransport  # as above

        own = transport or HttpTransport(server_url or self.identity.server_url, language=self.language)
        try:
            enrolling.renew(own, code, self.database, self.key, device_name)
        except DeviceRevoked as cancelled:
            order = str(cancelled.extra.get("order", "left"))
            with self.database.transaction():
                learn_key(self.database, cancelled)
                if order == "lost":
                    heed_restore(self.database, cancelled)
            raise (self.obey(order) if order == "lost" else DeviceCancelled(order=order)) from cancelled
        finally:
            own.close()


def resume_wipe(path: Path, language: str = "th", transport: Door | None = None) -> DeviceWiped:
    """Carry out the order to wipe that lies at ``path``, or the rest of it; return what is then to be said."""
    from field_kit.transport import HttpTransport  # as above

    def knock(order: Order) -> Door:
        return transport or HttpTransport(order.server_url, order.token, language=language)

    done = wiping.carry_out(path, knock)
    kind = DeviceWiped if done.left else DeviceWipedOutboxHere
    return kind(order=done.order, confirmed=done.confirmed, phone=SUPPORT_PHONE)
