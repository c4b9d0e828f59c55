"""Mixed versions: devices of the schema before, of which some are updated on the way."""

from collections.abc import Mapping
from random import Random

from tests.simulation.acts import Act
from tests.simulation.fleet import Fleet


def update_app(fleet: Fleet, dice: Random) -> str | None:
    """The program of a device is updated."""
    return None


VERSIONS: Mapping[str, tuple[Act, int]] = {
    "update-app": (update_app, 3),
}
