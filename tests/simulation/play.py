"""Play one schedule: its steps, the promises after each, then peace, and the promises that hold in peace."""

from dataclasses import dataclass, field
from datetime import timedelta
from random import Random
from typing import Any

from tests.simulation.checks import watchers
from tests.simulation.fleet import Fleet, Violation, assemble
from tests.simulation.peace import make_peace
from tests.simulation.plan import EVERY, Plan

UNEXPECTED = "0 nothing unexpected"


@dataclass
class Played:
    """How a schedule ended. ``violation``: the promise that was broken, and how."""

    plan: Plan
    steps: int = 0
    violation: str | None = None
    at: int | None = None
    trace: list[str] = field(default_factory=list)

    @property
    def raised(self) -> bool:
        """Tell whether it ended by an exception that nobody expected, and by no check's word."""
        return bool(self.violation) and str(self.violation).startswith(UNEXPECTED)


def play(plan: Plan, *more: Any) -> Played:
    """Play a schedule to its end, or to the first broken promise. ``more``: whoever is told of it beside the checks."""
    fleet = assemble(plan.seed, plan.devices, mixed=plan.mixed)
    fleet.hot, fleet.watchers = plan.hot, [*watchers(mixed=plan.mixed), *more]
    played = Played(plan, trace=fleet.trace)
    try:
        fleet.tell("began")
        for step in plan.steps:
            fleet.number = step.number
            _take(fleet, step.act, step.dice)
            played.steps += 1
        make_peace(fleet)
    except Violation as broken:
        played.violation, played.at = str(broken), fleet.number
    except Exception as trouble:  # whatever the product did not expect is a broken promise as well
        played.violation, played.at = f"{UNEXPECTED}: {type(trouble).__name__}: {trouble}", fleet.number
        fleet.trouble = trouble
    finally:
        for phone in (*fleet.phones, *fleet.wiping):
            phone.restart()
    return played


def _take(fleet: Fleet, act: str, dice: int) -> None:
    """Take one step, and ask for every promise that may be affected."""
    fleet.headquarters.time.pass_(timedelta(seconds=1 + dice % 600))
    said = EVERY[act](fleet, Random(dice))
    if said:
        fleet.say(said)
    fleet.look_at_broken_save()
    fleet.tell("check")
