"""Wait for a condition, never for a length of time."""

import time
from collections.abc import Callable

POLL_S = 0.02


def until(condition: Callable[[], bool], what: str, *, deadline_s: float = 20, poll_s: float = POLL_S) -> None:
    """Return as soon as the condition holds; fail when it does not by the deadline."""
    end = time.monotonic() + deadline_s
    while not condition():
        assert time.monotonic() < end, f"not within {deadline_s} s: {what}"
        time.sleep(poll_s)
