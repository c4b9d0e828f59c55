"""That the simulation bites: of the known bugs a few that are soon found, planted in every test run."""

import pytest

from tests.mutants.catalogue import MUTANTS
from tests.mutants.hunting import hunt

QUICK = {
    "page-boundary-inside-one-commit": ("7 nothing is skipped", "8 a device has what is its"),
    "group-half-applied": ("21 groups are whole",),
    "base-moved-on-rebase": ("29 nothing is written over what its author had not seen",),
    "whole-records-compared": ("30 the right outcome",),
    "page-not-masked": ("10 masked for its reader", "8 a device has what is its"),
}
"""Bug -> the promises that it breaks."""
SCHEDULES_MAX = 25


@pytest.mark.process
@pytest.mark.parametrize("name", QUICK)
def test_a_planted_bug_is_soon_found_for_what_it_does(name: str) -> None:
    found = hunt(MUTANTS[name], SCHEDULES_MAX)

    assert found.violation is not None
    assert found.violation.startswith(QUICK[name])
