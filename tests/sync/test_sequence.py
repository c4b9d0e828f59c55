"""Exactly once: what is new in a push, what is known, and when a device must recover."""

from typing import Any

import pytest

from sync.errors import DeviceForked, SequenceGap, ValidationFailed
from sync.messages import Position
from sync.sequence import LANES, Place, count_known

LAST = Position(3, "c")
RECORDED = {1: "a", 2: "b", 3: "c"}


def places(first: int, ids: str) -> list[Place]:
    return [Place(seq, each) for seq, each in enumerate(ids, start=first)]


@pytest.mark.parametrize(
    ("says", "after", "pushed", "known"),
    [
        ("the first push of all", Position(0), places(1, "de"), 0),
        ("what follows the last", Position(3, "c"), places(4, "de"), 0),
        ("all of it again", Position(0), places(1, "abc"), 3),
        ("the end of it again, then something new", Position(1, "a"), places(2, "bcd"), 2),
        ("nothing at all", Position(3, "c"), [], 0),
        ("nothing, after a place long past", Position(1, "a"), [], 0),
    ],
)
def test_what_is_known_is_counted(says: str, after: Position, pushed: list[Place], known: int) -> None:
    last, recorded = (Position(0), {}) if says == "the first push of all" else (LAST, RECORDED)
    assert count_known(after, pushed, last, recorded) == known


@pytest.mark.parametrize(("after", "pushed"), [(Position(4, "d"), places(5, "e")), (Position(9, "x"), [])])
def test_a_gap_says_where_the_lane_ends(after: Position, pushed: list[Place]) -> None:
    with pytest.raises(SequenceGap) as refused:
        count_known(after, pushed, LAST, RECORDED)
    assert refused.value.extra == {"last": {"seq": 3, "id": "c"}}


@pytest.mark.parametrize(
    ("says", "after", "pushed"),
    [
        ("the place before has another id", Position(3, "z"), places(4, "d")),
        ("the place before has no id", Position(3), places(4, "d")),
        ("a known number has another id", Position(0), places(1, "azc")),
        ("even when only the last of a long push differs", Position(0), places(1, "abzd")),
        ("even when the push is empty", Position(2, "z"), []),
    ],
)
def test_a_fork_is_noticed_before_anything_applies(says: str, after: Position, pushed: list[Place]) -> None:
    with pytest.raises(DeviceForked) as refused:
        count_known(after, pushed, LAST, RECORDED)
    assert refused.value.extra == {"last": {"seq": 3, "id": "c"}}


@pytest.mark.parametrize(
    ("pushed", "code"),
    [
        ([Place(4, "d"), Place(6, "e")], "not_dense"),
        ([Place(5, "d")], "not_dense"),
        ([Place(4, "d"), Place(4, "e")], "not_dense"),
        ([Place(4, "d"), Place(5, "d")], "repeated_id"),
    ],
)
def test_a_push_is_dense_and_names_each_id_once(pushed: list[Place], code: str) -> None:
    with pytest.raises(ValidationFailed) as refused:
        count_known(LAST, pushed, LAST, RECORDED)
    assert refused.value.extra == {"errors": {"groups": [{"code": code}]}}


def test_there_are_two_lanes_and_the_urgent_one_comes_first() -> None:
    assert LANES == ("urgent", "normal")


def test_an_empty_lane_has_no_last_place() -> None:
    with pytest.raises(SequenceGap) as refused:
        count_known(Position(1, "a"), places(2, "b"), Position(0), {})
    last: Any = refused.value.extra["last"]
    assert last == {"seq": 0, "id": None}
