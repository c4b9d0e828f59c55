"""Who may be one: suggested to those who may merge, with reasons, masked, and never twice once kept apart."""

from typing import Any

import pytest
from sqlalchemy import event, select

from schemas.likeness import person_keys
from server.ids import new_id
from server.models.engine import reading, writing
from server.models.sync_tables import record
from server.models.upkeep import match_key
from server.store.match_keys import rebuild
from tests.server.centre import Somebody, TestCentre
from tests.server.test_api_records import BOB, Phone, case_of, create, update

PHRAE, NAN = "5401", "5501"
MALI = {"title": "นาง", "first_name": "มะลิ", "last_name": "ศรีสุข", "id_number": "9540100000011"}


@pytest.fixture
def alice(centre: TestCentre) -> Phone:
    return Phone(centre, centre.field("intake_officer@province:54"))


@pytest.fixture
def bob(centre: TestCentre) -> Somebody:
    return centre.staff(BOB)


def seen_with_case(phone: Phone, area: str = PHRAE, **person: Any) -> str:
    """Push a person and a case of theirs; return the person."""
    of = new_id()
    outcomes = phone.push(create("person", of, **person), case_of(new_id(), area, affected_person=of))
    assert [each["outcome"] for each in outcomes] == ["applied", "applied"]
    return of


def candidates(who: Somebody, of: str) -> list[dict[str, Any]]:
    reply = who.get(f"/api/v1/records/{of}/candidates")
    assert reply.status_code == 200, reply.text
    items: list[dict[str, Any]] = reply.json["items"]
    return items


def listed(who: Somebody, area: str = "54", **query: Any) -> Any:
    reply = who.get("/api/v1/candidates", query_string={"type": "person", "area": area, **query})
    assert reply.status_code == 200, reply.text
    return reply.json


def ids(items: list[dict[str, Any]]) -> list[tuple[str, str]]:
    return [(each["first"]["id"], each["second"]["id"]) for each in items]


def codes(item: dict[str, Any]) -> list[str]:
    return [reason["code"] for reason in item["reasons"]]


def keys_of(centre: TestCentre, person: str) -> set[str]:
    with reading(centre.centre.engine) as connection:
        return set(connection.execute(select(match_key.c.key).where(match_key.c.record == person)).scalars())


# --- one record


def test_an_id_number_off_by_one_digit_is_suggested_and_explained(
    centre: TestCentre, alice: Phone, bob: Somebody
) -> None:
    first = seen_with_case(alice, **MALI)
    second = seen_with_case(alice, "5402", first_name="มลิ", id_number="9540100000012")
    seen_with_case(alice, first_name="ทองดี", last_name="มีสุข", id_number="9540100777777")
    [found] = candidates(bob, first)
    assert (found["record"]["id"], found["record"]["data"]["first_name"], found["asked"]) == (second, "มลิ", False)
    assert codes(found) == ["id_one_digit", "first_name_alike"]
    assert found["reasons"][0]["text"] == {"th": "เลขบัตรต่างกันหนึ่งตัว", "en": "ID number differs in one digit"}
    assert [each["record"]["id"] for each in candidates(bob, second)] == [first]


def test_only_what_the_reader_may_see_is_listed_compared_and_shown(
    centre: TestCentre, alice: Phone, bob: Somebody
) -> None:
    first = seen_with_case(alice, **MALI, health_notes="เบาหวาน", whereabouts="บ้านพัก")
    nan = Phone(centre, centre.field("intake_officer@province:55"))
    elsewhere = seen_with_case(nan, NAN, **MALI)
    here = seen_with_case(alice, **MALI)
    assert [each["record"]["id"] for each in candidates(bob, first)] == [here]
    nation = centre.staff("national_staff@nation")
    assert {each["record"]["id"] for each in candidates(nation, first)} == {here, elsewhere}
    assert "health_notes" not in str(candidates(bob, here))
    assert "whereabouts" not in str(candidates(nation, here))


def test_who_may_not_merge_gets_no_suggestions(centre: TestCentre, alice: Phone) -> None:
    person = seen_with_case(alice, **MALI)
    inspector, outsider = centre.staff("inspector@nation"), centre.staff("social_worker@province:55")
    assert inspector.get(f"/api/v1/records/{person}/candidates").status_code == 403
    assert outsider.get(f"/api/v1/records/{person}/candidates").status_code == 404
    assert inspector.get("/api/v1/candidates", query_string={"type": "person", "area": "54"}).status_code == 403


def test_a_type_that_cannot_be_alike_is_refused(centre: TestCentre, alice: Phone, bob: Somebody) -> None:
    case, visit = new_id(), new_id()
    alice.push(case_of(case), create("visit", visit, case=case, visited_on="2026-11-20"))
    assert bob.get(f"/api/v1/records/{visit}/candidates").status_code == 422


def test_reports_of_one_incident_are_suggested_to_one_another(centre: TestCentre, alice: Phone, bob: Somebody) -> None:
    case, contact, far = new_id(), new_id(), new_id()
    alice.push(
        case_of(case, "540101", outside_numbers=["1300-56"]),
        create("contact", contact, channel="hotline_1300", received_on="2026-11-20", area="540101",
               outside_number="1300-56"),
        create("contact", far, channel="walk_in", received_on="2026-10-01", area="540105"),
    )  # fmt: skip
    [found] = candidates(bob, contact)
    assert (found["record"]["id"], codes(found)) == (case, ["outside_number_same", "area_same", "days_near"])
    assert [each["record"]["id"] for each in candidates(bob, case)] == [contact]


def test_the_callers_telephone_is_compared_only_for_those_who_see_it(
    centre: TestCentre, alice: Phone, bob: Somebody
) -> None:
    """Or else whoever may write a contact could try out who called about another."""
    contacts = [new_id(), new_id()]
    for contact, area in zip(contacts, ("540101", "540207"), strict=True):
        alice.push(create("contact", contact, channel="walk_in", received_on="2026-11-20", area=area,
                          caller_phone="0812345678"))  # fmt: skip
    assert candidates(bob, contacts[0]) == []


# --- the desk's list


def test_the_list_has_pairs_with_those_that_officers_asked_about_first_and_pages(
    centre: TestCentre, alice: Phone, bob: Somebody
) -> None:
    first = seen_with_case(alice, **MALI)
    same = seen_with_case(alice, **MALI)
    near = seen_with_case(alice, first_name="มะลิ", last_name="ศรีสุกข์")
    unsure = seen_with_case(alice, first_name="ชายไม่ทราบชื่อ", maybe_same_as=[first])
    whole = listed(bob)["items"]
    assert ids(whole)[:2] == [(first, unsure), (first, same)]
    assert [each["asked"] for each in whole] == [True, False]
    assert (whole[0]["score"], codes(whole[0])) == (0, ["said_by_officer"])
    assert codes(whole[1]) == ["id_same", "name_same"]
    assert near not in str(ids(whole))
    page = listed(bob, limit=1)
    rest = listed(bob, limit=1, cursor=page["next"])
    assert page["items"] + rest["items"] == whole
    assert listed(bob, cursor=rest["next"])["items"] == []


def test_the_list_is_of_an_area_and_of_what_its_reader_sees(centre: TestCentre, alice: Phone, bob: Somebody) -> None:
    two = [seen_with_case(alice, "540101", **MALI), seen_with_case(alice, "540201", **MALI)]
    pair = tuple(sorted(two))
    assert {area: ids(listed(bob, area)["items"]) for area in ("54", "5401", "540201", "5405", "55")} == {
        "54": [pair], "5401": [pair], "540201": [pair], "5405": [], "55": [],
    }  # fmt: skip
    assert listed(centre.staff("social_worker@province:55"), "54")["items"] == []


def test_a_key_that_very_many_share_makes_no_pairs(centre: TestCentre, alice: Phone, bob: Somebody) -> None:
    for number in range(51):
        seen_with_case(alice, first_name=f"ชื่อ{chr(0xE01 + number % 40)}{number}", phones=["0812345678"])
    assert listed(bob)["items"] == []


def test_two_kept_apart_are_not_suggested_again(centre: TestCentre, alice: Phone, bob: Somebody) -> None:
    first = seen_with_case(alice, **MALI)
    second = seen_with_case(alice, **MALI, maybe_same_as=[first])
    assert len(listed(bob)["items"]) == 1
    reply = bob.post("/api/v1/candidates/apart", json={"records": [second, first], "reason": "แม่กับลูก ชื่อเดียวกัน"})
    assert (reply.status_code, reply.json["first"], reply.json["second"]) == (200, first, second)
    assert listed(bob)["items"] == []
    assert (candidates(bob, first), candidates(bob, second)) == ([], [])


def test_keeping_apart_wants_two_of_a_kind_that_one_sees(centre: TestCentre, alice: Phone, bob: Somebody) -> None:
    case, person = new_id(), seen_with_case(alice, **MALI)
    alice.push(case_of(case))

    def answer(who: Somebody, *records: str) -> int:
        body = {"records": list(records), "reason": "ดูแล้ว"}
        return int(who.post("/api/v1/candidates/apart", json=body).status_code)

    assert answer(bob, person, case) == 422
    assert answer(bob, person) == 422
    assert answer(centre.staff("social_worker@province:55"), person, case) == 404
    assert answer(centre.staff("inspector@nation"), person, case) == 403


def test_what_was_looked_at_is_in_the_read_log(centre: TestCentre, alice: Phone, bob: Somebody) -> None:
    first, second = seen_with_case(alice, **MALI), seen_with_case(alice, **MALI)
    candidates(bob, first)
    reads = centre.staff("approver@province:54").get(f"/api/v1/records/{second}/reads")
    assert [each["action"] for each in reads.json["items"] if each["user"] == bob.id] == ["candidates"]


# --- the keys


def test_keys_follow_every_edit_and_end_with_the_person(centre: TestCentre, alice: Phone) -> None:
    person = new_id()
    [made] = alice.push(create("person", person, **MALI))
    assert keys_of(centre, person) == person_keys(MALI)
    [changed] = alice.push(update("person", person, made["commit"], last_name=["ศรีสุข", "ใจดี"]))
    assert keys_of(centre, person) == person_keys({**MALI, "last_name": "ใจดี"})
    [gone] = alice.push({"op": "delete", "type": "person", "record": person, "base": changed["commit"]})
    assert (gone["outcome"], keys_of(centre, person)) in [("applied", set()), ("rejected", keys_of(centre, person))]


def test_a_merged_person_has_no_keys_until_the_merge_is_undone(centre: TestCentre, alice: Phone, bob: Somebody) -> None:
    first, second = seen_with_case(alice, **MALI), seen_with_case(alice, **MALI)
    version = bob.get(f"/api/v1/records/{second}").headers["ETag"]
    merged = bob.post(f"/api/v1/records/{second}/merge", json={"into": first, "reason": "คนเดียวกัน"},
                      headers={"If-Match": version})  # fmt: skip
    assert merged.status_code == 200, merged.text
    assert keys_of(centre, second) == set()
    assert listed(bob)["items"] == []
    version = bob.get(f"/api/v1/records/{second}").headers["ETag"]
    undone = bob.post(f"/api/v1/records/{second}/unmerge", json={"reason": "คนละคน"}, headers={"If-Match": version})
    assert undone.status_code == 200, undone.text
    assert keys_of(centre, second) == person_keys(MALI)


def test_an_officers_question_follows_a_merge(centre: TestCentre, alice: Phone, bob: Somebody) -> None:
    first, second = seen_with_case(alice, **MALI), seen_with_case(alice, **MALI)
    unsure = seen_with_case(alice, first_name="หญิงไม่ทราบชื่อ", maybe_same_as=[second])
    version = bob.get(f"/api/v1/records/{second}").headers["ETag"]
    bob.post(f"/api/v1/records/{second}/merge", json={"into": first, "reason": "คนเดียวกัน"},
             headers={"If-Match": version})  # fmt: skip
    assert ids(listed(bob)["items"]) == [(first, unsure)]


def test_rebuilding_makes_the_same_keys(centre: TestCentre, alice: Phone) -> None:
    people = [seen_with_case(alice, **MALI), seen_with_case(alice, first_name="มลิ")]
    before = {person: keys_of(centre, person) for person in people}
    with writing(centre.centre.engine) as connection:
        connection.execute(match_key.delete())
        assert rebuild(connection) == 2
    assert {person: keys_of(centre, person) for person in people} == before


def test_a_push_without_people_asks_nothing_of_the_keys(centre: TestCentre, alice: Phone) -> None:
    seen: list[str] = []
    engine = centre.centre.engine
    note = lambda _c, _cursor, statement, *_rest: seen.append(statement)  # noqa: E731
    event.listen(engine, "before_cursor_execute", note)
    alice.push(case_of(new_id()))
    without = [statement for statement in seen if "match_key" in statement]
    seen.clear()
    alice.push(*(create("person", new_id(), **MALI) for _ in range(20)))
    with_people = [statement for statement in seen if "match_key" in statement]
    event.remove(engine, "before_cursor_execute", note)
    assert (without, len(with_people)) == ([], 1)


def test_the_keys_are_those_of_live_people_alone(centre: TestCentre, alice: Phone) -> None:
    seen_with_case(alice, **MALI)
    with reading(centre.centre.engine) as connection:
        named = set(connection.execute(select(match_key.c.record)).scalars())
        people = set(connection.execute(select(record.c.id).where(record.c.type == "person")).scalars())
    assert named == people
