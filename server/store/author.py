"""Who is at the other end of a request, as the store needs to know them."""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Author:
    """A user on a device; ``roles`` are those they hold now."""

    user: str
    device: str
    roles: frozenset[str]
