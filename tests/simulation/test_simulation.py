"""A thousand fleets in every test run, and every schedule that ever found something."""

import os
import subprocess
import sys
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from tests.simulation import regressions
from tests.simulation.plan import from_json, plan, to_json
from tests.simulation.play import play
from tests.simulation.running import play_some, quietly

PORTIONS, EACH = 40, 25
"""A thousand fleets, seeds 0 to 999."""


@pytest.mark.parametrize("portion", range(PORTIONS))
def test_a_fleet_keeps_every_promise_whatever_goes_wrong(portion: int) -> None:
    with quietly():
        report = play_some(portion * EACH, EACH, steps=60, stop_at_first=False)

    assert report.failures == []
    assert report.steps == EACH * 60


@pytest.mark.parametrize("entry", regressions.kept(), ids=lambda entry: entry["found"])
def test_what_a_schedule_once_found_stays_mended(entry: dict[str, Any]) -> None:
    with quietly():
        assert play(regressions.schedule_of(entry)).violation is None


def test_a_kept_schedule_is_the_same_schedule() -> None:
    drawn = replace(plan(6), mixed=True, hot=2)

    assert from_json(to_json(drawn)) == drawn


@pytest.mark.process
def test_one_seed_is_one_history_in_every_process() -> None:
    said = {_told(seed_of_hashes) for seed_of_hashes in ("1", "2", "3")}

    assert len(said) == 1
    assert "every promise was kept in 60 steps" in said.pop()


def _told(hashes: str) -> str:
    """Play a seed in a process with its own order of sets."""
    line = [sys.executable, "-m", "tests.simulation", "--seed", "11"]
    home = Path(__file__).parents[2]
    done = subprocess.run(line, cwd=home, env={**os.environ, "PYTHONHASHSEED": hashes}, capture_output=True, text=True)
    return done.stdout
