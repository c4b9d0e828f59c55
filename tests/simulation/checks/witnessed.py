"""Rows that a restored centre has lost go with the sealed outbox of a device that wipes itself: promise 25."""

from functools import lru_cache
from typing import Any

from sync.unsent import parts_of, work_in
from tests.simulation.fleet import Backup, Fleet, Violation
from tests.simulation.homes import sealed_outbox
from tests.simulation.people import beginning
from tests.simulation.phone import Phone

Key = tuple[str, int]
"""A record and its version."""


class Witnessed:
    """A device takes no row with it that it had yet to offer."""

    def __init__(self) -> None:
        self._restored = False
        self._waiting: dict[str, frozenset[Key]] = {}
        """Device -> what it had yet to offer when it was last seen."""

    def restored(self, fleet: Fleet, made: Backup) -> None:
        self._restored = True

    def replaced(self, fleet: Fleet, phone: Phone) -> None:
        self._look(phone)

    def went_on(self, fleet: Fleet, sync: Any, exchange: Any, answer: Any) -> None:
        if self._restored and not sync.phone.gone:
            self._look(sync.phone)

    def wiped(self, fleet: Fleet, phone: Phone) -> None:
        waiting = self._waiting.pop(phone.name, frozenset())
        if waiting and (lost := waiting - _sealed(phone)):
            raise Violation("25 a restore loses nothing", f"{phone.name} wiped {len(lost)} rows that it had to offer")

    def _look(self, phone: Phone) -> None:
        self._waiting[phone.name] = frozenset(phone.rows("SELECT id, version FROM witness"))


def _sealed(phone: Phone) -> frozenset[Key]:
    outbox = sealed_outbox(phone.kit.database.path)
    return frozenset().union(*(_opened(part) for part in parts_of(outbox))) if outbox else frozenset()


@lru_cache(256)
def _opened(part: bytes) -> frozenset[Key]:
    inside = beginning().headquarters.centre.keys.open(part)
    work = work_in(inside) if inside else None
    return frozenset((each.record, each.version) for each in (work.witnesses or ())) if work else frozenset()
