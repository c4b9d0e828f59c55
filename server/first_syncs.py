"""First syncs are throttled apart from everything else: a crowd of new devices must not keep work from arriving.

A page that begins from nothing, or goes on far behind the centre, takes a place; there are ``first_syncs_max`` places
in each process. Whoever finds none is asked to come again, and loses nothing: any page can be fetched again.
"""

from collections.abc import Iterator
from contextlib import contextmanager
from threading import BoundedSemaphore

from flask import Flask, current_app

from sync.errors import ServerBusy
from sync.messages import PullRequest

EXTENSION = "husec-first-syncs"

FAR_BEHIND_COMMITS = 5_000
"""About what one page may hold."""

RETRY_MS = 2_000


class FirstSyncs:
    """The places of one process, and the newest commit that it has answered with."""

    def __init__(self, places: int) -> None:
        """Take how many first syncs may be served at once."""
        self._places = BoundedSemaphore(max(1, places))
        self._newest = 0

    def note(self, commit: int) -> None:
        """Remember how far the centre is; only a lower bound, and only to tell who is far behind."""
        self._newest = max(self._newest, commit)

    def is_one(self, request: PullRequest) -> bool:
        """Tell whether a pull begins from nothing, is in the middle of much, or is far behind."""
        cursors = request.checkpoint.values()
        if not cursors:
            return True
        return any(
            last is not None or self._newest - commit > FAR_BEHIND_COMMITS or not commit for commit, last in cursors
        )

    @contextmanager
    def place(self) -> Iterator[None]:
        """Hold a place.

        :raises ServerBusy: when there is none.
        """
        if not self._places.acquire(blocking=False):
            raise ServerBusy(retry_after_ms=RETRY_MS)
        try:
            yield
        finally:
            self._places.release()

    @contextmanager
    def serving(self, request: PullRequest) -> Iterator[None]:
        """Hold a place if this pull is a first sync's; any other is never refused."""
        if not self.is_one(request):
            yield
            return
        with self.place():
            yield


def install(app: Flask, places: int) -> None:
    """Set up the places of this process."""
    app.extensions[EXTENSION] = FirstSyncs(places)


def first_syncs() -> FirstSyncs:
    """Return the places of the application that is handling this request."""
    found = current_app.extensions[EXTENSION]
    assert isinstance(found, FirstSyncs)
    return found
