"""What the centre concludes by itself: payments over a limit, and notices."""

from collections.abc import Iterator
from typing import Any

import pytest

from server.ids import new_id
from tests.server.protocol_client import NOW, Centre, Phone, open_store
from tests.server.test_store import case, visit

FUND = "low_income_destitute"


@pytest.fixture
def centre(migrated_url: str) -> Iterator[Centre]:
    store = open_store(migrated_url)
    rule = {"fund": FUND, "ceiling_satang": 300_000, "times_per_fiscal_year": 3, "valid_from": "2009-01-01"}
    store.create([("assistance_rule", new_id(), rule)], NOW)
    yield Centre(store)
    store.engine.dispose()


@pytest.fixture
def alice(centre: Centre) -> Phone:
    return centre.enrol("social_worker", "province:54")


def family(phone: Phone) -> tuple[str, str]:
    """Push a person and their case; return both ids."""
    person = phone.create("person", first_name="มะลิ")
    new = case(phone, affected_person=person["record"])
    phone.push([person, new])
    return person["record"], new["record"]


def payment(phone: Phone, of: str, given_on: str, **data: Any) -> dict[str, Any]:
    paid = {"case": of, "fund": FUND, "kind": "money", "amount_satang": 200_000, "given_on": given_on}
    return phone.create("assistance", **{**paid, **data})


def marks(phone: Phone) -> list[str]:
    """Return the days of the payments that are marked, in order."""
    phone.pull()
    rows = [data for kind, _, data in phone.rows.values() if kind == "assistance"]
    return sorted(data["given_on"] for data in rows if data.get("over_limit"))


def test_a_fourth_payment_that_arrives_late_is_kept_and_marked(alice: Phone) -> None:
    _, record = family(alice)
    days = ["2026-10-01", "2026-10-15", "2026-11-20", "2026-10-10"]
    outcomes = [alice.push([payment(alice, record, day)])[0].outcome for day in days]
    assert outcomes == ["applied"] * 4
    assert marks(alice) == ["2026-10-10"]


def test_payments_of_one_push_are_counted_in_order_and_by_fiscal_year(alice: Phone) -> None:
    _, record = family(alice)
    days = ["2025-09-30", "2025-10-01", "2025-11-01", "2025-12-01", "2026-01-01"]
    alice.push(*[[payment(alice, record, day)] for day in days])
    assert marks(alice) == ["2026-01-01"]


def test_payments_in_two_cases_of_one_person_count_together(alice: Phone) -> None:
    person, first = family(alice)
    second = case(alice, affected_person=person)
    alice.push([second])
    for day in ("2026-10-01", "2026-10-02"):
        alice.push([payment(alice, first, day)], [payment(alice, second["record"], day)])
    assert marks(alice) == ["2026-10-02"]


def test_an_amount_over_the_ceiling_is_marked_and_a_correction_lifts_the_mark(alice: Phone) -> None:
    _, record = family(alice)
    paid = payment(alice, record, "2026-10-01", amount_satang=300_001)
    alice.push([paid])
    assert marks(alice) == ["2026-10-01"]
    version = alice.version(paid["record"])
    alice.push([alice.update("assistance", paid["record"], version, set={"amount_satang": [300_001, 300_000]})])
    assert marks(alice) == []


def paid_twice(phone: Phone, *days: str) -> str:
    """Push a person with a case and a payment on each day; return the person."""
    person, record = family(phone)
    for day in days:
        phone.push([payment(phone, record, day)])
    return person


def joined(phone: Phone, person: str, into: str) -> str:
    """Merge two people; return the merge."""
    merge = phone.mutation(op="merge", type="person", record=person, into=into, reason="คนเดียวกัน")
    [outcome] = phone.push([merge])
    assert outcome.outcome == "applied", outcome
    return str(merge["id"])


def test_payments_to_merged_people_count_together_through_chains(alice: Phone) -> None:
    first = paid_twice(alice, "2026-10-01")
    second = paid_twice(alice, "2026-10-02")
    third = paid_twice(alice, "2026-10-03")
    joined(alice, first, second)
    joined(alice, second, third)
    assert marks(alice) == []
    late, case_of_first = "2026-10-04", case(alice, affected_person=first)
    alice.push([case_of_first])
    alice.push([payment(alice, case_of_first["record"], late)])
    assert marks(alice) == [late]
    named, elsewhere = "2026-10-05", case(alice)
    alice.push([elsewhere])
    alice.push([payment(alice, elsewhere["record"], named, person=second)])
    assert marks(alice) == [late, named]


def test_merging_marks_what_is_now_too_much_and_taking_apart_lifts_it(alice: Phone) -> None:
    first = paid_twice(alice, "2026-10-01", "2026-10-02")
    second = paid_twice(alice, "2026-10-03", "2026-10-04")
    assert marks(alice) == []
    merge = joined(alice, first, second)
    assert marks(alice) == ["2026-10-04"]
    undone = alice.mutation(op="unmerge", type="person", record=first, undoes=merge, reason="คนละคน")
    [outcome] = alice.push([undone])
    assert outcome.outcome == "applied"
    assert marks(alice) == []


def test_the_author_of_a_contender_hears_of_the_decision(centre: Centre, alice: Phone) -> None:
    bob = centre.enrol("social_worker", "province:54")
    _, record = family(alice)
    base = bob.pull().version(record)
    alice.push([alice.update("case", record, base, set={"severity": [None, "level_2"]})])
    [contested] = bob.push([bob.update("case", record, base, set={"severity": [None, "level_3"]})])
    conflict = contested.conflicts[0].record
    alice.pull()
    decided = [{"conflict": conflict, "contenders": [contested.id], "reason": "ดูรูปแล้ว"}]
    edit = {"severity": ["level_2", "level_2"]}
    alice.push([alice.update("case", record, alice.version(record), set=edit, resolves=decided)])
    [notice] = [data for kind, _, data in bob.pull().rows.values() if kind == "notice"]
    assert (notice["kind"], notice["mutation"], notice["record"]) == ("decided", contested.id, record)


def test_an_author_hears_that_a_waiting_visit_was_let_go(centre: Centre, alice: Phone) -> None:
    bob = centre.enrol("social_worker", "province:54")
    new = case(alice)
    [held] = bob.push([visit(bob, new["record"])])
    alice.push([new])
    [notice] = [data for kind, _, data in bob.pull().rows.values() if kind == "notice"]
    assert (notice["kind"], notice["code"], notice["mutation"]) == ("released", "applied", held.id)
