"""Sealed work that a device carries stays on it until the centre has it: promises 1 and 28 for deliveries."""

from typing import Any

from tests.simulation.enrolling_again import is_stranded
from tests.simulation.fleet import Fleet, Violation
from tests.simulation.headquarters import Answer, Request
from tests.simulation.phone import Phone


class Carried:
    """A carrier forgets only what the centre keeps, and brings everything in the end."""

    def __init__(self) -> None:
        self._carried: dict[str, set[str]] = {}
        self._received: set[str] = set()

    def answered(self, fleet: Fleet, request: Request, answer: Answer) -> None:
        """5: a receipt is given for what is kept, and for nothing else. A restore may lose it again."""
        if request.path.endswith("/deliveries") and answer.status == 201:
            digest = answer.json["sha256"]
            if not fleet.headquarters.rows("SELECT 1 FROM delivery WHERE sha256 = ?", (digest,)):
                raise Violation("5 acknowledged after commit", "a receipt for a sealed part that is not there")
            self._received.add(digest)

    def replaced(self, fleet: Fleet, phone: Phone) -> None:
        self._carried.pop(phone.name, None)

    def went_on(self, fleet: Fleet, sync: Any, exchange: Any, answer: Any) -> None:
        phone = sync.phone
        if phone.gone:
            return
        now = {row[0] for row in phone.rows("SELECT sha256 FROM carried")}
        if self._carried.get(phone.name, set()) - now - self._received:
            raise Violation("1 nothing is lost", f"{phone.name} gave up a sealed part that the centre never had")
        self._carried[phone.name] = now

    def at_peace(self, fleet: Fleet) -> None:
        for phone in fleet.phones:
            carried = phone.rows("SELECT count(*) FROM carried")[0][0]
            if carried and not is_stranded(fleet, phone):
                raise Violation("28 queues drain", f"{phone.name} still carries {carried} sealed parts")
