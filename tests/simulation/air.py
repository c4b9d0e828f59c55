"""What lies between devices and centre. A sync stops here at every exchange until it is said what becomes of it."""

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

import httpx
from greenlet import getcurrent

from tests.simulation.headquarters import Answer, Request

if TYPE_CHECKING:
    from tests.simulation.phone import Sync

ADDRESS = "http://centre"


class Exchange:
    """One request of one sync, not yet answered."""

    def __init__(self, sync: "Sync", request: Request) -> None:
        self.sync = sync
        self.request = request
        self.answer: Answer | None = None
        """What the centre said, when it is said and has not arrived yet."""

    @property
    def what(self) -> str:
        return f"{self.request.method} {self.request.path.removeprefix('/api/v1')}"


class Link:
    """Stands where the kit has its HTTP client: the same call, and the same errors."""

    def __init__(self, sync: "Sync") -> None:
        self._sync = sync

    def request(self, method: str, url: str, *, content: bytes, headers: Mapping[str, str]) -> httpx.Response:
        """Wait until the schedule says what becomes of a request; give the answer, or raise as a broken link does."""
        path, _, query = url.removeprefix(ADDRESS).partition("?")
        parent = getcurrent().parent
        assert parent is not None
        fate = parent.switch(Exchange(self._sync, Request(method, path, headers, content, query)))
        if isinstance(fate, BaseException):
            raise fate
        return response_of(fate, method, url)

    def close(self) -> None:
        """Close nothing."""


def response_of(answer: Answer, method: str, url: str) -> httpx.Response:
    return httpx.Response(
        answer.status, headers=answer.headers, content=answer.body, request=httpx.Request(method, url)
    )


def lost() -> Any:
    """Return what a client hears when nothing ever answers."""
    return httpx.ReadTimeout("no answer came")


def cut() -> Any:
    """Return what it hears when the connection breaks."""
    return httpx.ReadError("the connection broke")


def no_signal() -> Any:
    """Return what it hears without any signal."""
    return httpx.ConnectError("no signal")


def truncated(answer: Answer, keep: int) -> Answer:
    """Return an answer of which only the beginning arrived, and nobody noticed below HTTP."""
    headers = [(name, value) for name, value in answer.headers if name.lower() != "content-length"]
    return Answer(answer.status, headers, answer.body[: keep % max(1, len(answer.body))])
