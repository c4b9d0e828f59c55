"""People and their roles."""

from typing import Any

import msgspec

from schemas.fields import Line
from schemas.rules import Length, Pattern
from server.auth import people
from server.auth.current import current_viewer, permission
from server.auth.passwords import PASSWORD_LENGTH_MIN
from server.auth.roles import Assignment
from server.bodies import Password, UserBody, user_body
from server.centre import current_centre
from server.errors import NotFound, UsernameTaken
from server.models.engine import reading, writing
from server.paging import PageQuery, next_of
from server.resource import Body, Resource, answers, raises
from sync.errors import ValidationFailed

blp = Resource("users", __name__, url_prefix="/api/v1", description="People and their roles")


class NewUser(Body):
    """A person. Without a password they use devices only."""

    username = Line("ชื่อผู้ใช้", "Username", required=True, rules=(Pattern("[a-z0-9][a-z0-9._-]{2,59}"),))
    display_name = Line("ชื่อที่แสดง", "Name shown", required=True)
    password = Password("รหัสผ่าน", "Password", rules=(Length(min=PASSWORD_LENGTH_MIN, max=200),))
    language = Line("ภาษา", "Language", rules=(Pattern("th|en"),))


class RoleGiven(Body):
    """A role, and its scope: ``province:54``, ``district:5401``, ``team:<id>`` or ``nation``, say."""

    role = Line("บทบาท", "Role", required=True, rules=(Length(max=30),))
    scope = Line("ขอบเขต", "Scope", required=True, rules=(Length(max=60),))


class UserPage(msgspec.Struct, frozen=True):
    """People in order of username."""

    items: list[UserBody]
    next: str | None


@blp.route("/me", methods=["GET"])
@permission("me", "read", while_leaving=True)
@answers(UserBody)
def me() -> UserBody:
    """Show who is asking."""
    with reading(current_centre().engine) as connection:
        return user_body(people.find(connection, current_viewer().user))


@blp.route("/users", methods=["GET"])
@permission("user", "read")
@raises(ValidationFailed)
@answers(UserPage)
@blp.arguments(PageQuery, location="query")
def show_all(given: dict[str, Any]) -> UserPage:
    """List people."""
    with reading(current_centre().engine) as connection:
        found = people.everybody(connection, after=given["cursor"], limit=given["limit"])
    return UserPage([user_body(person) for person in found], next_of([each.username for each in found], given["limit"]))


@blp.route("/users", methods=["POST"])
@permission("user", "create")
@raises(UsernameTaken, ValidationFailed)
@answers(UserBody, 201)
@blp.arguments(NewUser)
def create(given: dict[str, Any]) -> UserBody:
    """Add a person."""
    centre = current_centre()
    with writing(centre.engine) as connection:
        person = people.create(connection, **given, now=centre.now())
        return user_body(people.find(connection, person))


@blp.route("/users/<user_id>", methods=["GET"])
@permission("user", "read")
@raises(NotFound)
@answers(UserBody)
def show(user_id: str) -> UserBody:
    """Show a person."""
    with reading(current_centre().engine) as connection:
        return user_body(people.find(connection, user_id))


@blp.route("/users/<user_id>/roles", methods=["POST"])
@permission("role", "create")
@raises(NotFound, ValidationFailed)
@answers(UserBody, 201)
@blp.arguments(RoleGiven)
def give_role(given: dict[str, Any], user_id: str) -> UserBody:
    """Give a person a role; their devices receive what goes with it at their next contact."""
    centre, by = current_centre(), current_viewer().user
    with writing(centre.engine) as connection:
        person = people.find(connection, user_id)
        people.give_role(connection, person.id, Assignment(**given), now=centre.now(), by=by)
        return user_body(people.find(connection, user_id))


@blp.route("/users/<user_id>/roles/<role>/<scope>", methods=["DELETE"])
@permission("role", "delete")
@raises(NotFound)
@answers(UserBody)
def take_role(user_id: str, role: str, scope: str) -> UserBody:
    """Take a role from a person; their devices drop what went with it at their next contact."""
    with writing(current_centre().engine) as connection:
        people.take_role(connection, user_id, Assignment(role, scope))
        return user_body(people.find(connection, user_id))
