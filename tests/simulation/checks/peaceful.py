"""What holds once the faults have stopped and everybody has synced: promises 3, 8, 9, 25 and 28."""

from collections import defaultdict
from typing import Any

from tests.simulation.checks.visible import compare_all
from tests.simulation.enrolling_again import is_stranded
from tests.simulation.fleet import Fleet, Violation
from tests.simulation.phone import Phone
from tests.simulation.sealed import sealed_edits
from tests.simulation.sight import Row


class Peaceful:
    """Everything has arrived, every queue is empty, every device holds what is its."""

    def at_peace(self, fleet: Fleet) -> None:
        ledger = fleet.sight.ledger_ids
        stranded = {phone.name for phone in fleet.phones if is_stranded(fleet, phone)}
        there = ledger | sealed_edits(fleet) | {row[0] for row in _kept_on(fleet, stranded)}
        for promise in fleet.journal.promises.values():
            if promise.id not in there and promise.id not in fleet.journal.forgiven:
                raise Violation(
                    "3 everything arrives", f"{promise.op} {promise.type} of {promise.phone} has no outcome"
                )
        reached = [each for each in fleet.phones if each.name not in stranded]
        for phone in reached:
            if waiting := phone.rows("SELECT count(*) FROM mutation WHERE unanswered = 1")[0][0]:
                raise Violation("28 queues drain", f"{waiting} edits still wait on {phone.name}")
            compare_all(fleet, phone)
        final = _final(fleet.sight.ledger)
        self._outcomes_known(fleet, reached, final)
        self._nothing_held_in_vain(fleet, final)

    def _outcomes_known(self, fleet: Fleet, phones: list[Phone], final: dict[str, list[Row]]) -> None:
        """3: what a device says became of an edit is the last that the ledger says of it.

        Who has no role left hears of no notice: there it may be any word that the ledger ever had.
        """
        for phone in phones:
            hears = f"user:{phone.user}" in fleet.sight.grants.get(phone.user, ())
            for id_, outcome in phone.rows("SELECT id, outcome FROM mutation WHERE code IS NOT 'erased'"):
                said = final.get(id_, [])
                if said and outcome not in {row.outcome for row in (said[-1:] if hears else said)}:
                    row = said[-1]
                    what = f"{phone.name} says {outcome} of a {row.op} of {row.type} that was {row.outcome}"
                    raise Violation("3 everybody knows what became of it", what)

    def _nothing_held_in_vain(self, fleet: Fleet, final: dict[str, list[Row]]) -> None:
        """28: nothing waits for a record that has arrived."""
        waits = dict(fleet.headquarters.rows("SELECT id, waits_for FROM mutation WHERE waits_for IS NOT NULL"))
        settled = {row[0] for row in fleet.headquarters.rows("SELECT mutation FROM settlement")}
        for id_, rows in final.items():
            last = rows[-1]
            if last.outcome == "held" and id_ not in settled and waits.get(last.id) in fleet.sight.records:
                raise Violation("28 queues drain", f"a {last.op} of {last.type} waits for a record that is there")


def _kept_on(fleet: Fleet, stranded: set[str]) -> list[Any]:
    """Return what lies on devices that were cancelled when their token had ended: it is exported by hand."""
    return [row for phone in fleet.phones if phone.name in stranded for row in phone.rows("SELECT id FROM mutation")]


def _final(ledger: list[Row]) -> dict[str, list[Row]]:
    """Return what was said of each mutation, in order: when it first came, and when it was let go."""
    found: dict[str, list[Row]] = defaultdict(list)
    first: dict[str, str] = {}
    for row in ledger:  # what is let go may have to wait again: each time a new row, which names the one before
        first[row.id] = first.get(row.releases, row.releases) if row.releases else row.id
        found[first[row.id]].append(row)
    return dict(found)
