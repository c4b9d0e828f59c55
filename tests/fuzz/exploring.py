"""Knock at a door many times, go on after a failure, and tell the failures apart by where they happened."""

import traceback
from dataclasses import dataclass, field
from typing import Any

from hypothesis import HealthCheck, Phase, given, seed, settings

from tests.fuzz.door import Opened


@dataclass
class Explored:
    """How often a door was tried, and the shortest example of each way in which it failed."""

    examples: int = 0
    failures: dict[str, Any] = field(default_factory=dict)


def explore(opened: Opened, examples: int, number: int, found: Explored) -> Explored:
    """Try an open door so many times from a seed."""

    @seed(number)
    @settings(
        max_examples=examples,
        deadline=None,
        database=None,
        phases=[Phase.generate],
        suppress_health_check=list(HealthCheck),
    )
    @given(opened.tries)
    def tried(example: Any) -> None:
        found.examples += 1
        try:
            opened.knock(example)
        except Exception as failure:
            _note(found, example, failure)

    tried()
    return found


def _note(found: Explored, example: Any, failure: Exception) -> None:
    frames = traceback.extract_tb(failure.__traceback__)
    place = next((f for f in reversed(frames) if "site-packages" not in f.filename), frames[-1])
    said = str(failure).partition(": unexpected ")[2].partition(" ")[2] or str(failure)
    key = f"{type(failure).__name__} at {place.filename.rpartition('/')[2]}:{place.lineno}"
    if isinstance(failure, AssertionError):
        key += f" {said[:300]}"
    if key not in found.failures or len(repr(example)) < len(repr(found.failures[key])):
        found.failures[key] = example
