"""Upcast then apply = apply then migrate, whoever edits what from which base; and what cannot be read is refused."""

from collections.abc import Mapping
from dataclasses import replace
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from schemas.base import Label, RecordSchema, RecordType
from schemas.fields import Flag, Integer, Line, Lines, Text
from schemas.history import Changes, History, Reshaped, Step
from schemas.placement import OfOwner
from schemas.records import RECORD_TYPES
from schemas.rules import Range
from sync.decision import Decision
from sync.mutation import Malformed, Mutation, Op, Resolve
from sync.state import RecordState
from sync.upcasting import migrated, row_upcast, shown_to, told, upcast
from tests.sync.desk import Desk, uuid

CONFLICT = RECORD_TYPES["conflict"]


class OldNote(RecordSchema):
    """As it was."""

    type_name = "note"
    type_label = Label("บันทึก", "Note")
    places = (OfOwner(),)

    hue = Line("สี", "Hue")
    tags = Lines("คำสำคัญ", "Tags")
    text = Text("ข้อความ", "Text")
    at = Line("ที่", "At")
    house = Line("บ้าน", "House", group="home")
    road = Line("ถนน", "Road", group="home")
    memo = Line("จด", "Memo")


class NewNote(RecordSchema):
    """As it is."""

    type_name = "note"
    type_label = Label("บันทึก", "Note")
    places = (OfOwner(),)

    colour = Line("สี", "Colour")
    tags = Lines("คำสำคัญ", "Tags")
    text = Text("ข้อความ", "Text")
    x = Integer("x", "x", group="position", rules=(Range(-99, 99),))
    y = Integer("y", "y", group="position")
    address = Line("ที่อยู่", "Address")
    done = Flag("เสร็จ", "Done")


def in_two(values: Mapping[str, Any]) -> dict[str, Any]:
    x, y = values["at"].split(",")
    return {"x": int(x), "y": int(y)}


def in_one(values: Mapping[str, Any]) -> dict[str, Any]:
    return {"at": f"{values['x']},{values['y']}"}


def joined(values: Mapping[str, Any]) -> dict[str, Any]:
    return {"address": values["house"] if values["road"] is None else f"{values['house'] or ''}|{values['road']}"}


def parted(values: Mapping[str, Any]) -> dict[str, Any]:
    house, apart, road = values["address"].partition("|")
    return {"house": house or None, "road": road if apart else None}


CHANGES = Changes(
    renamed={"hue": "colour"},
    codes={"colour": {"red": "crimson"}, "tags": {"a": "z"}},
    reshaped=(
        Reshaped("at", ("at",), in_two, "position", ("x", "y"), in_one),
        Reshaped("home", ("house", "road"), joined, "address", ("address",), parted),
    ),
    removed=frozenset({"memo"}),
    added=frozenset({"done"}),
)
HISTORY = History((Step(2, "made up", {"note": CHANGES}),))
OLD: dict[str, RecordType] = {"note": RecordType(OldNote), "conflict": CONFLICT}
NEW: dict[str, RecordType] = {"note": RecordType(NewNote), "conflict": CONFLICT}

RECORD = uuid(1)
VALUES: dict[str, Any] = {
    "hue": st.sampled_from([None, "red", "green", "blue"]),
    "at": st.sampled_from([None, "1,2", "3,4", "-5,6"]),
    "text": st.sampled_from([None, "one\ntwo\nthree", "one\ntwo", "zero\none\ntwo\nthree", "other"]),
}
HOMES = st.sampled_from([(None, None), ("1", None), (None, "Main"), ("2", "Main"), ("3", "Side")])
TAGS = st.lists(st.sampled_from(["a", "b", "c"]), min_size=1, max_size=2, unique=True).map(sorted)


@st.composite
def edits(draw: Any) -> dict[str, Any]:
    """Return the parts of an update: whatever anybody may have seen and wanted."""
    made: dict[str, Any] = {"set": {}, "add": {}, "remove": {}}
    for name, values in VALUES.items():
        if draw(st.booleans()):
            made["set"][name] = (draw(values), draw(values))
    if draw(st.booleans()):
        seen, wanted = draw(HOMES), draw(HOMES)
        made["set"] |= {name: (seen[at], wanted[at]) for at, name in enumerate(("house", "road"))}
    for part in ("add", "remove"):
        if draw(st.booleans()):
            made[part]["tags"] = draw(TAGS)
    return {part: found for part, found in made.items() if found}


@st.composite
def creations(draw: Any) -> dict[str, Any]:
    house, road = draw(HOMES)
    data = {name: draw(values) for name, values in VALUES.items()} | {"house": house, "road": road, "tags": draw(TAGS)}
    return {name: value for name, value in data.items() if value is not None}


acts = st.tuples(
    st.sampled_from(["alice", "bob", "carol"]),
    st.sampled_from(["edit", "edit", "edit", "edit", "delete", "create", "decide"]),
    st.integers(0, 6),
    edits(),
    creations(),
)


class Office:
    """A centre that begins under the old schema and may change to the new one at any moment."""

    def __init__(self) -> None:
        self.desk = Desk(OLD)

    def migrate(self) -> None:
        self.desk.types = NEW
        self.desk.records = {key: migrated(HISTORY, NEW, each, 1) for key, each in self.desk.records.items()}

    def push(self, who: str, mutation: Mutation) -> Decision:
        pen = self.desk.writer(who)
        if self.desk.types is OLD:
            return pen.decide(mutation)[0]
        decision = pen.decide(upcast(HISTORY, mutation, 1), schema=2)[0]  # type: ignore[arg-type]
        return told(HISTORY, mutation, 1, decision)

    def mutation(self, number: int, act: Any) -> Mutation:
        """Return what an old device would send; its ids do not depend on what the centre decided before."""
        _who, what, ago, edit, data = act
        base = max(0, self.desk.commit - ago)
        about: dict[str, Any] = {"id": uuid(5_000 + number), "seq": number, "recorded_at": "", "schema": 1}
        conflicts = self.desk.conflicts()
        if what == "create":
            return Mutation(op=Op.CREATE, type="note", record=RECORD, data=data, **about)
        if what == "delete":
            return Mutation(op=Op.DELETE, type="note", record=RECORD, base=base, **about)
        if what == "decide" and conflicts:
            [key, conflict] = min(conflicts.items())
            named = [Resolve(key, [each["mutation"] for each in conflict["contenders"]], "เพราะ")]
            if edit.get("set", {}).get("at", ("", ""))[1] is None:  # decisions write «emptied» and «let stand» alike
                edit = {}
            about |= {"base": self.desk.commit, "resolves": named}
            return Mutation(op=Op.UPDATE, type="note", record=RECORD, **about, **edit)
        return Mutation(op=Op.UPDATE, type="note", record=RECORD, base=base, **about, **edit)


@given(creations(), st.lists(acts, max_size=7), st.integers(0, 7))
@settings(max_examples=300)
def test_it_does_not_matter_when_the_centre_is_updated(first: dict[str, Any], done: list[Any], when: int) -> None:
    late, early = Office(), Office()
    for office in (late, early):
        office.push("alice", Mutation(0, uuid(4_999), Op.CREATE, "note", RECORD, "", data=first, schema=1))
    told_late, told_early = [], []
    for number, act in enumerate(done):
        if number == when:
            early.migrate()
        mutation = late.mutation(number, act)
        told_late.append(late.push(act[0], mutation))
        told_early.append(early.push(act[0], mutation))
    late.migrate()
    if when >= len(done):
        early.migrate()

    assert told_early == told_late
    assert early.desk.records == late.desk.records


@given(creations(), st.lists(acts, max_size=7))
def test_an_old_device_is_shown_what_an_old_centre_would_show(first: dict[str, Any], done: list[Any]) -> None:
    office = Office()
    office.push("alice", Mutation(0, uuid(4_999), Op.CREATE, "note", RECORD, "", data=first, schema=1))
    for number, act in enumerate(done):
        office.push(act[0], office.mutation(number, act))
    before = {key: (each.type, each.data) for key, each in office.desk.records.items()}
    office.migrate()
    shown = {
        key: (each.type, shown_to(HISTORY, NEW, each.type, each.data, 1)) for key, each in office.desk.records.items()
    }

    assert shown == before


def edit(**parts: Any) -> Mutation:
    return Mutation(1, uuid(7), Op.UPDATE, "note", RECORD, "", **parts)


def test_an_edit_is_read_in_all_its_parts() -> None:
    made = edit(
        set={"hue": ("red", "green"), "at": ("1,2", None), "memo": (None, "gone")},
        add={"tags": ["a", "b"]},
        remove={"tags": ["c"]},
        assumed=["hue", "memo"],
    )

    assert upcast(HISTORY, made, 1) == replace_parts(
        made,
        schema=2,
        set={"colour": ("crimson", "green"), "x": (1, None), "y": (2, None)},
        add={"tags": ["b", "z"]},
        assumed=["colour"],
    )


def replace_parts(mutation: Mutation, **parts: Any) -> Mutation:
    return Mutation(**{name: parts.get(name, getattr(mutation, name)) for name in mutation.__struct_fields__})


def test_the_mutations_own_schema_counts_and_not_the_pushs() -> None:
    assert upcast(HISTORY, edit(set={"hue": (None, "red")}, schema=1), 2) == edit(
        set={"colour": (None, "crimson")}, schema=2
    )
    assert upcast(HISTORY, edit(set={"colour": (None, "red")}, schema=2), 1) == edit(
        set={"colour": (None, "red")}, schema=2
    )
    assert upcast(HISTORY, edit(set={"later": (None, "red")}), 3) == edit(set={"later": (None, "red")}, schema=3)


@pytest.mark.parametrize("name", ["colour", "x", "address", "done"])
def test_a_name_that_its_schema_does_not_have_is_refused(name: str) -> None:
    assert isinstance(upcast(HISTORY, edit(set={name: (None, "1")}), 1), Malformed)


def test_a_value_that_the_step_cannot_read_is_refused_under_its_own_name() -> None:
    office = Office()
    office.migrate()
    office.push("alice", Mutation(1, uuid(8), Op.CREATE, "note", RECORD, "", data={"hue": "red"}, schema=1))

    refused = office.push("alice", edit(set={"at": (None, "somewhere")}))

    assert (refused.outcome.value, refused.errors) == ("rejected", {"at": [{"code": "invalid"}]})


def test_an_error_in_a_part_is_told_of_the_whole() -> None:
    office = Office()
    office.migrate()
    office.push("alice", Mutation(1, uuid(8), Op.CREATE, "note", RECORD, "", data={"hue": "red"}, schema=1))

    refused = office.push("alice", edit(set={"at": (None, "100,3")}))

    assert refused.errors is not None
    assert list(refused.errors) == ["at"]


def test_half_a_group_is_refused_as_it_was_before() -> None:
    office = Office()
    office.migrate()
    office.push("alice", Mutation(1, uuid(8), Op.CREATE, "note", RECORD, "", data={"hue": "red"}, schema=1))

    refused = office.push("alice", edit(set={"road": (None, "Main")}))

    assert (refused.outcome.value, refused.errors) == ("rejected", {"road": [{"code": "invalid"}]})


def test_what_is_written_in_a_removed_field_changes_nothing() -> None:
    office = Office()
    office.migrate()
    office.push(
        "alice", Mutation(1, uuid(8), Op.CREATE, "note", RECORD, "", data={"hue": "red", "memo": "m"}, schema=1)
    )

    assert office.push("alice", edit(set={"memo": ("m", "n")})).outcome.value == "unchanged"
    assert office.desk.data(RECORD) == {"colour": "crimson"}


def test_a_stored_record_keeps_its_versions() -> None:
    stored = RecordState(
        RECORD, "note", 9, 1, "alice",
        {"hue": "red", "at": "1,2", "house": "1", "road": "Main", "memo": "m"},
        {"hue": 3, "at": 4, "house": 5, "road": 6, "memo": 9},
        by_others=frozenset({"at", "memo", "road"}),
    )  # fmt: skip

    assert migrated(HISTORY, NEW, stored, 1) == replace(
        stored,
        data={"colour": "crimson", "x": 1, "y": 2, "address": "1|Main"},
        field_versions={"colour": 3, "x": 4, "y": 4, "address": 6},
        by_others=frozenset({"x", "y", "address"}),
    )


def test_a_conflict_about_a_removed_field_stays_whole() -> None:
    conflict = {"record": RECORD, "record_type": "note", "field": "memo", "status": "open", "central_value": "m"}

    assert row_upcast(HISTORY, NEW, "conflict", conflict, 1) == conflict


def test_a_conflict_about_a_new_field_is_shown_without_its_values() -> None:
    conflict = {"record": RECORD, "record_type": "note", "field": "done", "status": "open", "central_value": True}

    assert shown_to(HISTORY, NEW, "conflict", conflict, 1) == {
        "record": RECORD,
        "record_type": "note",
        "field": "done",
        "status": "open",
    }
