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
TOLD_TWICE = (11, 1012, 1013, 1014, 1015, 1018)
"""Among them one in which people meet on few records, and one with programs of two schemas."""


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
def test_a_seed_is_one_history_in_every_process() -> None:
    said = [_told(order_of_sets) for order_of_sets in ("1", "2")]

    assert said[0] == said[1]
    assert len(said[0].splitlines()) > 40 * len(TOLD_TWICE)


def _told(hashes: str) -> str:
    """Tell some seeds step by step, in a process with its own order of sets."""
    script = f"""
from tests.simulation.plan import plan
from tests.simulation.play import play
from tests.simulation.running import quieten
quieten()
for seed in {TOLD_TWICE}:
    played = play(plan(seed))
    print(seed, played.violation, played.steps, *played.trace, sep="\\n")
"""
    home, surroundings = Path(__file__).parents[2], {**os.environ, "PYTHONHASHSEED": hashes}
    line = [sys.executable, "-c", script]
    return subprocess.run(line, cwd=home, env=surroundings, capture_output=True, text=True, check=True).stdout
