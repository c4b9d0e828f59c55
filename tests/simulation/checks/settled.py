"""What was settled on a device stays settled: promise 20."""

from typing import Any

from tests.simulation.fleet import Fleet, Violation
from tests.simulation.phone import Phone

_STATES = """SELECT (SELECT value FROM meta WHERE key = 'epoch'), coalesce(group_concat(id) FILTER
    (WHERE state = 'settled'), ''), group_concat(id) FILTER (WHERE state = 'pending') FROM mutation"""


class Settled:
    """An edit whose end its author has seen does not lie over newer rows again. A new epoch may ask for it anew."""

    def __init__(self) -> None:
        self._settled: dict[str, tuple[str, str]] = {}
        """Device -> its epoch, and the ids of what was settled there."""

    def replaced(self, fleet: Fleet, phone: Phone) -> None:
        """An old copy of a device's file says itself what was settled then."""
        self._settled.pop(phone.name, None)
        self._look(phone)

    def went_on(self, fleet: Fleet, sync: Any, exchange: Any, answer: Any) -> None:
        if not sync.phone.gone:
            self._look(sync.phone)

    def _look(self, phone: Phone) -> None:
        [(epoch, settled, pending)] = phone.rows(_STATES)
        known, before = self._settled.get(phone.name, (epoch, ""))
        if pending and known == epoch and (back := [id_ for id_ in pending.split(",") if id_ in before]):
            what = f"{phone.name} lays {len(back)} edits over its rows again that were settled"
            raise Violation("20 nothing gets older", what)
        self._settled[phone.name] = epoch, settled
