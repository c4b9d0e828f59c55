"""Tokens that end, and devices that are enrolled again."""

from collections.abc import Mapping
from random import Random

from tests.simulation.acts import Act
from tests.simulation.fleet import Fleet


def token_ends(fleet: Fleet, dice: Random) -> str | None:
    """The token of a device ends."""
    return None


def enrol_again(fleet: Fleet, dice: Random) -> str | None:
    """A device is enrolled again with a fresh code."""
    return None


ENROLLING: Mapping[str, tuple[Act, int]] = {
    "token-ends": (token_ends, 1),
    "enrol-again": (enrol_again, 3),
}
