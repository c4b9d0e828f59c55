"""What was decided about one mutation, and the ways to refuse it."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from schemas.base import Errors
from sync.messages import ConflictReference
from sync.mutation import Outcome


@dataclass(frozen=True, slots=True)
class Decision:
    """The outcome of one mutation with what its author needs to know."""

    outcome: Outcome
    code: str | None = None
    errors: Mapping[str, list[dict[str, Any]]] | None = None
    conflicts: tuple[ConflictReference, ...] = ()
    waits_for: str | None = None
    redirected_to: str | None = None
    """The record that the edit was applied to, where that which it names has been merged into another."""


def rejected(code: str, errors: Errors | None = None) -> Decision:
    """Refuse a mutation; it is kept whole and blocks nothing behind it."""
    return Decision(Outcome.REJECTED, code, errors)


def invalid(errors: Errors) -> Decision:
    """Refuse a mutation for what its fields say."""
    return rejected("validation_failed", errors)


def held(waits_for: str) -> Decision:
    """Let a mutation wait for a record that the server does not know yet."""
    return Decision(Outcome.HELD, "held", waits_for=waits_for)
