"""What waits for a record is let go by whatever brings it, in ledger order, and is then judged like anything else."""

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import pytest
from sqlalchemy import event
from sqlalchemy.exc import IntegrityError

from server.errors import SettledAlready
from server.ids import new_id
from server.models.engine import writing
from server.store.settling import Decider, Settling
from sync.messages import Position
from tests.conftest import migrate
from tests.databases import PostgresDatabases
from tests.server.protocol_client import Centre, Phone, open_store
from tests.server.test_store import case, names, visit


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


def test_an_edit_of_a_stranger_that_waited_is_refused(bare_centre: Centre, alice: Phone) -> None:
    charlie = bare_centre.enrol("social_worker", "province:83", districts=("8301",))
    new = case(alice)
    charlie.push([charlie.update("case", new["record"], 0, set={"urgency": [None, "urgent"]})])
    alice.push([new])
    assert "urgency" not in alice.pull().data(new["record"])
    assert [row.code for row in bare_centre.store.unfinished()] == ["not_permitted"]


def test_a_delete_that_waited_hides_nothing_that_its_author_had_not_seen(alice: Phone, bob: Phone) -> None:
    new = case(alice)
    bob.push([bob.delete("case", new["record"], 0)])
    edit = alice.update("case", new["record"], 0, set={"urgency": [None, "urgent"]})
    assert names(alice.push([new], [edit])) == ["applied", "applied"]
    assert alice.pull().data(new["record"])["urgency"] == "urgent"
    assert [each["field"] for each in alice.conflicts()] == ["*"]


def test_what_the_centre_creates_lets_go_as_well(bare_centre: Centre, alice: Phone) -> None:
    record = new_id()
    seen = visit(alice, record)
    alice.push([seen])
    bare_centre.store.create([("case", record, case(alice)["data"])], bare_centre.now)
    assert seen["record"] in alice.pull().rows


def notices(phone: Phone) -> list[Any]:
    """Pull, and return what each notice says became of an edit, and why."""
    found = [data for kind, _, data in phone.pull().rows.values() if kind == "notice"]
    return [(data["code"], data.get("detail")) for data in found]


def test_an_author_is_told_why_what_waited_was_refused_and_nothing_that_was_typed(alice: Phone, bob: Phone) -> None:
    new = case(alice)
    typed = {"urgency": [None, "0812345678"], "summary": [None, "ก" * 100_000], "สมหญิง": [None, "0812345678"]}
    assert names(bob.push([bob.update("case", new["record"], 0, set=typed)])) == ["held"]
    alice.push([new])
    errors = {
        "urgency": [{"code": "unknown_code"}],
        "summary": [{"code": "too_long", "max": 20_000}],
        "*": [{"code": "unknown_field"}],
    }
    assert notices(bob) == [("rejected", {"code": "validation_failed", "errors": errors})]


def test_an_author_is_told_that_a_stranger_may_not(bare_centre: Centre, alice: Phone) -> None:
    charlie = bare_centre.enrol("social_worker", "province:83", districts=("8301",))
    new = case(alice)
    charlie.push([charlie.update("case", new["record"], 0, set={"urgency": [None, "urgent"]})])
    alice.push([new])
    assert notices(charlie) == [("rejected", {"code": "not_permitted"})]


def test_what_went_through_needs_no_reason(alice: Phone, bob: Phone) -> None:
    new = case(alice)
    bob.push([visit(bob, new["record"])])
    alice.push([new])
    assert notices(bob) == [("applied", None)]


def test_what_was_let_go_is_answered_with_its_end_when_it_is_sent_again(alice: Phone, bob: Phone) -> None:
    person, household = alice.create("person", first_name="มะลิ"), alice.create("household")
    both = {"person": person["record"], "household": household["record"]}
    waits, refused = bob.create("household_member", **both), visit(bob, new_id())
    new = case(alice)
    spoiled = bob.update("case", new["record"], 0, set={"urgency": [None, "x"]})
    request = bob.request([waits], [refused], [spoiled])
    assert names(bob.send(request).outcomes) == ["held", "held", "held"]
    alice.push([person], [new])
    alice.push([household])

    for again in (request, bob.request([waits], [refused], [spoiled], incarnation=new_id(), after=Position(0))):
        outcomes = bob.send(again).outcomes
        assert [each.id for each in outcomes] == [waits["id"], refused["id"], spoiled["id"]]
        assert names(outcomes) == ["applied", "held", "rejected"]
        assert (outcomes[0].waits_for, outcomes[1].waits_for) == (None, refused["data"]["case"])
        assert outcomes[2].errors == {"urgency": [{"code": "unknown_code", "vocabulary": "urgency"}]}
        assert outcomes[0].commit > outcomes[2].commit > outcomes[1].commit


def test_asking_again_for_many_that_waited_costs_as_many_statements_as_for_few(alice: Phone, bob: Phone) -> None:
    few, many = waited(alice, bob, 2), waited(alice, bob, 40)
    costs = []
    for groups in (few, many):
        with statements(bob.centre.store.engine) as seen:
            bob.send(bob.request(*groups, incarnation=new_id(), after=Position(0)))
        costs.append(len(seen))
    assert costs[0] == costs[1]


def waited(alice: Phone, bob: Phone, count: int) -> list[list[dict[str, Any]]]:
    """Let many visits wait for a case and be let go."""
    new = case(alice)
    groups = [[visit(bob, new["record"])] for _ in range(count)]
    bob.push(*groups)
    alice.push([new])
    return groups


@contextmanager
def statements(engine: Any) -> Iterator[list[str]]:
    """Collect what the database is asked."""
    seen: list[str] = []

    def note(_c: Any, _cursor: Any, statement: str, *_rest: Any) -> None:
        seen.append(statement)

    event.listen(engine, "before_cursor_execute", note)
    yield seen
    event.remove(engine, "before_cursor_execute", note)


class Interrupted(Settling):
    """Somebody's settling, in the midst of which another connection pushes: after they looked, before they write."""

    def _decide_notices(self, *given: Any) -> None:
        assert names(self.phone.push([self.brings])) == ["applied"]
        super()._decide_notices(*given)

    phone: Phone
    brings: dict[str, Any]


@pytest.mark.postgres
@pytest.mark.parametrize("how", ["dismiss", "give_back", "apply"])
def test_what_is_let_go_while_staff_settle_it_is_not_settled(postgres_databases: PostgresDatabases, how: str) -> None:
    centre = Centre(open_store(postgres_databases.create(migrate)))
    alice, bob = (centre.enrol("social_worker", "province:54") for _ in range(2))
    here, late = case(alice), case(alice)
    assert names(alice.push([here])) == ["applied"]
    seen = visit(bob, late["record"])
    assert names(bob.push([seen])) == ["held"]
    decider = Decider("staff", "โทรถามแล้ว", lambda _subject, _action: True)
    given = {"apply": [{seen["id"]: {"data": {"case": here["record"]}}}], "give_back": [{}]}.get(how, [])
    try:
        with pytest.raises((SettledAlready, IntegrityError)), writing(centre.store.engine) as connection:
            settling = Interrupted(connection, centre.store.types, [], decider, centre.now)
            settling.phone, settling.brings = alice, late
            getattr(settling, how)(seen["id"], *given)
        assert alice.pull().data(seen["record"])["case"] == late["record"]
        assert notices(bob) == [("applied", None)]
    finally:
        centre.store.engine.dispose()
