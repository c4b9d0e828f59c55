"""The verdict: any difference fails it."""

from typing import Any

import pytest

from server.demo.outcome import Outcome
from server.demo.tables import Compared

EQUAL = Compared("5401", "เมืองแพร่", 35, 35)
WHOLE: dict[str, Any] = {
    "captured": {"case": 117, "visit": 3},
    "arrived": {"case": 117, "visit": 3},
    "missing": 0,
    "photos": 40,
    "photos_matching": 40,
    "conflicts": [{}],
    "tables": {"district": [EQUAL]},
}


def test_everything_there_and_equal_is_right_and_says_so() -> None:
    outcome = Outcome(**WHOLE)
    assert (outcome.whole, outcome.equal) == (True, True)
    assert outcome.summary() == {
        "captured": 117,
        "arrived": 117,
        "missing": 0,
        "photos": 40,
        "photos_matching": 40,
        "conflicts": 1,
        "tables": {"district": {"5401": 35}},
    }


@pytest.mark.parametrize(
    "difference",
    [
        {"arrived": {"case": 118, "visit": 3}},
        {"arrived": {"case": 117, "visit": 2}},
        {"missing": 1},
        {"photos_matching": 39},
    ],
)
def test_too_few_too_many_or_another_photo_is_not_whole(difference: dict[str, Any]) -> None:
    assert not Outcome(**WHOLE | difference).whole


@pytest.mark.parametrize(
    "row", [Compared("5401", "", 35, 34), Compared("5401", "", 35, None), Compared("x", "", None, 1)]
)
def test_one_row_that_differs_is_not_equal(row: Compared) -> None:
    assert not Outcome(**WHOLE | {"tables": {"district": [EQUAL, row]}}).equal
