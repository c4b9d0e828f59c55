"""The deep check: does a device hold, byte for byte, what it would be sent?"""

import msgspec
from flask import Response

from server.auth.current import permission
from server.centre import current_centre
from server.exchange import AS_A_WHOLE, author_of, message_of, reply_with
from server.first_syncs import first_syncs
from server.resource import Resource, answers, raises, takes
from server.store.checking import check as check_contents
from sync.messages import CheckReply, CheckRequest

blp = Resource("checks", __name__, url_prefix="/api/v1/sync", description="The deep check (docs/protocol.md)")

_CHECK = msgspec.json.Decoder(CheckRequest)


@blp.route("/check", methods=["POST"])
@permission("sync", "pull", on_any_device=True)
@raises(*AS_A_WHOLE)
@takes(CheckRequest)
@answers(CheckReply)
def check() -> Response:
    """Compare the content of buckets on a device with the centre's; it costs as much as a first sync."""
    centre, now = current_centre(), current_centre().now()
    message = message_of(centre, _CHECK)
    author = author_of(message.device)
    with first_syncs().place():
        reply = check_contents(centre.engine, centre.store.types, author, message, now)
    return reply_with(centre, reply, now)
