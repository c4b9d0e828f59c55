"""What becomes of an edit, as sentences. Versions are commit numbers: each push of a test is one commit."""

from typing import Any

import pytest
from msgspec import structs

from schemas.privacy import EXCEPT_PROTECTED
from schemas.reference_number import mint
from sync.decision import Decision
from sync.mutation import Malformed, Mutation, Outcome
from sync.state import STRANGER, Standing
from tests.sync.desk import Desk, Pen, resolving, uuid

CASE, PERSON, VISIT, OTHER_CASE = map(uuid, (1, 2, 3, 4))
INTAKE = {
    "reference_number": mint(1), "received_on": "2026-11-20", "intake_channel": "walk_in", "intake_district": "5401",
    "area": "5401",
}  # fmt: skip


@pytest.fixture
def desk() -> Desk:
    return Desk()


@pytest.fixture
def alice(desk: Desk) -> Pen:
    return desk.writer("alice")


@pytest.fixture
def bob(desk: Desk) -> Pen:
    return desk.writer("bob")


def person(**data: Any) -> dict[str, Any]:
    return {"first_name": "มะลิ", **data}


def case(**data: Any) -> dict[str, Any]:
    return {**INTAKE, **data}


# --- two people, one record


def test_different_fields_are_both_kept_and_nobody_is_asked(desk: Desk, alice: Pen, bob: Pen) -> None:
    base = alice.create("case", CASE, case(urgency="normal"))
    assert alice.edit("case", CASE, base, set={"urgency": ("normal", "urgent")}) == "applied"
    assert bob.edit("case", CASE, base, set={"status": (None, "in_progress")}) == "merged"
    assert desk.data(CASE) == case(urgency="urgent", status="in_progress")
    assert desk.conflicts() == {}


def test_the_same_value_from_two_people_is_no_conflict(desk: Desk, alice: Pen, bob: Pen) -> None:
    base = alice.create("case", CASE, case())
    assert alice.edit("case", CASE, base, set={"urgency": (None, "urgent")}) == "applied"
    version = desk.version(CASE)
    assert bob.edit("case", CASE, base, set={"urgency": (None, "urgent")}) == "unchanged"
    assert desk.version(CASE) == version


def test_two_values_are_a_conflict_that_keeps_both(desk: Desk, alice: Pen, bob: Pen) -> None:
    base = alice.create("case", CASE, case(severity="level_1"))
    alice.edit("case", CASE, base, set={"severity": ("level_1", "level_2")})
    late = bob.edited(
        "case", CASE, base, set={"severity": ("level_1", "level_3")}, contacted_at="2026-11-21T00:00:00.000Z"
    )
    [decision] = bob.decide(late)
    [key] = desk.conflicts()
    assert (decision.outcome, decision.code) == (Outcome.CONFLICTED, "conflicted")
    assert [(each.field, each.record) for each in decision.conflicts] == [("severity", key)]
    assert desk.data(CASE)["severity"] == "level_2"
    assert desk.the_conflict() == {
        "record": CASE,
        "record_type": "case",
        "field": "severity",
        "privacy": "normal",
        "risk": "safety",
        "status": "open",
        "base_value": "level_1",
        "central_value": "level_2",
        "central_version": 2,
        "contenders": [
            {
                "incarnation": "incarnation of bob",
                "device": "device of bob",
                "user": "bob",
                "mutation": late.id,
                "from": "level_1",
                "value": "level_3",
                "base": base,
                "recorded_at": late.recorded_at,
                "received_at": "2026-11-23T03:00:00.000Z",
                "offline_since": "2026-11-21T00:00:00.000Z",
                "earlier": [],
            }
        ],
    }


def test_age_24_meets_status_and_age_26(desk: Desk, alice: Pen, bob: Pen) -> None:
    """The later edit of bob's chain must not slip through because the earlier one made him the last writer."""
    base = alice.create("person", PERSON, person(age_band="18_25"))
    alice.edit("person", PERSON, base, set={"age_band": ("18_25", "26_59")})
    chain = [
        bob.edited("person", PERSON, base, set={"occupation": (None, "ทำนา")}),
        bob.edited("person", PERSON, base, set={"age_band": ("18_25", "60_over")}),
    ]
    assert bob.push(*chain) == ["merged", "conflicted"]
    assert desk.data(PERSON) == person(age_band="26_59", occupation="ทำนา")


def test_a_value_that_came_back_to_what_the_author_saw_may_be_replaced(desk: Desk, alice: Pen, bob: Pen) -> None:
    base = alice.create("case", CASE, case(urgency="normal"))
    alice.edit("case", CASE, base, set={"urgency": ("normal", "urgent")})
    alice.edit("case", CASE, desk.commit, set={"urgency": ("urgent", "normal")})
    assert bob.edit("case", CASE, base, set={"urgency": ("normal", "most_urgent")}) == "merged"
    assert desk.data(CASE)["urgency"] == "most_urgent"


def test_what_was_seen_is_compared_in_its_stored_form(desk: Desk, alice: Pen, bob: Pen) -> None:
    base = alice.create("case", CASE, case(place_text="หน้าวัด"))
    alice.edit("case", CASE, base, set={"place_text": ("หน้าวัด", "หลังวัด")})
    assert bob.edit("case", CASE, base, set={"place_text": ("  หลังวัด ", "ข้างวัด")}) == "merged"


# --- one device, several edits


def test_later_pending_edits_repeat_the_base_and_rest_on_earlier_ones(desk: Desk, alice: Pen) -> None:
    base = alice.create("case", CASE, case(urgency="normal", summary="ก"))
    chain = [
        alice.edited("case", CASE, base, set={"urgency": ("normal", "urgent")}),
        alice.edited("case", CASE, base, set={"urgency": ("urgent", "most_urgent"), "summary": ("ก", "ก\nข")}),
        alice.edited("case", CASE, base, set={"summary": ("ก\nข", "ก\nค")}),
    ]
    assert alice.push(*chain) == ["applied"] * 3
    assert desk.data(CASE) == case(urgency="most_urgent", summary="ก\nค")


def test_an_edit_made_while_the_one_before_is_on_its_way_rests_on_it(desk: Desk, alice: Pen) -> None:
    base = alice.create("case", CASE, case(urgency="normal"))
    assert alice.edit("case", CASE, base, set={"urgency": ("normal", "urgent")}) == "applied"
    assert alice.edit("case", CASE, base, set={"urgency": ("urgent", "most_urgent")}) == "applied"
    assert desk.data(CASE)["urgency"] == "most_urgent"


def test_an_edit_on_top_of_ones_own_conflicts_when_another_came_between(desk: Desk, alice: Pen, bob: Pen) -> None:
    base = alice.create("case", CASE, case(urgency="normal"))
    alice.edit("case", CASE, base, set={"urgency": ("normal", "urgent")})
    bob.edit("case", CASE, desk.commit, set={"urgency": ("urgent", "normal")})
    assert alice.edit("case", CASE, base, set={"urgency": ("urgent", "most_urgent")}) == "conflicted"
    assert desk.data(CASE)["urgency"] == "normal"


def test_a_chain_over_a_contested_field_stays_one_conflict_with_every_value(desk: Desk, alice: Pen, bob: Pen) -> None:
    base = alice.create("case", CASE, case(severity="level_1"))
    alice.edit("case", CASE, base, set={"severity": ("level_1", "level_2")})
    chain = [
        bob.edited("case", CASE, base, set={"severity": ("level_1", "level_3")}),
        bob.edited("case", CASE, base, set={"severity": ("level_3", "level_4")}),
    ]
    assert bob.push(*chain) == ["conflicted"] * 2
    [contender] = desk.the_conflict()["contenders"]
    assert contender["value"] == "level_4"
    assert [each["value"] for each in contender["earlier"]] == ["level_3"]


def test_late_contenders_join_each_under_its_own_incarnation(desk: Desk, alice: Pen, bob: Pen) -> None:
    base = alice.create("case", CASE, case(severity="level_1"))
    alice.edit("case", CASE, base, set={"severity": ("level_1", "level_2")})
    bob.edit("case", CASE, base, set={"severity": ("level_1", "level_3")})
    bob.again().edit("case", CASE, base, set={"severity": ("level_1", "level_4")})
    desk.writer("carol").edit("case", CASE, base, set={"severity": ("level_1", None)})
    contenders = desk.the_conflict()["contenders"]
    assert [(each["user"], each["value"]) for each in contenders] == [
        ("bob", "level_3"),
        ("bob", "level_4"),
        ("carol", None),
    ]


# --- texts, sets, logs, groups of fields


def test_a_text_is_merged_from_what_was_seen_to_what_was_made_of_it(desk: Desk, alice: Pen, bob: Pen) -> None:
    base = alice.create("case", CASE, case(summary="บ้านทรุด\nไม่มีน้ำ\nมีหมา"))
    alice.edit("case", CASE, base, set={"summary": ("บ้านทรุด\nไม่มีน้ำ\nมีหมา", "บ้านทรุดหนัก\nไม่มีน้ำ\nมีหมา")})
    chain = [
        bob.edited("case", CASE, base, set={"summary": ("บ้านทรุด\nไม่มีน้ำ\nมีหมา", "บ้านทรุด\nไม่มีน้ำ\nมีหมาดุ")}),
        bob.edited("case", CASE, base, set={"summary": ("บ้านทรุด\nไม่มีน้ำ\nมีหมาดุ", "บ้านทรุด\nไม่มีน้ำ\nมีหมาดุมาก")}),
    ]
    assert bob.push(*chain) == ["merged", "merged"]
    assert desk.data(CASE)["summary"] == "บ้านทรุดหนัก\nไม่มีน้ำ\nมีหมาดุมาก"


def test_sets_take_what_both_added_and_lose_what_either_removed(desk: Desk, alice: Pen, bob: Pen) -> None:
    base = alice.create("case", CASE, case(problems=["other"]))
    alice.edit("case", CASE, base, add={"problems": ["violence"]})
    assert (
        bob.edit("case", CASE, base, add={"problems": ["income_livelihood"]}, remove={"problems": ["other"]})
        == "merged"
    )
    assert desk.data(CASE)["problems"] == ["income_livelihood", "violence"]


def test_a_set_sent_as_a_whole_is_read_as_what_was_added_and_removed(desk: Desk, alice: Pen, bob: Pen) -> None:
    base = alice.create("case", CASE, case(problems=["other"]))
    alice.edit("case", CASE, base, add={"problems": ["violence"]})
    bob.edit("case", CASE, base, set={"problems": (["other"], ["income_livelihood"])})
    assert desk.data(CASE)["problems"] == ["income_livelihood", "violence"]


def test_elements_are_stored_in_their_one_form(desk: Desk, alice: Pen) -> None:
    base = alice.create("person", PERSON, person(phones=["0812345678"]))
    alice.edit("person", PERSON, base, add={"phones": ["02-123-4567"]}, remove={"phones": ["081-234-5678"]})
    assert desk.data(PERSON)["phones"] == ["021234567"]


def test_a_log_keeps_the_entries_of_both_in_order_of_arrival(desk: Desk, alice: Pen, bob: Pen) -> None:
    def entry(number: int, status: str) -> dict[str, Any]:
        return {"id": uuid(number), "at": "2026-11-20T03:00:00.000Z", "status": status}

    base = alice.create("help_request", CASE, {"reference_number": mint(1), "area": "5401"})
    alice.edit("help_request", CASE, base, add={"status_log": [entry(11, "received")]})
    assert bob.edit("help_request", CASE, base, add={"status_log": [entry(12, "withdrawn")]}) == "merged"
    assert [each["status"] for each in desk.data(CASE)["status_log"]] == ["received", "withdrawn"]
    [taken_out] = bob.decide(bob.edited("help_request", CASE, base, remove={"status_log": [entry(11, "received")]}))
    assert taken_out.errors == {"status_log": [{"code": "not_a_set"}]}


def test_fields_of_a_group_never_mix_two_writers(desk: Desk, alice: Pen, bob: Pen) -> None:
    place = {"latitude": 18.1, "longitude": 100.1, "accuracy_m": 5}
    alice.create("case", CASE, case())
    base = alice.create("visit", VISIT, {"case": CASE, **place})
    alice.edit("visit", VISIT, base, set={"latitude": (18.1, 18.2), "longitude": (100.1, 100.2), "accuracy_m": (5, 5)})
    other = {"latitude": (18.1, 18.9), "longitude": (100.1, 100.1), "accuracy_m": (5, 5)}
    assert bob.edit("visit", VISIT, base, set=other) == "conflicted"
    assert desk.data(VISIT) == {"case": CASE, "latitude": 18.2, "longitude": 100.2, "accuracy_m": 5}
    conflict = desk.the_conflict()
    assert (conflict["field"], conflict["privacy"]) == ("position", "personal")
    assert conflict["contenders"][0]["value"] == {"latitude": 18.9, "longitude": 100.1, "accuracy_m": 5}


def test_half_a_group_is_refused(desk: Desk, alice: Pen) -> None:
    alice.create("case", CASE, case())
    base = alice.create("visit", VISIT, {"case": CASE})
    [decision] = alice.decide(
        alice.edited("visit", VISIT, base, set={"latitude": (None, 18), "longitude": (None, 100)})
    )
    assert decision.errors == {
        "position": [{"code": "incomplete_group", "fields": ["latitude", "longitude", "accuracy_m"]}]
    }


@pytest.mark.parametrize(
    "parts",
    [
        {"add": {"urgency": ["urgent"]}},
        {"remove": {"urgency": ["urgent"]}},
        {"set": {"problems": ([], ["violence"])}, "add": {"problems": ["other"]}},
    ],
)
def test_an_edit_in_a_shape_that_its_field_does_not_have_is_refused(alice: Pen, parts: dict[str, Any]) -> None:
    base = alice.create("case", CASE, case(urgency="urgent"))
    [decision] = alice.decide(alice.edited("case", CASE, base, **parts))
    [problems] = (decision.errors or {}).values()
    assert problems == [{"code": "not_a_set"}]


# --- creates of what exists


def test_a_create_of_an_existing_id_is_an_update_from_nothing(desk: Desk, alice: Pen, bob: Pen) -> None:
    alice.create("case", CASE, case(urgency="normal", problems=["violence"]))
    again = bob.created("case", CASE, case(urgency="urgent", status="received", problems=["other"]))
    [decision] = bob.decide(again)
    assert [each.field for each in decision.conflicts] == ["urgency"]
    assert desk.data(CASE) == case(urgency="normal", status="received", problems=["other", "violence"])


def test_a_create_of_an_existing_id_may_hold_part_of_a_group(desk: Desk, alice: Pen, bob: Pen) -> None:
    alice.create("case", CASE, case())
    alice.create("visit", VISIT, {"case": CASE})
    assert bob.push(bob.created("visit", VISIT, {"case": CASE, "latitude": 18, "longitude": 100})) == ["merged"]
    assert desk.data(VISIT) == {"case": CASE, "latitude": 18, "longitude": 100}


def test_a_create_of_another_type_under_a_known_id_is_refused(desk: Desk, alice: Pen) -> None:
    alice.create("case", CASE, case())
    [decision] = alice.decide(alice.created("person", CASE, person()))
    assert decision.errors == {"type": [{"code": "wrong_record_type"}]}


# --- deletes


def test_a_delete_of_what_nobody_else_has_changed_applies(desk: Desk, alice: Pen) -> None:
    base = alice.create("case", CASE, case())
    alice.edit("case", CASE, base, set={"urgency": (None, "urgent")})
    assert alice.delete("case", CASE, base) == "applied"
    assert desk.records[CASE].deleted
    assert alice.delete("case", CASE, base) == "unchanged"


def test_a_delete_over_a_change_unseen_is_asked(desk: Desk, alice: Pen, bob: Pen) -> None:
    base = alice.create("case", CASE, case())
    alice.edit("case", CASE, base, set={"urgency": (None, "urgent")})
    assert bob.delete("case", CASE, base) == "conflicted"
    assert not desk.records[CASE].deleted
    conflict = desk.the_conflict()
    assert (conflict["field"], conflict["contenders"][0]["value"]) == ("*", {"deleted": True})


def test_a_delete_over_ones_own_edits_of_an_earlier_incarnation_is_asked_needlessly(alice: Pen) -> None:
    base = alice.create("case", CASE, case())
    alice.edit("case", CASE, base, set={"urgency": (None, "urgent")})
    assert alice.again().delete("case", CASE, base) == "conflicted"


def test_an_edit_of_a_deleted_record_is_kept_and_revives_nothing(desk: Desk, alice: Pen, bob: Pen) -> None:
    base = alice.create("case", CASE, case(problems=["other"]))
    alice.delete("case", CASE, base)
    edit = {"set": {"urgency": (None, "urgent")}, "add": {"problems": ["violence"]}, "remove": {"problems": ["other"]}}
    assert bob.edit("case", CASE, base, **edit) == "conflicted"
    assert desk.records[CASE].deleted
    conflict = desk.the_conflict()
    assert (conflict["field"], conflict["central_value"]) == ("*", {"deleted": True})
    assert conflict["contenders"][0]["value"] == {
        "set": {"urgency": "urgent"}, "add": {"problems": ["violence"]}, "remove": {"problems": ["other"]},
    }  # fmt: skip
    assert bob.push(bob.created("case", CASE, case())) == ["conflicted"]
    assert desk.records[CASE].deleted


def test_a_conflict_is_as_private_as_the_most_private_value_that_joins_it(desk: Desk, alice: Pen, bob: Pen) -> None:
    base = alice.create("case", CASE, case())
    alice.delete("case", CASE, base)
    bob.edit("case", CASE, base, set={"next_action_on": (None, "2026-12-01")})
    before = desk.the_conflict()
    alice.again().edit("case", CASE, base, set={"reporter_phone": (None, "0812345678"), "urgency": (None, "urgent")})
    after = desk.the_conflict()
    assert [before[name] for name in ("privacy", "risk")] == ["normal", "ordinary"]
    assert [after[name] for name in ("privacy", "risk")] == ["protected", "safety"]


def test_a_conflict_about_a_field_that_is_not_declared_is_protected(desk: Desk, alice: Pen, bob: Pen) -> None:
    base = alice.create("case", CASE, case())
    later = [pen.edited("case", CASE, base, set={"future": (None, pen.who.user)}) for pen in (alice, bob)]
    outcomes = [
        pen.decide(edit, schema=1)[0].outcome for pen, edit in zip((alice, bob), map(_newer, later), strict=True)
    ]
    assert outcomes == ["applied", "conflicted"]
    assert desk.the_conflict()["privacy"] == "protected"


def _newer(edit: Mutation) -> Mutation:
    return structs.replace(edit, schema=2)


# --- who may


def test_an_edit_after_losing_sight_of_a_record_is_kept_for_its_new_owners(desk: Desk, alice: Pen, bob: Pen) -> None:
    base = alice.create("case", CASE, case(urgency="normal"))
    desk.standing["bob", CASE] = Standing(left=base + 5)
    [decision] = bob.decide(bob.edited("case", CASE, base, set={"urgency": ("normal", "urgent")}))
    assert (decision.outcome, decision.code) == (Outcome.CONFLICTED, "out_of_scope")
    assert desk.data(CASE)["urgency"] == "normal"
    assert desk.the_conflict()["contenders"][0]["value"] == "urgent"
    assert bob.delete("case", CASE, base) == "conflicted"
    assert not desk.records[CASE].deleted


def test_an_edit_begun_after_losing_sight_of_a_record_is_refused(desk: Desk, alice: Pen, bob: Pen) -> None:
    alice.create("case", CASE, case())
    desk.standing["bob", CASE] = Standing(left=5)
    [decision] = bob.decide(bob.edited("case", CASE, 5, set={"urgency": (None, "urgent")}))
    assert decision == Decision(Outcome.REJECTED, "not_permitted")


def test_a_stranger_learns_nothing_of_a_record_by_its_id(desk: Desk, alice: Pen, bob: Pen) -> None:
    alice.create("case", CASE, case())
    desk.standing["bob", CASE] = STRANGER
    refused = Decision(Outcome.REJECTED, "not_permitted")
    edits = [bob.edited("case", CASE, 0, set={"urgency": (None, "urgent")}), bob.deleted("case", CASE, 0)]
    assert bob.decide(*edits) == [refused, refused]
    assert desk.conflicts() == {}


def test_who_made_a_record_may_speak_about_it_without_holding_it(desk: Desk, alice: Pen) -> None:
    base = alice.create("case", CASE, case())
    desk.standing["alice", CASE] = STRANGER
    assert alice.edit("case", CASE, base, set={"urgency": (None, "urgent")}) == "conflicted"


def test_a_field_whose_class_the_author_does_not_see_is_refused(desk: Desk, alice: Pen, bob: Pen) -> None:
    base = alice.create("case", CASE, case())
    desk.standing["bob", CASE] = Standing(classes=EXCEPT_PROTECTED)
    edit = bob.edited("case", CASE, base, set={"reporter_name": (None, "ใคร"), "urgency": (None, "urgent")})
    [decision] = bob.decide(edit)
    assert decision == Decision(Outcome.REJECTED, "not_permitted", {"reporter_name": [{"code": "not_permitted"}]})
    assert desk.data(CASE) == case()


def test_what_only_the_centre_writes_is_refused_from_a_device(alice: Pen) -> None:
    alice.create("case", CASE, case())
    [flagged] = alice.decide(alice.created("assistance", VISIT, {"case": CASE, "over_limit": False}))
    assert flagged.errors == {"over_limit": [{"code": "not_permitted"}]}
    [team] = alice.decide(alice.created("team", uuid(9), {"name": "เวร", "kind": "day_team"}))
    assert team.code == "not_permitted"


def test_an_assessment_is_edited_by_its_owner_alone(desk: Desk, alice: Pen, bob: Pen) -> None:
    alice.create("case", CASE, case())
    base = alice.create("assessment", VISIT, {"case": CASE, "opinion": "ควรช่วย"})
    [decision] = bob.decide(bob.edited("assessment", VISIT, base, set={"opinion": ("ควรช่วย", "ไม่ควรช่วย")}))
    assert decision == Decision(Outcome.REJECTED, "not_permitted")
    assert alice.edit("assessment", VISIT, base, set={"opinion": ("ควรช่วย", "ควรช่วยด่วน")}) == "applied"


def test_a_conflict_in_an_assessment_is_decided_by_others_and_nothing_else_with_it(
    desk: Desk, alice: Pen, bob: Pen
) -> None:
    alice.create("case", CASE, case())
    base = alice.create("assessment", VISIT, {"case": CASE, "income_level": 2})
    alice.edit("assessment", VISIT, base, set={"income_level": (2, 3)})
    alice.again().edit("assessment", VISIT, base, set={"income_level": (2, 4)})
    resolves = resolving(*desk.conflicts(), *seen(desk))
    chosen = {"income_level": (3, 4)}
    more = bob.edited(
        "assessment", VISIT, desk.version(VISIT), set={**chosen, "health_level": (None, 1)}, resolves=resolves
    )
    deleted = bob.deleted("assessment", VISIT, desk.version(VISIT), resolves=resolves)
    decided = bob.edited("assessment", VISIT, desk.version(VISIT), set=chosen, resolves=resolves)
    assert bob.push(more, deleted, decided) == ["rejected", "rejected", "applied"]
    assert (desk.data(VISIT)["income_level"], desk.conflicts()) == (4, {})


# --- values


def test_a_wrong_value_is_refused_alone(desk: Desk, alice: Pen) -> None:
    decisions = alice.decide(
        alice.created("case", CASE, case(urgency="very")), alice.created("person", PERSON, person())
    )
    assert [each.outcome for each in decisions] == ["rejected", "applied"]
    assert decisions[0].errors == {"urgency": [{"code": "unknown_code", "vocabulary": "urgency"}]}
    assert CASE not in desk.records


def test_two_good_edits_that_break_a_record_together_are_a_conflict(desk: Desk, alice: Pen, bob: Pen) -> None:
    base = alice.create("person", PERSON, person(id_type="none", no_id_reason="ทำหาย"))
    assert alice.edit("person", PERSON, base, set={"id_type": ("none", "national_id"), "no_id_reason": ("ทำหาย", None)})
    alice.edit(
        "person", PERSON, desk.commit, set={"id_type": ("national_id", "none"), "no_id_reason": (None, "ไม่เคยมี")}
    )
    assert bob.edit("person", PERSON, base, set={"no_id_reason": ("ไม่เคยมี", None), "occupation": (None, "ทำนา")})
    assert desk.data(PERSON) == person(id_type="none", no_id_reason="ไม่เคยมี")
    assert {each["field"] for each in desk.conflicts().values()} == {"no_id_reason", "occupation"}


def test_an_edit_that_breaks_a_record_by_itself_is_refused(desk: Desk, alice: Pen) -> None:
    base = alice.create("person", PERSON, person(id_type="none", no_id_reason="ทำหาย"))
    [decision] = alice.decide(alice.edited("person", PERSON, base, set={"no_id_reason": ("ทำหาย", None)}))
    assert (decision.code, list(decision.errors or {})) == ("validation_failed", ["no_id_reason"])


def test_what_was_wrong_before_blocks_nobody(desk: Desk, alice: Pen) -> None:
    base = alice.create("case", CASE, case())
    desk.records[CASE].data["urgency"] = "a code of an older list"  # type: ignore[index]
    assert alice.edit("case", CASE, base, set={"status": (None, "in_progress")}) == "applied"


def test_what_a_list_no_longer_offers_may_be_taken_out(desk: Desk, alice: Pen) -> None:
    base = alice.create("case", CASE, case(problems=["violence"]))
    desk.records[CASE].data["problems"].append("a code of an older list")
    assert alice.edit("case", CASE, base, remove={"problems": ["a code of an older list"]}) == "applied"
    assert desk.data(CASE)["problems"] == ["violence"]


def test_fields_that_only_a_newer_client_knows_are_kept(desk: Desk, alice: Pen) -> None:
    newer = {"schema": 2}
    assert alice.push(alice.created("case", CASE, case(mood="calm", tags=[{"a": 1}]), **newer)) == ["applied"]
    edit = {"set": {"mood": ("calm", "angry")}, "add": {"tags": [{"a": 2}]}, "remove": {"tags": [{"a": 1}]}}
    assert alice.edit("case", CASE, 1, **edit, **newer) == "applied"
    assert desk.data(CASE) == case(mood="angry", tags=[{"a": 2}])
    [decision] = alice.decide(alice.edited("case", CASE, 2, set={"mood": ("angry", "calm")}))
    assert decision.errors == {"mood": [{"code": "unknown_field"}]}


def test_a_mutation_that_cannot_be_read_is_refused_and_blocks_nothing(alice: Pen) -> None:
    decisions = alice.decide(Malformed(1, uuid(5), "expected object"), alice.created("person", PERSON, person()))
    assert [each.outcome for each in decisions] == ["rejected", "applied"]
    assert decisions[0].errors == {"mutation": [{"code": "malformed", "detail": "expected object"}]}


def test_a_type_that_nobody_declared_is_refused(alice: Pen) -> None:
    assert alice.decide(alice.created("spaceship", CASE, {})) == [Decision(Outcome.REJECTED, "unknown_record_type")]


def test_an_update_without_any_edit_changes_nothing(alice: Pen) -> None:
    assert alice.edit("case", CASE, alice.create("case", CASE, case())) == "unchanged"


# --- groups, and what waits


def test_one_refused_member_refuses_its_group(desk: Desk, alice: Pen) -> None:
    decisions = alice.save(alice.created("person", PERSON, person()), alice.created("case", CASE, case(urgency="very")))
    assert [each.code for each in decisions] == ["group_rejected", "validation_failed"]
    assert desk.records == {}


def test_one_waiting_member_lets_its_group_wait(desk: Desk, alice: Pen) -> None:
    decisions = alice.save(alice.created("person", PERSON, person()), alice.created("visit", VISIT, {"case": CASE}))
    assert [(each.outcome, each.waits_for) for each in decisions] == [(Outcome.HELD, CASE)] * 2
    assert desk.records == {}


def test_a_conflict_in_a_group_is_acceptance(desk: Desk, alice: Pen, bob: Pen) -> None:
    base = alice.create("case", CASE, case(urgency="normal"))
    alice.edit("case", CASE, base, set={"urgency": ("normal", "urgent")})
    contested = bob.edited("case", CASE, base, set={"urgency": ("normal", "most_urgent")})
    assert [each.outcome for each in bob.save(contested, bob.created("person", PERSON, person()))] == [
        "conflicted",
        "applied",
    ]
    assert PERSON in desk.records


def test_members_of_a_group_see_what_those_before_them_did(desk: Desk, alice: Pen) -> None:
    decisions = alice.save(
        alice.created("case", CASE, case()),
        alice.created("visit", VISIT, {"case": CASE}),
        alice.edited("case", CASE, 0, set={"urgency": (None, "urgent")}),
        alice.deleted("visit", VISIT, 0),
    )
    assert [each.outcome for each in decisions] == ["applied"] * 4
    assert desk.data(CASE)["urgency"] == "urgent"
    assert desk.records[VISIT].deleted


def test_an_update_never_creates(desk: Desk, alice: Pen) -> None:
    [edit, delete] = alice.decide(
        alice.edited("case", CASE, 0, set={"urgency": (None, "urgent")}), alice.deleted("case", CASE, 0)
    )
    assert edit == delete == Decision(Outcome.HELD, "held", waits_for=CASE)
    assert desk.records == {}


def test_an_update_that_names_a_parent_nobody_has_sent_waits_for_it(desk: Desk, alice: Pen) -> None:
    base = alice.create("contact", VISIT, {"channel": "walk_in", "received_on": "2026-11-20"})
    [decision] = alice.decide(alice.edited("contact", VISIT, base, set={"case": (None, CASE)}))
    assert decision == Decision(Outcome.HELD, "held", waits_for=CASE)
    alice.create("case", CASE, case())
    assert alice.edit("contact", VISIT, base, set={"case": (None, CASE)}) == "applied"


# --- conflicts decided


@pytest.fixture
def contested(desk: Desk, alice: Pen, bob: Pen) -> str:
    """Leave a conflict over the severity: level_2 at the centre, level_3 by bob; return its id."""
    base = alice.create("case", CASE, case(severity="level_1"))
    alice.edit("case", CASE, base, set={"severity": ("level_1", "level_2")})
    bob.edit("case", CASE, base, set={"severity": ("level_1", "level_3")})
    [key] = desk.conflicts()
    return key


def seen(desk: Desk) -> list[str]:
    return [each["mutation"] for each in desk.the_conflict()["contenders"]]


def test_a_resolution_sets_the_value_and_says_why(desk: Desk, alice: Pen, contested: str) -> None:
    decide = alice.edited(
        "case",
        CASE,
        desk.version(CASE),
        set={"severity": ("level_2", "level_3")},
        resolves=resolving(contested, *seen(desk)),
    )
    assert alice.push(decide) == ["applied"]
    assert desk.data(CASE)["severity"] == "level_3"
    assert desk.conflicts() == {}
    assert desk.conflicts("resolved")[contested]["resolution"] == {
        "value": "level_3",
        "reason": "ดูรูปแล้ว",
        "by": "alice",
        "at": "2026-11-23T03:00:00.000Z",
        "mutation": decide.id,
    }


def test_a_resolution_may_let_the_central_value_stand(desk: Desk, alice: Pen, contested: str) -> None:
    base = desk.version(CASE)
    assert alice.edit("case", CASE, base, resolves=resolving(contested, *seen(desk))) == "applied"
    assert (desk.data(CASE)["severity"], desk.conflicts()) == ("level_2", {})


def test_a_resolution_that_does_not_name_a_contender_is_stale(desk: Desk, alice: Pen, contested: str) -> None:
    [decision] = alice.decide(alice.edited("case", CASE, desk.version(CASE), resolves=resolving(contested)))
    assert decision == Decision(Outcome.REJECTED, "stale_resolution")
    assert list(desk.conflicts()) == [contested]


def test_a_resolution_is_stale_when_a_contender_wrote_again(desk: Desk, alice: Pen, bob: Pen, contested: str) -> None:
    named = seen(desk)
    bob.edit("case", CASE, 1, set={"severity": ("level_3", "level_4")})
    [decision] = alice.decide(alice.edited("case", CASE, desk.version(CASE), resolves=resolving(contested, *named)))
    assert decision.code == "stale_resolution"


def test_a_resolution_is_stale_when_the_field_is_newer_than_its_base(desk: Desk, alice: Pen, contested: str) -> None:
    base, named = desk.version(CASE), seen(desk)
    alice.edit("case", CASE, base, set={"severity": ("level_2", "level_4")})
    [decision] = alice.decide(alice.edited("case", CASE, base, resolves=resolving(contested, *named)))
    assert decision.code == "stale_resolution"


def test_a_resolution_is_not_stale_when_another_field_is_newer(desk: Desk, alice: Pen, contested: str) -> None:
    base, named = desk.version(CASE), seen(desk)
    alice.edit("case", CASE, base, set={"urgency": (None, "urgent")})
    assert alice.edit("case", CASE, base, resolves=resolving(contested, *named)) == "merged"
    assert desk.conflicts() == {}


def test_what_is_decided_is_not_decided_again(desk: Desk, alice: Pen, contested: str) -> None:
    base, named = desk.version(CASE), seen(desk)
    alice.edit("case", CASE, base, resolves=resolving(contested, *named))
    [decision] = alice.decide(alice.edited("case", CASE, base, resolves=resolving(contested, *named)))
    assert decision.code == "conflict_resolved_already"


@pytest.mark.parametrize("named", [CASE, uuid(77)])
def test_a_resolution_names_a_conflict_of_its_own_record(desk: Desk, alice: Pen, contested: str, named: str) -> None:
    assert alice.decide(alice.edited("case", CASE, desk.version(CASE), resolves=resolving(named))) == [
        Decision(Outcome.REJECTED, "not_permitted")
    ]
    alice.create("person", PERSON, person())
    [elsewhere] = alice.decide(alice.edited("person", PERSON, desk.commit, resolves=resolving(contested, *seen(desk))))
    assert elsewhere.code == "not_permitted"


def test_an_ordinary_edit_closes_no_conflict(desk: Desk, alice: Pen, contested: str) -> None:
    assert alice.edit("case", CASE, desk.version(CASE), set={"severity": ("level_2", "level_4")}) == "applied"
    assert list(desk.conflicts()) == [contested]


def test_a_conflict_that_opens_after_a_decision_is_a_new_one(desk: Desk, alice: Pen, bob: Pen, contested: str) -> None:
    decide = alice.edited("case", CASE, desk.version(CASE), resolves=resolving(contested, *seen(desk)))
    late = [alice.edited("case", CASE, 1, set={"severity": ("level_1", value)}) for value in ("level_3", "level_4")]
    assert [each.outcome for each in alice.save(decide, *late)] == ["applied", "conflicted", "conflicted"]
    [again] = desk.conflicts()
    assert again != contested
    assert bob.edit("case", CASE, 1, set={"severity": ("level_1", None)}) == "conflicted"
    assert list(desk.conflicts()) == [again]


def test_a_delete_over_a_change_unseen_is_decided_either_way(desk: Desk, alice: Pen, bob: Pen) -> None:
    base = alice.create("case", CASE, case())
    alice.edit("case", CASE, base, set={"urgency": (None, "urgent")})
    bob.delete("case", CASE, base)
    [key] = desk.conflicts()
    keep = alice.edited("case", CASE, desk.version(CASE), resolves=resolving(key, *seen(desk)))
    drop = alice.deleted("case", CASE, desk.version(CASE), resolves=resolving(key, *seen(desk)))
    undecided = dict(desk.records)
    assert alice.push(keep) == ["applied"]
    assert (desk.records[CASE].deleted, desk.conflicts()) == (False, {})
    desk.records = undecided
    assert alice.push(drop) == ["applied"]
    assert (desk.records[CASE].deleted, desk.conflicts()) == (True, {})


def test_an_edit_that_met_a_deletion_can_be_laid_aside(desk: Desk, alice: Pen, bob: Pen) -> None:
    base = alice.create("case", CASE, case())
    alice.delete("case", CASE, base)
    bob.edit("case", CASE, base, set={"urgency": (None, "urgent")})
    [key] = desk.conflicts()
    assert alice.edit("case", CASE, desk.version(CASE), resolves=resolving(key, *seen(desk))) == "applied"
    assert (desk.records[CASE].deleted, desk.conflicts()) == (True, {})


def test_who_may_not_resolve_may_not_although_they_may_edit(desk: Desk, contested: str) -> None:
    volunteer = desk.writer("volunteer")
    volunteer.who = type(volunteer.who)("volunteer", "device", "incarnation", lambda _type, action: action == "update")
    [decision] = volunteer.decide(volunteer.edited("case", CASE, desk.version(CASE), resolves=resolving(contested)))
    assert decision == Decision(Outcome.REJECTED, "not_permitted")


# --- replays and order


def test_the_same_edit_decided_again_changes_nothing(desk: Desk, alice: Pen, bob: Pen) -> None:
    base = alice.create("case", CASE, case(urgency="normal", summary="1\n2\n3", problems=["other"]))
    alice.edit("case", CASE, base, set={"summary": ("1\n2\n3", "1x\n2\n3")}, add={"problems": ["violence"]})
    edit = bob.edited(
        "case", CASE, base,
        set={"urgency": ("normal", "urgent"), "summary": ("1\n2\n3", "1\n2\n3x")}, remove={"problems": ["other"]},
    )  # fmt: skip
    assert bob.push(edit) == ["merged"]
    once = dict(desk.records)
    assert bob.push(edit) == ["unchanged"]
    assert desk.records == once
