"""What was erased is nowhere any more and comes back by no way: promise 17, and section 13 of the protocol.

What people typed can be found by its marks: ``boon-1@12`` was typed on boon-1 in step 12 and nowhere else.
"""

import re
from collections.abc import Iterable
from typing import Any

import msgspec

from tests.simulation.fleet import Fleet, Violation
from tests.simulation.phone import Phone

MARK = re.compile(r"[a-z]+-\d[\w']*@\d+")
HELD = (("record", "id"), ("witness", "id"), ("membership", "record"), ("searchable", "record"), ("file", "attachment"))
"""Tables of a device, and the column that names the record."""
PROMISE = "17 what was erased is gone"


class Erased:
    """No table of the centre and no device that is up to date has any word of it."""

    def __init__(self) -> None:
        self._erased: set[str] = set()
        self._marks: dict[str, str] = {}
        """Mark -> the record of which it was typed, erased since."""
        self._others: set[str] = set()
        """Marks that were also words of another record when theirs was erased: those stay its own."""
        self._complete: list[Phone] = []
        self._began: dict[int, int] = {}
        self._looked: int = 0

    def saved(self, fleet: Fleet, phone: Phone, ids: list[str]) -> None:
        if not self._erased:
            return
        typed = [fleet.journal.promises[id_] for id_ in ids]
        self._others |= _marks(_words(each.payload) for each in typed if each.record not in self._erased)
        self._marks = {mark: of for mark, of in self._marks.items() if mark not in self._others}
        self._marks |= self._typed_of(fleet, self._erased)

    def went_on(self, fleet: Fleet, sync: Any, exchange: Any, answer: Any) -> None:
        """A whole sync sends what waits first, and hears that it can never take effect."""
        if exchange is None:
            self._began[id(sync)] = fleet.number
        if self._erased and sync.complete and not sync.phone.gone and self._began.get(id(sync)) == fleet.number:
            self._complete.append(sync.phone)

    def check(self, fleet: Fleet) -> None:
        now = fleet.sight.erased
        if lost := self._erased - now:
            raise Violation(PROMISE, f"the centre no longer knows that {min(lost)[-6:]} was erased")
        if new := now - self._erased:
            self._learn(fleet, new)
        if self._erased:
            fleet.sight.once("nothing of the erased", lambda: self._look_at_centre(fleet))
        for phone in self._complete:
            self._look_at(fleet, phone)
        self._complete = []

    def _learn(self, fleet: Fleet, new: set[str]) -> None:
        self._erased |= new
        self._others |= _marks_elsewhere(fleet, self._erased)
        self._marks |= self._typed_of(fleet, self._erased)

    def _typed_of(self, fleet: Fleet, records: set[str]) -> dict[str, str]:
        """Return the marks that were first typed of some records."""
        found = {}
        for promise in fleet.journal.promises.values():
            if promise.record in records:
                own = f"{promise.phone}@{promise.step}"
                if own not in self._others and own in _words(promise.payload):
                    found[own] = promise.record
        return found

    def _look_at_centre(self, fleet: Fleet) -> bool:
        for table, columns in (("record", "data"), ("mutation", "payload, detail"), ("settlement", "reason")):
            for row in fleet.headquarters.rows(f"SELECT {columns} FROM {table}"):
                self._look("the centre's " + table, " ".join(part for part in row if part), self._erased)
        for record, data in fleet.headquarters.rows(
            "SELECT id, data FROM record WHERE id IN (SELECT record FROM erasure)"
        ):
            if msgspec.json.decode(data):
                raise Violation(PROMISE, f"record {record[-6:]} has content again")
        return True

    def _look_at(self, fleet: Fleet, phone: Phone) -> None:
        told = _told(fleet, phone)
        for table, column in HELD:
            if back := told & {row[0] for row in phone.rows(f"SELECT {column} FROM {table}")}:
                raise Violation(PROMISE, f"{phone.name} still has a {table} of {min(back)[-6:]}")
        for table in _tables(phone):
            for row in phone.rows(f'SELECT * FROM "{table}"'):
                words = " ".join(part for part in row if isinstance(part, str))
                self._look(f"{phone.name}'s {table}", words, told)

    def _look(self, where: str, words: str, told: set[str]) -> None:
        for mark in MARK.findall(words):
            if self._marks.get(mark) in told:
                raise Violation(PROMISE, f"{where} still says {mark}, of {self._marks[mark][-6:]}")


def _told(fleet: Fleet, phone: Phone) -> set[str]:
    """Return what was erased up to the commit of which this device had all pages; whoever has no role hears nothing."""
    known = phone.kit.identity
    if known.epoch != fleet.sight.epoch or not fleet.sight.grants.get(phone.user):
        return set()
    rows = fleet.headquarters.rows("SELECT record FROM erasure WHERE commit_number <= ?", (known.last_commit,))
    return {row[0] for row in rows}


def _marks_elsewhere(fleet: Fleet, erased: set[str]) -> set[str]:
    """Return the marks that stand in records which were not erased, or in what was written of them."""
    said = [row.payload or "" for row in fleet.sight.ledger if row.record not in erased]
    said += [_words(each.data) for each in fleet.sight.records.values() if each.type not in ("conflict", "notice")]
    for phone in fleet.phones:
        said += [row[0] for row in phone.rows("SELECT payload, record FROM mutation") if row[1] not in erased]
    said += [_words(each.payload) for each in fleet.journal.promises.values() if each.record not in erased]
    return _marks([*said, *_moved_elsewhere(fleet, erased)])


def _moved_elsewhere(fleet: Fleet, erased: set[str]) -> Iterable[str]:
    """Yield what staff said is another record's when they took two apart; it may be there only in a conflict."""
    apart = [row for row in fleet.sight.ledger if row.op == "unmerge" and row.accepted and row.record not in erased]
    for moved in (each for row in apart for each in row.said.get("moves", ())):
        if moved in fleet.journal.promises:
            yield _words(fleet.journal.promises[moved].payload)


def _marks(texts: Iterable[str]) -> set[str]:
    return {mark for text in texts for mark in MARK.findall(text)}


def _words(value: Any) -> str:
    return msgspec.json.encode(value).decode()


def _tables(phone: Phone) -> list[str]:
    """Return every table of a device's file that may hold words."""
    rows = phone.rows("SELECT name FROM sqlite_master WHERE type = 'table' ORDER BY name")
    return [name for (name,) in rows if name not in ("file_chunk", "meta")]
