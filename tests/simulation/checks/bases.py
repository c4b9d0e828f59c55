"""What an edit is said to rest on, as it lies on its device: promise 29."""

from typing import Any

from tests.simulation.fleet import Backup, Fleet, Violation
from tests.simulation.phone import Phone

PROMISE = "29 nothing is written over what its author had not seen"

_TYPED = """SELECT record, base FROM mutation AS made WHERE rowid >= (SELECT rowid FROM mutation WHERE id = ?)
    AND base > (SELECT min(base) FROM mutation AS older
        WHERE older.record = made.record AND older.state <> 'settled' AND older.rowid < made.rowid)"""
_HIGHEST = "SELECT (SELECT value FROM meta WHERE key = 'epoch'), (SELECT coalesce(max(base), 0) FROM mutation)"


class Bases:
    """The base of an edit is not above what its author saw, nor above what a restored centre knows."""

    def __init__(self) -> None:
        self._restored_to: dict[str, int] = {}
        """Epoch -> the commit that was restored when it began."""
        self._epochs: dict[str, str] = {}

    def saved(self, fleet: Fleet, phone: Phone, ids: list[str]) -> None:
        """Whoever types over an edit that waits has that edit before their eyes, and not a newer row under it."""
        if ids and (found := phone.rows(_TYPED, (ids[0],))):
            record, base = found[0]
            what = f"{phone.name} types on {record[-6:]} as of {base}, over an edit of its own that began earlier"
            raise Violation(PROMISE, what)

    def restored(self, fleet: Fleet, made: Backup) -> None:
        self._restored_to[f'"{fleet.sight.epoch}"'] = made.commit
        for phone in fleet.phones:
            self._epochs.setdefault(phone.name, _highest(phone)[0])

    def replaced(self, fleet: Fleet, phone: Phone) -> None:
        self._epochs.pop(phone.name, None)

    def went_on(self, fleet: Fleet, sync: Any, exchange: Any, answer: Any) -> None:
        """A device that enters a new epoch names no commit of the time that was lost: those are other changes now."""
        phone = sync.phone
        if not self._restored_to or phone.gone or (exchange and (answer is None or answer.status < 400)):
            return  # it hears of an epoch by a refusal only
        epoch, base = _highest(phone)
        before, self._epochs[phone.name] = self._epochs.get(phone.name, epoch), epoch
        restored_to = self._restored_to.get(epoch)
        if epoch != before and restored_to is not None and base > restored_to:
            raise Violation(PROMISE, f"an edit of {phone.name} rests on {base}, and {restored_to} was restored")


def _highest(phone: Phone) -> tuple[str, int]:
    """Return a device's epoch, as its file writes it, and the highest base in its log."""
    [(epoch, base)] = phone.rows(_HIGHEST)
    return epoch, base
