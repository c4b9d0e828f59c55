"""Cancelled devices: what is lost or has left wipes itself, and what it still had comes sealed."""

from collections.abc import Mapping
from random import Random

from tests.simulation.acts import Act
from tests.simulation.fleet import Fleet


def cancel_device(fleet: Fleet, dice: Random) -> str | None:
    """Staff cancel a device as lost or as one that left."""
    return None


def leave_device(fleet: Fleet, dice: Random) -> str | None:
    """Somebody hands a device back."""
    return None


def wipe_goes_on(fleet: Fleet, dice: Random) -> str | None:
    """A device that was cut off while it wiped itself goes on."""
    return None


def settle_delivery(fleet: Fleet, dice: Random) -> str | None:
    """Staff take in or dismiss what came sealed."""
    return None


CANCELLING: Mapping[str, tuple[Act, int]] = {
    "cancel-device": (cancel_device, 2),
    "leave-device": (leave_device, 1),
    "wipe-goes-on": (wipe_goes_on, 3),
    "settle-delivery": (settle_delivery, 3),
}
