"""Who is asking, as every route sees them."""

from dataclasses import dataclass

from schemas.privacy import Privacy
from server.auth.roles import ROLES, Assignment, permits


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

    @property
    def classes(self) -> frozenset[Privacy]:
        """The field classes that the person sees in the centre's own views."""
        return frozenset[Privacy]().union(*(ROLES[held.role].classes for held in self.roles if held.role in ROLES))

    @property
    def role_names(self) -> frozenset[str]:
        """The roles, wherever held."""
        return frozenset(held.role for held in self.roles)
