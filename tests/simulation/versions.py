"""Mixed versions: devices of the schema before, of which some are updated on the way."""

from collections.abc import Mapping
from random import Random

from tests.simulation.acts import Act
from tests.simulation.fleet import Fleet


def update_app(fleet: Fleet, dice: Random) -> str | None:
    """The program of a device is updated; sometimes the device dies over it and does it again when it starts."""
    found = [phone for phone in fleet.alive if phone.old]
    if not found:
        return None
    phone = dice.choice(found)
    phone.restart()
    died = dice.random() < 0.3 and phone.dies_within(dice.randrange(30), phone.update_program)
    if phone.old or died:
        phone.update_program()
    fleet.tell("restarted", phone)
    return f"{phone.name} gets the new program{', at the second try' if died else ''}"


VERSIONS: Mapping[str, tuple[Act, int]] = {
    "update-app": (update_app, 3),
}
