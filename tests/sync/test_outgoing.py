"""What a device sends: deltas, bases, pushes of whole groups."""

import pytest

from schemas.records import RECORD_TYPES
from sync.messages import Limits
from sync.outgoing import Deltas, base_of, deltas, first_push

CASE, VISIT, PERSON = RECORD_TYPES["case"], RECORD_TYPES["visit"], RECORD_TYPES["person"]


@pytest.mark.parametrize(
    ("kind", "shown", "wanted", "made"),
    [
        (CASE, {"status": "received"}, {"status": "assigned"}, Deltas({"status": ("received", "assigned")}, {}, {})),
        (CASE, {}, {"status": "assigned"}, Deltas({"status": (None, "assigned")}, {}, {})),
        (CASE, {"status": "received"}, {"status": None}, Deltas({"status": ("received", None)}, {}, {})),
        (CASE, {"status": "received"}, {"status": "received"}, Deltas({}, {}, {})),
        (
            CASE,
            {"problems": ["a", "b"]},
            {"problems": ["b", "c"]},
            Deltas({}, {"problems": ["c"]}, {"problems": ["a"]}),
        ),
        (CASE, {"problems": ["a"]}, {"problems": None}, Deltas({}, {}, {"problems": ["a"]})),
        (
            VISIT,
            {"latitude": 1, "longitude": 2},
            {"latitude": 3},
            Deltas({"latitude": (1, 3), "longitude": (2, 2), "accuracy_m": (None, None)}, {}, {}),
        ),
        (
            PERSON,
            {},
            {"birth_date": "1967-01-01", "birth_date_precision": "year"},
            Deltas({"birth_date": (None, "1967-01-01"), "birth_date_precision": (None, "year")}, {}, {}),
        ),
    ],
)
def test_deltas(kind, shown, wanted, made) -> None:
    assert deltas(kind, shown, wanted) == made


def test_a_log_only_grows() -> None:
    first, second = {"id": "1", "status": "submitted"}, {"id": "2", "status": "received"}

    made = deltas(RECORD_TYPES["help_request"], {"status_log": [first]}, {"status_log": [second]})

    assert made == Deltas({}, {"status_log": [second]}, {})


def test_no_change_is_nothing() -> None:
    assert not Deltas({}, {}, {})
    assert Deltas({}, {"problems": ["a"]}, {})


@pytest.mark.parametrize(("pending", "shown", "base"), [([], 20, 20), ([10], 20, 10), ([10, 10], 30, 10), ([0], 5, 0)])
def test_the_base_is_the_oldest_pending_ones(pending: list[int], shown: int, base: int) -> None:
    assert base_of(pending, shown) == base


@pytest.mark.parametrize(
    ("limits", "pushed"),
    [
        (Limits(10, 1000), [["a", "b"], ["c"], ["d", "e", "f"]]),
        (Limits(5, 1000), [["a", "b"], ["c"]]),
        (Limits(10, 35), [["a", "b"], ["c"]]),
        (Limits(1, 1), [["a", "b"]]),
    ],
)
def test_a_push_holds_whole_groups_and_at_least_one(limits: Limits, pushed: list[list[str]]) -> None:
    groups = [[("a", 10), ("b", 10)], [("c", 10)], [("d", 10), ("e", 10), ("f", 10)]]

    assert first_push(groups, limits) == pushed
