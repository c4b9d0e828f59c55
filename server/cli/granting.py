"""``husec grant`` and ``husec revoke-grant``: what somebody may do, and where."""

import click

from server.auth import people
from server.auth.roles import ROLES, Assignment
from server.cli.saying import fail, ready, refuse
from server.cli.saying import say as tell
from server.errors import NotFound
from server.models.engine import writing
from sync.errors import ProtocolError, ValidationFailed

ROLE = click.Choice(sorted(ROLES))
SCOPE_HELP = "nation, province:54, district:5401, tambon:540101, village:54010103, team:ID"


@click.command()
@click.argument("username")
@click.argument("role", type=ROLE)
@click.argument("scope")
def grant(username: str, role: str, scope: str) -> None:
    """ให้บทบาท · Give somebody a role over a scope: district:5401, team:ID, nation."""
    _change(username, Assignment(role, scope), remove=False)


@click.command("revoke-grant")
@click.argument("username")
@click.argument("role", type=ROLE)
@click.argument("scope")
def revoke_grant(username: str, role: str, scope: str) -> None:
    """ถอนบทบาท · Take a role over a scope from somebody."""
    _change(username, Assignment(role, scope), remove=True)


def _change(username: str, held: Assignment, *, remove: bool) -> None:
    centre = ready()
    try:
        with writing(centre.engine) as connection:
            person = people.find_by_name(connection, username)
            if remove:
                people.take_role(connection, person.id, held)
            else:
                people.give_role(connection, person.id, held, now=centre.now())
            now_held = people.find(connection, person.id).roles
    except ValidationFailed:
        refuse_scope(held)
    except NotFound:
        fail(
            f"ไม่มีผู้ใช้ {username} หรือไม่มีบทบาทนี้",
            f"There is no user {username}, or they do not hold this role. See husec user list.",
        )
    except ProtocolError as refusal:
        refuse(refusal)
    roles = " ".join(f"{each.role}@{each.scope}" for each in now_held) or "-"
    tell(f"บทบาทของ {username}: {roles}", f"roles of {username}: {roles}")


def refuse_scope(held: Assignment) -> None:
    """Say which scopes a role goes with, and end with exit code 1."""
    if held.role not in ROLES:
        fail(f"ไม่มีบทบาท {held.role}", f"There is no role {held.role}. Roles: {', '.join(sorted(ROLES))}.")
    scopes = ", ".join(ROLES[held.role].scopes)
    fail(
        f"บทบาท {held.role} ไม่เข้ากับขอบเขต {held.scope} ใช้ได้กับ: {scopes}",
        f"The role {held.role} does not go with the scope {held.scope}. It goes with: {scopes}. Scopes are written so: "
        f"{SCOPE_HELP}.",
    )
