"""The promises, by their numbers in the protocol's list of invariants; each file is about one side of them.

A check is an object that the fleet tells what happens (``saved``, ``answered``, ``went_on``, ``restored`` …) and asks
after every step (``check``) and at the end (``at_peace``). It raises ``Violation``.
"""

from typing import Any

from tests.simulation.checks.bases import Bases
from tests.simulation.checks.borrowed import Borrowed
from tests.simulation.checks.carried import Carried
from tests.simulation.checks.central import Central
from tests.simulation.checks.chain import Chain
from tests.simulation.checks.decided import Decided
from tests.simulation.checks.departed import Departed
from tests.simulation.checks.device import Device
from tests.simulation.checks.erased import Erased
from tests.simulation.checks.erased_whole import ErasedWhole
from tests.simulation.checks.kept import Kept
from tests.simulation.checks.ledger import Ledger
from tests.simulation.checks.peaceful import Peaceful
from tests.simulation.checks.permitted import Permitted
from tests.simulation.checks.photos import Photos
from tests.simulation.checks.quarantine import Quarantine
from tests.simulation.checks.recovered import Recovered
from tests.simulation.checks.replied import Replied
from tests.simulation.checks.retelling import Retelling
from tests.simulation.checks.saved import Saved
from tests.simulation.checks.settled import Settled
from tests.simulation.checks.versions import Versions
from tests.simulation.checks.visible import Visible
from tests.simulation.checks.wiped import Wiped
from tests.simulation.checks.witnessed import Witnessed


def watchers(*, mixed: bool = False) -> list[Any]:
    """Return every check, fresh for one schedule. Of ``mixed`` schemas nobody tells the ledger anew, in many words."""
    at_centre = [Kept(), Ledger(), Chain(), Versions() if mixed else Retelling(), Central(), Borrowed(), Quarantine()]
    at_centre += [] if mixed else [Permitted()]
    on_devices = [Saved(), Visible(), Device(), Bases(), Settled(), Departed(), Photos(), Replied()]
    erasing = [Erased(), ErasedWhole(), Wiped()]
    return [*at_centre, Decided(), *on_devices, *erasing, Witnessed(), Carried(), Recovered(), Peaceful()]
