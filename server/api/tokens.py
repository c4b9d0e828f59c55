"""Staff sign-in: a username and password for a token that lasts a working day."""

from datetime import timedelta
from typing import Any

import msgspec

from schemas.fields import Line
from schemas.rules import Length
from server.auth import people, tokens
from server.auth.current import current_viewer, permission, public
from server.bodies import Password, UserBody, user_body
from server.centre import current_centre
from server.errors import WrongPassword
from server.extensions import limiter
from server.models.engine import reading, writing
from server.resource import Body, Resource, answers, raises
from sync.errors import TooManyRequests, ValidationFailed
from sync.instants import rfc3339

blp = Resource("tokens", __name__, url_prefix="/api/v1/tokens", description="Staff sign-in")


class SignIn(Body):
    """A username and a password."""

    username = Line("ชื่อผู้ใช้", "Username", required=True)
    password = Password("รหัสผ่าน", "Password", required=True, rules=(Length(max=200),))


class StaffToken(msgspec.Struct, frozen=True):
    """A token, shown once; send it as ``Authorization: Bearer``."""

    token: str
    expires_at: str
    user: UserBody


@blp.route("", methods=["POST"])
@public
@limiter.limit(lambda: current_centre().settings.token_attempts)
@raises(WrongPassword, ValidationFailed, TooManyRequests)
@answers(StaffToken, 201)
@blp.arguments(SignIn)
def sign_in(given: dict[str, Any]) -> StaffToken:
    """Sign in with a username and password."""
    centre, now = current_centre(), current_centre().now()
    with reading(centre.engine) as connection:
        user = people.authenticate(connection, given["username"], given["password"])
    if user is None:
        raise WrongPassword
    lasts = timedelta(hours=centre.settings.staff_token_hours)
    with writing(centre.engine) as connection:
        text = tokens.issue(connection, user, kind="staff", lasts=lasts, now=now)
        person = people.find(connection, user)
    return StaffToken(text, rfc3339(now + lasts), user_body(person))


@blp.route("/current", methods=["DELETE"])
@permission("token", "delete")
@answers(None, 204)
def sign_out() -> None:
    """Sign out: the token that makes this request ends."""
    centre = current_centre()
    with writing(centre.engine) as connection:
        tokens.withdraw(connection, current_viewer().token, centre.now())
