"""No reader ever misses a row, and what would count as missed is seen."""

import re
import subprocess
import sys

import pytest

from tests.commit_order.comparison import Truth, violations
from tests.commit_order.names import Numbers, Place, place_of, record_id
from tests.commit_order.reader import Held

HERE = "district:5401"
THERE = "district:5402"
VISIT, OTHER = (0, 0), (1, 7)


def held(**versions: int) -> Held:
    """Return a reader of one district that holds the visit, the other record, or both, at some versions."""
    found = Held(Numbers(2), Numbers(2), buckets=[HERE])
    for name, version in versions.items():
        found.versions[{"visit": VISIT, "other": OTHER}[name]] = version
    return found


def truth(*, visit: int = 5, at: str = HERE) -> Truth:
    """Return what is so: one visit."""
    return Truth({VISIT: visit}, {VISIT: at})


@pytest.mark.postgres
@pytest.mark.process
def test_polling_readers_miss_no_row_of_eight_writers() -> None:
    ran = subprocess.run(
        [sys.executable, "-W", "ignore", "-m", "tests.commit_order", "--rows", "4000"],
        capture_output=True,
        text=True,
        check=False,
    )

    assert (ran.returncode, ran.stdout) == (0, ""), ran.stderr
    said = re.search(r"([\d,]+) rows \(([\d,]+) in the feed\).*; missed 0;", ran.stderr)
    assert said is not None, ran.stderr
    written, in_feed = (int(number.replace(",", "")) for number in said.groups())
    assert (written >= 4_000, in_feed >= 12_000) == (True, True), ran.stderr


@pytest.mark.parametrize("place", [VISIT, OTHER, (15, 1_000_000)])
def test_an_id_says_who_wrote_the_record_and_in_which_place(place: Place) -> None:
    assert place_of(record_id(*place)) == place


def test_a_reader_that_holds_what_was_acknowledged_has_missed_nothing() -> None:
    assert violations(truth(), [held(visit=5)]) == []
    assert violations(truth(at=THERE), [held()]) == []
    assert violations(truth(visit=-6), [held(visit=-5)]) == []


def test_a_row_that_did_not_arrive_is_missed() -> None:
    assert violations(truth(), [held()]) == [f"reader 0 missed 1 rows, the first {record_id(*VISIT)} of commit 5"]


def test_a_row_that_stayed_as_it_was_is_missed() -> None:
    assert violations(truth(), [held(visit=4)]) == [
        f"reader 0 missed 1 rows, the first {record_id(*VISIT)} of commit 5"
    ]


def test_a_row_that_nobody_committed_is_seen_even_when_it_has_gone_again() -> None:
    assert violations(truth(), [held(visit=5, other=-3)]) == [
        f"reader 0 was given 1 rows of transactions that were rolled back, the first {record_id(*OTHER)} of commit 0"
    ]


@pytest.mark.parametrize("now", [truth(at=THERE), truth(visit=-5)])
def test_a_row_that_should_have_gone_is_seen(now: Truth) -> None:
    assert violations(now, [held(visit=5)]) == [
        "reader 0 kept 1 rows that have left its districts or are deleted, "
        f"the first {record_id(*VISIT)} of commit {now.versions[VISIT]}"
    ]


def test_what_was_contradicted_on_the_way_comes_after_what_was_missed() -> None:
    reader = held()
    reader.wrong.append("the commit went back from 5 to 4")

    assert violations(truth(), [reader]) == [
        f"reader 0 missed 1 rows, the first {record_id(*VISIT)} of commit 5",
        "reader 0: the commit went back from 5 to 4",
    ]
