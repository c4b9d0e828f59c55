"""A device at the level of the protocol, over HTTP: the phone of the store's tests, at the other end of a wire."""

from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any

import httpx
import msgspec

from field_kit.problems import raise_problem
from server.store import Author
from sync.messages import Position, PullReply, PullRequest, PushReply, PushRequest
from tests.server.protocol_client import Phone

TIMEOUT_S = 60

FRESH_EACH_TIME = httpx.Limits(max_keepalive_connections=0)
"""A connection that the centre closes while it is asked for something new fails by chance; tests must not. Nor is
anything verified on the loopback: loading all certificates takes longer than what a test asks."""


@dataclass
class Link:
    """HTTP with a token. Says what the centre answered, or raises it by its code."""

    url: str
    token: str
    language: str = "th"

    def __post_init__(self) -> None:
        headers = {"Accept-Language": self.language} | ({"Authorization": f"Bearer {self.token}"} if self.token else {})
        self.client = httpx.Client(
            base_url=self.url, headers=headers, timeout=TIMEOUT_S, limits=FRESH_EACH_TIME, verify=False, trust_env=False
        )

    def ask(self, method: str, path: str, **parts: Any) -> httpx.Response:
        """Return the reply, whatever it is."""
        return self.client.request(method, f"/api/v1{path}", **parts)

    def json(self, method: str, path: str, body: Any = None, **parts: Any) -> Any:
        """Return the JSON of a reply that must not be a refusal."""
        reply = self.ask(method, path, **({"json": body} if body is not None else {}), **parts)
        assert reply.status_code < 400, f"{method} {path}: {reply.status_code} {reply.text}"
        return reply.json() if reply.content else None

    def exchange(self, path: str, message: Any) -> bytes:
        """Post a message of the protocol.

        :raises ProtocolError: when it is refused as a whole.
        """
        headers = {"Content-Type": "application/json"}
        reply = self.ask("POST", path, content=msgspec.json.encode(message), headers=headers)
        if reply.status_code >= 400:
            raise_problem(reply.status_code, reply.content, reply.headers)
        return reply.content

    def close(self) -> None:
        self.client.close()


@dataclass
class RemoteStore:
    """Push and pull as the store offers them, at the other end of a link."""

    link: Link

    def push(self, author: Author, request: PushRequest, now: datetime) -> PushReply:
        return msgspec.json.decode(self.link.exchange("/sync/push", request), type=PushReply)

    def pull(self, author: Author, request: PullRequest, now: datetime) -> PullReply:
        return msgspec.json.decode(self.link.exchange("/sync/pull", request), type=PullReply)


@dataclass
class RemoteCentre:
    """What a phone knows of the centre: how to reach it, and the time by its own clock."""

    store: RemoteStore
    clock_error: timedelta = timedelta()

    @property
    def now(self) -> datetime:
        return datetime.now(UTC) + self.clock_error


class HttpPhone(Phone):
    """A phone that speaks HTTP. ``link`` is for everything besides push and pull."""

    @property
    def link(self) -> Link:
        return self.centre.store.link  # type: ignore[attr-defined]

    @property
    def device(self) -> str:
        return str(self.author.device)

    @property
    def user(self) -> str:
        return self.author.user

    def body(self, *groups: list[dict[str, Any]], after: Position | None = None, **parts: Any) -> dict[str, Any]:
        """Return a push as plain data, for a test that spoils it."""
        request = msgspec.to_builtins(self.request(after=after))
        first = request["after"]["seq"] + 1
        numbered = iter(range(first, first + sum(map(len, groups))))
        return request | {"groups": [[{"seq": next(numbered), **each} for each in group] for group in groups]} | parts

    def post(self, body: Any, path: str = "/sync/push", **parts: Any) -> httpx.Response:
        """Post a body as it is."""
        return self.link.ask("POST", path, **({"json": body} if body is not None else {}), **parts)

    def of_type(self, type_name: str) -> dict[str, dict[str, Any]]:
        """Return what the phone holds of a type, by id."""
        return {id_: dict(data) for id_, (kind, _, data) in self.rows.items() if kind == type_name}


def phone_of(link: Link, enrolled: dict[str, Any]) -> HttpPhone:
    """Return the phone that enrolment made."""
    user = enrolled["user"]
    author = Author(user["id"], enrolled["device"], frozenset(each["role"] for each in user["roles"]))
    return HttpPhone(RemoteCentre(RemoteStore(link)), author, enrolled["epoch"])  # type: ignore[arg-type]
