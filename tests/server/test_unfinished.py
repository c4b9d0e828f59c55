"""What staff do about refused and waiting edits: correct and apply, return, dismiss; each in their own area."""

from typing import Any

import pytest

from server import erasure
from server.ids import new_id
from tests.server.centre import Somebody, TestCentre
from tests.server.test_api_records import ALICE, BOB, Phone, case_of, create, update

URL = "/api/v1/unfinished"


class Field(Phone):
    """A device that can save several things at once, and pull."""

    def save(self, *mutations: dict[str, Any]) -> list[dict[str, Any]]:
        """Push one press of Save."""
        first = self.last["seq"] + 1
        group = [
            {"seq": number, "id": new_id(), "recorded_at": "2026-11-23T01:00:00.000Z", **each}
            for number, each in enumerate(mutations, first)
        ]
        return self.send([group], self.last)

    def send(self, groups: list[list[dict[str, Any]]], after: dict[str, Any], **parts: Any) -> list[dict[str, Any]]:
        body = self.envelope() | {"incarnation": self.incarnation, "lane": "normal", "after": after} | parts
        reply = self.who.post("/api/v1/sync/push", json=body | {"groups": groups})
        assert reply.status_code == 200, reply.text
        self.sent, self.last = groups, {"seq": groups[-1][-1]["seq"], "id": groups[-1][-1]["id"]}
        return list(reply.json["outcomes"])

    def send_again(self) -> list[dict[str, Any]]:
        """Send the last Save under a new incarnation, as after a recovery."""
        numbered = [[{**each, "seq": number} for number, each in enumerate(group, 1)] for group in self.sent]
        return self.send(numbered, {"seq": 0, "id": None}, incarnation=new_id())

    def envelope(self) -> dict[str, Any]:
        about = {"protocol": 1, "schema": 1, "epoch": self.centre.centre.store.epoch(), "device": self.who.device}
        return about | {"sent_at": "2026-11-23T02:00:00.000Z"}

    def holds(self, type_: str) -> list[dict[str, Any]]:
        """Return the data of what a first pull brings of a type."""
        reply = self.who.post("/api/v1/sync/pull", json=self.envelope() | {"checkpoint": {}})
        tables = [table for table in reply.json["tables"] if table["type"] == type_]
        return [dict(zip(table["fields"], put[3], strict=True)) for table in tables for put in table["put"]]


@pytest.fixture
def alice(centre: TestCentre) -> Field:
    return Field(centre, centre.field(ALICE, "intake_officer@district:5401"))


@pytest.fixture
def bob(centre: TestCentre) -> Somebody:
    return centre.staff(BOB)


@pytest.fixture
def case(alice: Field) -> str:
    record = new_id()
    alice.push(case_of(record))
    return record


def visit_of(case: str, record: str, **data: Any) -> dict[str, Any]:
    return create("visit", record, case=case, **data)


def photo_of(owner: str) -> dict[str, Any]:
    return create("attachment", new_id(), owner_record=owner, sha256="a" * 64, size=1, media_type="image/jpeg")


def listed(who: Somebody, **query: str) -> list[dict[str, Any]]:
    return list(who.get(URL, query_string=query).json["items"])


def settle(who: Somebody, id_: str, how: str, **body: Any) -> Any:
    return who.post(f"{URL}/{id_}/{how}", json={"reason": "โทรถามแล้ว", **body})


def names(outcomes: list[dict[str, Any]]) -> list[tuple[str, str | None]]:
    return [(each["outcome"], each.get("code")) for each in outcomes]


def test_staff_correct_a_refused_visit_and_it_counts_as_its_authors(
    centre: TestCentre, alice: Field, bob: Somebody, case: str
) -> None:
    visit = new_id()
    (refused,) = alice.save(visit_of(case, visit, visited_on="2027-01-01"))
    kept = alice.sent
    alice.push(photo_of(visit))
    reply = settle(bob, refused["id"], "apply", data={"visited_on": "2026-11-21"})

    assert reply.status_code == 200, reply.text
    assert names(reply.json["outcomes"]) == [("applied", None)]
    shown = bob.get(f"/api/v1/records/{visit}").json
    assert shown["data"] == {"case": case, "visited_on": "2026-11-21"}
    refusal, told = bob.get(f"/api/v1/records/{visit}/history").json["items"]
    assert (refusal["outcome"], "corrected_by" in refusal) == ("rejected", False)
    assert (told["author"], told["corrected_by"], told["reason"]) == (alice.who.id, bob.id, "โทรถามแล้ว")
    assert [(each["kind"], each["code"]) for each in alice.holds("notice")] == [
        ("corrected", "applied"),
        ("released", "applied"),
    ]
    assert listed(bob) == []
    alice.sent = kept
    assert names(alice.send_again()) == [("applied", None)]


def test_what_is_still_wrong_changes_nothing_and_says_why(alice: Field, bob: Somebody, case: str) -> None:
    visit = new_id()
    (refused,) = alice.save(visit_of(case, visit, visited_on="2027-01-01"))
    reply = settle(bob, refused["id"], "apply", data={"visited_on": "tomorrow"})

    assert (reply.status_code, reply.json["code"]) == (422, "still_refused")
    assert [each["code"] for each in reply.json["errors"]["visited_on"]] == ["wrong_date"]
    assert names(reply.json["outcomes"]) == [("rejected", "validation_failed")]
    assert bob.get(f"/api/v1/records/{visit}").status_code == 404
    assert [each["id"] for each in listed(bob)] == [refused["id"]]
    assert alice.holds("notice") == []


def test_all_of_one_save_is_applied_together(alice: Field, bob: Somebody, case: str) -> None:
    visit = new_id()
    outcomes = alice.save(
        visit_of(case, visit, visited_on="2027-01-01"),
        create("assistance", new_id(), case=case, kind="nothing like it"),
        update("case", case, 9, status=[None, "in_progress"]),
    )
    assert names(outcomes) == [
        ("rejected", "validation_failed"),
        ("rejected", "validation_failed"),
        ("rejected", "group_rejected"),
    ]
    first, second, third = (each["id"] for each in outcomes)
    alone = settle(bob, third, "apply", members={first: {"data": {"visited_on": None}}})
    assert (alone.status_code, names(alone.json["outcomes"])[1]) == (422, ("rejected", "validation_failed"))

    reply = settle(
        bob, third, "apply", members={first: {"data": {"visited_on": None}}, second: {"data": {"kind": None}}}
    )
    assert [each["outcome"] for each in reply.json["outcomes"]] == ["applied", "applied", "applied"], reply.text
    assert bob.get(f"/api/v1/records/{case}").json["data"]["status"] == "in_progress"
    assert [each["settled"]["how"] for each in listed(bob, state="settled")] == ["applied"] * 3
    again = settle(bob, first, "apply")
    assert (again.status_code, again.json["code"], again.json["how"]) == (409, "settled_already", "applied")


def test_what_is_returned_says_which_fields_and_why_to_its_author_alone(
    centre: TestCentre, alice: Field, bob: Somebody, case: str
) -> None:
    visit = new_id()
    (refused,) = alice.save(visit_of(case, visit, visited_on="2027-01-01", narrative="พบ"))
    (waits,) = alice.push(photo_of(visit))
    wrong = settle(bob, refused["id"], "return", fields={"nonsense": "?"})
    assert (wrong.status_code, list(wrong.json["errors"])) == (422, ["nonsense"])

    reply = settle(bob, refused["id"], "return", fields={"narrative": "พบใคร"})
    assert (reply.status_code, reply.json) == (200, {"settled": [refused["id"]]})
    (notice,) = alice.holds("notice")
    assert (notice["kind"], notice["mutation"], notice["record"]) == ("returned", refused["id"], visit)
    assert notice["detail"] == {
        "code": "validation_failed",
        "errors": {"visited_on": [{"code": "after_receipt"}], "narrative": [{"code": "returned", "text": "พบใคร"}]},
        "reason": "โทรถามแล้ว",
    }
    assert Field(centre, centre.field(BOB)).holds("notice") == []
    (settled,) = listed(bob, state="settled")
    assert {part: settled["settled"][part] for part in ("how", "by")} == {"how": "returned", "by": bob.id}
    assert [each["id"] for each in listed(bob)] == [waits["id"]]

    assert names(alice.save(visit_of(case, visit, visited_on="2026-11-21"))) == [("applied", None)]
    assert [each["owner_record"] for each in alice.holds("attachment")] == [visit]
    assert listed(bob) == []


def test_what_its_author_corrected_unasked_is_settled_by_itself(alice: Field, bob: Somebody, case: str) -> None:
    visit = new_id()
    alice.save(visit_of(case, visit, visited_on="2027-01-01"))
    alice.save(visit_of(case, visit, visited_on="2026-11-21"))
    assert listed(bob) == []
    assert [each["settled"]["how"] for each in listed(bob, state="settled")] == ["corrected"]


def test_what_was_dismissed_stays_so_when_what_it_waited_for_arrives(alice: Field, bob: Somebody) -> None:
    case, visit = new_id(), new_id()
    (waits,) = alice.save(visit_of(case, visit))
    assert settle(bob, waits["id"], "dismiss").json == {"settled": [waits["id"]]}
    alice.push(case_of(case))
    assert bob.get(f"/api/v1/records/{visit}").status_code == 404
    assert [(each["kind"], each["detail"]) for each in alice.holds("notice")] == [
        ("dismissed", {"reason": "โทรถามแล้ว"})
    ]
    (settled,) = listed(bob, state="settled")
    assert (settled["id"], settled["settled"]["how"]) == (waits["id"], "dismissed")
    assert settle(bob, waits["id"], "return").status_code == 409


def test_what_waits_for_nothing_that_comes_is_given_its_right_parent(alice: Field, bob: Somebody, case: str) -> None:
    visit = new_id()
    (waits,) = alice.save(visit_of(new_id(), visit))
    still = settle(bob, waits["id"], "apply")
    assert (still.status_code, names(still.json["outcomes"])) == (422, [("held", "held")])
    assert settle(bob, waits["id"], "apply", data={"case": case}).status_code == 200
    assert bob.get(f"/api/v1/records/{visit}").json["data"]["case"] == case


def test_a_correction_meets_what_came_in_the_meantime_like_any_edit(alice: Field, bob: Somebody, case: str) -> None:
    base = alice.who.get(f"/api/v1/records/{case}").json["version"]
    (refused,) = alice.push(update("case", case, base, urgency=[None, "nonsense"]))
    alice.push(update("case", case, base, urgency=[None, "urgent"]))
    other = Field(alice.centre, alice.who)
    assert names(other.push(update("case", case, base + 1, summary=[None, "x"])))[0][0] in ("applied", "merged")
    reply = settle(bob, refused["id"], "apply", set={"urgency": [None, "most_urgent"]})
    assert names(reply.json["outcomes"])[0][0] in ("applied", "merged", "conflicted")


@pytest.mark.parametrize("how", ["apply", "return", "dismiss"])
def test_nobody_settles_outside_their_area_or_without_the_right(
    centre: TestCentre, alice: Field, case: str, how: str
) -> None:
    (refused,) = alice.save(visit_of(case, new_id(), visited_on="2027-01-01"))
    outsider, colleague = centre.staff("social_worker@province:50"), centre.staff(ALICE)
    assert settle(outsider, refused["id"], how).status_code == 404
    assert settle(outsider, new_id(), how).status_code == 404
    assert settle(colleague, refused["id"], how).status_code == 403
    assert [each["id"] for each in listed(centre.staff(BOB))] == [refused["id"]]


def test_who_may_not_create_a_visit_does_not_apply_one(centre: TestCentre, alice: Field, case: str) -> None:
    (refused,) = alice.save(visit_of(case, new_id(), visited_on="2027-01-01"))
    nation = centre.staff("national_staff@nation")
    assert [each["id"] for each in listed(nation)] == [refused["id"]]
    assert settle(nation, refused["id"], "apply", data={"visited_on": None}).status_code == 403


def test_an_edit_belongs_to_its_record_then_to_its_area_then_to_its_author(centre: TestCentre, alice: Field) -> None:
    here, there = centre.staff(BOB), centre.staff("social_worker@province:83")
    moved = Field(centre, centre.field("intake_officer@district:5401", "intake_officer@district:8301"))
    far, near = new_id(), new_id()
    moved.push(case_of(far, "8301"), case_of(near, "5401"))
    by_record = moved.push(update("case", far, 9, urgency=[None, "x"]))[0]["id"]
    by_parent = moved.push(visit_of(far, new_id(), visited_on="2027-01-01"))[0]["id"]
    by_area = moved.push(case_of(new_id(), "8301", urgency="x"))[0]["id"]
    by_author = alice.push(create("person", new_id(), sex="x"))[0]["id"]
    assert {each["id"] for each in listed(there)} == {by_record, by_parent, by_area}
    assert {each["id"] for each in listed(here)} == {by_author}


def test_nobody_corrects_a_field_that_they_may_not_see(centre: TestCentre, bob: Somebody) -> None:
    team = Field(centre, centre.field("rru_member@district:5401"))
    emergency = create("emergency", new_id(), area="5401", causes=["x"], reporter_phone="0812345678")
    (refused,) = team.save(emergency)
    (item,) = listed(bob)
    assert "reporter_phone" not in item["payload"]["data"]
    reply = settle(bob, refused["id"], "apply", data={"reporter_phone": "0898765432"})
    assert (reply.status_code, list(reply.json["errors"])) == (422, ["reporter_phone"])
    assert settle(bob, refused["id"], "apply", data={"causes": ["threat_or_assault"]}).status_code == 200


def test_whatever_was_sent_can_be_listed(centre: TestCentre, alice: Field, bob: Somebody) -> None:
    nonsense: list[Any] = ["\0" * 36, "x" * 36, ["\0"], {"a": 1}, 7]
    for owner in nonsense:
        alice.push(create("attachment", new_id(), owner_record=owner, sha256="x", size=1, media_type="image/jpeg"))
    assert len(listed(bob)) == len(nonsense)


@pytest.mark.parametrize("how", ["apply", "return", "dismiss"])
def test_what_is_left_of_a_returned_save_can_be_settled_when_a_part_of_it_was_erased(
    centre: TestCentre, alice: Field, bob: Somebody, case: str, how: str
) -> None:
    person = new_id()
    alice.save(create("person", person, first_name="มะลิ"), update("case", case, 9, affected_person=[None, person]))
    spoiled, other = alice.save(
        update("person", person, 9, sex=[None, "x"]), update("case", case, 9, urgency=[None, "urgent"])
    )
    assert settle(bob, spoiled["id"], "return").status_code == 200
    erasure.erase(centre.centre, person, by=bob.id, reason="subject_request", now=centre.clock())
    reply = settle(bob, other["id"], how)
    assert reply.status_code == 200, reply.text
    assert [each["id"] for each in reply.json.get("outcomes", [])] or reply.json["settled"] == [other["id"]]
    shown = bob.get(f"/api/v1/records/{case}").json["data"]
    assert shown.get("urgency") == ("urgent" if how == "apply" else None)
    assert settle(bob, spoiled["id"], how).status_code == 404
    assert names(alice.send_again())[0] == ("rejected", "erased")
