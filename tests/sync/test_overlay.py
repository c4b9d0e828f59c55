"""What a device shows is what the centre will decide, as long as nobody else writes."""

from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from schemas.records import RECORD_TYPES
from schemas.reference_number import mint
from sync.messages import Limits
from sync.mutation import Mutation, Op
from sync.outgoing import Deltas, base_of, deltas, first_push
from sync.overlay import overlay
from tests.sync.desk import Desk, uuid

CASE, REQUEST = RECORD_TYPES["case"], RECORD_TYPES["help_request"]
RECORD = uuid(1)
START = {
    "reference_number": mint(1), "received_on": "2026-11-20", "intake_channel": "walk_in", "intake_district": "5401",
    "area": "5401",
}  # fmt: skip
ENTRY = {"id": uuid(11), "at": "2026-11-20T03:00:00.000Z", "status": "received"}

pen = Desk().writer("alice")


def update(**parts: Any) -> Mutation:
    return pen.edited("case", RECORD, 1, **parts)


def test_edits_are_laid_over_in_order() -> None:
    pending = [
        update(set={"urgency": (None, "urgent"), "status": ("received", None)}),
        update(set={"urgency": ("urgent", "normal")}, add={"problems": ["violence"]}),
        update(add={"problems": ["other"]}, remove={"problems": ["violence"]}),
    ]
    assert overlay(CASE, {"status": "received"}, pending) == {"urgency": "normal", "problems": ["other"]}


def test_a_merge_says_where_the_record_goes_on_and_an_unmerge_takes_that_away() -> None:
    merge = Mutation(1, uuid(21), Op.MERGE, "case", RECORD, "", into=uuid(2))
    unmerge = Mutation(2, uuid(22), Op.UNMERGE, "case", RECORD, "", undoes=uuid(21))
    assert overlay(CASE, {"status": "received"}, [merge]) == {"status": "received", "merged_into": uuid(2)}
    assert overlay(CASE, {"status": "received", "merged_into": uuid(2)}, [unmerge]) == {"status": "received"}


def test_nothing_is_merged_here() -> None:
    assert overlay(CASE, {"summary": "1x\n2\n3"}, [update(set={"summary": ("1\n2\n3", "1\n2\n3x")})]) == {
        "summary": "1\n2\n3x"
    }


def test_the_stored_row_is_left_as_it_is() -> None:
    stored = {"problems": ["violence"], "urgency": "normal"}
    overlay(CASE, stored, [update(set={"urgency": ("normal", "urgent")}, remove={"problems": ["violence"]})])
    assert stored == {"problems": ["violence"], "urgency": "normal"}


def test_a_record_made_here_is_shown_before_the_centre_knows_it() -> None:
    made = pen.created("case", RECORD, {"urgency": "urgent"})
    assert overlay(CASE, None, [made, update(add={"problems": ["other"]})]) == {
        "urgency": "urgent",
        "problems": ["other"],
    }


def test_a_record_deleted_here_is_not_shown() -> None:
    gone = [pen.deleted("case", RECORD, 1), update(set={"urgency": (None, "urgent")})]
    assert overlay(CASE, {"urgency": "normal"}, gone) is None


def test_a_record_that_left_this_device_is_not_shown_by_its_edits() -> None:
    assert overlay(CASE, None, [update(set={"urgency": (None, "urgent")})]) is None


def test_a_log_only_grows() -> None:
    pending = [pen.edited("help_request", RECORD, 1, add={"status_log": [ENTRY]})] * 2
    assert overlay(REQUEST, {}, pending) == {"status_log": [ENTRY]}


# --- what an edit becomes


@pytest.mark.parametrize(
    ("shown", "wanted", "expected"),
    [
        ({"urgency": "normal"}, {"urgency": "urgent"}, Deltas({"urgency": ("normal", "urgent")}, {}, {})),
        ({"urgency": "normal"}, {"urgency": None}, Deltas({"urgency": ("normal", None)}, {}, {})),
        ({"urgency": "normal"}, {"urgency": "normal"}, Deltas({}, {}, {})),
        ({}, {"problems": ["other"]}, Deltas({}, {"problems": ["other"]}, {})),
        ({"problems": ["a", "b"]}, {"problems": ["b", "c"]}, Deltas({}, {"problems": ["c"]}, {"problems": ["a"]})),
        ({"problems": ["a"]}, {"problems": None}, Deltas({}, {}, {"problems": ["a"]})),
    ],
)
def test_only_what_changed_travels(shown: dict[str, Any], wanted: dict[str, Any], expected: Deltas) -> None:
    assert deltas(CASE, shown, wanted) == expected


def test_a_field_group_is_set_whole() -> None:
    shown = {"latitude": 18, "longitude": 100, "accuracy_m": 5}
    edit = deltas(RECORD_TYPES["visit"], shown, {"latitude": 19})
    assert edit.set == {"latitude": (18, 19), "longitude": (100, 100), "accuracy_m": (5, 5)}


def test_the_base_is_that_of_the_oldest_pending_edit() -> None:
    assert base_of([], 9) == 9
    assert base_of([5, 5], 9) == 5


@pytest.mark.parametrize(
    ("sizes", "limits", "expected"),
    [
        ([[10], [10], [10]], Limits(2, 1000), [[0], [1]]),
        ([[10], [10, 10]], Limits(2, 1000), [[0]]),
        ([[10, 10, 10], [10]], Limits(2, 1000), [[0, 1, 2]]),
        ([[600], [600]], Limits(500, 1000), [[0]]),
        ([[9000], [1]], Limits(500, 1000), [[0]]),
        ([], Limits(), []),
    ],
)
def test_a_push_holds_whole_groups_and_at_least_one(sizes: list[list[int]], limits: Limits, expected: Any) -> None:
    numbers = iter(range(99))
    groups = [[(next(numbers), size) for size in group] for group in sizes]
    assert first_push(groups, limits) == expected


# --- the property: shown here = decided there

codes = st.sampled_from
places = st.sampled_from([None, "หน้าวัด", "หลังวัด"])
forms = st.fixed_dictionaries(
    {},
    optional={
        "urgency": codes([None, "normal", "urgent"]),
        "status": codes([None, "received", "closed"]),
        "place_text": places,
        "summary": st.lists(st.sampled_from("กขค"), min_size=1, max_size=4).map("\n".join) | st.none(),
        "problems": st.lists(codes(["violence", "other", "income_livelihood"]), min_size=1, unique=True).map(sorted)
        | st.none(),
        "reporter_anonymous": codes([None, True, False]),
        "outside_numbers": st.lists(codes(["ก1", "ข2"]), min_size=1, unique=True).map(sorted) | st.none(),
        "area": codes(["5401", "540101", "54010103"]),
    },
)


@settings(max_examples=60)
@given(st.lists(forms, min_size=1, max_size=6), st.lists(st.booleans(), min_size=6, max_size=6), st.booleans())
def test_what_is_shown_is_what_the_centre_decides(saved: list[dict[str, Any]], sent: list[bool], offline: bool) -> None:
    """Each form is one press of Save; some are sent at once, some wait; nobody else writes."""
    desk = Desk()
    alice = desk.writer("alice")
    stored, version = None, 0
    pending = [alice.created("case", RECORD, START)]
    if not offline:
        alice.push(*pending)
        stored, version, pending = dict(desk.data(RECORD)), desk.version(RECORD), []
    unsent = list(pending)
    for wanted, send_now in zip(saved, sent, strict=False):
        shown = overlay(CASE, stored, pending) or {}
        if edit := deltas(CASE, shown, wanted):
            made = alice.edited("case", RECORD, base_of([each.base for each in pending], version), **edit._asdict())
            pending.append(made)
            unsent.append(made)
        if send_now:
            assert {*alice.push(*unsent)} <= {"applied"}
            unsent = []
    assert {*alice.push(*unsent)} <= {"applied"}
    assert overlay(CASE, stored, pending) == desk.data(RECORD)
    assert desk.conflicts() == {}
