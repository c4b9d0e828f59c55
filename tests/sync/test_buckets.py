"""Which buckets a record is in and why, what changes when it moves, and what a holder sees of it."""

from typing import Any

import pytest

from schemas.placement import BUCKET_KINDS
from schemas.privacy import ALL_CLASSES, EXCEPT_PROTECTED, ONLY_NORMAL, Privacy
from schemas.records import RECORD_TYPES
from sync.buckets import Entry, Reasons, classes_seen, masked, memberships, moved, visible_fields

CASE, CONFLICT = RECORD_TYPES["case"], RECORD_TYPES["conflict"]


def because_of(*records: str) -> Reasons:
    return frozenset(records)


def placed(own: Any = (), *, by: Any = None, along: Any = None) -> dict[str, Reasons]:
    return memberships("visit", "alice", own, by or {}, along or {})


# --- where a record lies


def test_a_record_lies_in_its_own_buckets_because_of_itself() -> None:
    assert placed(["team:1", "district:5401"]) == {
        "team:1": because_of("visit"), "district:5401": because_of("visit"),
    }  # fmt: skip


def test_a_carried_record_is_in_its_carriers_own_buckets_because_of_them() -> None:
    assert placed(["user:alice"], by={"case": ["team:1"], "other": ["team:1", "team:2"]}) == {
        "user:alice": because_of("visit"),
        "team:1": because_of("case", "other"),
        "team:2": because_of("other"),
    }


def test_a_record_is_wherever_the_one_it_belongs_with_is() -> None:
    assert placed(along={"case": ["team:1", "district:5401"]}) == {
        "team:1": because_of("case"), "district:5401": because_of("case"),
    }  # fmt: skip


@pytest.mark.parametrize("bucket", ["duty:5401", "village:54010103"])
def test_some_buckets_do_not_bring_what_their_records_carry(bucket: str) -> None:
    expected = {"district:5401": because_of("case")}
    assert placed(by={"case": [bucket, "district:5401"]}) == expected
    assert placed(along={"case": [bucket, "district:5401"]}) == expected
    assert placed([bucket]) == {bucket: because_of("visit")}


def test_a_record_that_would_lie_nowhere_lies_with_its_owner() -> None:
    assert placed() == {"user:alice": because_of("visit")}
    assert placed(by={"case": ["duty:5401"]}) == {"user:alice": because_of("visit")}


def test_a_case_lies_where_its_area_team_and_assignee_say() -> None:
    data = {"area": "54010103", "team": "t", "assigned_to": "u"}
    assert CASE.own_buckets(data, "alice") == {
        "district:5401", "duty:5401", "tambon:540101", "village:54010103", "team:t", "assigned:u",
    }  # fmt: skip
    assert CASE.own_buckets({"area": "54"}, "alice") == {
        "district:5400", "duty:5400", "user:alice", "assigned:alice",
    }  # fmt: skip


# --- what changes


ITSELF = because_of("visit")


def entry(bucket: str, commit: int = 5, *, live: bool = True, reasons: Reasons = ITSELF) -> Entry:
    return Entry(bucket, "visit", commit, 3, live, None if live else "moved", reasons if live else frozenset())


def moves(
    before: list[Entry], wanted: dict[str, Reasons], *, changed: bool = False, deleted: bool = False
) -> list[Entry]:
    return moved("visit", {each.bucket: each for each in before}, wanted, changed=changed, deleted=deleted, commit=9)


def test_a_new_record_is_put() -> None:
    assert moves([], {"team:1": because_of("visit")}, changed=True) == [
        Entry("team:1", "visit", 9, 9, True, None, because_of("visit"))
    ]


def test_a_changed_record_moves_forward_wherever_it_lies() -> None:
    assert moves([entry("team:1")], {"team:1": because_of("visit")}, changed=True) == [
        Entry("team:1", "visit", 9, 3, True, None, because_of("visit"))
    ]


def test_a_move_is_gone_here_and_put_there_in_one_commit() -> None:
    assert moves([entry("team:1")], {"team:2": because_of("visit")}) == [
        Entry("team:2", "visit", 9, 9, True, None, because_of("visit")),
        Entry("team:1", "visit", 9, 3, False, "moved", frozenset()),
    ]


def test_a_delete_is_gone_everywhere() -> None:
    gone = moves([entry("team:1"), entry("team:2")], {}, changed=True, deleted=True)
    assert [(each.bucket, each.live, each.why, each.commit) for each in gone] == [
        ("team:1", False, "deleted", 9),
        ("team:2", False, "deleted", 9),
    ]


def test_a_record_that_comes_back_is_put_anew() -> None:
    assert moves([entry("team:1", live=False)], {"team:1": because_of("visit")}) == [
        Entry("team:1", "visit", 9, 9, True, None, because_of("visit"))
    ]


def test_what_is_gone_already_is_left_alone() -> None:
    assert moves([entry("team:1", live=False)], {}) == []


def test_a_mere_change_of_reasons_does_not_move_a_record_forward() -> None:
    assert moves([entry("team:1")], {"team:1": because_of("case")}) == [
        Entry("team:1", "visit", 5, 3, True, None, because_of("case"))
    ]


def test_nothing_changed_is_nothing_written() -> None:
    assert moves([entry("team:1")], {"team:1": because_of("visit")}) == []


def test_losing_one_reason_of_two_keeps_the_record() -> None:
    both = entry("team:1", reasons=because_of("case", "other"))
    [kept] = moves([both], {"team:1": because_of("other")})
    assert (kept.live, kept.reasons, kept.commit) == (True, because_of("other"), 5)


# --- what may be seen


@pytest.mark.parametrize(
    ("kind", "classes"),
    [
        ("reference", ALL_CLASSES),
        ("areas", ALL_CLASSES),
        ("user", EXCEPT_PROTECTED),
        ("assigned", ALL_CLASSES),
        ("team", ALL_CLASSES),
        ("district", EXCEPT_PROTECTED),
        ("tambon", EXCEPT_PROTECTED),
        ("duty", ONLY_NORMAL),
        ("village", ONLY_NORMAL),
    ],
)
def test_each_kind_of_bucket_carries_its_classes(kind: str, classes: frozenset[Privacy]) -> None:
    assert classes_seen([f"{kind}:x"]) == classes


def test_every_kind_of_bucket_is_listed_above() -> None:
    [mark] = test_each_kind_of_bucket_carries_its_classes.pytestmark
    assert [kind for kind, _ in mark.args[1]] == list(BUCKET_KINDS)


def test_who_holds_several_buckets_sees_what_any_of_them_carries() -> None:
    assert classes_seen(["duty:5401", "district:5401"]) == EXCEPT_PROTECTED
    assert classes_seen([]) == frozenset()


def test_a_field_is_seen_by_those_who_see_its_class() -> None:
    data = {"urgency": "urgent", "place_text": "หน้าวัด", "summary": "ความ", "reporter_name": "ใคร"}
    assert masked(CASE, data, ONLY_NORMAL) == {"urgency": "urgent"}
    assert masked(CASE, data, EXCEPT_PROTECTED) == {key: data[key] for key in ("urgency", "place_text", "summary")}
    assert masked(CASE, data, ALL_CLASSES) == data


def test_a_field_that_is_not_declared_counts_as_protected() -> None:
    assert masked(CASE, {"mood": "calm"}, EXCEPT_PROTECTED) == {}
    assert masked(CASE, {"mood": "calm"}, ALL_CLASSES) == {"mood": "calm"}


@pytest.mark.parametrize("privacy", Privacy)
def test_the_values_of_a_conflict_are_as_private_as_what_is_contested(privacy: Privacy) -> None:
    data = {"record": "r", "field": "f", "privacy": privacy, "central_value": 1, "contenders": [{"value": 2}]}
    shown = masked(CONFLICT, data, ONLY_NORMAL)
    assert ("central_value" in shown, "contenders" in shown) == (privacy is Privacy.NORMAL,) * 2
    assert shown["field"] == "f"


def test_a_conflict_that_does_not_say_how_private_it_is_is_protected() -> None:
    assert masked(CONFLICT, {"central_value": 1}, EXCEPT_PROTECTED) == {}


def test_visible_fields_leave_out_those_whose_class_depends_on_the_record() -> None:
    assert "central_value" not in visible_fields(CONFLICT, ALL_CLASSES)
    assert {"urgency", "danger_notes"} <= visible_fields(CASE, ONLY_NORMAL)
    assert not {"summary", "reporter_name"} & visible_fields(CASE, ONLY_NORMAL)
