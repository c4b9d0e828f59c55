"""Run a program with a wrong clock: ``python -m tests.acceptance.at_another_time SECONDS field_kit.cli …``.

Only the kit's clock is wrong, and by its one door: what it measures and waits for stays as it is.
"""

import runpy
import sys
from datetime import datetime, timedelta, tzinfo

from field_kit import surroundings


def set_clock(error: timedelta) -> None:
    """Let the kit's clock be wrong by this much."""

    class Wrong(datetime):
        @classmethod
        def now(cls, tz: tzinfo | None = None) -> datetime:
            return datetime.now(tz) + error

    surroundings.datetime = Wrong  # type: ignore[misc]


if __name__ == "__main__":
    set_clock(timedelta(seconds=float(sys.argv[1])))
    sys.argv = sys.argv[2:]
    runpy.run_module(sys.argv[0], run_name="__main__", alter_sys=True)
