"""Erasing: somebody is erased for ever, whatever restores, copies and late sendings follow."""

from collections.abc import Mapping
from random import Random

from tests.simulation.acts import Act
from tests.simulation.fleet import Fleet


def erase_record(fleet: Fleet, dice: Random) -> str | None:
    """Staff erase somebody for ever."""
    return None


def erase_and_restore(fleet: Fleet, dice: Random) -> str | None:
    """Staff erase somebody, and the centre then goes back to a backup from before."""
    return None


def keep_copy(fleet: Fleet, dice: Random) -> str | None:
    """A device is copied before an erasure comes."""
    return None


ERASING: Mapping[str, tuple[Act, int]] = {
    "erase-record": (erase_record, 2),
    "erase-and-restore": (erase_and_restore, 1),
    "keep-copy": (keep_copy, 1),
}
