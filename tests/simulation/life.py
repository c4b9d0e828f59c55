"""The rest of real life, as groups of acts: photos, erasing, cancelled devices, carried files, tokens that end."""

from collections.abc import Mapping

from tests.simulation.acts import Act
from tests.simulation.cancelling import CANCELLING
from tests.simulation.carrying import CARRYING
from tests.simulation.enrolling_again import ENROLLING
from tests.simulation.erasing import ERASING
from tests.simulation.going_back import GOING_BACK
from tests.simulation.meeting import MEETING
from tests.simulation.out_of_sight import OUT_OF_SIGHT
from tests.simulation.overlapping import OVERLAPPING
from tests.simulation.photos import PHOTOS
from tests.simulation.refusing import REFUSING
from tests.simulation.safekeeping import SAFEKEEPING
from tests.simulation.witnessing import WITNESSING

LIFE: Mapping[str, Mapping[str, tuple[Act, int]]] = {
    "photos": PHOTOS,
    "erasing": ERASING,
    "cancelling": CANCELLING,
    "carrying": CARRYING,
    "witnessing": WITNESSING,
    "enrolling": ENROLLING,
    "overlapping": OVERLAPPING,
    "meeting": MEETING,
    "refusing": REFUSING,
    "going back": GOING_BACK,
    "out of sight": OUT_OF_SIGHT,
    "safekeeping": SAFEKEEPING,
}
"""Group -> name -> (act, weight)."""
