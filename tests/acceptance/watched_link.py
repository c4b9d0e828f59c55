"""A link that tells the test what passes and can hold it: the moments at which programs are killed."""

import asyncio
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from enum import StrEnum

from server.demo.lossy_link import CLEAR, LossyLink, Weather

HELD_S_MAX = 60


class Moment(StrEnum):
    """Where a request is held."""

    ON_THE_WAY = "on_the_way"
    """The centre has not seen it."""
    ANSWERED = "answered"
    """The centre has done it; the device has not heard."""


@dataclass
class Catch:
    """One request to wait for, and the two events about it."""

    wanted: Callable[[str], bool]
    moment: Moment
    nth: int = 1
    caught: threading.Event = field(default_factory=threading.Event)
    let_go: threading.Event = field(default_factory=threading.Event)

    def take(self, line: str, moment: Moment) -> bool:
        """Tell whether this is the request at the moment that is waited for."""
        if self.caught.is_set() or moment is not self.moment or not self.wanted(line):
            return False
        self.nth -= 1
        return self.nth == 0


@dataclass
class WatchedLink(LossyLink):
    """A link that passes everything, and holds what a test wants to catch. ``lines``: every request so far."""

    weather: Weather = CLEAR
    lines: list[str] = field(default_factory=list)
    catches: list[Catch] = field(default_factory=list)

    @contextmanager
    def catching(self, method: str, path: str, moment: Moment, *, nth: int = 1) -> Iterator[Catch]:
        """Hold the nth request of a kind from now on, until the end of the block at the latest."""
        catch = Catch(lambda line: line.startswith(f"{method} /api/v1{path}"), moment, nth)
        self.catches.append(catch)
        try:
            yield catch
        finally:
            catch.let_go.set()
            self.catches.remove(catch)

    async def _ask(self, request: bytes) -> bytes:
        line = request.partition(b"\r\n")[0].decode("latin-1")
        self.lines.append(line)
        await self._hold(line, Moment.ON_THE_WAY)
        reply = await super()._ask(request)
        await self._hold(line, Moment.ANSWERED)
        return reply

    async def _hold(self, line: str, moment: Moment) -> None:
        for catch in [each for each in self.catches if each.take(line, moment)]:
            catch.caught.set()
            await asyncio.to_thread(catch.let_go.wait, HELD_S_MAX)
