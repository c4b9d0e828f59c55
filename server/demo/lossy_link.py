"""A bad mobile link: an HTTP proxy on the loopback that loses, repeats and cuts what passes, by a seeded plan.

Each request is read whole, then meets one fate. Five fates, as a radio link shows them to the program on the phone:
lost on the way there (the server never sees it), lost on the way back (the server has done it, nobody hears), cut
in the middle of the reply, sent twice (the second reply is returned), or delivered.
"""

import asyncio
import threading
from collections import Counter
from collections.abc import Coroutine
from contextlib import suppress
from dataclasses import dataclass, field
from enum import StrEnum
from random import Random
from typing import Any, TypeVar

Result = TypeVar("Result")

HEAD_END = b"\r\n\r\n"
HEAD_BYTES_MAX = 65_536
UPSTREAM_TIMEOUT_S = 60


class Fate(StrEnum):
    """What happens to one request and its reply."""

    DELIVERED = "delivered"
    DROPPED = "dropped"
    DUPLICATED = "duplicated"
    TRUNCATED = "truncated"
    REPLY_LOST = "reply_lost"


@dataclass(frozen=True, slots=True)
class Weather:
    """How often each fault strikes, as a share of requests; what is left is delivered."""

    dropped: float = 0.10
    duplicated: float = 0.10
    truncated: float = 0.05
    reply_lost: float = 0.10

    def fate(self, random: Random) -> Fate:
        """Draw the fate of the next request."""
        drawn = random.random()
        for fate in (Fate.DROPPED, Fate.DUPLICATED, Fate.TRUNCATED, Fate.REPLY_LOST):
            drawn -= float(getattr(self, fate))
            if drawn < 0:
                return fate
        return Fate.DELIVERED


CLEAR = Weather(0, 0, 0, 0)
"""Everything arrives, once."""

NO_SIGNAL = Weather(dropped=1)
"""Nothing gets through."""


@dataclass
class LossyLink:
    """The proxy in front of ``host:port``; a context manager that listens on a port of its own meanwhile.

    ``plan`` may name the fates of the first requests in order; after them, or without it, the weather decides.
    """

    host: str
    port: int
    seed: int = 0
    weather: Weather = field(default_factory=Weather)
    plan: list[Fate] = field(default_factory=list)
    counts: Counter[Fate] = field(default_factory=Counter)
    bytes_up: int = 0
    bytes_down: int = 0

    def __post_init__(self) -> None:
        self._random = Random(self.seed)
        self._loop = asyncio.new_event_loop()
        self._thread = threading.Thread(target=self._loop.run_forever, name="lossy-link", daemon=True)

    def __enter__(self) -> "LossyLink":
        self._thread.start()
        self._server = self._call(asyncio.start_server(self._serve, "127.0.0.1", 0, limit=HEAD_BYTES_MAX))
        return self

    def __exit__(self, *_: object) -> None:
        self._call(self._close())
        self._loop.call_soon_threadsafe(self._loop.stop)
        self._thread.join()
        self._loop.close()

    @property
    def url(self) -> str:
        """Where clients find the server behind this link."""
        return f"http://127.0.0.1:{self._server.sockets[0].getsockname()[1]}"

    @property
    def faults(self) -> int:
        """How many requests did not simply pass."""
        return sum(count for fate, count in self.counts.items() if fate is not Fate.DELIVERED)

    def _call(self, coroutine: Coroutine[Any, Any, Result]) -> Result:
        return asyncio.run_coroutine_threadsafe(coroutine, self._loop).result()

    async def _close(self) -> None:
        self._server.close()
        waiting = asyncio.all_tasks() - {asyncio.current_task()}
        for task in waiting:
            task.cancel()
        await asyncio.gather(*waiting, return_exceptions=True)

    async def _serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        """Take one request through the link; the connection ends with it."""
        with suppress(OSError, EOFError):
            await self._carry(await read_request(reader), writer)
        writer.close()

    async def _carry(self, request: bytes, writer: asyncio.StreamWriter) -> None:
        fate = self._next_fate()
        self.counts[fate] += 1
        self.bytes_up += len(request)
        if fate is Fate.DROPPED:
            return
        reply = await self._ask(request)
        if fate is Fate.DUPLICATED:
            reply = await self._ask(request)
        if fate is Fate.TRUNCATED:
            reply = reply[: len(reply) // 2]
        if fate is not Fate.REPLY_LOST:
            self.bytes_down += len(reply)
            writer.write(reply)
            await writer.drain()

    def _next_fate(self) -> Fate:
        return self.plan.pop(0) if self.plan else self.weather.fate(self._random)

    async def _ask(self, request: bytes) -> bytes:
        """Send a request to the server and return its whole reply."""
        reader, writer = await asyncio.open_connection(self.host, self.port)
        try:
            writer.write(request)
            return await asyncio.wait_for(reader.read(), UPSTREAM_TIMEOUT_S)
        finally:
            writer.close()


async def read_request(reader: asyncio.StreamReader) -> bytes:
    """Return one whole HTTP/1.1 request, told to close its connection so that the reply ends where the stream does.

    :raises EOFError: when the client leaves before the request is complete.
    """
    line, *fields = (await reader.readuntil(HEAD_END)).removesuffix(HEAD_END).split(b"\r\n")
    headers = {name.lower(): value.strip() for name, _, value in (field.partition(b":") for field in fields)}
    if headers.get(b"transfer-encoding", b"").lower() == b"chunked":
        body = await read_chunks(reader)
    else:
        body = await reader.readexactly(int(headers.get(b"content-length", b"0")))
    kept = [field for field in fields if not field.lower().startswith(b"connection:")]
    return b"\r\n".join([line, *kept, b"Connection: close"]) + HEAD_END + body


async def read_chunks(reader: asyncio.StreamReader) -> bytes:
    """Return a chunked body as it came, with its last, empty chunk."""
    body = b""
    while True:
        size = await reader.readuntil(b"\r\n")
        content = await reader.readexactly(int(size.split(b";")[0], 16) + 2)
        body += size + content
        if content == b"\r\n":
            return body
