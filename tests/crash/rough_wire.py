"""A wire that knows nothing of HTTP: it carries bytes both ways, and drops, delays, cuts, or carries them twice.

The link of the demo spoils one request at a time. Here a kept connection breaks wherever the next byte happens to be.
"""

import asyncio
import threading
from collections import Counter
from collections.abc import Awaitable, Callable
from contextlib import suppress
from dataclasses import dataclass, field
from enum import StrEnum
from random import Random

PIECE_BYTES = 2_048
DELAY_S_MAX = 0.03
BYTES_MAX = 60_000


class Fault(StrEnum):
    """What becomes of one connection."""

    NONE = "none"
    DROPPED = "dropped"
    """Taken and closed at once."""
    CUT_UP = "cut_up"
    """Broken while the device sends: the centre sees a part of a request."""
    CUT_DOWN = "cut_down"
    """Broken while the centre answers: the device sees a part of a reply."""
    DEAF = "deaf"
    """All is carried to the centre, nothing comes back."""
    TWICE = "twice"
    """All that the device sends is sent on another connection as well."""
    SLOW = "slow"
    """Every piece is late."""


SHARES = {
    Fault.NONE: 6,
    Fault.DROPPED: 2,
    Fault.CUT_UP: 3,
    Fault.CUT_DOWN: 3,
    Fault.DEAF: 1,
    Fault.TWICE: 3,
    Fault.SLOW: 2,
}


@dataclass
class RoughWire:
    """A context manager that listens on a port of its own and leads to ``port``. ``calm``: nothing is spoilt."""

    port: int
    seed: int
    calm: bool = False
    counts: Counter[Fault] = field(default_factory=Counter)

    def __post_init__(self) -> None:
        self._random = Random(self.seed)
        self._loop = asyncio.new_event_loop()
        self._thread = threading.Thread(target=self._loop.run_forever, daemon=True)

    def __enter__(self) -> "RoughWire":
        self._thread.start()
        starting = asyncio.start_server(self._carry, "127.0.0.1", 0)
        self._server = asyncio.run_coroutine_threadsafe(starting, self._loop).result()
        return self

    def __exit__(self, *_: object) -> None:
        asyncio.run_coroutine_threadsafe(self._end(), self._loop).result()
        self._loop.call_soon_threadsafe(self._loop.stop)
        self._thread.join()
        self._loop.close()

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self._server.sockets[0].getsockname()[1]}"

    async def _end(self) -> None:
        self._server.close()
        running = asyncio.all_tasks() - {asyncio.current_task()}
        for task in running:
            task.cancel()
        await asyncio.gather(*running, return_exceptions=True)

    async def _carry(self, device: asyncio.StreamReader, back: asyncio.StreamWriter) -> None:
        """Carry one connection to its end, whichever that is."""
        faults = list(SHARES)
        fault = Fault.NONE if self.calm else self._random.choices(faults, [SHARES[each] for each in faults])[0]
        self.counts[fault] += 1
        writers = [back]
        with suppress(OSError):
            if fault is not Fault.DROPPED:
                await self._between(device, back, fault, writers)
        for each in writers:
            each.close()

    async def _between(
        self,
        device: asyncio.StreamReader,
        back: asyncio.StreamWriter,
        fault: Fault,
        writers: list[asyncio.StreamWriter],
    ) -> None:
        centre, there = await asyncio.open_connection("127.0.0.1", self.port)
        targets, tasks = [there], []
        writers.append(there)
        if fault is Fault.TWICE:
            unheard, again = await asyncio.open_connection("127.0.0.1", self.port)
            targets.append(again)
            writers.append(again)
            tasks.append(pump(unheard, [], self._patience(fault), None))
        limit = int(BYTES_MAX ** self._random.random())
        tasks.append(pump(device, targets, self._patience(fault), limit if fault is Fault.CUT_UP else None))
        down = limit if fault is Fault.CUT_DOWN else None
        tasks.append(pump(centre, [] if fault is Fault.DEAF else [back], self._patience(fault), down))
        running = [asyncio.ensure_future(task) for task in tasks]
        await asyncio.wait(running[-2:], return_when=asyncio.FIRST_COMPLETED)
        for task in running:
            task.cancel()
        await asyncio.gather(*running, return_exceptions=True)

    def _patience(self, fault: Fault) -> Callable[[], Awaitable[None]]:
        async def wait() -> None:
            if fault in (Fault.SLOW, Fault.TWICE):
                await asyncio.sleep(self._random.random() * DELAY_S_MAX)

        return wait


async def pump(
    source: asyncio.StreamReader,
    targets: list[asyncio.StreamWriter],
    wait: Callable[[], Awaitable[None]],
    bytes_max: int | None,
) -> None:
    """Carry bytes until the source ends, or until so many have gone."""
    left = bytes_max if bytes_max is not None else 1 << 60
    while left > 0 and (piece := await source.read(min(PIECE_BYTES, left))):
        left -= len(piece)
        await wait()
        for each in targets:
            each.write(piece)
            await each.drain()
