"""Gets between the moments of a write transaction: delays, roll-backs, lost connections.

SQLAlchemy says when a statement and when COMMIT is about to run, so the product runs as it is.
"""

import time
from random import Random
from typing import Any

from sqlalchemy import Connection, Engine, event

CLOCK = "UPDATE sync_clock"
DELAY_MS_MAX = 12
LONG_DELAY_MS = 60


class Undone(Exception):
    """A transaction was made to roll back after everything of it had been written."""


class Interference:
    """What happens to the write transactions of one engine."""

    def __init__(self, engine: Engine, random: Random) -> None:
        """Listen to an engine."""
        self.random = random
        self.undo = False
        self.cut = False
        event.listen(engine, "before_cursor_execute", self._before)
        event.listen(engine, "after_cursor_execute", self._after)
        event.listen(engine, "commit", self._committing)

    def _before(self, _connection: Any, _cursor: Any, statement: str, *_: Any) -> None:
        if statement.startswith(CLOCK):
            self._delay(0.3)

    def _after(self, _connection: Any, _cursor: Any, statement: str, *_: Any) -> None:
        if statement.startswith(CLOCK):
            self._delay(0.3)

    def _committing(self, connection: Connection) -> None:
        """Stand between the last statement and COMMIT."""
        self._delay(0.5)
        if self.cut:
            self.cut = False
            connection.exec_driver_sql("SELECT pg_terminate_backend(pg_backend_pid())")
        if self.undo:
            self.undo = False
            raise Undone

    def _delay(self, chance: float) -> None:
        if self.random.random() < chance:
            long = self.random.random() < 0.02
            time.sleep((LONG_DELAY_MS if long else self.random.uniform(0, DELAY_MS_MAX)) / 1_000)
