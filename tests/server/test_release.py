"""What waits for a record is let go by whatever brings it, in ledger order, and is then judged like anything else."""

from collections.abc import Iterator

import pytest

from server.ids import new_id
from tests.server.protocol_client import Centre, Phone, open_store
from tests.server.test_store import case, names, visit


@pytest.fixture
def centre(migrated_url: str) -> Iterator[Centre]:
    store = open_store(migrated_url)
    yield Centre(store)
    store.engine.dispose()


@pytest.fixture
def alice(centre: Centre) -> Phone:
    """A social worker of Phrae."""
    return centre.enrol("social_worker", "province:54")


@pytest.fixture
def bob(centre: Centre) -> Phone:
    """Another social worker of Phrae."""
    return centre.enrol("social_worker", "province:54")


def test_a_photo_waits_for_a_visit_that_waits_for_its_case(alice: Phone, bob: Phone) -> None:
    new = case(alice)
    seen = visit(bob, new["record"])
    photo = bob.create("attachment", owner_record=seen["record"], sha256="a" * 64, size=1, media_type="image/jpeg")
    assert names(bob.push([photo], [seen])) == ["held", "held"]
    assert names(alice.push([new])) == ["applied"]
    assert {new["record"], seen["record"], photo["record"]} <= alice.pull().rows.keys()
    assert alice.centre.store.unfinished() == []


def test_what_comes_before_its_parent_in_one_push_is_let_go_by_it(alice: Phone) -> None:
    new = case(alice)
    seen = visit(alice, new["record"])
    assert names(alice.push([seen], [new])) == ["held", "applied"]
    assert seen["record"] in alice.pull().rows
    assert alice.centre.store.unfinished() == []


def test_an_edit_that_waited_is_judged_by_what_its_author_holds(alice: Phone, bob: Phone) -> None:
    new = case(alice)
    assert names(bob.push([bob.update("case", new["record"], 0, set={"urgency": [None, "urgent"]})])) == ["held"]
    alice.push([new])
    assert alice.pull().data(new["record"])["urgency"] == "urgent"


def test_an_edit_of_a_stranger_that_waited_is_refused(centre: Centre, alice: Phone) -> None:
    charlie = centre.enrol("social_worker", "province:83", districts=("8301",))
    new = case(alice)
    charlie.push([charlie.update("case", new["record"], 0, set={"urgency": [None, "urgent"]})])
    alice.push([new])
    assert "urgency" not in alice.pull().data(new["record"])
    assert [row.code for row in centre.store.unfinished()] == ["not_permitted"]


def test_a_delete_that_waited_hides_nothing_that_its_author_had_not_seen(alice: Phone, bob: Phone) -> None:
    new = case(alice)
    bob.push([bob.delete("case", new["record"], 0)])
    edit = alice.update("case", new["record"], 0, set={"urgency": [None, "urgent"]})
    assert names(alice.push([new], [edit])) == ["applied", "applied"]
    assert alice.pull().data(new["record"])["urgency"] == "urgent"
    assert [each["field"] for each in alice.conflicts()] == ["*"]


def test_what_the_centre_creates_lets_go_as_well(centre: Centre, alice: Phone) -> None:
    record = new_id()
    seen = visit(alice, record)
    alice.push([seen])
    centre.store.create([("case", record, case(alice)["data"])], centre.now)
    assert seen["record"] in alice.pull().rows
