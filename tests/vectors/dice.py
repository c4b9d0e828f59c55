"""Chance that is the same everywhere: built on ``random.Random.random`` alone, the one stream that Python promises."""

from collections.abc import Sequence
from random import Random
from typing import TypeVar

T = TypeVar("T")


class Dice:
    """Draws from one seed. Every family has its own, so that one can change without the others."""

    def __init__(self, seed: str) -> None:
        self._random = Random(seed)

    def below(self, end: int) -> int:
        return int(self._random.random() * end)

    def between(self, least: int, most: int) -> int:
        return least + self.below(most - least + 1)

    def chance(self, of_hundred: int) -> bool:
        return self.below(100) < of_hundred

    def pick(self, things: Sequence[T]) -> T:
        return things[self.below(len(things))]

    def some(self, things: Sequence[T], least: int = 0, most: int | None = None) -> list[T]:
        """Return some of the things, each at most once, in a drawn order."""
        return self.shuffled(things)[: self.between(least, len(things) if most is None else min(most, len(things)))]

    def shuffled(self, things: Sequence[T]) -> list[T]:
        left = list(things)
        return [left.pop(self.below(len(left))) for _ in things]

    def many(self, things: Sequence[T], least: int, most: int) -> list[T]:
        """Return so many things, which may repeat."""
        return [self.pick(things) for _ in range(self.between(least, most))]

    def text(self, pieces: Sequence[str], least: int, most: int) -> str:
        return "".join(self.many(pieces, least, most))

    def bytes(self, count: int) -> bytes:
        return bytes(self.below(256) for _ in range(count))

    def uuid(self) -> str:
        """Return a UUIDv7 of some day in 2026."""
        moment = 1_767_225_600_000 + self.below(31_536_000_000)
        digits = f"{moment:012x}7{self.below(1 << 12):03x}{self.pick('89ab')}{self.below(1 << 44):015x}"
        return f"{digits[:8]}-{digits[8:12]}-{digits[12:16]}-{digits[16:20]}-{digits[20:]}"
