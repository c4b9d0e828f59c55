"""Push and pull: authenticate, decode, hand over to the store, encode. What happens in between is ``server.store``."""

from typing import Any

import msgspec
from flask import Response

from server.access_log import OPEN_LISTS, logs, shows, shows_nothing
from server.auth.current import permission
from server.centre import current_centre
from server.exchange import AS_A_WHOLE, author_of, message_of, reply_with
from server.first_syncs import first_syncs
from server.metrics import OUTCOMES, PULLED_ROWS
from server.resource import Resource, answers, raises, takes
from sync.errors import DeviceForked, SequenceGap
from sync.messages import PullReply, PullRequest, PushReply, PushRequest

blp = Resource("sync", __name__, url_prefix="/api/v1/sync", description="Push and pull (docs/protocol.md)")


@blp.route("/push", methods=["POST"])
@permission("sync", "push", while_leaving=True, on_any_device=True)
@raises(*AS_A_WHOLE, SequenceGap, DeviceForked)
@takes(PushRequest)
@answers(PushReply)
def push() -> Response:
    """Send mutations in order; each gets an outcome, exactly once however often it is sent."""
    centre, now = current_centre(), current_centre().now()
    message = message_of(centre, _PUSH)
    reply = centre.store.push(author_of(message.device), message, now)
    for outcome in reply.outcomes:
        OUTCOMES.labels(outcome.outcome, outcome.code or "").inc()
    return reply_with(centre, reply, now, message.sent_at)


@blp.route("/pull", methods=["POST"])
@permission("sync", "pull", on_any_device=True)
@logs("pull")
@raises(*AS_A_WHOLE)
@takes(PullRequest)
@answers(PullReply)
def pull() -> Response:
    """Fetch the next page of what changed in the buckets that this device may hold."""
    centre, now = current_centre(), current_centre().now()
    message = message_of(centre, _PULL)
    with first_syncs().serving(message):
        reply = centre.store.pull(author_of(message.device), message, now)
    first_syncs().note(reply.commit)
    for table in reply.tables:
        PULLED_ROWS.labels("put").inc(len(table.put))
        PULLED_ROWS.labels("gone").inc(len(table.gone))
    _log_rows(reply)
    return reply_with(centre, reply, now)


_PUSH = msgspec.json.Decoder(PushRequest)
_PULL = msgspec.json.Decoder(PullRequest)


def _log_rows(reply: PullReply) -> None:
    """Write down the rows of a page. One that brings none, or only the open lists, is not worth an entry."""
    ids = [_id_of(put) for table in reply.tables if table.type not in OPEN_LISTS for put in table.put]
    if ids:
        shows(ids, commit=reply.commit)
    else:
        shows_nothing()


def _id_of(put: Any) -> str:
    """Return the id of a row, which is encoded already and begins with it."""
    return bytes(put)[2:38].decode()
