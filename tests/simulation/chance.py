"""Where ids and dice come from: from the seed alone."""

from random import Random
from uuid import UUID

BEGINNING = -1
"""The seed of what every schedule begins with; its ids come before all others."""


class Ids:
    """Stands where the server takes its UUIDv7s from: in order, and the same for the same seed."""

    def __init__(self) -> None:
        self.begin(BEGINNING)

    def begin(self, seed: int) -> None:
        self._dice = Random(f"ids of {seed}")
        self._count = 0 if seed == BEGINNING else 1_000_000

    def uuid7(self) -> UUID:
        """Return the next id; later ones sort later, as those of the real clock do."""
        self._count += 1
        value = (0x019AAF000000 + self._count) << 80 | 0x7 << 76 | 0b10 << 62 | self._dice.getrandbits(62)
        return UUID(int=value)
