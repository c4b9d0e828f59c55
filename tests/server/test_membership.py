"""Where records lie that belong with others, as devices see it."""

from schemas.privacy import EXCEPT_PROTECTED
from server.ids import new_id
from server.store import Scope
from tests.server.protocol_client import Centre, Phone
from tests.server.test_store import case, made_case, names, visit

PHRAE = Scope(EXCEPT_PROTECTED, frozenset(), prefixes=frozenset({"district:54"}))


def test_a_conflict_outlives_its_record_where_that_lay(bare_centre: Centre, alice: Phone, bob: Phone) -> None:
    record = made_case(alice)
    base = bob.pull().version(record)
    alice.push([alice.delete("case", record, base)])
    assert names(bob.push([bob.update("case", record, base, set={"urgency": [None, "urgent"]})])) == ["conflicted"]
    for phone in (alice, bob):
        assert record not in phone.pull().rows
        assert [each["contenders"][0]["value"]["set"] for each in phone.conflicts()] == [{"urgency": "urgent"}]
    assert [each.data["record"] for each in bare_centre.store.conflicts(PHRAE)] == [record]


def test_a_conflict_stays_where_its_record_is_deleted_afterwards(bare_centre: Centre, alice: Phone, bob: Phone) -> None:
    record = made_case(alice, urgency="normal")
    base = bob.pull().version(record)
    alice.push([alice.update("case", record, base, set={"urgency": ["normal", "urgent"]})])
    bob.push([bob.update("case", record, base, set={"urgency": ["normal", "most_urgent"]})])
    alice.pull()
    assert names(alice.push([alice.delete("case", record, alice.version(record))])) == ["applied"]
    assert [each["field"] for each in bob.pull().conflicts()] == ["urgency"]
    assert len(bare_centre.store.conflicts(PHRAE)) == 1


def test_a_photo_of_a_deleted_visit_lies_with_who_took_it(alice: Phone, bob: Phone) -> None:
    new = case(alice)
    seen = visit(alice, new["record"])
    photo = alice.create("attachment", owner_record=seen["record"], sha256="a" * 64, size=1, media_type="image/jpeg")
    alice.push([new, seen, photo])
    alice.push([alice.delete("visit", seen["record"], alice.pull().version(seen["record"]))])
    assert photo["record"] in alice.pull().rows
    assert photo["record"] not in bob.pull().rows


def test_a_contact_follows_the_case_that_it_is_linked_to(bare_centre: Centre, alice: Phone) -> None:
    team = new_id()
    day = bare_centre.enrol("rru_member", f"team:{team}")
    contact = alice.create("contact", channel="walk_in", received_on="2026-11-20")
    new = case(alice, team=team)
    alice.push([contact], [new])
    assert contact["record"] not in day.pull().rows
    base = alice.pull().version(contact["record"])
    alice.push([alice.update("contact", contact["record"], base, set={"case": [None, new["record"]]})])
    assert contact["record"] in day.pull().rows
