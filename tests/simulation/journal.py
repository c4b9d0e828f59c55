"""What was promised to whom: every mutation that a device said it had saved, and what became of it since."""

from dataclasses import dataclass, field
from typing import Any

import msgspec


@dataclass(frozen=True)
class Promise:
    """One mutation of a Save that returned."""

    id: str
    phone: str
    user: str
    lane: str
    save: str
    op: str
    type: str
    record: str
    payload: dict[str, Any]
    step: int
    base: int
    press: int
    """Which press of Save it belongs to, as this journal counts them; an emergency that goes ahead counts alone."""


@dataclass
class Journal:
    """Kept beside the fleet, out of reach of its code and of its accidents."""

    promises: dict[str, Promise] = field(default_factory=dict)
    answered: dict[str, str] = field(default_factory=dict)
    """Mutation -> the outcome of its first answer that left the centre."""
    forgiven: set[str] = field(default_factory=set)
    """Mutations of which every copy was destroyed by something that no program can mend."""
    backed_up: set[str] = field(default_factory=set)
    """Mutations in the ledger of a backup that was verified."""

    presses: int = 0
    groups: dict[int, list[str]] = field(default_factory=dict)
    """Press of Save -> its mutations, of those that have several."""

    def promise(self, phone: str, user: str, rows: list[Any], step: int) -> None:
        """Keep what lies in a log after one press of Save."""
        self.presses += 1
        together = self.presses
        for id_, lane, save, op, kind, record, payload, base in rows:
            said = msgspec.json.decode(payload)
            self.presses += lane == "urgent"
            press = self.presses if lane == "urgent" else together
            self.promises[id_] = Promise(id_, phone, user, lane, save, op, kind, record, said, step, base, press)
        members = [row[0] for row in rows if row[1] != "urgent"]
        if len(members) > 1:
            self.groups[together] = members
