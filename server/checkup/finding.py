"""One thing that a check found; the texts are ``doctor.<code>`` and ``doctor.<code>.next`` of the message catalogue."""

from dataclasses import dataclass, field
from enum import IntEnum
from typing import Any

from schemas import messages


class Level(IntEnum):
    """How bad it is; the worst one is the exit code, where a note counts as well."""

    NOTE = 0
    ATTENTION = 1
    BROKEN = 2


@dataclass(frozen=True, slots=True)
class Finding:
    """What was found, and the numbers that its text names. No name, id or content of anybody's."""

    level: Level
    code: str
    facts: dict[str, Any] = field(default_factory=dict)

    def text(self, language: str) -> str:
        """Say what is the matter."""
        return messages.text(f"doctor.{self.code}", language, **self.facts)

    def next_step(self, language: str) -> str:
        """Say the one thing to do now."""
        return messages.text(f"doctor.{self.code}.next", language, **self.facts)
