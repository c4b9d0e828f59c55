"""What the ledger's rows make of every record: told anew from the protocol's words, as plainly as can be.

Nothing of the product's rules is used here. What each row came to (outcome, conflicts, which record) is taken from the
ledger; that it may come to it (promise 29), and what every field says then, is worked out here.
"""

from dataclasses import dataclass, field
from typing import Any

from schemas.base import Merge
from schemas.records import RECORD_TYPES
from tests.simulation.checks import lines
from tests.simulation.checks.parts import merge_of, normal, parts_of, units_of, wanted_of
from tests.simulation.fleet import Violation
from tests.simulation.sight import Row

MERGED_INTO = "merged_into"
UNSEEN = "29 nothing is applied over what its author had not seen"


@dataclass
class Told:
    """One record, as told. ``versions``: the commit that last changed each field, for all that was ever in it."""

    id: str
    type: str
    owner: str
    version: int
    fields: dict[str, Any]
    versions: dict[str, int]
    created: int
    by_others: set[str] = field(default_factory=set)
    deleted: bool = False
    merged_into: str | None = None
    changes: list[tuple[int, str]] = field(default_factory=list)
    """(commit, incarnation) of every change, also of those that only added a contender."""
    closing: dict[str, Any] | None = None
    """What the edit said that ended it last."""
    closed_by: str = ""

    def version_of(self, name: str) -> int:
        return self.versions.get(name, self.created)

    def put(self, values: dict[str, Any], commit: int, by: str | None = None) -> None:
        """Set fields; an empty one is left out."""
        for name, value in values.items():
            self.fields.pop(name, None)
            if value is not None:
                self.fields[name] = value
            self.versions[name] = commit
        self.version = commit
        if by not in (None, self.owner):
            self.by_others.update(values)


@dataclass
class Dispute:
    """One conflict, as told. ``contenders``: mutation -> what it wanted; ``None`` where that is not told exactly."""

    record: str
    unit: str
    contenders: dict[str, Any] = field(default_factory=dict)
    latest: dict[str, str] = field(default_factory=dict)
    """Incarnation -> its latest contender, which a decision has to name."""
    resolved_by: str | None = None

    def contend(self, row: Row, wanted: Any) -> None:
        """Take a mutation among the contenders."""
        mutation = row.said["id"]
        self.contenders[mutation] = wanted
        self.latest[row.incarnation] = mutation


@dataclass
class Tale:
    """All records and conflicts, as told by the rows so far."""

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

    def tell(self, row: Row) -> None:
        """Go on by one row of the ledger."""
        self.length += 1
        if row.op == "erase":
            self._erase(row)
        elif not row.repeat and row.accepted:
            self.past[row.id] = self.past[row.releases or row.id] = self.past[row.sent_as] = row
            if row.payload is None:
                self.adopt.add(row.record)
            else:
                self._take(row, row.said)

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
        told = self.records.get(row.record)
        if told is None:
            if row.op != "create":
                raise Violation(
                    "15 every value traces", f"an accepted {row.op} of {row.type} {row.record[-6:]}, unknown"
                )
            self._create(row, said)
            return
        self._contend(row, said, told)
        before = told.version
        {"delete": self._delete, "merge": self._merge, "unmerge": self._unmerge}.get(row.op, self._update)(
            row, said, told
        )
        self._decide(row, said, told)
        if row.outcome == "unchanged" and told.version != before:
            raise Violation("1 nothing is lost", f"{row.op} of {row.type} {row.record[-6:]} was not unchanged: {said}")
        if row.outcome != "unchanged":
            told.changes.append((row.commit, row.incarnation))

    def _create(self, row: Row, said: dict[str, Any]) -> None:
        kind = RECORD_TYPES[row.type]
        data = {name: normal(kind, name, value) for name, value in said.get("data", {}).items()}
        owner = data.get("owner", row.author) if row.device == "centre" else row.author
        fields = {name: value for name, value in data.items() if value not in (None, [])}
        told = Told(row.record, row.type, owner, row.commit, fields, {}, row.commit)
        told.changes.append((row.commit, row.incarnation))
        self.records[row.record] = told
        if said.get("assumed"):  # named gap: which day the centre makes of a date that nobody typed
            self.adopt.add(row.record)

    # --- update

    def _update(self, row: Row, said: dict[str, Any], told: Told) -> None:
        kind, parts = RECORD_TYPES[told.type], parts_of(told.type, said)
        contested = {each["field"] for each in row.detail.get("conflicts", ())}
        if told.deleted and parts and contested != {"*"}:
            what = f"{row.outcome} {row.op} of deleted {row.type} {row.record[-6:]}: {sorted(contested)}"
            raise Violation("17 nothing is revived", what)
        if told.merged_into and not said.get("resolves") and told.id not in self.adopt:
            what = f"{row.outcome} {row.op} of {row.type} {row.record[-6:]}, which goes on in {told.merged_into[-6:]}"
            raise Violation("15 every value traces", what)
        if row.code == "out_of_scope" or not parts or told.deleted:
            return
        base = 0 if said["op"] == "create" or row.record != said["record"] else row.base
        settled = self._settled(said)
        before = dict(told.fields)
        for unit, names in units_of(kind, parts).items():
            if unit not in contested:
                self._meet(row, told, {name: parts.get(name) for name in names}, base, settled)
        self._close(row, told, parts, contested, before)
        given_back = contested - units_of(kind, parts).keys()
        if not given_back:
            _stays_open(row, told, before, base, settled)
        self._go_on(row, told, given_back)

    def _meet(self, row: Row, told: Told, parts: dict[str, Any], base: int, settled: set[str]) -> None:
        """Let one field, or one field group, meet what the record says."""
        [name, *more] = parts
        if not more and parts[name][0] == "delta":
            self._deltas(row, told, name, *parts[name][1:])
            return
        now = {each: told.fields.get(each) for each in parts}
        seen, to = ({each: part[place] for each, part in parts.items()} for place in (1, 2))
        if now == to:
            return
        version = max(told.version_of(each) for each in parts)
        merge = merge_of(told.type, name)
        if version <= base or now == seen or merge is Merge.LATEST or (name in settled and version <= row.base):
            told.put(to, row.commit, row.author)
            return
        if merge is Merge.TEXT and name not in settled:
            self._join(row, told, name, seen[name], to[name])
            return
        what = f"{list(parts)} of {told.type} {told.id[-6:]} was {now} of {version}, seen {seen} at {base}, made {to}"
        raise Violation(UNSEEN, what)

    def _join(self, row: Row, told: Told, name: str, seen: Any, to: Any) -> None:
        """19: where lines do not overlap, both are there."""
        texts = [value or "" for value in (seen, told.fields.get(name), to)]
        both = lines.joined(*texts)
        if not lines.is_plain(*texts):  # named gap: with a line that stands twice, several answers are right
            self.adopt.add(told.id)
        elif both is None:
            raise Violation(UNSEEN, f"{name} of {told.type} {told.id[-6:]}: overlapping lines were joined: {texts}")
        if both is not None and both != texts[1]:
            told.put({name: both or None}, row.commit, row.author)

    def _deltas(self, row: Row, told: Told, name: str, add: list[Any], remove: list[Any]) -> None:
        """18: an element goes only when it is taken away by name; of a log nothing ever goes."""
        before = list(told.fields.get(name) or [])
        if merge_of(told.type, name) is Merge.APPEND:
            known = {entry["id"] for entry in before}
            after = before + [entry for entry in add if entry["id"] not in known]
        else:
            after = sorted({*(each for each in before if each not in remove), *add})
        if after != before:
            told.put({name: after or None}, row.commit, row.author)

    # --- closing against raising

    def _close(self, row: Row, told: Told, parts: dict[str, Any], contested: set[str], before: dict[str, Any]) -> None:
        """Note which edit ended a record: not a second one of the same push, which found it ended."""
        ending = RECORD_TYPES[told.type].schema.ending
        if ending is None or ending.field not in parts or ending.field in contested:
            return
        if told.fields.get(ending.field) == ending.value != before.get(ending.field):
            told.closing = {name: part[1:] for name, part in parts.items() if part[0] == "value"}
            told.closed_by = row.id

    def _go_on(self, row: Row, told: Told, given_back: set[str]) -> None:
        """Give the fields of a closing back what they said before; they are contested without being in the edit."""
        given_back = given_back - {"*"}
        if not given_back:
            return
        ending, closing = RECORD_TYPES[told.type].schema.ending, told.closing
        if ending is None or closing is None:
            raise Violation("14 conflicts are about edits", f"{row.op} of {told.type} contests {sorted(given_back)}")
        wanted = {name for name in ending.fields if name in closing and closing[name][1] == told.fields.get(name)}
        if given_back != wanted:
            raise Violation("14 conflicts are about edits", f"a closing of {sorted(wanted)} gives {sorted(given_back)}")
        told.put({name: closing[name][0] for name in given_back}, row.commit)

    # --- delete, merge, unmerge

    def _delete(self, row: Row, said: dict[str, Any], told: Told) -> None:
        if row.outcome in ("conflicted", "unchanged"):
            return
        others = [commit for commit, incarnation in told.changes if incarnation != row.incarnation]
        if told.version > row.base and any(commit > row.base for commit in others):
            raise Violation(UNSEEN, f"{told.type} {told.id[-6:]} of {told.version} was deleted by who saw {row.base}")
        joined = [each.id for each in self.records.values() if each.merged_into == told.id]
        if joined and not said.get("resolves"):
            raise Violation(UNSEEN, f"{told.type} {told.id[-6:]} was deleted, in which {joined[0][-6:]} goes on")
        told.deleted, told.version = True, row.commit

    def _merge(self, row: Row, said: dict[str, Any], told: Told) -> None:
        if row.outcome == "unchanged":
            return
        self.kin |= {told.id, *self.chain(said["into"])}
        if told.id in self.chain(said["into"]) or told.merged_into or told.deleted:
            raise Violation("15 every value traces", f"{told.type} {told.id[-6:]} cannot be merged as it was")
        told.merged_into, told.versions[MERGED_INTO], told.version = said["into"], row.commit, row.commit

    def chain(self, record: str) -> list[str]:
        """Return a record and those in which it goes on, in order."""
        found = [record]
        while (told := self.records.get(found[-1])) is not None and told.merged_into:
            found.append(told.merged_into)
        return found

    def _unmerge(self, row: Row, said: dict[str, Any], told: Told) -> None:
        merge, chain = self.past[said["undoes"]], self.chain(told.id)[1:]
        if told.merged_into is None or told.version_of(MERGED_INTO) != merge.commit:
            raise Violation("15 every value traces", f"{told.type} {told.id[-6:]} was taken apart, and was not merged")
        rows = sorted({each.id: each for each in self.past.values()}.values())
        moved = [each for each in rows if {each.id, each.releases, each.sent_as} & set(said.get("moves", ()))]
        chosen = [each for each in rows if (each.commit, each.group) == (merge.commit, merge.group)]
        if any(each.payload is None for each in [*chosen, *moved]):
            self.adopt |= {told.id, *chain}
        told.merged_into, told.versions[MERGED_INTO], told.version = None, row.commit, row.commit
        left = self._lay_over(row, told, moved) - {each["field"] for each in row.detail.get("conflicts", ())}
        if left and told.id not in self.adopt:
            what = f"{sorted(left)} came back to {told.type} {told.id[-6:]}, does not fit and contends nowhere"
            raise Violation("1 nothing is lost", what)
        for record in chain:
            edits = [each for each in chosen + moved if each.record == record and each.op == "update" and each.payload]
            self._undo(row, self.records[record], edits)

    def _lay_over(self, row: Row, told: Told, moved: list[Row]) -> set[str]:
        """Lay edits on a record that comes back; return where it says something else by now: they are contenders."""
        unfit: set[str] = set()
        for edit in moved:
            parts = parts_of(told.type, edit.said) if edit.payload else {}
            for unit, names in units_of(RECORD_TYPES[told.type], parts).items():
                if all(parts[name][0] == "value" for name in names):
                    if any(told.fields.get(name) not in parts[name][1:] for name in names):
                        unfit.add(unit)
                        continue
                    told.put({name: parts[name][2] for name in names}, row.commit, row.author)
                else:  # named gap: elements that come back to a list
                    self.adopt.add(told.id)
        return unfit

    def _undo(self, row: Row, told: Told, edits: list[Row]) -> None:
        """Give fields back what they were before some edits, where these are still the last word on them."""
        back: dict[str, Any] = {}
        for edit in reversed(edits):
            parts = parts_of(told.type, edit.said)
            for names in units_of(RECORD_TYPES[told.type], parts).values():
                if any(parts[name][0] != "value" for name in names):
                    continue
                stands = {
                    back[name] == parts[name][2]
                    if name in back
                    else (told.version_of(name), told.fields.get(name)) == (edit.commit, parts[name][2])
                    for name in names
                }
                if stands == {True}:
                    back |= {name: parts[name][1] for name in names}
        if back:
            told.put(back, row.commit, row.author)

    # --- conflicts

    def _settled(self, said: dict[str, Any]) -> set[str]:
        """Return the fields whose conflicts a mutation decides."""
        found: set[str] = set()
        for each in said.get("resolves", ()):
            dispute = self.disputes.get(each["conflict"])
            if dispute is not None:
                kind = RECORD_TYPES[self.records[dispute.record].type]
                found.update(kind.groups.get(dispute.unit, (dispute.unit,)))
        return found

    def _contend(self, row: Row, said: dict[str, Any], told: Told) -> None:
        """Note who contends in which conflicts by this row."""
        parts = parts_of(told.type, said) if row.op in ("create", "update") else {}
        units = units_of(RECORD_TYPES[told.type], parts)
        for each in row.detail.get("conflicts", ()):
            dispute = self.disputes.setdefault(each["record"], Dispute(told.id, each["field"]))
            if (dispute.record, dispute.unit) != (told.id, each["field"]) or dispute.resolved_by:
                raise Violation("14 a conflict is about one field", f"{each['field']} of {told.type} {told.id[-6:]}")
            if each["field"] in units:
                dispute.contend(row, wanted_of(each["field"], units[each["field"]], parts))
            elif row.op == "unmerge":
                self.adopt.add(each["record"])  # named gap: which of the edits that come back it is
            elif each["field"] == "*":
                dispute.contend(row, None)
            else:
                dispute.contend(self.past[told.closed_by], None)

    def _decide(self, row: Row, said: dict[str, Any], told: Told) -> None:
        """14: a conflict is closed by who has seen all of its contenders."""
        for each in said.get("resolves", ()):
            dispute = self.disputes.get(each["conflict"])
            if dispute is None or dispute.record != told.id or dispute.resolved_by:
                raise Violation("14 closed by a resolution", f"{told.type} {told.id[-6:]}: what is decided is not open")
            if unseen := set(dispute.latest.values()) - set(each["contenders"]) - {said["id"]}:
                what = f"{dispute.unit} of {told.type} {told.id[-6:]}: {len(unseen)} contenders were not seen"
                raise Violation("14 closed by a resolution", what)
            dispute.resolved_by = said["id"]


def _stays_open(row: Row, told: Told, before: dict[str, Any], base: int, settled: set[str]) -> None:
    """A case that one closes and another raises, neither seeing the other, is not closed afterwards."""
    ending = RECORD_TYPES[told.type].schema.ending
    if ending is None or told.fields.get(ending.field) != ending.value or ending.field in settled:
        return
    raised = [name for name, values in ending.against.items() if told.fields.get(name) in values]
    closes = before.get(ending.field) != ending.value
    for name in raised:
        other = name if closes else ending.field
        raises = before.get(name) != told.fields.get(name)
        if (closes or raises) and told.version_of(other) < row.commit and _unseen(row, told, other, base):
            raise Violation("29 a raised case stays open", f"{told.type} {told.id[-6:]}: {row.op} at {row.commit}")


def _unseen(row: Row, told: Told, name: str, base: int) -> bool:
    """Tell whether somebody else set a field after what an author began from."""
    version = told.version_of(name)
    writers = {incarnation for commit, incarnation in told.changes if commit == version}
    return version > base and row.incarnation not in writers
