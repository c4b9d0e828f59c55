"""Why a backup cannot be taken, trusted or restored; the texts are ``backup.<code>`` of the message catalogue."""

from typing import Any

from schemas import messages


class BackupProblem(Exception):
    """One reason, with the facts that its text names."""

    def __init__(self, code: str, **facts: Any) -> None:
        super().__init__(code)
        self.code = code
        self.facts = facts

    def text(self, language: str) -> str:
        """Say it to an operator."""
        return messages.text(f"backup.{self.code}", language, **self.facts)
