"""Two people, one record: what is merged, what is asked, and how the answer reaches both (scenarios 3 and 4)."""

from typing import Any

import pytest

from server.ids import new_id
from tests.acceptance.http_phone import HttpPhone, Link
from tests.acceptance.office import Office, Province
from tests.acceptance.records import a_case, made_case, outcomes

SEVERITY = "severity"


@pytest.fixture
def desk(here: Office, province: Province) -> Link:
    """A social worker of the province at a desk."""
    return here.desk(f"social_worker@{province.scope}")


def contested(alice: HttpPhone, bob: HttpPhone, province: Province) -> tuple[str, str]:
    """Let alice set the severity to level 2 and bob, who has not heard of it, to level 3: return case and conflict."""
    case = made_case(alice, province, severity="level_1")
    base = bob.pull().version(case)
    alice.push([alice.update("case", case, base, set={SEVERITY: ["level_1", "level_2"]})])
    [lost] = bob.push([bob.update("case", case, base, set={SEVERITY: ["level_1", "level_3"]})])
    assert lost.outcome == "conflicted"
    return case, lost.conflicts[0].record


def decide(desk: Link, conflict: str, if_match: str | None, **decision: Any) -> Any:
    headers = {"If-Match": if_match} if if_match else {}
    body = {"reason": "ดูรูปแล้ว"} | decision
    return desk.ask("POST", f"/conflicts/{conflict}/resolve", json=body, headers=headers)


def test_different_fields_are_both_kept_and_nobody_is_asked(
    alice: HttpPhone, bob: HttpPhone, province: Province
) -> None:
    case = made_case(alice, province, urgency="normal")
    base = bob.pull().version(case)
    assert outcomes(alice.push([alice.update("case", case, base, set={"urgency": ["normal", "urgent"]})])) == [
        "applied"
    ]
    assert outcomes(bob.push([bob.update("case", case, base, set={"status": [None, "in_progress"]})])) == ["merged"]
    for phone in (alice.pull(), bob.pull()):
        assert phone.data(case) | {"urgency": "urgent", "status": "in_progress"} == phone.data(case)
        assert phone.conflicts() == []


def test_the_same_field_twice_is_shown_to_both_and_to_staff(
    alice: HttpPhone, bob: HttpPhone, desk: Link, province: Province
) -> None:
    case, conflict = contested(alice, bob, province)
    for phone in (alice.pull(), bob.pull()):
        assert phone.data(case)[SEVERITY] == "level_2"
        [shown] = phone.conflicts()
        assert (shown["record"], shown["field"], shown["central_value"]) == (case, SEVERITY, "level_2")
        assert [each["value"] for each in shown["contenders"]] == ["level_3"]
    [listed] = desk.json("GET", "/conflicts")["items"]
    assert (listed["id"], listed["record"], listed["base"], listed["central"]) == (conflict, case, "level_1", "level_2")
    assert [(side["value"], side["user"]) for side in listed["contenders"]] == [("level_3", bob.user)]


def test_staff_decide_and_the_value_with_its_reason_reaches_both(
    alice: HttpPhone, bob: HttpPhone, desk: Link, province: Province
) -> None:
    case, conflict = contested(alice, bob, province)
    tag = desk.ask("GET", f"/conflicts/{conflict}").headers["ETag"]
    decided = decide(desk, conflict, tag, choice=bob.incarnation)
    assert (decided.status_code, decided.json()["outcome"]) == (200, "applied")
    for phone in (alice.pull(), bob.pull()):
        assert phone.data(case)[SEVERITY] == "level_3"
        [shown] = phone.conflicts()
        assert (shown["status"], shown["resolution"]["reason"]) == ("resolved", "ดูรูปแล้ว")
    assert desk.json("GET", "/conflicts")["items"] == []
    again = decide(desk, conflict, desk.ask("GET", f"/conflicts/{conflict}").headers["ETag"], choice="central")
    assert (again.status_code, again.json()["code"]) == (409, "conflict_resolved_already")


def test_a_decision_says_what_it_saw(alice: HttpPhone, bob: HttpPhone, desk: Link, province: Province) -> None:
    _, conflict = contested(alice, bob, province)
    blind = decide(desk, conflict, None, choice="central")
    assert (blind.status_code, blind.json()["code"]) == (428, "precondition_required")


def test_a_decision_on_what_has_changed_since_is_refused(
    alice: HttpPhone, bob: HttpPhone, desk: Link, province: Province
) -> None:
    case, conflict = contested(alice, bob, province)
    tag = desk.ask("GET", f"/conflicts/{conflict}").headers["ETag"]
    alice.pull()
    base = alice.version(case)
    assert outcomes(alice.push([alice.update("case", case, base, set={SEVERITY: ["level_2", "level_4"]})])) == [
        "applied"
    ]
    stale = decide(desk, conflict, tag, choice="central")
    assert (stale.status_code, stale.json()["code"]) == (412, "precondition_failed")
    assert [each["id"] for each in desk.json("GET", "/conflicts")["items"]] == [conflict]


def test_a_decision_on_a_device_that_missed_a_contender_is_stale(
    here: Office, alice: HttpPhone, bob: HttpPhone, province: Province
) -> None:
    case, conflict = contested(alice, bob, province)
    alice.pull()
    seen = [each["mutation"] for each in alice.data(conflict)["contenders"]]
    carol = here.phone(f"rru_member@team:{province.day_team}")
    [late] = carol.push([carol.update("case", case, alice.version(case) - 2, set={SEVERITY: ["level_1", "level_4"]})])
    assert late.outcome in ("conflicted", "rejected")
    late_base = carol.pull().version(case)
    alice.push([alice.update("case", case, alice.version(case), set={"urgency": [None, "urgent"]})])
    [joined] = carol.push([carol.update("case", case, late_base - 1, set={SEVERITY: ["level_1", "level_4"]})])
    assert joined.outcome == "conflicted"
    decision = [{"conflict": conflict, "contenders": seen, "reason": "เร็วไป"}]
    [stale] = alice.push(
        [alice.update("case", case, alice.version(case), set={SEVERITY: ["level_2", "level_3"]}, resolves=decision)]
    )
    assert (stale.outcome, stale.code) == ("rejected", "stale_resolution")


def test_age_24_and_26_the_status_is_merged_and_the_age_is_asked(
    alice: HttpPhone, bob: HttpPhone, province: Province
) -> None:
    person = alice.create("person", first_name="สมชาย", birth_date="2003-01-01", birth_date_precision="year")
    case = a_case(alice, province, affected_person=person["record"])
    alice.push([person, case])
    alice.pull()
    who, base = person["record"], bob.pull().version(person["record"])
    born = ["2003-01-01", "2002-01-01"], ["2003-01-01", "2000-01-01"]
    precision = {"birth_date_precision": ["year", "year"]}
    alice.push([alice.update("person", who, base, set={"birth_date": born[0], **precision})])
    chain = [
        [bob.update("case", case["record"], bob.version(case["record"]), set={"status": [None, "in_progress"]})],
        [bob.update("person", who, base, set={"occupation": [None, "ทำนา"]})],
        [bob.update("person", who, base, set={"birth_date": born[1], **precision})],
    ]
    assert outcomes(bob.push(*chain)) == ["applied", "merged", "conflicted"]
    for phone in (alice.pull(), bob.pull()):
        assert phone.data(case["record"])["status"] == "in_progress"
        assert (phone.data(who)["birth_date"], phone.data(who)["occupation"]) == ("2002-01-01", "ทำนา")
        [conflict] = phone.conflicts()
        assert [each["value"]["birth_date"] for each in conflict["contenders"]] == ["2000-01-01"]


def test_two_additions_to_a_text_in_different_places_are_both_there(
    alice: HttpPhone, bob: HttpPhone, province: Province
) -> None:
    before = "บ้านทรุด\nไม่มีน้ำ\nมีหมา"
    case = made_case(alice, province, summary=before)
    base = bob.pull().version(case)
    alice.push([alice.update("case", case, base, set={"summary": [before, "บ้านทรุดหนัก\nไม่มีน้ำ\nมีหมา"]})])
    [joined] = bob.push([bob.update("case", case, base, set={"summary": [before, "บ้านทรุด\nไม่มีน้ำ\nมีหมาดุ"]})])
    assert joined.outcome == "merged"
    assert [phone.pull().data(case)["summary"] for phone in (alice, bob)] == ["บ้านทรุดหนัก\nไม่มีน้ำ\nมีหมาดุ"] * 2


def test_a_decision_for_an_unknown_conflict_is_not_found(desk: Link) -> None:
    refused = decide(desk, new_id(), '"1-1"', choice="central")
    assert (refused.status_code, refused.json()["code"]) == (404, "not_found")
