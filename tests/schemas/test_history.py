"""Steps between schemas: what is declared well goes there and back, and what would lose something is refused."""

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from schemas.history import HISTORY, Changes, History, LossyStep, Reshaped, Step
from sync.version import OLDEST_SCHEMA, SCHEMA_VERSION
from tests.schemas import old_version as old

words = st.text("กขab ", min_size=1, max_size=6).map(str.strip).filter(bool)
numbers = st.one_of(st.integers(-90, 90), st.floats(-90, 90, allow_nan=False))

old_cases = st.fixed_dictionaries(
    {},
    optional={
        "priority": st.sampled_from(["normal", "high", "most_urgent"]),
        "problems": st.lists(st.sampled_from(["abuse", "work", "other"]), min_size=1, unique=True).map(sorted),
        "place_name": words,
        "landmark": words,
        "status": words,
        "newer_than_all": st.lists(words),
    },
)
old_households = st.fixed_dictionaries(
    {}, optional={"gps": st.tuples(numbers, numbers, numbers).map(lambda at: ", ".join(map(repr, at))), "note": words}
)


@given(old_cases)
def test_a_case_comes_back_as_it_was(case: dict[str, Any]) -> None:
    up = old.HISTORY.upcast("case", case, 1)

    assert old.HISTORY.downcast("case", up, 1) == case


@given(old_households)
def test_a_household_comes_back_as_it_was(household: dict[str, Any]) -> None:
    assert old.HISTORY.downcast("household", old.HISTORY.upcast("household", household, 1), 1) == household


@given(old_cases)
def test_what_another_type_says_is_left_as_it_is(case: dict[str, Any]) -> None:
    assert old.HISTORY.upcast("visit", case, 1) == old.HISTORY.downcast("visit", case, 1) == case


@given(old_cases)
def test_the_current_schema_is_left_as_it_is(case: dict[str, Any]) -> None:
    assert old.HISTORY.upcast("case", case, 2) == old.HISTORY.downcast("case", case, 2) == case


def test_every_kind_of_change_is_made() -> None:
    case = {
        "priority": "high",
        "problems": ["abuse", "other", "work"],
        "place_name": "วัดหลวง",
        "landmark": "ต้นโพธิ์",
        "ward_note": "ไม่มีแล้ว",
        "status": "received",
    }

    assert old.HISTORY.upcast("case", case, 1) == {
        "urgency": "urgent",
        "problems": ["income_livelihood", "other", "violence"],
        "place_text": "วัดหลวง|ต้นโพธิ์",
        "status": "received",
    }
    assert old.HISTORY.upcast("household", {"gps": "18.1, 100.2, 5"}, 1) == {
        "latitude": 18.1,
        "longitude": 100.2,
        "accuracy_m": 5,
    }


def test_an_older_device_is_shown_what_it_knows() -> None:
    case = {"urgency": "most_urgent", "place_text": "ตลาด", "danger_notes": "สุนัขดุ", "team": "t"}

    assert old.HISTORY.downcast("case", case, 1) == {"priority": "most_urgent", "place_name": "ตลาด", "team": "t"}


def test_an_edit_empties_what_it_emptied() -> None:
    assert old.HISTORY.upcast("household", {"gps": None}, 1, partial=True) == dict.fromkeys(old.POSITION)
    assert old.HISTORY.upcast("case", {"priority": None}, 1, partial=True) == {"urgency": None}


def test_half_a_group_in_an_edit_stays_what_it_is() -> None:
    assert old.HISTORY.upcast("case", {"landmark": "วัด"}, 1, partial=True) == {"landmark": "วัด"}
    assert old.HISTORY.upcast("case", {"landmark": "วัด"}, 1) == {"place_text": "|วัด"}


@pytest.mark.parametrize("value", ["ที่วัด", "1, 2", 5, ["x"], {"lat": 1}, ""])
def test_what_a_step_cannot_read_stays_what_it_is(value: Any) -> None:
    assert old.HISTORY.upcast("household", {"gps": value}, 1, partial=True) == {"gps": value}


def test_two_steps_follow_each_other() -> None:
    history = History(
        (
            Step(2, "first", {"visit": Changes(renamed={"a": "b"}, added=frozenset({"x"}))}),
            Step(3, "second", {"visit": Changes(renamed={"b": "a", "x": "y"}, codes={"y": {"1": "one"}})}),
        )
    )

    assert history.upcast("visit", {"a": "1"}, 1) == {"a": "1"}
    assert history.upcast("visit", {"b": "1", "x": "1"}, 2) == {"a": "1", "y": "one"}
    assert history.downcast("visit", {"a": "1", "y": "one"}, 2) == {"b": "1", "x": "1"}
    assert history.downcast("visit", {"a": "1", "y": "one"}, 1) == {"a": "1"}


def test_it_tells_what_fields_and_groups_became() -> None:
    up, down = old.HISTORY.up("case", 1), old.HISTORY.down("case", 1)

    assert [up.names(each) for each in ("priority", "ward_note", "landmark", "status")] == [
        ("urgency",),
        (),
        ("place_text",),
        ("status",),
    ]
    assert [up.unit(each) for each in ("place", "landmark", "ward_note")] == ["place_text", "place_text", None]
    assert [down.unit(each) for each in ("place_text", "urgency", "danger_notes")] == ["place", "priority", None]
    assert old.HISTORY.down("household", 1).unit("position") == "gps"


def test_it_knows_which_types_are_new() -> None:
    assert [old.HISTORY.knows("contact", schema) for schema in (1, 2)] == [False, True]
    assert old.HISTORY.knows("case", 1)


def same(values: Any) -> Any:
    return values


@pytest.mark.parametrize(
    "lossy",
    [
        lambda: Changes(codes={"status": {"a": "c", "b": "c"}}),
        lambda: Changes(codes={"status": {"a": "b", "b": "c"}}),
        lambda: Changes(renamed={"a": "c", "b": "c"}),
        lambda: Changes(renamed={"a": "b"}, removed=frozenset({"a"})),
        lambda: Changes(renamed={"a": "b"}, added=frozenset({"b"})),
        lambda: Changes(removed=frozenset({"a"}), reshaped=(Reshaped("a", ("a",), same, "b", ("b",), same),)),
        lambda: History((Step(3, "a gap"),)),
        lambda: History((Step(2, "one"), Step(2, "again"))),
    ],
)
def test_a_step_that_loses_something_is_refused(lossy: Any) -> None:
    with pytest.raises(LossyStep):
        lossy()


def test_the_versions_come_from_the_history() -> None:
    assert (HISTORY.oldest, HISTORY.current) == (OLDEST_SCHEMA, SCHEMA_VERSION)
    assert (History(oldest=4).oldest, History(oldest=4).current) == (4, 4)
