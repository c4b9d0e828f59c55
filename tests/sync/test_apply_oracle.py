"""Three people write about one record, offline, in any order; whatever they do, nothing that anyone typed is lost.

Every value typed is unique, so where it went can be told without knowing how anything merges: that is the oracle.
"""

from dataclasses import dataclass, field
from typing import Any

import pytest
from hypothesis import Phase, settings
from hypothesis import strategies as st
from hypothesis.stateful import (
    RuleBasedStateMachine,
    initialize,
    invariant,
    precondition,
    rule,
    run_state_machine_as_test,
)

from schemas.base import Merge
from sync.merge import DELTAS, RULES, Meeting, Met, Verdict
from sync.mutation import Mutation
from sync.outgoing import base_of, deltas
from sync.overlay import overlay
from tests.sync.desk import Desk, Pen, resolving, uuid
from tests.sync.note import NOTE, TYPES

RECORD = uuid(1)
FIRST_TEXT = "one\ntwo\nthree\nfour\nfive\nsix"


@dataclass
class Device:
    """What a device keeps: the last row from the centre, and its own work until a pull has shown it."""

    pen: Pen
    row: dict[str, Any] | None = None
    version: int = 0
    unsent: list[Mutation] = field(default_factory=list)
    answered: list[Mutation] = field(default_factory=list)

    @property
    def pending(self) -> list[Mutation]:
        return self.answered + self.unsent

    def shown(self) -> dict[str, Any] | None:
        return overlay(NOTE, self.row, self.pending)

    def base(self) -> int:
        return base_of([each.base for each in self.pending], self.version)

    def pull(self, desk: Desk) -> None:
        centre = desk.records[RECORD]
        self.row, self.version = (None if centre.deleted else dict(centre.data)), centre.version
        self.answered = []


names = st.sampled_from(["alice", "bob", "carol"])


class ThreeWriters(RuleBasedStateMachine):
    @initialize()
    def begin(self) -> None:
        self.desk = Desk(TYPES)
        self.devices = {name: Device(self.desk.writer(name)) for name in ("alice", "bob", "carol")}
        start = {"colour": "c0", "label": "l0", "x": 0, "y": 0, "tags": ["t0"], "text": FIRST_TEXT}
        self.devices["alice"].pen.create("note", RECORD, start)
        for device in self.devices.values():
            device.pull(self.desk)
        self.typed = 0
        self.arrived: list[Mutation] = []
        self.shown_to_deleters: dict[str, Any] = {}
        self.was_deleted = False

    def unique(self) -> int:
        self.typed += 1
        return self.typed

    def save(self, device: Device, **wanted: Any) -> None:
        """Press Save with some fields changed, as the form would."""
        shown = device.shown()
        if shown is not None and (edit := deltas(NOTE, shown, wanted)):
            device.unsent.append(device.pen.edited("note", RECORD, device.base(), **edit._asdict()))

    # --- what people do

    @rule(name=names)
    def type_a_colour(self, name: str) -> None:
        self.save(self.devices[name], colour=f"c{self.unique()}")

    @rule(name=names)
    def type_a_label(self, name: str) -> None:
        self.save(self.devices[name], label=f"l{self.unique()}")

    @rule(name=names)
    def set_the_position(self, name: str) -> None:
        number = self.unique()
        self.save(self.devices[name], x=number, y=-number)

    @rule(name=names)
    def add_a_tag(self, name: str) -> None:
        device = self.devices[name]
        self.save(device, tags=sorted([*(device.shown() or {}).get("tags", []), f"t{self.unique()}"]))

    @rule(name=names, which=st.integers(0, 9))
    def remove_a_tag(self, name: str, which: int) -> None:
        device = self.devices[name]
        if tags := (device.shown() or {}).get("tags"):
            self.save(device, tags=[tag for tag in tags if tag != tags[which % len(tags)]] or None)

    @rule(name=names, where=st.integers(0, 9))
    def insert_a_line(self, name: str, where: int) -> None:
        device = self.devices[name]
        lines = (device.shown() or {}).get("text", "x").split("\n")
        at = where % (len(lines) + 1)
        self.save(device, text="\n".join([*lines[:at], f"line{self.unique()}", *lines[at:]]))

    @rule(name=names, which=st.integers(0, 9))
    def remove_a_line(self, name: str, which: int) -> None:
        device = self.devices[name]
        lines = (device.shown() or {}).get("text", "").split("\n")
        if len(lines) > 1:
            at = which % len(lines)
            self.save(device, text="\n".join([*lines[:at], *lines[at + 1 :]]))

    @precondition(lambda self: self.typed > 6)  # a deletion ends most of the story
    @rule(name=names)
    def delete(self, name: str) -> None:
        device = self.devices[name]
        if (shown := device.shown()) is not None:
            delete = device.pen.deleted("note", RECORD, device.base())
            self.shown_to_deleters[delete.id] = shown
            device.unsent.append(delete)

    @rule(name=names, count=st.sampled_from([1, 99]))
    def push(self, name: str, count: int) -> None:
        device = self.devices[name]
        for mutation in device.unsent[:count]:
            before = self.desk.records[RECORD]
            outcome = device.pen.push(mutation)[0]
            assert outcome in ("applied", "merged", "unchanged", "conflicted")
            if mutation.id in self.shown_to_deleters and outcome == "applied":
                assert before.data == self.shown_to_deleters[mutation.id], (
                    "a delete hides a change its author had not seen"
                )
            self.arrived.append(mutation)
            device.answered.append(device.unsent.pop(0))

    @rule(name=names)
    def pull(self, name: str) -> None:
        self.devices[name].pull(self.desk)

    @precondition(lambda self: self.desk.conflicts())
    @rule(name=names, which=st.integers(0, 9))
    def decide_a_conflict(self, name: str, which: int) -> None:
        """Decide from what the centre says now, for one contender or for the central value."""
        key, conflict = sorted(self.desk.conflicts().items())[which % len(self.desk.conflicts())]
        record, unit = self.desk.records[RECORD], conflict["field"]
        fields = NOTE.groups.get(unit, (unit,))
        chosen = conflict["contenders"][-1]["value"] if which % 2 and unit != "*" else None
        values = chosen if len(fields) > 1 else {unit: chosen}
        edits = {each: (record.data.get(each), values[each]) for each in fields} if chosen is not None else {}
        named = [each["mutation"] for each in conflict["contenders"]]
        staff = self.desk.writer("staff", centre=True)
        decision = staff.edited("note", RECORD, record.version, set=edits, resolves=resolving(key, *named))
        if record.deleted and edits:
            return
        assert staff.push(decision)[0] in ("applied", "merged")
        self.arrived.append(decision)

    # --- what holds, always

    @invariant()
    def every_value_is_somewhere(self) -> None:
        kept = self.current() | self.contenders()
        for mutation in self.arrived:
            for name in {*mutation.set} - {"text"}:
                to = mutation.set[name][1]
                assert self.was_deleted_knowing(name, to) or (name, to) in kept or self.was_replaced(name, to)

    @invariant()
    def an_element_vanishes_only_by_its_removal(self) -> None:
        removed = {tag for mutation in self.arrived for tag in mutation.remove.get("tags", ())}
        added = {tag for mutation in self.arrived for tag in mutation.add.get("tags", ())}
        kept = {*self.desk.data(RECORD).get("tags", ())} | {tag for name, tag in self.contenders() if name == "tags"}
        assert added - removed <= kept

    @invariant()
    def a_line_vanishes_only_by_its_removal(self) -> None:
        kept = {*self.desk.data(RECORD).get("text", "").split("\n")}
        kept |= {line for name, text in self.contenders() if name == "text" for line in str(text).split("\n")}
        for mutation in self.arrived:
            if "text" in mutation.set:
                before, after = (set((text or "").split("\n")) for text in mutation.set["text"])
                assert after - before <= kept | self.removed_lines()

    @invariant()
    def fields_of_a_group_are_of_one_writer(self) -> None:
        data = self.desk.data(RECORD)
        assert data["x"] == -data["y"]

    @invariant()
    def a_deleted_record_stays_deleted(self) -> None:
        deleted = self.desk.records[RECORD].deleted
        assert deleted or not self.was_deleted
        self.was_deleted = deleted

    @invariant()
    def a_conflict_is_closed_only_by_a_decision_that_names_it(self) -> None:
        decided = {each.conflict for mutation in self.arrived for each in mutation.resolves}
        assert {*self.desk.conflicts("resolved")} == decided

    def teardown(self) -> None:
        """Let everybody send and fetch what is left: all see what the centre has."""
        for name, device in self.devices.items():
            self.push(name, len(device.unsent))
        self.every_value_is_somewhere()
        record = self.desk.records[RECORD]
        for device in self.devices.values():
            device.pull(self.desk)
            assert device.shown() == (None if record.deleted else record.data)

    # --- where values are

    def current(self) -> set[tuple[str, Any]]:
        data = self.desk.data(RECORD)
        return {(name, data.get(name)) for name in NOTE.fields if name not in ("tags", "log")}

    def contenders(self) -> set[tuple[str, Any]]:
        """Return the (field, value) pairs that conflicts keep, decided ones too."""
        found: set[tuple[str, Any]] = set()
        for conflict in [*self.desk.conflicts().values(), *self.desk.conflicts("resolved").values()]:
            for contender in conflict["contenders"]:
                for each in (contender, *contender["earlier"]):
                    found |= pairs(conflict["field"], each["value"])
        return found

    def was_replaced(self, name: str, value: Any) -> bool:
        """Tell whether somebody who saw a value has made another one of it."""
        return any(name in each.set and each.set[name][0] == value != each.set[name][1] for each in self.arrived)

    def was_deleted_knowing(self, name: str, value: Any) -> bool:
        seen = (self.shown_to_deleters.get(each.id, {}).get(name) for each in self.arrived)
        return self.desk.records[RECORD].deleted and value in seen

    def removed_lines(self) -> set[str]:
        gone: set[str] = set()
        for mutation in self.arrived:
            if "text" in mutation.set:
                before, after = (set((text or "").split("\n")) for text in mutation.set["text"])
                gone |= before - after
        return gone


def pairs(unit: str, value: Any) -> set[tuple[str, Any]]:
    """Return what a contender says as (field, value) pairs, elements of sets one by one."""
    if unit == "*":
        edits = value.get("set", {})
        return {*edits.items()} | {(name, each) for name, many in value.get("add", {}).items() for each in many}
    return {*value.items()} if isinstance(value, dict) else {(unit, value)}


ThreeWriters.TestCase.settings = settings(max_examples=120, stateful_step_count=30)
TestThreeWriters = ThreeWriters.TestCase


# --- the checker checked: faults that were made before, and must be noticed


def last_writer_wins(meeting: Meeting) -> Met:
    return RULES[Merge.LATEST](meeting)


def text_merged_over_what_was_made_of_it(meeting: Meeting) -> Met:
    met = RULES[Merge.REGISTER](meeting)
    return met if met.verdict is not Verdict.CONTESTED else Met(Verdict.JOINED, meeting.wanted)


def set_merged_as_one_value(_current: Any, add: list[Any], _remove: list[Any]) -> Met:
    return Met(Verdict.APPLIED, add or None)


def earlier_contender_dropped(contenders: list[dict[str, Any]], new: dict[str, Any]) -> list[dict[str, Any]]:
    return [*(each for each in contenders if each["incarnation"] != new["incarnation"]), new]


def delete_over_an_unseen_change(*_anything: Any) -> bool:
    return False


@pytest.mark.parametrize(
    ("place", "fault"),
    [
        ("sync.apply.RULES", {**RULES, Merge.REGISTER: last_writer_wins}),
        ("sync.apply.RULES", {**RULES, Merge.TEXT: text_merged_over_what_was_made_of_it}),
        ("sync.apply.DELTAS", {**DELTAS, Merge.SET: set_merged_as_one_value}),
        ("sync.conflicts._joined", earlier_contender_dropped),
        ("sync.apply._changed_unseen", delete_over_an_unseen_change),
    ],
)
def test_a_planted_fault_is_noticed(place: str, fault: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(place, fault)
    quick = settings(max_examples=200, stateful_step_count=30, phases=[Phase.generate], report_multiple_bugs=False)
    with pytest.raises(AssertionError):
        run_state_machine_as_test(ThreeWriters, settings=quick)
