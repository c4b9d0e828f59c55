"""People and their roles."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import Connection, delete, insert, select, update
from sqlalchemy.exc import IntegrityError

from server.auth import grants, passwords
from server.auth.roles import Assignment, fits
from server.errors import NotFound, UsernameTaken
from server.ids import new_id
from server.models.identity import role_assignment, user
from sync.errors import ValidationFailed
from sync.instants import rfc3339


@dataclass(frozen=True, slots=True)
class Person:
    """Somebody who uses the system."""

    id: str
    username: str
    display_name: str
    language: str
    active: bool
    roles: tuple[Assignment, ...]


def create(
    connection: Connection,
    username: str,
    display_name: str,
    *,
    now: datetime,
    password: str | None = None,
    language: str = "th",
) -> str:
    """Add a person and return their id.

    :raises UsernameTaken: when somebody has that name.
    """
    row = {
        "id": new_id(),
        "username": username,
        "display_name": display_name,
        "password_hash": passwords.hashed(password) if password else None,
        "language": language,
        "created_at": rfc3339(now),
    }
    try:
        with connection.begin_nested():
            connection.execute(insert(user), [row])
    except IntegrityError:
        raise UsernameTaken from None
    return str(row["id"])


def give_role(connection: Connection, person: str, held: Assignment, *, now: datetime, by: str | None = None) -> None:
    """Give somebody a role over a scope, and the buckets that go with it; giving it twice changes nothing.

    :raises ValidationFailed: for a role that does not exist or does not go with the scope.
    """
    if not fits(held.role, held.scope):
        raise ValidationFailed(errors={"scope": [{"code": "role_does_not_fit_scope"}]})
    if held in grants.assignments_of(connection, person):
        return
    row = {"user": person, "role": held.role, "scope": held.scope, "granted_at": rfc3339(now), "granted_by": by}
    connection.execute(insert(role_assignment), [row])
    grants.refresh(connection, person)


def take_role(connection: Connection, person: str, held: Assignment) -> None:
    """Take a role from somebody, and the buckets that went with it.

    :raises NotFound: when they do not hold it.
    """
    mine = (role_assignment.c.user == person) & (role_assignment.c.role == held.role)
    if not connection.execute(delete(role_assignment).where(mine, role_assignment.c.scope == held.scope)).rowcount:
        raise NotFound
    grants.refresh(connection, person)


def set_active(connection: Connection, person: str, *, active: bool) -> None:
    """Let somebody use the system, or no longer."""
    connection.execute(update(user).where(user.c.id == person).values(active=active))


def find(connection: Connection, person: str) -> Person:
    """Return a person by id.

    :raises NotFound: when there is none.
    """
    found = _people(connection, select(user).where(user.c.id == person))
    if not found:
        raise NotFound
    return found[0]


def find_by_name(connection: Connection, username: str) -> Person:
    """Return a person by username.

    :raises NotFound: when there is none.
    """
    found = _people(connection, select(user).where(user.c.username == username))
    if not found:
        raise NotFound
    return found[0]


def everybody(connection: Connection, *, after: str = "", limit: int = 100) -> list[Person]:
    """Return people in order of username, a page at a time."""
    return _people(connection, select(user).where(user.c.username > after).order_by(user.c.username).limit(limit))


def authenticate(connection: Connection, username: str, password: str) -> str | None:
    """Return the id of an active person whose password this is."""
    row = connection.execute(select(user).where(user.c.username == username)).one_or_none()
    correct = passwords.matches(password, row.password_hash if row else None)
    return str(row.id) if row and correct and row.active else None


def _people(connection: Connection, query: object) -> list[Person]:
    rows = connection.execute(query).all()  # type: ignore[call-overload]
    roles = roles_of(connection, [row.id for row in rows])
    return [
        Person(row.id, row.username, row.display_name, row.language, row.active, roles.get(row.id, ())) for row in rows
    ]


def roles_of(connection: Connection, people: Iterable[str]) -> dict[str, tuple[Assignment, ...]]:
    """Return the roles of several people, in a fixed order; who holds none is absent."""
    query = select(role_assignment).where(role_assignment.c.user.in_(sorted(people))).order_by("role", "scope")
    found: dict[str, tuple[Assignment, ...]] = {}
    for row in connection.execute(query):
        found[row.user] = (*found.get(row.user, ()), Assignment(row.role, row.scope))
    return found
