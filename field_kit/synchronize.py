"""One sync, straight down: urgent work, normal work, what is new at the centre, then photos.

Every step is safe to stop at: a reply is stored in one local transaction, and none is held across HTTP.
"""

from collections.abc import Callable

from field_kit import carrying, search
from field_kit.checking import begin, check_if_due, end
from field_kit.errors import DeviceCancelled
from field_kit.identity import change_identity, read_identity
from field_kit.pulling import pull
from field_kit.pushing import ask_safe_through, hear_of_restore, push_lane
from field_kit.recovery import Recoverable, heed_restore, recover
from field_kit.sealing import learn_key
from field_kit.session import Session
from field_kit.tally import Tally
from field_kit.uploading import upload_files
from field_kit.witnesses import offer_witnesses
from sync.errors import DeviceRevoked
from sync.sequence import LANES

RECOVERIES_MAX = 3
"""A centre that refuses a fresh incarnation more often than this has another trouble."""

INDEX_AT_ONCE = 2_000
"""About half a second's work."""


def synchronize(session: Session) -> Tally:
    """Send, fetch, upload; return what was done, which ``session.tally`` also says when an error ends it.

    :raises Unreachable: when the link failed; what arrived is kept, the rest goes next time.
    :raises DeviceCancelled: when the centre cancelled this device; one that ``left`` has sent all that it may. The
        caller wipes it.
    """
    begin(session)
    try:
        _heeding_orders(session, _exchange)
    finally:
        end(session)
    _index(session)
    return session.tally


def hear_before_leaving(session: Session) -> None:
    """Hear whether the centre was restored since: then what it lost is made ready to be sent or offered again.

    :raises Unreachable: when it cannot be heard.
    :raises DeviceCancelled: as ``synchronize``.
    """
    _heeding_orders(session, hear_of_restore)


def _heeding_orders(session: Session, exchange: Callable[[Session], None]) -> None:
    """Exchange; keep the order of a centre that cancelled this device.

    :raises DeviceCancelled: then; one that ``left`` has sent all that it may.
    """
    try:
        _recovering(session, exchange)
    except DeviceRevoked as cancelled:
        order = "lost" if cancelled.extra.get("order") == "lost" else "left"  # what is not clear takes nothing unsent
        with session.database.transaction():
            change_identity(session.database, cancelled=order)
            learn_key(session.database, cancelled)
            if order == "lost":  # one that left sends its work, and hears of a restore by that
                heed_restore(session.database, cancelled)
        if order == "left":
            _send_the_last(session)
        raise DeviceCancelled(order=order) from cancelled


def _recovering(session: Session, exchange: Callable[[Session], None]) -> None:
    """Exchange; after a gap, a fork or a new epoch recover, and begin again."""
    for _ in range(RECOVERIES_MAX):
        incarnation = read_identity(session.database).incarnation
        try:
            exchange(session)
        except Recoverable as reason:
            if recover(session.database, reason, session.surroundings, incarnation):
                session.tally.recoveries.append(reason.code)
        else:
            return
    exchange(session)


def _exchange(session: Session) -> None:
    push_lane(session, "urgent")
    push_lane(session, "normal")
    pull(session)
    check_if_due(session)
    offer_witnesses(session)
    upload_files(session)
    carrying.deliver(session)
    ask_safe_through(session)


def _send_the_last(session: Session) -> None:
    """Send what a device that leaves still holds; it may send, and fetch nothing more."""
    _recovering(session, _push_the_last)
    upload_files(session)
    carrying.deliver(session)


def _push_the_last(session: Session) -> None:
    for lane in LANES:
        push_lane(session, lane)
    hear_of_restore(session)


def _index(session: Session) -> None:
    """Index what came, unless it is a first sync's worth: that can wait for ``finish_index`` or the first search."""
    if search.due_count(session.database) <= INDEX_AT_ONCE:
        search.finish(session.database)
