"""All records and conflicts, as the ledger's rows make them: what each row came to, and whether it should have."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any

from schemas.base import Carry
from schemas.records import RECORD_TYPES
from tests.simulation.fleet import Violation
from tests.simulation.sight import Row
from tests.simulation.telling import disputes, edits, merging, refusals
from tests.simulation.telling.parts import normal
from tests.simulation.telling.told import MERGED_INTO, RIGHT, TRACES, Dispute, Told

WAYS = {"delete": merging.delete, "merge": merging.merge, "unmerge": merging.unmerge}
"""Every other way of changing a record is an edit of its fields."""


@dataclass
class Tale:
    """What was told so far."""

    records: dict[str, Told] = field(default_factory=dict)
    disputes: dict[str, Dispute] = field(default_factory=dict)
    past: dict[str, Row] = field(default_factory=dict)
    """Every accepted mutation, under its own id and under that of what it lets go."""
    kin: set[str] = field(default_factory=set)
    """Records that were ever merged with others: they get a new version when their family moves."""
    adopt: set[str] = field(default_factory=set)
    """Records whose story cannot be told, since a part of it was erased: they are believed once."""
    erased: set[str] = field(default_factory=set)
    length: int = 0
    """How many rows were told."""

    def tell(self, row: Row, group: Sequence[Row]) -> None:
        """Go on by one row of the ledger. ``group``: all rows of its press of Save."""
        self.length += 1
        if row.op == "erase":
            self._erase(row)
        elif row.repeat:
            return
        elif not row.accepted:
            refusals.confirm(self, row, group)
        else:
            self.past[row.id] = self.past[row.releases or row.id] = self.past[row.sent_as] = row
            self._take(row, row.said)

    def chain(self, record: str) -> list[str]:
        """Return a record and those in which it goes on, in order."""
        found = [record]
        while (told := self.records.get(found[-1])) is not None and told.merged_into:
            found.append(told.merged_into)
        return found

    def into(self, record: str) -> list[str]:
        """Return the records that go on in one."""
        return [each.id for each in self.records.values() if each.merged_into == record]

    def is_known(self, record: str) -> bool:
        """Tell whether the centre has heard of a record; of an erased one it keeps the mark."""
        return record in self.records or record in self.erased

    def is_sure_of(self, told: Told) -> bool:
        """Tell whether what is told of a record is exact."""
        return told.id not in self.adopt

    def _erase(self, row: Row) -> None:
        """Nothing is left of a record but its mark; after a restore there is a mark also of what was never known."""
        self.erased.add(row.record)
        self.adopt.add(row.record)
        emptied = set(row.said.get("astray", ()))  # its words that stood under records it was merged with
        self.past |= {id_: each._replace(payload=None) for id_, each in self.past.items() if each.id in emptied}
        for told in self.records.values():  # of what a restored backup has as merged into it: that goes on alone
            if told.merged_into == row.record:
                told.merged_into, told.versions[MERGED_INTO], told.version = None, row.commit, row.commit

    def _take(self, row: Row, said: dict[str, Any]) -> None:
        """Let an accepted mutation take effect, and note who changed what."""
        told = self.records.get(row.record)
        if not said:
            self.adopt.add(row.record)
        elif told is None:
            told = self._create(row, said)
        else:
            self._change(row, said, told)
        if told is not None and row.outcome != "unchanged":
            told.changes.append((row.commit, row.incarnation))

    def _create(self, row: Row, said: dict[str, Any]) -> Told:
        if row.op != "create":
            raise Violation(TRACES, f"an accepted {row.op} of {row.type} {row.record[-6:]}, unknown")
        kind = RECORD_TYPES[row.type]
        data = {name: normal(kind, name, value) for name, value in said.get("data", {}).items()}
        owner = data.get("owner", row.author) if row.device == "centre" else row.author
        fields = {name: value for name, value in data.items() if value not in (None, [])}
        told = self.records[row.record] = Told(row.record, row.type, owner, row.commit, fields, {}, row.commit)
        if said.get("assumed"):  # named gap: which day the centre makes of a date that nobody typed
            self.adopt.add(row.record)
        self._names_what_is_there(row, fields)
        if row.outcome != "applied":
            raise Violation(RIGHT, f"a creation of {told} was {row.outcome}")
        return told

    def _names_what_is_there(self, row: Row, fields: dict[str, Any]) -> None:
        """A creation waits for the records on which it hangs."""
        kind = RECORD_TYPES[row.type]
        named = {parent for carry in (Carry.BY, Carry.WITH) for parent in kind.named(fields, carry)}
        if unknown := sorted(each for each in named if not self.is_known(each)):
            raise Violation(RIGHT, f"{row.type} {row.record[-6:]} hangs on {unknown[0][-6:]}, which nobody has sent")

    def _change(self, row: Row, said: dict[str, Any], told: Told) -> None:
        before = told.version
        disputes.contend(self, row, said, told)
        WAYS.get(row.op, edits.update)(self, row, said, told)
        disputes.decide(self, row, said, told)
        if row.outcome == "unchanged" and told.version != before:
            raise Violation("1 nothing is lost", f"{row.op} of {told} was not unchanged: {said}")
