"""Over whom somebody at a desk may act: people of the area in which they hold a role that allows it."""

from collections.abc import Iterable, Mapping

from sqlalchemy import Connection

from server.auth.grants import homes_of_teams
from server.auth.roles import Assignment, allows
from server.auth.viewer import Viewer
from sync.errors import NotPermitted

NATION = ""

Roles = tuple[Assignment, ...]


def within_reach(
    connection: Connection, viewer: Viewer, subject: str, action: str, people: Mapping[str, Roles]
) -> set[str]:
    """Return those of some people (id -> roles) on whose ``subject`` the viewer may do ``action``."""
    allowing = [held for held in viewer.roles if allows(held.role, subject, action)]
    homes = homes_of_teams(connection, {*allowing, *(held for roles in people.values() for held in roles)})
    mine = _codes(allowing, homes)
    if NATION in mine:
        return set(people)
    beginnings = tuple(sorted(mine))
    return {
        person for person, roles in people.items() if any(code.startswith(beginnings) for code in _codes(roles, homes))
    }


def check_reach(connection: Connection, viewer: Viewer, subject: str, action: str, roles: Roles) -> None:
    """Let a viewer act on somebody with these roles.

    :raises NotPermitted: when they are of another area.
    """
    if not within_reach(connection, viewer, subject, action, {"": roles}):
        raise NotPermitted(needs="a person of your area")


def _codes(roles: Iterable[Assignment], homes: Mapping[str, str]) -> set[str]:
    """Return the area codes over which roles are held: empty text for the nation, its home for a team that has one."""
    scopes = [held.scope.partition(":") for held in roles]
    areas = {name for kind, _, name in scopes if kind != "team"}
    return areas | {home for kind, _, name in scopes if kind == "team" and (home := homes.get(name))}
