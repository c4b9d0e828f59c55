"""What staff see: records, histories, conflicts, unfinished mutations, areas, lists."""

from secrets import randbits
from typing import Any

import pytest

from schemas.reference_number import RANDOM_BITS, mint
from server.ids import new_id
from server.starting_data import id_of
from tests.server.centre import Somebody, TestCentre

ALICE = "rru_member@district:5401"
BOB = "social_worker@province:54"


class Phone:
    """A device that remembers where its lane ends."""

    def __init__(self, centre: TestCentre, who: Somebody) -> None:
        self.centre, self.who = centre, who
        self.incarnation = new_id()
        self.last: dict[str, Any] = {"seq": 0, "id": None}

    def push(self, *mutations: dict[str, Any]) -> list[dict[str, Any]]:
        """Push mutations in groups of their own; return their outcomes."""
        numbered = [
            {"seq": self.last["seq"] + number, "id": new_id(), "recorded_at": "2026-11-23T01:00:00.000Z", **each}
            for number, each in enumerate(mutations, 1)
        ]
        body = {
            "protocol": 1,
            "epoch": self.centre.centre.store.epoch(),
            "device": self.who.device,
            "incarnation": self.incarnation,
            "lane": "normal",
            "schema": 1,
            "after": self.last,
            "sent_at": "2026-11-23T02:00:00.000Z",
            "groups": [[each] for each in numbered],
        }
        reply = self.who.post("/api/v1/sync/push", json=body)
        assert reply.status_code == 200, reply.text
        self.last = {"seq": numbered[-1]["seq"], "id": numbered[-1]["id"]}
        outcomes: list[dict[str, Any]] = reply.json["outcomes"]
        return outcomes


def create(type_: str, record: str, **data: Any) -> dict[str, Any]:
    return {"op": "create", "type": type_, "record": record, "data": data}


def update(type_: str, record: str, base: int, **edits: Any) -> dict[str, Any]:
    return {"op": "update", "type": type_, "record": record, "base": base, "set": edits}


def case_of(record: str, area: str = "5401", **data: Any) -> dict[str, Any]:
    about = {"reference_number": reference_number(), "received_on": "2026-11-20", "intake_channel": "walk_in"}
    return create("case", record, **about, intake_district=area[:4], area=area, **data)


def reference_number() -> str:
    return mint(randbits(RANDOM_BITS))


@pytest.fixture
def alice(centre: TestCentre) -> Phone:
    return Phone(centre, centre.field(ALICE, "intake_officer@district:5401"))


@pytest.fixture
def contested(centre: TestCentre, alice: Phone) -> tuple[str, str]:
    """Let two devices write one field of one case; return the case and its conflict."""
    case, other = new_id(), Phone(centre, centre.field("intake_officer@district:5401"))
    (created,) = alice.push(case_of(case, urgency="normal"))
    base = created["commit"]
    alice.push(update("case", case, base, urgency=["normal", "urgent"]))
    (outcome,) = other.push(update("case", case, base, urgency=["normal", "most_urgent"]))
    return case, outcome["conflicts"][0]["record"]


def test_bob_reads_a_record_of_his_province(centre: TestCentre, alice: Phone) -> None:
    case, bob = new_id(), centre.staff(BOB)
    (created,) = alice.push(case_of(case))
    reply = bob.get(f"/api/v1/records/{case}")
    assert (reply.status_code, reply.json["data"]["area"]) == (200, "5401")
    assert reply.headers["ETag"] == f'"{created["commit"]}"'


def test_a_record_of_another_province_is_not_found(centre: TestCentre, alice: Phone) -> None:
    case = new_id()
    alice.push(case_of(case))
    outsider = centre.staff("social_worker@province:50")
    assert [outsider.get(f"/api/v1/records/{case}{part}").status_code for part in ("", "/history")] == [404, 404]


def test_an_administrator_sees_no_case_content(centre: TestCentre, alice: Phone) -> None:
    case = new_id()
    alice.push(case_of(case))
    assert centre.staff("administrator@nation").get(f"/api/v1/records/{case}").status_code == 404


def test_an_inspector_sees_no_sensitive_field(centre: TestCentre, alice: Phone) -> None:
    case = new_id()
    alice.push(case_of(case, problems=["violence"], place_text="หลังวัด"))
    seen = {role: centre.staff(role).get(f"/api/v1/records/{case}").json["data"] for role in (BOB, "inspector@nation")}
    assert {role: "problems" in data for role, data in seen.items()} == {BOB: True, "inspector@nation": False}
    assert all(data["place_text"] == "หลังวัด" for data in seen.values())


def test_two_roles_do_not_mix(centre: TestCentre, alice: Phone) -> None:
    """The inspector of the nation who is a social worker of Chiang Mai sees no sensitive field in Phrae."""
    case = new_id()
    alice.push(case_of(case, problems=["violence"]))
    both = centre.staff("inspector@nation", "social_worker@province:50")
    assert "problems" not in both.get(f"/api/v1/records/{case}").json["data"]


def test_the_history_names_every_edit(centre: TestCentre, alice: Phone) -> None:
    case, bob = new_id(), centre.staff(BOB)
    (created,) = alice.push(case_of(case, urgency="normal"))
    alice.push(update("case", case, created["commit"], urgency=["normal", "urgent"]))
    items = bob.get(f"/api/v1/records/{case}/history").json["items"]
    assert [(each["op"], each["author"], each["outcome"]) for each in items] == [
        ("create", alice.who.id, "applied"),
        ("update", alice.who.id, "applied"),
    ]
    assert items[1]["set"] == {"urgency": ["normal", "urgent"]}


def test_cases_are_listed_by_area_and_searched_by_text(centre: TestCentre, alice: Phone) -> None:
    here, there, bob = new_id(), new_id(), centre.staff(BOB)
    number = reference_number()
    alice.push(case_of(here, "540101"), case_of(there, "5402") | {})
    Phone(centre, centre.field("intake_officer@district:5401")).push(
        create("case", new_id(), **case_of(new_id())["data"] | {"reference_number": number})
    )

    def found(query: str) -> list[str]:
        return [each["data"]["area"] for each in bob.get(f"/api/v1/records?type=case{query}").json["items"]]

    def searched(**sought: Any) -> list[str]:
        reply = bob.post("/api/v1/records/search", json={"type": "case", **sought})
        return [each["data"]["area"] for each in reply.json["items"]]

    assert sorted(found("")) == ["5401", "540101", "5402"]
    assert sorted(found("&area=5401")) == ["5401", "540101"]
    assert (found("&area=540101"), found("&area=540116")) == (["540101"], [])
    assert (len(found("&area=54")), found("&area=50")) == (3, [])
    assert searched(q=number[:9].lower()) == ["5401"]
    assert searched(q=number[:9].lower(), area="5402") == []
    assert searched(q="-", limit=1) == searched(q="-")[:1]


def test_what_somebody_searches_for_is_in_no_address(one_centre: TestCentre) -> None:
    bob = one_centre.staff(BOB)
    assert "q" in bob.get("/api/v1/records?type=case&q=สมหญิง").json["errors"]
    assert "q" in bob.post("/api/v1/records/search", json={"type": "case"}).json["errors"]
    assert bob.post("/api/v1/records/search", json={"type": "case", "q": "สมหญิง"}).json["items"] == []
    wrong = bob.post("/api/v1/records/search", json={"type": "unicorn", "q": "สมหญิง"})
    assert (wrong.status_code, wrong.json["errors"]["type"][0]["code"]) == (422, "unknown_code")


def test_records_are_listed_a_page_at_a_time(centre: TestCentre, alice: Phone) -> None:
    bob, cases = centre.staff(BOB), [new_id() for _ in range(5)]
    alice.push(*(case_of(case) for case in cases))
    seen: list[str] = []
    cursor = ""
    while cursor is not None:
        page = bob.get(f"/api/v1/records?type=case&limit=2&cursor={cursor}").json
        seen += [each["id"] for each in page["items"]]
        cursor = page["next"]
    assert seen == sorted(cases)


def test_a_type_that_is_not_there_is_refused(one_centre: TestCentre) -> None:
    reply = one_centre.staff(BOB).get("/api/v1/records?type=unicorn")
    assert (reply.status_code, reply.json["errors"]["type"][0]["code"]) == (422, "unknown_code")


def test_a_type_that_is_not_yours_is_not_permitted(one_centre: TestCentre) -> None:
    assert one_centre.staff("finance_officer@province:54").get("/api/v1/records?type=case").status_code == 403


def test_an_open_conflict_is_listed_three_ways(centre: TestCentre, alice: Phone, contested: tuple[str, str]) -> None:
    case, conflict = contested
    bob = centre.staff(BOB)
    (listed,) = bob.get("/api/v1/conflicts").json["items"]
    shown = bob.get(f"/api/v1/conflicts/{conflict}").json
    assert (listed["id"], listed["record_version"]) == (conflict, shown["record_version"])
    assert shown["record_version"] > 0
    assert (shown["record"], shown["field"], shown["label"]["en"]) == (case, "urgency", "Urgency")
    assert (shown["base"], shown["central"], [side["value"] for side in shown["contenders"]]) == (
        "normal",
        "urgent",
        ["most_urgent"],
    )


def test_a_conflict_of_another_province_is_not_listed(centre: TestCentre, contested: tuple[str, str]) -> None:
    outsider = centre.staff("social_worker@province:50")
    assert outsider.get("/api/v1/conflicts").json["items"] == []
    assert outsider.get(f"/api/v1/conflicts/{contested[1]}").status_code == 404


def decide(who: Somebody, conflict: str, tag: str | None, **said: Any) -> Any:
    headers = {"If-Match": tag} if tag else {}
    return who.post(f"/api/v1/conflicts/{conflict}/resolve", json=said, headers=headers)


@pytest.mark.parametrize("choice", ["central", "contender", "value"])
def test_bob_decides(centre: TestCentre, contested: tuple[str, str], choice: str) -> None:
    case, conflict = contested
    bob = centre.staff(BOB)
    shown = bob.get(f"/api/v1/conflicts/{conflict}")
    incarnation = shown.json["contenders"][0]["incarnation"]
    said = {"central": {"choice": "central"}, "contender": {"choice": incarnation}, "value": {"value": "normal"}}
    reply = decide(bob, conflict, shown.headers["ETag"], reason="โทรถามแล้ว", **said[choice])
    after = bob.get(f"/api/v1/conflicts/{conflict}").json
    wanted = {"central": "urgent", "contender": "most_urgent", "value": "normal"}[choice]
    assert reply.status_code == 200, reply.text
    assert bob.get(f"/api/v1/records/{case}").json["data"]["urgency"] == wanted
    assert (after["status"], after["resolution"]["reason"], after["resolution"]["by"]) == (
        "resolved",
        "โทรถามแล้ว",
        bob.id,
    )
    assert bob.get("/api/v1/conflicts").json["items"] == []


def test_a_decision_names_what_it_saw(centre: TestCentre, contested: tuple[str, str]) -> None:
    bob = centre.staff(BOB)
    said = {"choice": "central", "reason": "โทรถามแล้ว"}
    replies = [decide(bob, contested[1], tag, **said) for tag in (None, '"1-1"')]
    assert [(reply.status_code, reply.json["code"]) for reply in replies] == [
        (428, "precondition_required"),
        (412, "precondition_failed"),
    ]


def test_a_decision_after_another_change_is_refused(
    centre: TestCentre, alice: Phone, contested: tuple[str, str]
) -> None:
    case, conflict = contested
    bob = centre.staff(BOB)
    shown = bob.get(f"/api/v1/conflicts/{conflict}")
    version = bob.get(f"/api/v1/records/{case}").json["version"]
    alice.push(update("case", case, version, place_text=[None, "หลังวัด"]))
    reply = decide(bob, conflict, shown.headers["ETag"], choice="central", reason="โทรถามแล้ว")
    assert reply.status_code == 412


@pytest.mark.parametrize(
    ("said", "field"),
    [
        ({"choice": "central"}, "reason"),
        ({"reason": "เพราะ"}, "choice"),
        ({"reason": "เพราะ", "choice": "central", "value": "urgent"}, "choice"),
        ({"reason": "เพราะ", "choice": "nobody"}, "choice"),
        ({"reason": "", "choice": "central"}, "reason"),
    ],
)
def test_a_decision_is_one_choice_and_a_reason(
    centre: TestCentre, contested: tuple[str, str], said: dict[str, Any], field: str
) -> None:
    bob = centre.staff(BOB)
    tag = bob.get(f"/api/v1/conflicts/{contested[1]}").headers["ETag"]
    reply = decide(bob, contested[1], tag, **said)
    assert (reply.status_code, list(reply.json["errors"])) == (422, [field])


@pytest.fixture
def carol(centre: TestCentre) -> Phone:
    return Phone(centre, centre.field("intake_officer@district:5401"))


def choose(bob: Somebody, conflict: str, **said: Any) -> Any:
    """Decide for the only contender, unless ``said`` says otherwise."""
    shown = bob.get(f"/api/v1/conflicts/{conflict}")
    choice = said or {"choice": shown.json["contenders"][0]["incarnation"]}
    return decide(bob, conflict, shown.headers["ETag"], reason="โทรถามแล้ว", **choice)


def test_deciding_for_a_delete_deletes(centre: TestCentre, alice: Phone, carol: Phone) -> None:
    case, bob = new_id(), centre.staff(BOB)
    (created,) = alice.push(case_of(case))
    alice.push(update("case", case, created["commit"], urgency=[None, "urgent"]))
    (asked,) = carol.push({"op": "delete", "type": "case", "record": case, "base": created["commit"]})
    conflict = asked["conflicts"][0]["record"]
    assert choose(bob, conflict, value="no such choice").status_code == 422
    assert choose(bob, conflict).status_code == 200
    assert bob.get(f"/api/v1/records/{case}").json["deleted"]
    assert bob.get(f"/api/v1/conflicts/{conflict}").json["resolution"]["value"] == {"deleted": True}


def test_an_edit_of_a_deleted_record_is_not_said_to_be_taken(centre: TestCentre, alice: Phone, carol: Phone) -> None:
    case, bob = new_id(), centre.staff(BOB)
    (created,) = alice.push(case_of(case))
    alice.push({"op": "delete", "type": "case", "record": case, "base": created["commit"]})
    (asked,) = carol.push(update("case", case, created["commit"], urgency=[None, "urgent"]))
    conflict = asked["conflicts"][0]["record"]
    assert choose(bob, conflict).status_code == 422
    assert choose(bob, conflict, choice="central").status_code == 200


def test_a_conflict_that_was_open_when_its_record_was_deleted_can_be_closed(
    centre: TestCentre, alice: Phone, contested: tuple[str, str]
) -> None:
    case, conflict = contested
    bob = centre.staff(BOB)
    version = bob.get(f"/api/v1/records/{case}").json["version"]
    alice.push({"op": "delete", "type": "case", "record": case, "base": version})
    assert bob.get(f"/api/v1/records/{case}").json["deleted"]
    assert [choose(bob, conflict).status_code, choose(bob, conflict, choice="central").status_code] == [422, 200]
    assert bob.get(f"/api/v1/conflicts/{conflict}").json["status"] == "resolved"


def test_a_field_group_is_decided_as_one(centre: TestCentre, alice: Phone, carol: Phone) -> None:
    case, visit, bob = new_id(), new_id(), centre.staff(BOB)
    alice.push(case_of(case))
    (created,) = alice.push(create("visit", visit, case=case))
    for phone, latitude in ((alice, 18.1), (carol, 18.2)):
        position = {"latitude": [None, latitude], "longitude": [None, 100.1], "accuracy_m": [None, 5]}
        (asked,) = phone.push(update("visit", visit, created["commit"], **position))
    conflict = asked["conflicts"][0]["record"]
    assert choose(bob, conflict, value="18.3, 100.1").status_code == 422
    assert choose(bob, conflict).status_code == 200
    assert bob.get(f"/api/v1/records/{visit}").json["data"]["latitude"] == 18.2


def test_what_was_added_to_a_set_out_of_reach_can_be_taken(centre: TestCentre, alice: Phone, carol: Phone) -> None:
    case, mover, bob = new_id(), Phone(centre, centre.field(BOB)), centre.staff(BOB)
    (created,) = alice.push(case_of(case, problems=["other"]))
    mover.push(update("case", case, created["commit"], area=["5401", "5402"]))
    added = {
        "op": "update",
        "type": "case",
        "record": case,
        "base": created["commit"],
        "add": {"problems": ["violence"]},
    }
    (asked,) = carol.push(added)
    assert (asked["outcome"], asked["code"]) == ("conflicted", "out_of_scope")
    assert choose(bob, asked["conflicts"][0]["record"]).status_code == 200
    assert bob.get(f"/api/v1/records/{case}").json["data"]["problems"] == ["other", "violence"]


def test_the_team_in_the_field_does_not_decide(centre: TestCentre, alice: Phone, contested: tuple[str, str]) -> None:
    assert decide(alice.who, contested[1], '"1-1"', choice="central", reason="เพราะ").status_code == 403


def test_what_was_rejected_is_listed_whole_for_its_province_alone(centre: TestCentre, alice: Phone) -> None:
    case = new_id()
    (outcome,) = alice.push(case_of(case, urgency="very much"))
    bob, outsider = centre.staff(BOB), centre.staff("social_worker@province:50")
    (item,) = bob.get("/api/v1/unfinished").json["items"]
    assert outcome["outcome"] == "rejected"
    assert (item["record"], item["code"], item["author"]) == (case, "validation_failed", alice.who.id)
    assert item["errors"]["urgency"][0]["code"] == "unknown_code"
    assert item["payload"]["data"]["urgency"] == "very much"
    assert outsider.get("/api/v1/unfinished").json["items"] == []


def test_what_nobody_declared_is_kept_and_shown_to_nobody_who_sees_no_protected_field(
    one_centre: TestCentre,
) -> None:
    team = Phone(one_centre, one_centre.field("rru_member@district:5401"))
    team.push(
        create("future_case", new_id(), reporter_phone="0812345678"),
        {**create("case", new_id()), "typo": {"reporter_phone": "0812345678"}},
    )
    reply = one_centre.staff(BOB).get("/api/v1/unfinished")
    assert [item["code"] for item in reply.json["items"]] == ["unknown_record_type", "validation_failed"]
    assert "0812345678" not in reply.text


def test_areas_are_found_by_parent_name_and_code(centre: TestCentre) -> None:
    rows = [
        {"code": "54", "name_th": "แพร่", "name_en": "Phrae", "level": "province"},
        {"code": "5401", "name_th": "เมืองแพร่", "name_en": "Mueang Phrae", "level": "district", "parent": "54"},
        {"code": "5402", "name_th": "ร้องกวาง", "name_en": "Rong Kwang", "level": "district", "parent": "54"},
    ]
    centre.centre.store.create([("area", id_of("area", row["code"]), row) for row in rows], centre.clock())
    alice = centre.field(ALICE)

    def found(query: str) -> list[str]:
        return [each["code"] for each in alice.get(f"/api/v1/areas?{query}").json["items"]]

    assert found("") == ["54", "5401", "5402"]
    assert found("parent=54") == ["5401", "5402"]
    assert found("level=province") == ["54"]
    assert found("q=แพร่") == ["54", "5401"]
    assert found("q=กว") == ["5402"]
    assert found("q=phrae&level=district") == ["5401"]
    assert found("q=%25") == []
    assert found("limit=1&cursor=54") == ["5401"]


def test_lists_and_declarations_are_sent_once(one_centre: TestCentre) -> None:
    alice = one_centre.field(ALICE)
    for path in ("/api/v1/vocabulary", "/api/v1/schema"):
        first = alice.get(path)
        again = alice.get(path, headers={"If-None-Match": first.headers["ETag"]})
        assert (first.status_code, again.status_code, again.data) == (200, 304, b"")


def test_the_vocabulary_has_both_languages(one_centre: TestCentre) -> None:
    lists = one_centre.field(ALICE).get("/api/v1/vocabulary").json
    assert lists["urgency"]["codes"][0] == {"code": "normal", "th": "ปกติ", "en": "Normal", "assumed": False}
