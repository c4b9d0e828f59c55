"""Forgotten passphrases: a device asks, staff approve with the code that they are told, the device fetches its key."""

from datetime import timedelta
from typing import Any

import msgspec

from schemas.fields import Id, Line
from schemas.rules import Length
from server.auth import people, recovery
from server.auth.current import current_viewer, permission, public
from server.auth.reach import check_reach, within_reach
from server.auth.recovery import KeyRecovery
from server.centre import current_centre
from server.errors import CodeMismatch, KeyRecoveryClosed, NotFound
from server.extensions import limiter
from server.models.engine import reading, writing
from server.paging import PageQuery, next_of
from server.resource import Body, Resource, answers, raises
from sync.errors import DeviceRevoked, NotPermitted, TooManyRequests, ValidationFailed

blp = Resource("key_recoveries", __name__, url_prefix="/api/v1/key-recoveries", description="Forgotten passphrases")


class KeyQuestion(Body):
    """Which device; its data key as its key file holds it for the centre; a public key made for this one time."""

    device = Id("เครื่อง", "Device", required=True)
    box = Line("กุญแจที่ปิดผนึก", "Sealed key", required=True, rules=(Length(max=400),))
    public_key = Line("กุญแจสาธารณะ", "Public key", required=True, rules=(Length(min=44, max=44),))


class KeyApproval(Body):
    """The code as it was heard on the telephone."""

    code = Line("รหัสที่ได้ยิน", "Code", required=True, rules=(Length(max=40),))


class KeyWaiting(msgspec.Struct, frozen=True):
    """A request is noted; until then it can be answered."""

    id: str
    expires_at: str
    state: str


class KeyAnswer(msgspec.Struct, frozen=True):
    """``open``, ``approved``, ``refused`` or ``expired``. ``answer``: the data key, sealed to the public key."""

    id: str
    state: str
    answer: str | None


class KeyRecoveryPage(msgspec.Struct, frozen=True):
    """In the order in which they came."""

    items: list[KeyRecovery]
    next: str | None


def _attempts() -> str:
    return str(current_centre().settings.key_recovery_attempts)


@blp.route("", methods=["POST"])
@public
@limiter.limit(_attempts)
@raises(NotFound, DeviceRevoked, TooManyRequests, ValidationFailed)
@answers(KeyWaiting, 201)
@blp.arguments(KeyQuestion)
def ask(given: dict[str, Any]) -> KeyWaiting:
    """Ask for the key of a device whose passphrase was forgotten; staff must approve it.

    Its token lies inside what cannot be opened, so nobody signs in here. What is answered is sealed.
    """
    centre, now = current_centre(), current_centre().now()
    lasts = timedelta(hours=centre.settings.key_recovery_hours)
    with writing(centre.engine) as connection:
        box, public_key = given["box"], given["public_key"]
        made = recovery.ask(connection, centre.keys, given["device"], box, public_key, now=now, lasts=lasts)
    return KeyWaiting(made.id, made.expires_at, made.state)


@blp.route("/<recovery_id>", methods=["GET"])
@public
@limiter.limit(_attempts)
@raises(NotFound, DeviceRevoked, TooManyRequests)
@answers(KeyAnswer)
def answer(recovery_id: str) -> KeyAnswer:
    """Fetch the answer: only the device that asked can open it."""
    centre = current_centre()
    with reading(centre.engine) as connection:
        state, sealed = recovery.answer_of(connection, recovery_id, centre.now())
    return KeyAnswer(recovery_id, state, sealed)


@blp.route("", methods=["GET"])
@permission("key_recovery", "read")
@raises(ValidationFailed)
@answers(KeyRecoveryPage)
@blp.arguments(PageQuery, location="query")
def show_all(given: dict[str, Any]) -> KeyRecoveryPage:
    """List the requests of people of your area."""
    centre = current_centre()
    with reading(centre.engine) as connection:
        found = recovery.some(connection, centre.now(), after=given["cursor"], limit=given["limit"])
        held = people.roles_of(connection, {each.user for each in found})
        owners = {each.user: held.get(each.user, ()) for each in found}
        near = within_reach(connection, current_viewer(), "key_recovery", "read", owners)
    next_cursor = next_of([each.id for each in found], given["limit"])
    return KeyRecoveryPage([each for each in found if each.user in near], next_cursor)


@blp.route("/<recovery_id>/approve", methods=["POST"])
@permission("key_recovery", "decide")
@limiter.limit(_attempts)
@raises(NotFound, CodeMismatch, KeyRecoveryClosed, DeviceRevoked, NotPermitted, TooManyRequests)
@answers(KeyRecovery)
@blp.arguments(KeyApproval)
def approve(given: dict[str, Any], recovery_id: str) -> KeyRecovery:
    """Approve a request with the code that its person reads out; the device then fetches its key."""
    centre, viewer, now = current_centre(), current_viewer(), current_centre().now()
    with writing(centre.engine) as connection:
        _check_theirs(connection, recovery_id)
        return recovery.approve(connection, centre.keys, recovery_id, given["code"], viewer.user, now)


@blp.route("/<recovery_id>/refuse", methods=["POST"])
@permission("key_recovery", "decide")
@raises(NotFound, KeyRecoveryClosed, NotPermitted)
@answers(KeyRecovery)
def refuse(recovery_id: str) -> KeyRecovery:
    """Refuse a request."""
    centre, viewer = current_centre(), current_viewer()
    with writing(centre.engine) as connection:
        _check_theirs(connection, recovery_id)
        return recovery.refuse(connection, recovery_id, viewer.user, centre.now())


def _check_theirs(connection: Any, recovery_id: str) -> None:
    """Let a viewer decide about a person of their area; nobody approves their own.

    :raises NotPermitted: otherwise.
    """
    viewer, found = current_viewer(), recovery.one(connection, recovery_id, current_centre().now())
    check_reach(connection, viewer, "key_recovery", "decide", people.find(connection, found.user).roles)
    if found.user == viewer.user:
        raise NotPermitted(needs="somebody else")
