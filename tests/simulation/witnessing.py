"""Witnesses: staff bring back what a restored centre had lost and devices still had."""

from collections.abc import Mapping
from random import Random

from tests.simulation.acts import Act
from tests.simulation.fleet import Fleet


def bring_back(fleet: Fleet, dice: Random) -> str | None:
    """Staff bring back what a device had kept."""
    return None


def dismiss_witness(fleet: Fleet, dice: Random) -> str | None:
    """Staff dismiss what a device had kept."""
    return None


WITNESSING: Mapping[str, tuple[Act, int]] = {
    "bring-back": (bring_back, 4),
    "dismiss-witness": (dismiss_witness, 1),
}
