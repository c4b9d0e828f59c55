"""Who is asking, as every route sees them."""

from dataclasses import dataclass

from schemas.privacy import Privacy
from server.auth.roles import ROLES, Assignment, allows, permits


@dataclass(frozen=True, slots=True)
class Contact:
    """What was known of a device before this request."""

    at: str
    client_version: str
    clock_offset_ms: int | None


@dataclass(frozen=True, slots=True)
class Viewer:
    """A person with a valid token. ``leaving``: their device was revoked as ``left`` and may only send its work.

    ``lost``: their device was revoked as ``lost``; it may post what it sealed, and confirm that it is wiped.
    """

    token: str
    kind: str
    user: str
    display_name: str
    language: str
    device: str | None
    expires_at: str
    contact: Contact | None
    roles: tuple[Assignment, ...]
    leaving: bool = False
    lost: bool = False

    def may(self, subject: str, action: str) -> bool:
        """Tell whether any of the person's roles allows it."""
        return permits(self.roles, subject, action)

    def classes_for(self, subject: str, action: str) -> frozenset[Privacy]:
        """Return the field classes that the person sees by the roles which allow an action, and by no other role."""
        allowing = (held.role for held in self.roles if allows(held.role, subject, action))
        return frozenset[Privacy]().union(*(ROLES[role].classes for role in allowing))

    @property
    def role_names(self) -> frozenset[str]:
        """The roles, wherever held."""
        return frozenset(held.role for held in self.roles)
