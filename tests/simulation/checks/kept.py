"""Nothing that anyone typed is lost: promises 1, 5, 6 and 24; and what it rested on stays what it was: 29."""

from collections.abc import Mapping
from typing import Any

import msgspec

from tests.simulation.checks.visible import body_of
from tests.simulation.fleet import Backup, Fleet, Violation
from tests.simulation.headquarters import Answer, Request
from tests.simulation.phone import Phone
from tests.simulation.sealed import sealed_edits
from tests.simulation.sight import Row

SAFE = "6 pruned only when safe"
PARTS = ("data", "set", "add", "remove", "into", "reason")
"""What of a mutation its author made."""


class Kept:
    """Every mutation that a device said it had saved is on a device or in the ledger, as it was typed."""

    def __init__(self) -> None:
        self._compared: set[str] = set()
        self._known: set[str] = set()
        self._contents: dict[str, str] = {}
        """What an edit says, whatever its id and place -> its id."""
        self._covered: set[str] = set()
        """What a verified backup holds, of the life that the centre is in."""
        self._through: dict[tuple[str, ...], int] = {}
        """Epoch, device, incarnation and lane -> up to which number it was told to be safe."""
        self._safe: set[str] = set()
        """What devices were told that they may forget, and no restore to an older backup has lost since."""
        self._told_safe: set[str] = set()
        self._replaced: set[str] = set()
        """What was typed on devices whose file was later replaced by an older copy."""

    def answered(self, fleet: Fleet, request: Request, answer: Answer) -> None:
        """5: no acknowledgement precedes a durable commit."""
        if not request.path.endswith("/sync/push") or answer.status != 200:
            return
        reply, ledger = answer.json, fleet.sight.ledger_ids
        for each in reply["outcomes"]:
            fleet.journal.answered.setdefault(each["id"], each["outcome"])
            if each["id"] not in ledger:
                raise Violation("5 acknowledged after commit", f"{each['outcome']} without a row in the ledger")
        if reply["safe_through"]:
            self._called_safe(fleet, body_of(request), reply["safe_through"])

    def _called_safe(self, fleet: Fleet, push: Mapping[str, Any], through: int) -> None:
        """6: what a device is told to be safe is in a verified backup, of the life that the centre is in."""
        lane = push["device"], push["incarnation"], push["lane"]
        if self._through.get((fleet.sight.epoch, *lane)) == through:
            return
        self._through[fleet.sight.epoch, *lane] = through
        numbered = [row for row in fleet.sight.ledger if (row.device, row.incarnation, row.lane) == lane]
        safe = {row.id for row in numbered if row.seq is not None and row.seq <= through}
        if unsure := safe - self._covered:
            raise Violation(SAFE, f"{len(unsure)} edits up to {through} are called safe, in no verified backup")
        self._safe |= safe
        self._told_safe |= safe

    def verified(self, fleet: Fleet, made: Backup) -> None:
        self._covered |= made.ledger

    def check(self, fleet: Fleet) -> None:
        """1: on a device or in the ledger; 6: a device forgets only what it was told to be safe."""
        journal, ledger = fleet.journal, fleet.sight.ledger_ids
        on_devices = {row[0] for phone in fleet.phones for row in phone.rows("SELECT id FROM mutation")}
        missing = journal.promises.keys() - ledger - on_devices - journal.forgiven
        if missing and (missing := missing - sealed_edits(fleet)):
            lost = journal.promises[min(missing)]
            raise Violation("1 nothing is lost", f"{lost.op} {lost.type} of {lost.phone} typed at step {lost.step}")
        forgotten = journal.promises.keys() - on_devices - self._told_safe - journal.forgiven - self._of_the_gone(fleet)
        if forgotten:
            early = journal.promises[min(forgotten)]
            raise Violation(SAFE, f"{early.op} {early.type} of {early.phone}, which was never told that it is")
        self._compare(fleet)

    def _of_the_gone(self, fleet: Fleet) -> set[str]:
        here = {phone.name for phone in fleet.phones}
        promises = fleet.journal.promises.values()
        return {each.id for each in promises if each.phone not in here or each.id in self._replaced}

    def restored(self, fleet: Fleet, made: Backup) -> None:
        """25: with a backup that covers all that counted nothing is lost of what devices may have forgotten.

        What a restored centre takes anew is compared anew.
        """
        self._compared.clear()
        if self._covered <= made.ledger and (lost := self._safe - fleet.sight.ledger_ids):
            raise Violation("25 a restore loses nothing", f"{len(lost)} edits were called safe, and are not restored")
        self._covered &= made.ledger
        self._safe &= made.ledger

    def replaced(self, fleet: Fleet, phone: Phone) -> None:
        """An old copy of a device's file knows nothing of what it sent since."""
        self._replaced |= {each.id for each in fleet.journal.promises.values() if each.phone == phone.name}

    def _is_no_copy(self, fleet: Fleet, row: Row) -> None:
        """2: an edit that nobody typed does not say to the instant what another one says."""
        said = {name: value for name, value in row.said.items() if name not in ("id", "seq", "base")}
        other = self._contents.setdefault(msgspec.json.encode(said, order="sorted").decode(), row.id)
        if said.get("recorded_at") and other != row.id and not {row.id, other} <= fleet.journal.promises.keys():
            raise Violation("2 at most once", f"{row.op} of {row.type} came under two ids")

    def _compare(self, fleet: Fleet) -> None:
        """1: what the ledger has of a mutation is what was typed, once it is there."""
        for row in fleet.sight.ledger:
            promise = fleet.journal.promises.get(row.id)
            if row.id not in self._known and row.payload is not None and not row.repeat and not row.releases:
                self._known.add(row.id)
                self._is_no_copy(fleet, row)
            if promise is None or row.id in self._compared or row.payload is None:
                continue
            self._compared.add(row.id)
            said = row.said
            if said.get("base", 0) > promise.base:  # a restore lowers it; nothing may raise it
                what = f"{row.op} of {row.type} rested on {promise.base}, and is said to rest on {said['base']}"
                raise Violation("29 nothing is written over what its author had not seen", what)
            for part in PARTS:
                if said.get(part) != promise.payload.get(part):
                    typed = msgspec.json.encode(promise.payload.get(part)).decode()
                    raise Violation("1 nothing is lost", f"{part} of {row.op} {row.type} is not as typed: {typed}")
