"""How fast visits become durable at the centre, over HTTP with one worker, and how far that is from the raw floor."""

import tempfile
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from statistics import median
from typing import Any

import httpx

from schemas.reference_number import mint
from server.demo.centre import free_port, server_command
from tests.bench.centre import process
from tests.bench.device import WireDevice
from tests.bench.measure import Result, timed
from tests.bench.workload import mean_bytes, visits

CASES = 100
PER_PUSH = 500
GROW_STEP = 10_000


def measure(device: WireDevice, cases: list[str], count: int) -> list[Result]:
    """Push visits to the centre and to the raw route in turn; return both rates and their ratio."""
    mutations = device.mutations("visit", visits(count, cases))
    size = mean_bytes([mutation["data"] for mutation in mutations])
    bodies = device.bodies(mutations, PER_PUSH)
    ours = sent(bodies, device.push)
    with raw_route() as insert:
        raw = sent(bodies, insert)
    rate, floor = PER_PUSH / median(ours), PER_PUSH / median(raw)
    return [
        Result("visit, mean size as JSON", size, "bytes"),
        Result("push, 500 visits, gzip, durable", rate, "records/s", ">= 15,000"),
        Result("raw floor: thin Flask route, same rows", floor, "records/s"),
        Result("push, share of the raw floor", 100 * rate / floor, "%"),
        Result("push, body on the wire", sum(map(len, bodies)) / count, "bytes/visit"),
    ]


def grow(device: WireDevice, cases: list[str], count: int) -> None:
    """Push more visits, other ones, untimed."""
    for start in range(0, count, GROW_STEP):
        mutations = device.mutations("visit", visits(min(GROW_STEP, count - start), cases, seed=start + 2))
        sent(device.bodies(mutations, PER_PUSH), device.push)


def sent(bodies: Sequence[bytes], send: Callable[[bytes], None]) -> list[float]:
    """Send prepared bodies one after the other; return the seconds of each."""
    took: list[float] = []
    for body in bodies:
        with timed(took):
            send(body)
    return took


def push_cases(device: WireDevice, team: str) -> list[str]:
    """Push the cases that visits belong to; return their ids."""
    mutations = device.mutations("case", (case(number, team) for number in range(CASES)))
    sent(device.bodies(mutations), device.push)
    return [mutation["record"] for mutation in mutations]


def case(number: int, team: str) -> dict[str, Any]:
    """Return the data of a case of the team."""
    place = {"intake_channel": "hotline_1300", "intake_district": "5401", "area": "540101", "team": team}
    return {"reference_number": mint(number), "received_on": "2024-02-01", **place}


@contextmanager
def raw_route() -> Iterator[Callable[[bytes], None]]:
    """Serve the raw route as the centre is served; give the function that sends a body to it."""
    with tempfile.TemporaryDirectory(prefix="husec-floor-") as folder, httpx.Client(timeout=60) as client:
        port = free_port(0)
        command = [*server_command(port)[:-1], "tests.bench.raw_floor:create_app()"]
        file = str(Path(folder) / "floor.db")
        with process(command, Path(folder), f"http://127.0.0.1:{port}", RAW_FLOOR_DATABASE=file) as url:

            def insert(body: bytes) -> None:
                client.post(f"{url}/push", content=body).raise_for_status()

            yield insert
