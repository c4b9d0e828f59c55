"""People and their roles."""

from typing import Any

import msgspec
from sqlalchemy import Connection

from schemas.fields import Flag, Line
from schemas.rules import Length, Pattern
from server.auth import people
from server.auth.current import current_viewer, permission
from server.auth.passwords import PASSWORD_LENGTH_MIN
from server.auth.people import Person
from server.auth.reach import check_reach, within_reach
from server.auth.roles import ROLES, Assignment, joined
from server.bodies import Password, UserBody, user_body
from server.centre import current_centre
from server.errors import NotFound, UsernameTaken
from server.models.engine import reading, writing
from server.paging import PageQuery, next_of
from server.resource import Body, Resource, answers, raises
from sync.errors import NotPermitted, ValidationFailed

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


class Activity(Body):
    """Whether a person may use the system."""

    active = Flag("ใช้งานได้", "Active", required=True)


class Me(UserBody, frozen=True):
    """Who is asking. ``may``: type -> actions of all their roles; on which records, each role's scope says."""

    may: dict[str, list[str]]


class UserPage(msgspec.Struct, frozen=True):
    """People in order of username."""

    items: list[UserBody]
    next: str | None


@blp.route("/me", methods=["GET"])
@permission("me", "read", while_leaving=True)
@answers(Me)
def me() -> Me:
    """Show who is asking, and what their roles let them do."""
    with reading(current_centre().engine) as connection:
        person = people.find(connection, current_viewer().user)
    held = [ROLES[each.role].may for each in person.roles if each.role in ROLES]
    may = {type_: sorted(actions) for type_, actions in joined(*held).items()}
    return Me(**msgspec.structs.asdict(user_body(person)), may=may)


@blp.route("/users", methods=["GET"])
@permission("user", "read")
@raises(ValidationFailed)
@answers(UserPage)
@blp.arguments(PageQuery, location="query")
def show_all(given: dict[str, Any]) -> UserPage:
    """List people."""
    with reading(current_centre().engine) as connection:
        found = people.everybody(connection, after=given["cursor"], limit=given["limit"])
        near = within_reach(connection, current_viewer(), "user", "read", {each.id: each.roles for each in found})
    shown = [user_body(each) for each in found if each.id in near]
    return UserPage(shown, next_of([each.username for each in found], given["limit"]))


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
        person = people.find(connection, user_id)
        check_reach(connection, current_viewer(), "user", "read", person.roles)
        return user_body(person)


@blp.route("/users/<user_id>/active", methods=["POST"])
@permission("user", "update")
@raises(NotFound)
@answers(UserBody)
@blp.arguments(Activity)
def set_active(given: dict[str, Any], user_id: str) -> UserBody:
    """Let a person in, or shut them out: their tokens end at once, their devices' too."""
    centre = current_centre()
    with writing(centre.engine) as connection:
        person = _other(connection, user_id)
        check_reach(connection, current_viewer(), "user", "update", person.roles)
        people.set_active(connection, person.id, active=given["active"])
        return user_body(people.find(connection, user_id))


@blp.route("/users/<user_id>/roles", methods=["POST"])
@permission("role", "create")
@raises(NotFound, ValidationFailed)
@answers(UserBody, 201)
@blp.arguments(RoleGiven)
def give_role(given: dict[str, Any], user_id: str) -> UserBody:
    """Give a person a role; their devices receive what goes with it at their next contact."""
    centre, viewer, role = current_centre(), current_viewer(), Assignment(**given)
    with writing(centre.engine) as connection:
        person = _other(connection, user_id)
        check_reach(connection, viewer, "role", "create", (role,))
        people.give_role(connection, person.id, role, now=centre.now(), by=viewer.user)
        return user_body(people.find(connection, user_id))


@blp.route("/users/<user_id>/roles/<role>/<scope>", methods=["DELETE"])
@permission("role", "delete")
@raises(NotFound)
@answers(UserBody)
def take_role(user_id: str, role: str, scope: str) -> UserBody:
    """Take a role from a person; their devices drop what went with it at their next contact."""
    with writing(current_centre().engine) as connection:
        check_reach(connection, current_viewer(), "role", "delete", (Assignment(role, scope),))
        people.take_role(connection, _other(connection, user_id).id, Assignment(role, scope))
        return user_body(people.find(connection, user_id))


def _other(connection: Connection, user_id: str) -> Person:
    """Return a person who is not the viewer: nobody changes what they may do themselves."""
    if user_id == current_viewer().user:
        raise NotPermitted(needs="somebody else")
    return people.find(connection, user_id)
