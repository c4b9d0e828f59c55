"""From a seed, a schedule: which devices, which faults, and a list of steps that each bring their own dice.

Each schedule draws which kinds of faults it has and how often: a fleet in which everything goes wrong at once finds
other bugs than one in which one thing goes wrong again and again.
"""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from random import Random
from typing import Any

from tests.simulation.acts import TYPED, Act
from tests.simulation.faults import ACCIDENTS
from tests.simulation.life import LIFE
from tests.simulation.network import NETWORK_FAULTS, ORDINARY
from tests.simulation.office import OFFICE
from tests.simulation.people import DEVICES
from tests.simulation.versions import VERSIONS

STEPS = 60

ALWAYS: Mapping[str, tuple[Act, int]] = {**TYPED, **ORDINARY}
SOMETIMES: Mapping[str, Mapping[str, tuple[Act, int]]] = {"network": NETWORK_FAULTS, **OFFICE, **ACCIDENTS, **LIFE}
"""Groups of steps of which each schedule has about half."""
MIXED_VERSIONS = 0.12
"""How many of the schedules begin with programs of two schemas; these acts are in those alone."""
HOT = (0, 0, 0, 0, 1, 2)
"""In a third of the schedules people all work on the one or two oldest records of each type."""
EVERY: Mapping[str, Act] = {
    name: act for group in (ALWAYS, *SOMETIMES.values(), VERSIONS) for name, (act, _) in group.items()
}


@dataclass(frozen=True)
class Step:
    """One step: what, with which dice, as which of its schedule."""

    number: int
    act: str
    dice: int


@dataclass(frozen=True)
class Plan:
    """A whole schedule. ``devices`` by name; ``mixed``: the centre and some of them know a newer schema.

    ``hot``: on how many records of a type people work; 0: on any.
    """

    seed: int
    devices: tuple[str, ...]
    steps: tuple[Step, ...]
    mixed: bool = False
    hot: int = 0

    def only(self, numbers: tuple[int, ...]) -> "Plan":
        """Return the same schedule with some of its steps alone."""
        wanted = set(numbers)
        return replace(self, steps=tuple(step for step in self.steps if step.number in wanted))


def to_json(plan: Plan) -> dict[str, Any]:
    """Return a schedule as it is kept: whatever the weights become, it stays the same."""
    steps = [[step.number, step.act, step.dice] for step in plan.steps]
    mixed = {"mixed": True} if plan.mixed else {}
    hot = {"hot": plan.hot} if plan.hot else {}
    return {"seed": plan.seed, "devices": list(plan.devices), "steps": steps, **mixed, **hot}


def from_json(kept: Mapping[str, Any]) -> Plan:
    """Return a schedule that was kept."""
    steps = tuple(Step(*step) for step in kept["steps"])
    return Plan(kept["seed"], tuple(kept["devices"]), steps, bool(kept.get("mixed")), int(kept.get("hot", 0)))


def plan(seed: int, length: int = STEPS) -> Plan:
    """Draw a schedule."""
    dice = Random(f"plan {seed}")
    count = dice.choice((3, 3, 4, 4, 5, 5, 6, 8))
    names = [name for name, _ in DEVICES]
    devices = tuple(names[:count] if dice.random() < 0.5 else sorted(dice.sample(names, count), key=names.index))
    weights = {name: weight * dice.choice((0.3, 1, 1, 2)) for name, (_, weight) in ALWAYS.items()}
    for group in SOMETIMES.values():
        if dice.random() < 0.5:
            much = dice.choice((0.5, 1, 2))
            weights |= {name: weight * much for name, (_, weight) in group.items()}
    mixed = dice.random() < MIXED_VERSIONS
    if mixed:
        weights |= {name: weight for name, (_, weight) in VERSIONS.items()}
    drawn = dice.choices(list(weights), weights=list(weights.values()), k=length)
    steps = tuple(Step(number, act, dice.getrandbits(32)) for number, act in enumerate(drawn, start=1))
    return Plan(seed, devices, steps, mixed, dice.choice(HOT))
