"""Close the witnesses that need nobody any more: after a restore other devices bring most of what one has borne."""

from datetime import datetime

from server import witnesses
from server.centre import Centre


def run(centre: Centre, now: datetime) -> str:
    """Dismiss open witnesses of which the centre has everything by now; empty those of erased records."""
    witnesses.forget_erased(centre)
    return f"{witnesses.close_known(centre, now)} witnesses were brought back by devices themselves"
