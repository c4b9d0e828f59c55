"""Bodies that more than one resource reads or answers."""

from typing import Any, Literal

import msgspec
from msgspec import UNSET, UnsetType

from schemas.fields import Line, Raw
from server.auth.people import Person
from server.auth.roles import Assignment
from sync.messages import Position


class Password(Line):
    """A password: kept to the letter, no white space trimmed, nothing normalised."""

    kind = "password"

    def form(self, text: str) -> str:
        """Return it as it was typed."""
        return text


class ByName(Raw):
    """An object whose names are fields, say; ``of`` is the JSON Schema of its values. The route itself reads it."""

    def __init__(self, th: str, en: str, *, of: dict[str, Any]) -> None:
        super().__init__(th, en)
        self.json_schema = {"type": "object", "additionalProperties": of}


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
    """The body of every refusal (RFC 9457). ``code`` is stable; ``title`` and ``detail`` are for people.

    ``type`` is ``urn:husec:error:`` and the code. Which code brings which of the rest: docs/protocol.md, section 9.
    """

    type: str
    title: str
    status: int
    detail: str
    code: str
    errors: dict[str, list[dict[str, Any]]] = {}
    outcomes: list[dict[str, Any]] | UnsetType = UNSET
    last: Position | UnsetType = UNSET
    order: Literal["lost", "left"] | UnsetType = UNSET
    epoch: str | UnsetType = UNSET
    restored_to: int | UnsetType = UNSET
    oldest_protocol: int | UnsetType = UNSET
    oldest_schema: int | UnsetType = UNSET
    protocol: int | UnsetType = UNSET
    schema: int | UnsetType = UNSET
    retry_after_ms: int | UnsetType = UNSET
    offset: int | UnsetType = UNSET
    bytes_max: int | UnsetType = UNSET
    ratio_max: int | UnsetType = UNSET
    accepts: str | list[str] | UnsetType = UNSET
    needs: str | UnsetType = UNSET
    because: str | UnsetType = UNSET
    state: str | UnsetType = UNSET
    how: str | UnsetType = UNSET
    database: str | UnsetType = UNSET
    id: str | UnsetType = UNSET


def role_bodies(held: tuple[Assignment, ...]) -> list[RoleBody]:
    """Return roles as they are answered."""
    return [RoleBody(each.role, each.scope) for each in held]


def user_body(person: Person) -> UserBody:
    """Return a person as they are answered."""
    roles = role_bodies(person.roles)
    return UserBody(person.id, person.username, person.display_name, person.language, person.active, roles)
