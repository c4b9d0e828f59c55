"""Sealed work that is carried by hand: exported, brought to the centre, or given to another device."""

from collections.abc import Mapping
from random import Random

from tests.simulation.acts import Act
from tests.simulation.fleet import Fleet


def export_work(fleet: Fleet, dice: Random) -> str | None:
    """Somebody writes what was not sent into a sealed file."""
    return None


def carry_work(fleet: Fleet, dice: Random) -> str | None:
    """Another device takes a sealed file along."""
    return None


def bring_work(fleet: Fleet, dice: Random) -> str | None:
    """Somebody brings a sealed file to the centre themselves."""
    return None


CARRYING: Mapping[str, tuple[Act, int]] = {
    "export-work": (export_work, 2),
    "carry-work": (carry_work, 2),
    "bring-work": (bring_work, 2),
}
