"""Photos: attached on devices, sent in pieces, cut in the middle."""

from collections.abc import Mapping
from random import Random

from tests.simulation.acts import Act
from tests.simulation.fleet import Fleet


def attach_photo(fleet: Fleet, dice: Random) -> str | None:
    """A photo is added to a record."""
    return None


def begin_upload(fleet: Fleet, dice: Random) -> str | None:
    """A device sends until it stands before a piece of a photo."""
    return None


def break_upload(fleet: Fleet, dice: Random) -> str | None:
    """Something happens to a piece of a photo on its way."""
    return None


PHOTOS: Mapping[str, tuple[Act, int]] = {
    "attach-photo": (attach_photo, 4),
    "begin-upload": (begin_upload, 3),
    "break-upload": (break_upload, 4),
}
