"""Who may have a record erased over the API, what they must have seen, and what may be known of it afterwards."""

from typing import Any

import pytest

from server.ids import new_id
from tests.server.centre import Somebody, TestCentre
from tests.server.test_api_records import Phone, case_of, create

BOSS, NATION, BOB = "approver@province:54", "national_staff@nation", "social_worker@province:54"


@pytest.fixture
def alice(centre: TestCentre) -> Phone:
    return Phone(centre, centre.field("rru_member@district:5401", "intake_officer@district:5401"))


@pytest.fixture
def case(alice: Phone) -> str:
    """A case, and a visit of it that stays."""
    identifier = new_id()
    outcomes = alice.push(case_of(identifier, place_text="หลังวัด"), create("visit", new_id(), case=identifier))
    assert {each["outcome"] for each in outcomes} == {"applied"}
    return identifier


def order(who: Somebody, record: str, version: Any = None, reason: str = "subject_request") -> Any:
    seen = who.get(f"/api/v1/records/{record}").headers.get("ETag", '"0"') if version is None else f'"{version}"'
    return who.post(f"/api/v1/records/{record}/erase", json={"reason": reason}, headers={"If-Match": seen})


@pytest.mark.parametrize("role", [BOSS, NATION])
def test_those_who_may_have_it_erased(centre: TestCentre, case: str, role: str) -> None:
    boss = centre.staff(role)
    reply = order(boss, case)
    assert (reply.status_code, reply.json["records"]) == (200, [case])
    shown = boss.get(f"/api/v1/records/{case}").json
    assert (shown["data"], shown["deleted"], shown["version"]) == ({}, True, reply.json["commit"])


@pytest.mark.parametrize(
    ("role", "answer"),
    [(BOB, 403), ("inspector@nation", 403), ("administrator@nation", 403), ("approver@province:50", 404)],
)
def test_those_who_may_not(centre: TestCentre, case: str, role: str, answer: int) -> None:
    assert order(centre.staff(role), case).status_code == answer


def test_a_role_elsewhere_does_not_reach_a_record_seen_by_another_role(centre: TestCentre, case: str) -> None:
    both = centre.staff(BOB, "approver@province:50")
    assert order(both, case).status_code == 404


def test_nobody_erases_what_they_have_not_seen(centre: TestCentre, case: str) -> None:
    boss = centre.staff(BOSS)
    unseen = boss.post(f"/api/v1/records/{case}/erase", json={"reason": "subject_request"})
    assert (unseen.status_code, unseen.json["code"]) == (428, "precondition_required")
    assert order(boss, case, version=1).status_code == 412


def test_a_reason_is_a_code_and_no_free_text(centre: TestCentre, case: str) -> None:
    assert order(centre.staff(BOSS), case, reason="คุณสมหญิงขอลบ").status_code == 422


def test_the_lists_of_the_centre_are_not_erased(centre: TestCentre) -> None:
    team = new_id()
    given = {"name": "ทีม", "kind": "day_team", "district": "5401"}
    centre.centre.store.create([("team", team, given)], centre.clock())
    assert order(centre.staff(NATION), team).status_code == 403


def test_it_is_known_who_erased_what_and_when_and_nothing_else(centre: TestCentre, case: str) -> None:
    boss = centre.staff(BOSS)
    done = order(boss, case).json
    listed = {role: centre.staff(role).get("/api/v1/erasures").json["items"] for role in (BOSS, NATION)}
    entry = {"record": case, "type": "case", "erased_at": "2026-11-23T02:00:00.000Z", "by": boss.id}
    entry |= {"reason": "subject_request", "commit": done["commit"]}
    assert listed == {BOSS: [entry], NATION: [entry]}
    assert centre.staff("approver@province:50").get("/api/v1/erasures").json["items"] == []
    history = boss.get(f"/api/v1/records/{case}/history").json["items"]
    assert [(each["op"], each["author"], "data" in each) for each in history][-1] == ("erase", boss.id, False)
    assert all("data" not in each for each in history)


def test_the_register_outside_the_database_has_it(centre: TestCentre, case: str) -> None:
    boss = centre.staff(BOSS)
    order(boss, case)
    (entry,) = centre.centre.register.of_kind("erasure")
    assert (entry["record"], entry["by"], [each["id"] for each in entry["records"]]) == (case, boss.id, [case])
    assert "หลังวัด" not in centre.centre.register.path.read_text("utf-8")
