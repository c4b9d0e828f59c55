"""A device of the schema before works with an updated centre: it writes and reads in its own words, loses nothing."""

import json
from collections.abc import Iterator
from typing import Any

import pytest
from sqlalchemy import bindparam, select, update

from schemas.history import Declarations, History, LossyStep
from schemas.privacy import ALL_CLASSES
from schemas.records import RECORD_TYPES
from server.ids import new_id
from server.models.engine import writing
from server.models.sync_tables import clock, mutation, record
from server.store import Scope
from server.store.checking import check
from server.store.stored_schema import bring_up
from sync.checksum import content_checksum
from sync.errors import ServerBusy
from sync.messages import CheckRequest, PullReply
from sync.version import PROTOCOL_VERSION
from tests.schemas.old_version import DECLARATIONS, HISTORY
from tests.server.protocol_client import NOW, Centre, Phone, open_store
from tests.server.test_store import case, names, visit


@pytest.fixture
def centre(migrated_url: str) -> Iterator[Centre]:
    """A centre whose declarations have had a step."""
    store = open_store(migrated_url, DECLARATIONS)
    bring_up(store.engine, store.types)
    yield Centre(store)
    store.engine.dispose()


@pytest.fixture
def olga(centre: Centre) -> Phone:
    """A social worker of Phrae whose program is of the schema before."""
    return centre.enrol("social_worker", "province:54")


@pytest.fixture
def bob(centre: Centre) -> Phone:
    """Another one, whose program is up to date."""
    phone = centre.enrol("social_worker", "province:54")
    phone.schema = 2
    return phone


def shown(phone: Phone, identifier: str, *fields: str) -> dict[str, Any]:
    """Return those of some fields that a phone has of a record after a pull."""
    data = phone.pull().data(identifier)
    return {name: data[name] for name in fields if name in data}


FIELDS = ("priority", "urgency", "problems", "place_name", "landmark", "place_text", "danger_notes", "ward_note")
OLD_WORDS = {"priority": "high", "problems": ["abuse", "other"], "place_name": "วัดหลวง", "landmark": "ต้นโพธิ์"}
NEW_WORDS = {"urgency": "urgent", "problems": ["other", "violence"], "place_text": "วัดหลวง|ต้นโพธิ์"}


def test_what_an_old_device_creates_each_sees_in_their_own_words(olga: Phone, bob: Phone) -> None:
    new = case(olga, **OLD_WORDS, ward_note="ไม่มีแล้ว")

    assert names(olga.push([new])) == ["applied"]
    assert shown(bob, new["record"], *FIELDS) == NEW_WORDS
    assert shown(olga, new["record"], *FIELDS) == OLD_WORDS


def test_the_ledger_keeps_what_was_sent_and_its_schema(olga: Phone) -> None:
    new = case(olga, **OLD_WORDS, ward_note="ไม่มีแล้ว")
    olga.push([new])

    with writing(olga.centre.store.engine) as connection:
        row = connection.execute(select(mutation).where(mutation.c.id == new["id"])).one()

    assert (row.schema, json.loads(row.payload)["data"]) == (1, new["data"])


def test_every_part_of_an_old_devices_edit_takes_effect(olga: Phone, bob: Phone) -> None:
    new = case(bob, **NEW_WORDS, danger_notes="สุนัขดุ")
    bob.push([new])
    base = olga.pull().version(new["record"])
    edits = {
        "set": {
            "priority": ["high", "most_urgent"],
            "place_name": ["วัดหลวง", "วัดใต้"],
            "landmark": ["ต้นโพธิ์", None],
            "ward_note": [None, "หายไป"],
        },
        "add": {"problems": ["work"]},
        "remove": {"problems": ["abuse"]},
    }

    assert names(olga.push([olga.update("case", new["record"], base, **edits)])) == ["applied"]
    assert shown(bob, new["record"], *FIELDS) == {
        "urgency": "most_urgent",
        "problems": ["income_livelihood", "other"],
        "place_text": "วัดใต้",
        "danger_notes": "สุนัขดุ",
    }


def test_a_split_field_is_one_to_the_old_and_a_group_to_the_new(olga: Phone, bob: Phone) -> None:
    new = olga.create("household", area="540101", gps="18.1, 100.2, 5")
    assert names(olga.push([new], [case(olga, household=new["record"])])) == ["applied", "applied"]
    position = {"latitude": 18.1, "longitude": 100.2, "accuracy_m": 5}
    assert shown(bob, new["record"], *position) == position
    moved = {name: [position[name], to] for name, to in zip(position, (18.3, 100.4, 9), strict=True)}

    bob.push([bob.update("household", new["record"], bob.version(new["record"]), set=moved)])

    assert shown(olga, new["record"], "gps", *position) == {"gps": "18.3, 100.4, 9"}


def contested(olga: Phone, bob: Phone) -> str:
    """Let both change urgency and place of a case that both have; return it."""
    new = case(bob, urgency="normal", place_text="ตลาด")
    bob.push([new])
    base = bob.pull().version(new["record"])
    olga.pull()
    theirs = {"urgency": ["normal", "most_urgent"], "place_text": ["ตลาด", "สถานี|ชานชาลา"]}
    bob.push([bob.update("case", new["record"], base, set=theirs)])
    mine = {"priority": ["normal", "high"], "place_name": ["ตลาด", "วัด"], "landmark": [None, "ศาลา"]}

    [outcome] = olga.push([olga.update("case", new["record"], base, set=mine)])

    assert outcome.outcome == "conflicted"
    assert sorted(each.field for each in outcome.conflicts) == ["place", "priority"]
    return str(new["record"])


def values(conflict: Any) -> tuple[Any, ...]:
    [contender] = conflict["contenders"]
    return conflict["base_value"], conflict["central_value"], contender["from"], contender["value"]


def test_a_conflict_is_told_to_each_in_their_own_words(olga: Phone, bob: Phone) -> None:
    contested(olga, bob)

    assert {each["field"]: values(each) for each in olga.pull().conflicts()} == {
        "priority": ("normal", "most_urgent", "normal", "high"),
        "place": (
            {"place_name": "ตลาด", "landmark": None},
            {"place_name": "สถานี", "landmark": "ชานชาลา"},
            {"place_name": "ตลาด", "landmark": None},
            {"place_name": "วัด", "landmark": "ศาลา"},
        ),
    }
    assert {each["field"]: values(each) for each in bob.pull().conflicts()} == {
        "urgency": ("normal", "most_urgent", "normal", "urgent"),
        "place_text": ("ตลาด", "สถานี|ชานชาลา", "ตลาด", "วัด|ศาลา"),
    }


def test_an_empty_value_is_told_as_a_group_whatever_else_is_on_the_page(olga: Phone, bob: Phone) -> None:
    new = case(bob)
    bob.push([new])
    base = bob.pull().version(new["record"])
    olga.pull()
    bob.push([bob.update("case", new["record"], base, set={"place_text": [None, "สถานี"]})])
    mine = {"place_name": [None, "วัด"], "landmark": [None, "ศาลา"]}

    assert names(olga.push([olga.update("case", new["record"], base, set=mine)])) == ["conflicted"]

    [conflict] = olga.pull().conflicts()
    assert values(conflict) == (
        {"place_name": None, "landmark": None},
        {"place_name": "สถานี", "landmark": None},
        {"place_name": None, "landmark": None},
        {"place_name": "วัด", "landmark": "ศาลา"},
    )
    assert {*content_as(olga).values()} == {"equal"}


def test_an_old_device_decides_a_conflict(centre: Centre, olga: Phone, bob: Phone) -> None:
    identifier = contested(olga, bob)
    judge = centre.enrol("social_worker", "province:54").pull()
    [(key, conflict)] = [
        (key, data) for key, (kind, _, data) in judge.rows.items() if kind == "conflict" and data["field"] == "priority"
    ]
    named = [{"conflict": key, "contenders": [conflict["contenders"][0]["mutation"]], "reason": "ถามแล้ว"}]
    chosen = {"set": {"priority": ["most_urgent", "high"]}, "resolves": named}

    assert names(judge.push([judge.update("case", identifier, judge.version(identifier), **chosen)])) == ["applied"]
    assert shown(bob, identifier, "urgency") == {"urgency": "urgent"}
    assert (olga.pull().data(key)["resolution"]["value"], bob.data(key)["resolution"]["value"]) == ("high", "urgent")


def test_a_refusal_names_fields_as_their_sender_does(olga: Phone) -> None:
    [refused] = olga.push([case(olga, priority="sometime", place_name="ก" * 500)])

    assert refused.outcome == "rejected"
    assert {name: [each["code"] for each in problems] for name, problems in refused.errors.items()} == {
        "priority": ["unknown_code"],
        "place": ["too_long"],
    }


def test_the_recorded_refusal_is_repeated_in_the_same_words(olga: Phone) -> None:
    request = olga.request([case(olga, priority="sometime")])
    first = olga.send(request).outcomes

    assert olga.send(request).outcomes == first
    assert list(first[0].errors) == ["priority"]


def test_a_word_of_the_next_schema_is_not_taken_for_one_of_this(olga: Phone) -> None:
    refused, good = olga.push([case(olga, urgency="urgent")], [case(olga, urgency="urgent") | {"schema": 2}])

    assert (refused.outcome, refused.errors["mutation"][0]["code"]) == ("rejected", "malformed")
    assert good.outcome == "applied"


def test_what_an_old_device_had_waiting_is_read_when_it_is_let_go(olga: Phone, bob: Phone) -> None:
    new = case(bob)
    good = olga.update("case", new["record"], 0, set={"priority": [None, "high"]})
    bad = olga.update("case", new["record"], 0, set={"priority": ["high", "sometime"]})
    assert names(olga.push([good], [bad])) == ["held", "held"]

    bob.push([new])

    assert shown(bob, new["record"], "urgency") == {"urgency": "urgent"}
    told = {data["mutation"]: data for kind, _, data in olga.pull().rows.values() if kind == "notice"}
    assert (told[good["id"]]["code"], told[bad["id"]]["code"]) == ("merged", "rejected")
    assert told[bad["id"]]["detail"]["errors"] == {"priority": [{"code": "unknown_code"}]}


def test_what_waited_since_before_the_update_is_read_by_its_own_schema(migrated_url: str) -> None:
    before = Centre(open_store(migrated_url))
    olga, dao = (before.enrol("social_worker", "province:54") for _ in range(2))
    new = case(dao)
    waiting = olga.update("case", new["record"], 0, set={"priority": [None, "high"]})
    assert names(olga.push([waiting])) == ["held"]
    after = Centre(open_store(migrated_url, DECLARATIONS))
    bring_up(after.store.engine, DECLARATIONS)
    dao.centre, dao.schema = after, 2

    assert names(dao.push([new])) == ["applied"]
    assert shown(dao, new["record"], "urgency") == {"urgency": "urgent"}
    before.store.engine.dispose()
    after.store.engine.dispose()


def test_a_parent_named_by_an_old_device_is_waited_for(olga: Phone, bob: Phone) -> None:
    new = case(bob)
    seen = visit(olga, new["record"])

    assert names(olga.push([seen])) == ["held"]
    assert names(bob.push([new])) == ["applied"]
    assert seen["record"] in olga.pull().rows


# --- the page


def table_of(page: PullReply, kind: str) -> Any:
    return next(table for table in page.tables if table.type == kind)


def test_a_type_that_a_device_cannot_know_comes_without_fields(olga: Phone, bob: Phone) -> None:
    new = case(bob)
    contact = bob.create("contact", channel="walk_in", received_on="2026-11-20", case=new["record"])
    assert names(bob.push([new], [contact])) == ["applied", "applied"]
    table = table_of(olga.pull_page(), "contact")

    assert table.fields == []
    assert olga.rows[contact["record"]] == ("contact", bob.pull().version(contact["record"]), {})
    assert bob.data(contact["record"])["case"] == new["record"]


def test_a_page_names_only_fields_that_its_reader_knows(olga: Phone, bob: Phone) -> None:
    bob.push([case(bob, **NEW_WORDS, danger_notes="สุนัขดุ")])

    old, new = table_of(olga.pull_page(), "case").fields, table_of(bob.pull_page(), "case").fields

    assert {*old} - {*new} == {"priority", "place_name", "landmark"}
    assert {*new} - {*old} == {"urgency", "place_text", "danger_notes"}


def test_a_newer_device_than_the_centre_is_shown_what_there_is(bob: Phone) -> None:
    bob.schema = 3
    new = case(bob, **NEW_WORDS, later=["ยังไม่รู้จัก"])

    assert names(bob.push([new])) == ["applied"]
    assert shown(bob, new["record"], *FIELDS) == NEW_WORDS


def content_as(phone: Phone) -> dict[str, str]:
    """Ask the centre whether a phone holds what it should, bucket by bucket."""
    phone.pull()
    assert phone.last_pull is not None
    held = {
        key: content_checksum((each, *phone.rows[each][1:]) for bucket, each in phone.membership if bucket == key)
        for key in phone.checkpoint
    }
    buckets = {key: (found.count, found.hex) for key, found in held.items()}
    about = (PROTOCOL_VERSION, phone.epoch, phone.author.device, phone.schema, phone.last_pull.commit)
    store = phone.centre.store
    return check(store.engine, store.types, phone.author, CheckRequest(*about, buckets), NOW).buckets


def test_contents_are_compared_as_each_device_knows_them(olga: Phone, bob: Phone) -> None:
    identifier = contested(olga, bob)
    bob.push([bob.create("contact", channel="walk_in", received_on="2026-11-20", case=identifier)])

    assert {*content_as(olga).values()} == {*content_as(bob).values()} == {"equal"}
    olga.schema = 2
    assert "differs" in content_as(olga).values()


def test_the_history_of_a_record_is_told_in_the_words_of_today(olga: Phone) -> None:
    new = case(olga, **OLD_WORDS)
    olga.push([new])
    olga.push(
        [olga.update("case", new["record"], olga.pull().version(new["record"]), set={"priority": ["high", None]})]
    )
    everything = Scope(ALL_CLASSES, None)

    first, second = olga.centre.store.history(everything, new["record"])

    assert {name: first["data"][name] for name in NEW_WORDS} == NEW_WORDS
    assert second["set"] == {"urgency": ("urgent", None)}


# --- what is stored


def in_old_words(phone: Phone) -> dict[str, Any]:
    """Store everything as the centre of the schema before would have, and return it as it was."""
    engine = phone.centre.store.engine
    with writing(engine) as connection:
        rows = connection.execute(select(record)).all()
        down = [
            {
                "i": row.id,
                "d": dict(HISTORY.downcast(row.type, row.data, 1)),
                "v": {HISTORY.down(row.type, 1).names(name)[0]: at for name, at in row.field_versions.items()},
            }
            for row in rows
        ]
        statement = update(record).where(record.c.id == bindparam("i"))
        connection.execute(statement.values(data=bindparam("d"), field_versions=bindparam("v")), down)
        connection.execute(update(clock).values(schema=1))
    return {row.id: (row.version, row.data, row.field_versions) for row in rows}


def stored(phone: Phone) -> dict[str, Any]:
    with writing(phone.centre.store.engine) as connection:
        rows = connection.execute(select(record)).all()
    return {row.id: (row.version, row.data, row.field_versions) for row in rows}


def test_an_update_of_the_centre_rewrites_what_is_stored_and_tells_nobody(olga: Phone, bob: Phone) -> None:
    cases = [case(bob, **NEW_WORDS), case(bob, urgency="normal")]
    bob.push(cases)
    bob.pull()
    change = {"urgency": ["urgent", "most_urgent"]}
    bob.push([bob.update("case", cases[0]["record"], bob.version(cases[0]["record"]), set=change)])
    olga.pull()
    bob.pull()
    was = in_old_words(bob)

    assert bring_up(bob.centre.store.engine, DECLARATIONS) == 2
    assert bring_up(bob.centre.store.engine, DECLARATIONS) == 0
    assert stored(bob) == was
    assert (olga.pull_page().tables, bob.pull_page().tables) == ([], [])


def test_nothing_is_read_or_written_between_program_and_update(olga: Phone, bob: Phone) -> None:
    bob.push([case(bob, **NEW_WORDS)])
    in_old_words(bob)

    with pytest.raises(ServerBusy):
        olga.pull()
    with pytest.raises(ServerBusy):
        bob.push([case(bob)])
    bring_up(bob.centre.store.engine, DECLARATIONS)
    assert names(bob.push([case(bob)])) == ["applied"]


def test_an_edit_from_before_the_update_meets_the_rewritten_record(olga: Phone, bob: Phone) -> None:
    new = case(bob, **NEW_WORDS)
    bob.push([new])
    base = olga.pull().version(new["record"])
    in_old_words(bob)
    bring_up(bob.centre.store.engine, DECLARATIONS)

    edit = olga.update("case", new["record"], base, set={"priority": ["high", "normal"]})

    assert names(olga.push([edit])) == ["applied"]


def test_a_store_of_a_newer_program_is_left_alone(bob: Phone) -> None:
    for known in (Declarations(RECORD_TYPES, History()), Declarations(RECORD_TYPES, History(oldest=3))):
        with pytest.raises(LossyStep):
            bring_up(bob.centre.store.engine, known)


def test_unknown_ids_and_fields_of_nobody_do_not_matter(olga: Phone) -> None:
    [refused] = olga.push([olga.create("nothing_known", new_id(), priority="high")])

    assert refused.code == "unknown_record_type"
