"""A score and what it is made of. Reasons are codes: no value of any record is in them."""

from collections.abc import Iterable, Mapping

import msgspec


class Reason(msgspec.Struct, frozen=True):
    """One thing that speaks for or (``weight`` below zero) against. Its text is ``likeness.<code>``."""

    code: str
    weight: int


class Likeness(msgspec.Struct, frozen=True):
    """How alike two records are, from 0 to 100, and why."""

    score: int
    reasons: tuple[Reason, ...]

    def has(self, code: str) -> bool:
        """Tell whether a reason is among them."""
        return any(reason.code == code for reason in self.reasons)


def likeness(codes: Iterable[str], weights: Mapping[str, int], at_least: int = 0) -> Likeness:
    """Return the score of some reasons, which are put in the order of the weights."""
    found = set(codes)
    reasons = tuple(Reason(code, weight) for code, weight in weights.items() if code in found)
    total = sum(reason.weight for reason in reasons)
    return Likeness(max(at_least, min(100, max(0, total))), reasons)
