"""What has left a device cannot be read on it any more: promises 10 and 11, for what was typed there."""

from typing import Any

from tests.simulation.fleet import Fleet, Violation

_UNSEALED = """SELECT record, sealed IS NOT NULL FROM mutation WHERE payload <> '{}' AND (sealed IS NOT NULL OR (
        state = 'settled' AND code IS NOT 'erased'
        AND NOT EXISTS (SELECT 1 FROM record WHERE record.id = mutation.record)
        AND NOT EXISTS (SELECT 1 FROM mutation AS made WHERE made.record = mutation.record AND made.op = 'create'
            AND made.rowid = (SELECT max(last.rowid) FROM mutation AS last
                WHERE last.record = made.record AND last.op = 'create')
            AND (made.state <> 'settled' OR made.outcome IN ('rejected', 'held'))))) LIMIT 1"""
"""Settled edits of records that are not here; but a record whose last creation was refused or waits was never
elsewhere."""


class Departed:
    """After a whole sync the settled edits of a departed record are sealed, and nothing readable stays beside that."""

    def __init__(self) -> None:
        self._began: dict[int, int] = {}

    def went_on(self, fleet: Fleet, sync: Any, exchange: Any, answer: Any) -> None:
        phone = sync.phone
        if exchange is None:
            self._began[id(sync)] = fleet.number
        if not sync.complete or phone.gone or self._began.get(id(sync)) != fleet.number:
            return
        if found := phone.rows(_UNSEALED):
            record, sealed = found[0]
            how = "beside what it sealed" if sealed else "unsealed"
            raise Violation("11 nothing stays", f"{phone.name} keeps words of {record[-6:]} {how}")
