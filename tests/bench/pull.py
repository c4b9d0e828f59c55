"""How fast a new device has everything, what that weighs on the wire, and what asking for nothing new costs."""

import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from statistics import median

from field_kit import FieldKit
from server.demo.lossy_link import CLEAR, LossyLink
from tests.bench.centre import Measured
from tests.bench.device import WireDevice
from tests.bench.measure import Result, median_of, timed

PASSPHRASE = "a passphrase of the bench"
IDLE_PULLS = 60


def first_sync(measured: Measured, rounds: int) -> list[Result]:
    """Let new devices fetch everything; return records applied each second, with and without the search index."""
    counts: list[int] = []

    def one() -> float:
        with new_device(measured, measured.url) as kit:
            began = time.perf_counter()
            counts.append(kit.sync().received)
            return time.perf_counter() - began

    took = median_of(rounds, one)
    return [
        Result("first sync, records", counts[0], "records"),
        Result("first sync, applied on the kit", counts[0] / took, "records/s", ">= 25,000"),
    ]


def on_the_wire(measured: Measured, visits: int) -> list[Result]:
    """Count the bytes of a first sync, headers and all, at a proxy that passes everything."""
    host, _, port = measured.url.removeprefix("http://").partition(":")
    with LossyLink(host, int(port), weather=CLEAR) as link, new_device(measured, link.url) as kit:
        before = link.bytes_up + link.bytes_down
        received = kit.sync().received
        moved = link.bytes_up + link.bytes_down - before
    return [
        Result("first sync, bytes for 10,000 visits", moved / visits * 10_000 / 1e6, "MB", "<= 1.2"),
        Result("first sync, bytes for each record", moved / received, "bytes"),
    ]


def idle_pull(device: WireDevice, size: str) -> Result:
    """Ask again and again when nothing is new."""
    checkpoint = device.pull_to_the_end()
    took: list[float] = []
    for _ in range(IDLE_PULLS):
        with timed(took):
            device.pull(checkpoint)
    return Result(f"idle pull, {size}", median(took) * 1000, "ms", "same at any size")


@contextmanager
def new_device(measured: Measured, url: str) -> Iterator[FieldKit]:
    """Enrol a kit in a folder that goes afterwards."""
    with tempfile.TemporaryDirectory(prefix="husec-kit-") as folder:
        code = measured.code(Path(folder).name)
        with FieldKit.enrol(url, code, folder, PASSPHRASE) as kit:
            yield kit
