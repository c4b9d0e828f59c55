"""The bad link: each fate does to a request what it says, and to no other."""

import asyncio
import threading
from collections import Counter
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from random import Random

import httpx
import pytest

from server.demo.lossy_link import CLEAR, Fate, LossyLink, Weather, read_request

REPLY = b"x" * 1000


class Echo(BaseHTTPRequestHandler):
    seen: Counter[str] = Counter()

    def do_POST(self) -> None:
        body = self.rfile.read(int(self.headers["Content-Length"]))
        self.seen[body.decode()] += 1
        self.send_response(200)
        self.send_header("Content-Length", str(len(REPLY)))
        self.end_headers()
        self.wfile.write(REPLY)

    def log_message(self, *_: object) -> None:
        pass


@pytest.fixture
def port() -> Iterator[int]:
    Echo.seen = Counter()
    server = ThreadingHTTPServer(("127.0.0.1", 0), Echo)
    threading.Thread(target=server.serve_forever, args=[0.01], daemon=True).start()
    yield server.server_port
    server.shutdown()
    server.server_close()


def send(link: LossyLink, body: str) -> str:
    """Return what a client makes of it: the length of the reply, or that the link failed."""
    try:
        return str(len(httpx.post(link.url, content=body).content))
    except httpx.TransportError:
        return "failed"


@pytest.mark.parametrize(
    ("fate", "heard", "times_done"),
    [
        (Fate.DELIVERED, "1000", 1),
        (Fate.DROPPED, "failed", 0),
        (Fate.DUPLICATED, "1000", 2),
        (Fate.TRUNCATED, "failed", 1),
        (Fate.REPLY_LOST, "failed", 1),
    ],
)
def test_a_fate_is_what_the_client_hears_and_the_server_does(
    port: int, fate: Fate, heard: str, times_done: int
) -> None:
    with LossyLink("127.0.0.1", port, weather=CLEAR, plan=[fate]) as link:
        assert (send(link, "a"), Echo.seen["a"]) == (heard, times_done)


def test_after_the_plan_comes_the_weather(port: int) -> None:
    with LossyLink("127.0.0.1", port, weather=CLEAR, plan=[Fate.DROPPED]) as link:
        assert [send(link, "a"), send(link, "b"), send(link, "c")] == ["failed", "1000", "1000"]
        assert link.counts == {Fate.DROPPED: 1, Fate.DELIVERED: 2}
        assert link.faults == 1


def test_a_server_that_is_away_looks_like_a_lost_request() -> None:
    with LossyLink("127.0.0.1", 1, weather=CLEAR) as link:
        assert send(link, "a") == "failed"


def test_the_same_seed_draws_the_same_weather() -> None:
    drawn = [[Weather().fate(random) for _ in range(200)] for random in (Random(5), Random(5))]
    assert drawn[0] == drawn[1]
    assert set(drawn[0]) == set(Fate)


def test_a_request_is_read_whole_and_told_to_end_its_connection() -> None:
    sent = b"POST / HTTP/1.1\r\nConnection: keep-alive\r\nTransfer-Encoding: chunked\r\n\r\n2\r\nab\r\n0\r\n\r\n"

    async def read() -> bytes:
        reader = asyncio.StreamReader()
        reader.feed_data(sent + b"next request")
        return await read_request(reader)

    assert asyncio.run(read()) == sent.replace(b"Connection: keep-alive\r\n", b"").replace(
        b"chunked\r\n", b"chunked\r\nConnection: close\r\n"
    )
