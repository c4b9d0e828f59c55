"""A crowd of devices that begin from nothing waits its turn; work that comes in and everyday pulls do not."""

import threading
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

import pytest

from field_kit.patience import attempt
from field_kit.surroundings import Surroundings
from field_kit.transport import HttpTransport
from server.first_syncs import EXTENSION, FAR_BEHIND_COMMITS, FirstSyncs
from server.ids import new_id
from sync.errors import ServerBusy
from sync.messages import Cursor, Position, PullReply, PullRequest, PushRequest
from tests.server.centre import Somebody, TestCentre, over_http

CROWD = 5


@pytest.fixture
def narrow(open_centre_with: Callable[..., TestCentre], tmp_path: Path) -> TestCentre:
    """Give a centre with one place for first syncs."""
    return open_centre_with(first_syncs_max=1)


@pytest.fixture
def address(narrow: TestCentre) -> Iterator[str]:
    """Serve it over real HTTP, a thread for each request."""
    with over_http(narrow) as address:
        yield address


def pull_of(centre: TestCentre, who: Somebody, checkpoint: dict[str, Cursor] | None = None) -> PullRequest:
    return PullRequest(1, centre.centre.store.epoch(), who.device or "", 1, checkpoint or {})


def push_of(centre: TestCentre, who: Somebody) -> PushRequest:
    epoch, at = centre.centre.store.epoch(), "2026-11-23T02:00:00.000Z"
    return PushRequest(1, epoch, who.device or "", new_id(), "normal", 1, Position(0), at)


class Patient:
    """Waits for a word the first time that the centre is busy, and then a moment each time."""

    def __init__(self) -> None:
        self.refused, self.go, self._never = threading.Semaphore(0), threading.Event(), threading.Semaphore(0)

    def sleep(self, seconds: float) -> None:
        if self.go.is_set():
            self._never.acquire(timeout=0.03)
        else:
            self.refused.release()
            assert self.go.wait(60)


def first_sync(centre: TestCentre, address: str, who: Somebody, patient: Patient) -> PullReply:
    transport = HttpTransport(address, who.token)
    try:
        request = pull_of(centre, who)
        return attempt(lambda: transport.pull(request), Surroundings(sleep=patient.sleep))
    finally:
        transport.close()


def test_pushes_and_idle_pulls_go_through_while_first_syncs_wait_and_all_of_them_end(
    narrow: TestCentre, address: str
) -> None:
    crowd = [narrow.field("social_worker@province:54") for _ in range(CROWD)]
    worker = narrow.field("social_worker@province:54")
    everyday = HttpTransport(address, worker.token)
    known = everyday.pull(pull_of(narrow, worker)).checkpoint
    patient, places = Patient(), narrow.app.extensions[EXTENSION]

    with ThreadPoolExecutor(CROWD) as threads:
        with places.place():
            waiting = [threads.submit(first_sync, narrow, address, who, patient) for who in crowd]
            for _ in crowd:
                assert patient.refused.acquire(timeout=60)
            assert everyday.push(push_of(narrow, worker)).applied_through == 0
            assert everyday.pull(pull_of(narrow, worker, known)).complete
            with pytest.raises(ServerBusy) as busy:
                everyday.pull(pull_of(narrow, worker))
            assert busy.value.extra["retry_after_ms"] == 2_000
        patient.go.set()
        replies = [each.result(60) for each in waiting]
    everyday.close()
    assert [reply.complete for reply in replies] == [True] * CROWD


@pytest.mark.parametrize(
    ("checkpoint", "first"),
    [
        ({}, True),
        ({"district:5401": (9_000, None)}, False),
        ({"district:5401": (9_000, None), "district:5402": (9_000, new_id())}, True),
        ({"district:5401": (9_000, None), "district:5402": (0, None)}, True),
        ({"district:5401": (9_000 - FAR_BEHIND_COMMITS, None)}, False),
        ({"district:5401": (9_000 - FAR_BEHIND_COMMITS - 1, None)}, True),
    ],
)
def test_what_begins_from_nothing_or_is_far_behind_counts_as_a_first_sync(checkpoint: Any, first: bool) -> None:
    places = FirstSyncs(1)
    places.note(9_000)
    assert places.is_one(PullRequest(1, new_id(), "", 1, checkpoint)) is first


def test_a_place_is_given_back_whatever_happens() -> None:
    places = FirstSyncs(1)
    for _ in range(3):
        with pytest.raises(RuntimeError), places.place():
            raise RuntimeError
