"""What staff do at the centre, over HTTP with their own tokens; and what its jobs and imports write."""

from dataclasses import dataclass
from typing import Any

import msgspec

from tests.simulation.headquarters import Answer, Headquarters, Request, ServerDied


@dataclass
class Desk:
    """The desks of the centre."""

    headquarters: Headquarters
    tokens: dict[str, str]
    users: dict[str, str]

    def ask(self, who: str, method: str, path: str, body: Any = None, **headers: str) -> Answer | None:
        """Send one request from a desk; ``None`` when the centre died over it."""
        content = msgspec.json.encode(body) if body is not None else b""
        path, _, query = path.partition("?")
        about = {"Authorization": f"Bearer {self.tokens[who]}", "Content-Type": "application/json"}
        named = {name.replace("_", "-"): value for name, value in headers.items()}
        try:
            return self.headquarters.handle(Request(method, f"/api/v1{path}", {**about, **named}, content, query))
        except ServerDied:
            return None

    def get(self, who: str, path: str) -> Any:
        """Read something from a desk; ``None`` when it may not or cannot be read."""
        answer = self.ask(who, "GET", path)
        return answer.json if answer is not None and answer.status == 200 else None
