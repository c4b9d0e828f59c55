"""Two people who are one, two cases of one incident: merged in chains, edited late, taken apart (scenario 7)."""

from typing import Any

import pytest

from tests.acceptance.http_phone import HttpPhone, Link
from tests.acceptance.kit_process import Kit
from tests.acceptance.office import COMMON, Office, Province
from tests.acceptance.records import made_case, outcomes


@pytest.fixture
def desk(here: Office, province: Province) -> Link:
    """A social worker of the province at a desk."""
    return here.desk(f"social_worker@{province.scope}")


@pytest.fixture
def kit(here: Office, province: Province) -> Kit:
    """Another, in the field with a laptop."""
    return here.kit(f"social_worker@{province.scope}")


def merge(desk: Link, record: str, into: str, **more: Any) -> Any:
    """Merge two records as staff do, who looked at the version that they merge."""
    body = {"into": into, "reason": "เรื่องเดียวกัน", **more}
    return desk.ask("POST", f"/records/{record}/merge", json=body, headers={"If-Match": tag(desk, record)})


def unmerge(desk: Link, record: str, **more: Any) -> Any:
    body = {"reason": "คนละเรื่อง", **more}
    return desk.ask("POST", f"/records/{record}/unmerge", json=body, headers={"If-Match": tag(desk, record)})


def tag(desk: Link, record: str) -> str:
    return str(desk.ask("GET", f"/records/{record}").headers["ETag"])


def test_a_late_visit_of_a_case_at_the_start_of_a_chain_is_held_by_all_who_hold_its_end(
    here: Office, kit: Kit, desk: Link, province: Province, alice: HttpPhone
) -> None:
    a, b, c, d, e = (made_case(alice, province) for _ in range(5))
    kit.sync()
    late = kit.new("visit", case=a, narrative="ไปถึงแล้ว ไม่มีสัญญาณ")
    for record, into in ((a, d), (b, d), (c, e), (d, e)):
        assert merge(desk, record, into).status_code == 200
    team = here.phone(f"rru_member@team:{province.day_team}")
    alice.pull()
    alice.push([alice.update("case", e, alice.version(e), set={"team": [None, province.day_team]})])
    kit.sync()
    team.pull()
    assert team.data(late)["case"] == a
    assert [team.data(each).get("merged_into") for each in (a, b, c, d, e)] == [d, d, e, e, None]
    shown = desk.json("GET", f"/records/{a}")
    assert (shown["merged_into"], shown["goes_on_in"]) == (d, e)
    assert {each["id"] for each in desk.json("GET", "/records?type=case")["items"]}.isdisjoint({a, b, c, d})
    assert kit.sound()


def test_a_late_edit_of_a_merged_case_is_made_where_the_chain_ends(
    kit: Kit, desk: Link, province: Province, alice: HttpPhone
) -> None:
    a, d, e = (made_case(alice, province, urgency="normal") for _ in range(3))
    kit.sync()
    kit.edit(a, urgency="urgent")
    assert merge(desk, a, d).status_code == 200
    assert merge(desk, d, e).status_code == 200
    kit.sync()
    assert [entry["outcome"] for entry in kit.outbox(everything=True)] == ["merged"]
    assert [kit.show(each)["data"]["urgency"] for each in (a, d, e)] == ["normal", "normal", "urgent"]


def test_a_person_who_later_gets_an_id_keeps_all_history_and_an_unmerge_restores_both(
    kit: Kit, desk: Link, province: Province, alice: HttpPhone
) -> None:
    unnamed = alice.create("person", nickname_or_mark="รอยสักที่แขน", sex="male", id_type="none", no_id_reason="ทำหาย")
    named = alice.create("person", first_name="สมชาย", id_type="national_id", id_number="9000000000001")
    alice.push([unnamed])
    alice.push([named])
    a, d = unnamed["record"], named["record"]
    cases = [made_case(alice, province, affected_person=person) for person in (a, d)]
    kit.sync()
    before = {each: kit.show(each)["data"] for each in (a, d)}
    taken = merge(desk, a, d, take=["nickname_or_mark", "sex"])
    assert [each["outcome"] for each in taken.json()["outcomes"]] == ["applied", "applied"]
    kit.sync()
    assert kit.show(d)["data"] == before[d] | {"nickname_or_mark": "รอยสักที่แขน", "sex": "male"}
    assert kit.show(a)["data"] == before[a] | {"merged_into": d}
    late = kit.edit(a, occupation="ทำนา")  # the kit follows the merge
    kit.sync()
    assert kit.show(d)["data"]["occupation"] == "ทำนา"
    history = desk.json("GET", f"/records/{d}/history")["items"]
    assert [(each["op"], each["record"]) for each in history] == [
        ("create", a), ("create", d), ("merge", a), ("update", d), ("update", d),
    ]  # fmt: skip
    [since] = desk.json("GET", f"/records/{a}/merge")["since"]
    assert (since["mutation"], since["fields"], since["named_it"]) == (late["mutations"][0], ["occupation"], False)
    assert unmerge(desk, a, moves=[since["mutation"]]).status_code == 200
    kit.sync()
    assert kit.show(a)["data"] == before[a] | {"occupation": "ทำนา"}
    assert kit.show(d)["data"] == before[d]
    assert {kit.show(case)["data"]["affected_person"] for case in cases} == {a, d}


def test_merging_says_what_stands_in_its_way(desk: Link, province: Province, alice: HttpPhone) -> None:
    a, b, c = (made_case(alice, province) for _ in range(3))
    assert merge(desk, a, b).status_code == 200
    again, circle, twice = merge(desk, a, c), merge(desk, b, a), unmerge(desk, b)
    assert (again.status_code, again.json()["code"]) == (409, "already_merged")
    assert (circle.status_code, circle.json()["errors"]["into"][0]["code"]) == (422, "merge_cycle")
    assert (twice.status_code, twice.json()["code"]) == (409, "not_merged")
    unseen = desk.ask("POST", f"/records/{c}/merge", json={"into": b, "reason": "เรื่องเดียวกัน"})
    assert (unseen.status_code, unseen.json()["code"]) == (428, "precondition_required")


def test_nobody_merges_with_what_they_may_not_see(here: Office, province: Province, alice: HttpPhone) -> None:
    stranger = here.phone(f"social_worker@{COMMON.scope}")
    here_is, there = made_case(alice, province), made_case(stranger, COMMON)
    desk = here.desk(f"social_worker@{province.scope}")
    assert merge(desk, here_is, there).status_code == 404
    pushed = alice.push([alice.mutation(op="merge", type="case", record=here_is, into=there)])
    assert (outcomes(pushed), pushed[0].code) == (["rejected"], "not_permitted")


def test_an_inspector_cannot_merge(here: Office, province: Province, alice: HttpPhone) -> None:
    a, b = made_case(alice, province), made_case(alice, province)
    inspector = here.desk(f"inspector@{province.scope}")
    assert (merge(inspector, a, b).status_code, inspector.json("GET", f"/records/{a}")["merged_into"]) == (403, None)
