"""The bodies this device sends, made from what the file holds at that moment."""

from field_kit import log
from field_kit.database import Database
from field_kit.identity import read_identity
from field_kit.pages import read_checkpoint
from field_kit.surroundings import Surroundings
from sync.instants import rfc3339
from sync.messages import Limits, PageLimit, Position, PullRequest, PushRequest
from sync.outgoing import first_push
from sync.version import PROTOCOL_VERSION


def next_push(database: Database, lane: str, limits: Limits, surroundings: Surroundings) -> PushRequest | None:
    """Return the next push of a lane, or ``None`` when nothing waits there."""
    with database.snapshot():
        groups = _next_groups(database, lane, limits)
        if not groups:
            return None
        after = log.position_before(database, lane, groups[0][0].mutation.seq)
        return _push(database, lane, after, groups, surroundings)


def empty_push(database: Database, lane: str, surroundings: Surroundings) -> PushRequest:
    """Return a push without groups, which brings ``safe_through``."""
    with database.snapshot():
        return _push(database, lane, log.last_answered(database, lane), [], surroundings)


def _push(
    database: Database, lane: str, after: Position, groups: list[list[log.Logged]], surroundings: Surroundings
) -> PushRequest:
    identity = read_identity(database)
    return PushRequest(
        protocol=PROTOCOL_VERSION,
        epoch=identity.epoch,
        device=identity.device,
        incarnation=identity.incarnation,
        lane=lane,
        schema=database.history.current,
        after=after,
        sent_at=rfc3339(surroundings.now()),
        groups=[[entry.wire for entry in group] for group in groups],
    )


def _next_groups(database: Database, lane: str, limits: Limits) -> list[list[log.Logged]]:
    sized = ([(entry, entry.size) for entry in group] for group in log.pending_groups(database, lane))
    return first_push(sized, Limits(limits.mutations, limits.bytes - log.PUSH_BYTES))


def pull_request(database: Database, limit: PageLimit, *, count: bool) -> PullRequest:
    """Return the request for the next page."""
    with database.snapshot():
        identity = read_identity(database)
        checkpoint = read_checkpoint(database)
    return PullRequest(
        protocol=PROTOCOL_VERSION,
        epoch=identity.epoch,
        device=identity.device,
        schema=database.history.current,
        checkpoint=checkpoint,
        limit=limit,
        count=count,
    )
