"""What the centre's own staff see afterwards: everything is asked of the API, as a social worker of the province."""

from collections.abc import Iterable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from hashlib import sha256
from typing import Any

import httpx

from server.demo.centre import PASSWORD
from server.demo.published import Published

PAGE = 500
TIMEOUT_S = 60


@dataclass(frozen=True, slots=True)
class StaffDesk:
    """Somebody signed in."""

    client: httpx.Client

    @classmethod
    @contextmanager
    def signed_in(cls, url: str, username: str) -> Iterator["StaffDesk"]:
        """Sign in with the demo's password."""
        with httpx.Client(base_url=f"{url}/api/v1", timeout=TIMEOUT_S) as client:
            given = client.post("/tokens", json={"username": username, "password": PASSWORD}).raise_for_status().json()
            client.headers["Authorization"] = f"Bearer {given['token']}"
            yield cls(client)

    def records(self, type_: str) -> dict[str, dict[str, Any]]:
        """Return all records of a type that have arrived, by id."""
        found: dict[str, dict[str, Any]] = {}
        cursor: str | None = ""
        while cursor is not None:
            page = self.get("/records", type=type_, limit=PAGE, cursor=cursor)
            found |= {item["id"]: item["data"] for item in page["items"]}
            cursor = page["next"]
        return found

    def arrived(self, types: Iterable[str]) -> dict[str, set[str]]:
        """Return the ids of the records that have arrived, by type."""
        return {type_: set(self.records(type_)) for type_ in sorted(set(types))}

    def photo_hashes(self, attachments: Iterable[str]) -> dict[str, str]:
        """Return the hash of each attachment's bytes as the centre gives them out."""
        found = {}
        for attachment in attachments:
            reply = self.client.get(f"/attachments/{attachment}/content")
            found[attachment] = sha256(reply.content).hexdigest() if reply.is_success else ""
        return found

    def conflicts(self) -> list[dict[str, Any]]:
        """Return the conflicts that wait for a decision."""
        return list(self.get("/conflicts", status="open", limit=PAGE)["items"])

    def report(self, published: Published) -> Mapping[str, dict[str, Any]]:
        """Return the tables of the provincial report over the published period, by name."""
        first, last = published.first_day.isoformat(), published.last_day.isoformat()
        about = {"province": published.province, "from": first, "to": last}
        return {table["id"]: table for table in self.get("/reports/provincial", **about)["tables"]}

    def get(self, path: str, **query: Any) -> Any:
        """Return what a path answers."""
        return self.client.get(path, params=query).raise_for_status().json()
