"""Wrong clocks change nothing but display (promise 26): the same fleets with right clocks and with wrong ones.

What is cut off in the middle of an exchange or a statement is left out here: by a wrong clock a device may be due for
a check of contents a sync earlier, and the same dice would then cut something else.
"""

from datetime import timedelta
from typing import Any

import pytest

from tests.simulation.fleet import Fleet
from tests.simulation.network import NETWORK_FAULTS
from tests.simulation.plan import Plan, plan
from tests.simulation.play import play
from tests.simulation.running import quietly

LEFT_OUT = {
    *NETWORK_FAULTS, "begin-sync", "deliver", "type-under-pull", "begin-upload", "break-upload", "flip-bit",
    "device-dies-typing", "device-dies-syncing", "server-dies", "server-dies-committing", "disk-full",
    "device-clock", "centre-clock",
}  # fmt: skip
DECADE, HOURS = timedelta(days=3652), timedelta(hours=26)
OFF = (DECADE, -DECADE, timedelta(minutes=-90), HOURS, timedelta(), -HOURS, timedelta(days=-1), DECADE)


class Clocks:
    """Sets the devices' clocks, and remembers what became of everything."""

    def __init__(self, *, wrong: bool, jumping: bool = False) -> None:
        self.wrong, self.jumping = wrong, jumping
        self.outcomes: list[tuple[Any, ...]] = []
        self.records: dict[str, tuple[Any, ...]] = {}

    def began(self, fleet: Fleet) -> None:
        fleet.headquarters.time.in_ids = True  # people choose among records in the order of their ids
        self._set(fleet, 0)

    def check(self, fleet: Fleet) -> None:
        if self.jumping:
            self._set(fleet, fleet.number)

    def at_peace(self, fleet: Fleet) -> None:
        self.outcomes = [
            (row.commit, row.group, row.op, row.type, row.record, row.base, row.outcome, row.code, row.author)
            for row in fleet.sight.ledger
        ]
        self.records = {
            state.id: (state.version, state.deleted, state.merged_into, state.field_versions, _undated(state.data))
            for state in fleet.sight.records.values()
        }

    def _set(self, fleet: Fleet, turn: int) -> None:
        for place, phone in enumerate(fleet.phones if self.wrong else ()):
            phone.clock.error = OFF[(place + turn) % len(OFF)]


def _undated(value: Any) -> Any:
    """Return what a record says but for what a device's clock said: it is kept for display, and only there."""
    if isinstance(value, dict):
        return {name: _undated(each) for name, each in value.items() if name not in ("recorded_at", "made_at")}
    return [_undated(each) for each in value] if isinstance(value, list) else value


def whole_syncs(seed: int) -> Plan:
    drawn = plan(seed, 90)
    return drawn.only(tuple(step.number for step in drawn.steps if step.act not in LEFT_OUT))


@pytest.mark.parametrize("seed", range(300, 310))
def test_a_fleet_with_wrong_clocks_comes_to_the_same(seed: int) -> None:
    right, wrong, jumping = Clocks(wrong=False), Clocks(wrong=True), Clocks(wrong=True, jumping=True)
    with quietly():
        played = [play(whole_syncs(seed), clocks) for clocks in (right, wrong, jumping)]

    assert [each.violation for each in played] == [None] * 3
    assert len(right.outcomes) > 10
    assert wrong.outcomes == jumping.outcomes == right.outcomes
    assert wrong.records == jumping.records == right.records
    assert played[0].trace == played[1].trace == played[2].trace
