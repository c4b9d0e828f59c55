"""Send what waits, lane by lane, in pushes of whole groups; keep each answer in one local transaction."""

from functools import partial

from field_kit import erased, files, log, notices
from field_kit.errors import GarbledReply, TimedOut
from field_kit.identity import change_identity, read_identity
from field_kit.pacing import PushPace
from field_kit.patience import asked_ms
from field_kit.requests import empty_push, next_push
from field_kit.session import Session
from field_kit.tally import Stage
from schemas.thai import bangkok_date
from sync.errors import PayloadTooLarge
from sync.messages import PushReply, PushRequest
from sync.sequence import LANES
from sync.urgent import LANE as URGENT


def push_urgent(session: Session) -> None:
    """Send the emergencies that wait; asked before each exchange of a sync, since one may be saved during it."""
    if log.counts(session.database)[URGENT]:
        push_lane(session, URGENT)


def push_lane(session: Session, lane: str) -> None:
    """Send a lane until nothing in it is without an answer; emergencies go before each push of another."""
    pace = PushPace(read_identity(session.database).limits)
    while True:
        if lane != URGENT:
            push_urgent(session)
        request = next_push(session.database, lane, pace.limits, session.surroundings)
        if request is None:
            return
        whole = len(request.groups) == 1
        try:
            reply = session.patiently(partial(session.transport.push, request), () if whole else (TimedOut,))
        except (PayloadTooLarge, TimedOut):
            if whole:
                raise
            pace.halve(sum(map(len, request.groups)))
            continue
        store_outcomes(session, request, reply)
        pace.grow(reply.limits)
        waiting = sum(log.counts(session.database).values())
        session.progress(Stage.PUSH, session.tally.sent, session.tally.sent + waiting)


def store_outcomes(session: Session, request: PushRequest, reply: PushReply) -> None:
    """Keep what a push brought. An answer to an earlier incarnation says nothing about this one's numbers.

    :raises GarbledReply: when the answer leaves everything that was sent without an outcome.
    """
    database, lane = session.database, request.lane
    with database.transaction():
        identity = read_identity(database)
        if identity.incarnation != request.incarnation:
            return
        waiting = log.counts(database)[lane]
        log.settle(database, reply.outcomes, shown_through=identity.last_commit)
        notices.note(database, [each.id for each in reply.outcomes])
        erased.note_outcomes(database, reply.outcomes)
        if request.groups and log.counts(database)[lane] == waiting > 0:
            raise GarbledReply("a push without an answer to any of its mutations")
        session.note_contact(reply.server_time)
        safe_through = {**identity.safe_through, lane: reply.safe_through}
        asked_on = {**identity.safe_asked_on, lane: _today(session)}
        change_identity(database, limits=reply.limits, safe_through=safe_through, safe_asked_on=asked_on)
        log.prune(database, lane, reply.safe_through)
        files.prune(database)
    session.tally.count_outcomes(reply.outcomes)
    if wait_ms := asked_ms(reply.retry_after_ms):
        session.surroundings.sleep(wait_ms / 1000)


def ask_safe_through(session: Session) -> None:
    """Once a day, ask by a push without groups how much of each lane a verified backup covers."""
    asked_on = read_identity(session.database).safe_asked_on
    for lane in LANES:
        if asked_on.get(lane) != _today(session) and log.prunable(session.database, lane):
            request = empty_push(session.database, lane, session.surroundings)
            store_outcomes(session, request, session.patiently(partial(session.transport.push, request)))


def hear_of_restore(session: Session) -> None:
    """Ask by a push without groups whether the centre still has what it once answered.

    :raises EpochChanged: when it was restored since; then all must be sent again, though nothing waits.
    """
    request = empty_push(session.database, LANES[-1], session.surroundings)
    store_outcomes(session, request, session.patiently(partial(session.transport.push, request)))


def _today(session: Session) -> str:
    return bangkok_date(session.surroundings.now()).isoformat()
