"""Tables stand straight in Thai, and a difference is never printed as equal."""

from typing import Any

import pytest

from server.demo.tables import Compared, compare, lines, width


def table(**counted: int) -> dict[str, Any]:
    return {"rows": [{"id": id_, "label": {"th": id_}, "figures": {"period": count}} for id_, count in counted.items()]}


@pytest.mark.parametrize(
    ("text", "columns"),
    [("abc", 3), ("กข", 2), ("เด่นชัย", 5), ("ที่", 1), ("น้ำ", 2), ("ร้องกวาง", 7), ("表", 2), ("", 0), ("ฯ", 1)],
)
def test_marks_above_and_below_take_no_room(text: str, columns: int) -> None:
    assert width(text) == columns


def test_every_line_is_equally_wide() -> None:
    rows = [Compared("1", "เมืองแพร่", 35, 35), Compared("2", "สอง", 9, 9), Compared("3", "ผู้สูงอายุ", 100, 100)]
    _, head, *body = lines("ตาราง", rows)
    assert len({width(line) for line in body}) == 1
    assert width(head) == width(body[0]) - len("  =")


def test_equal_tables_are_equal() -> None:
    assert compare({"a": 1, "b": 0}, table(a=1, b=0)) == [Compared("a", "a", 1, 1), Compared("b", "b", 0, 0)]


@pytest.mark.parametrize(
    "counted",
    [
        {"a": 2, "b": 0},  # another figure
        {"a": 1},  # a row that is missing
        {"b": 0, "a": 1},  # another order
        {"a": 1, "b": 0, "unknown": 1},  # a row too many
    ],
)
def test_a_difference_of_any_kind_shows(counted: dict[str, int]) -> None:
    assert not all(row.equal for row in compare({"a": 1, "b": 0}, table(**counted)))


def test_a_row_of_zero_that_was_not_published_is_no_difference() -> None:
    assert compare({"a": 1}, table(a=1, other=0)) == [Compared("a", "a", 1, 1)]
