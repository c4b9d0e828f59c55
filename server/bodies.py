"""Bodies that more than one resource reads or answers."""

from typing import Any

import msgspec

from schemas.fields import Line
from server.auth.people import Person
from server.auth.roles import Assignment


class Password(Line):
    """A password: kept to the letter, no white space trimmed, nothing normalised."""

    kind = "password"

    def form(self, text: str) -> str:
        """Return it as it was typed."""
        return text


class RoleBody(msgspec.Struct, frozen=True):
    """A role and where it is held."""

    role: str
    scope: str


class UserBody(msgspec.Struct, frozen=True):
    """A person as staff see them."""

    id: str
    username: str
    display_name: str
    language: str
    active: bool
    roles: list[RoleBody]


class Problem(msgspec.Struct, frozen=True, omit_defaults=True):
    """The body of every refusal (RFC 9457). ``code`` is stable; ``title`` and ``detail`` are for people."""

    type: str
    title: str
    status: int
    detail: str
    code: str
    errors: dict[str, list[dict[str, Any]]] = {}


def role_bodies(held: tuple[Assignment, ...]) -> list[RoleBody]:
    """Return roles as they are answered."""
    return [RoleBody(each.role, each.scope) for each in held]


def user_body(person: Person) -> UserBody:
    """Return a person as they are answered."""
    roles = role_bodies(person.roles)
    return UserBody(person.id, person.username, person.display_name, person.language, person.active, roles)
