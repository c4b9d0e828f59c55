"""Fetch what is new, page by page, until the centre says that it is complete."""

import gc
from collections.abc import Iterator
from contextlib import contextmanager
from functools import partial

from field_kit import pages
from field_kit.pacing import PagePace
from field_kit.pushing import push_urgent
from field_kit.requests import pull_request
from field_kit.session import Session
from field_kit.tally import Stage


def pull(session: Session) -> None:
    """Fetch pages until complete; a bucket whose checksum differs then is fetched once more from its beginning."""
    pace, expected, fetched = PagePace(session.surroundings.monotonic), 0, 0
    refetched: set[str] = set()
    while True:
        push_urgent(session)
        request = pull_request(session.database, pace.limit, count=not fetched)
        with collector_paused():
            with pace:
                reply = session.patiently(partial(session.transport.pull, request))
            applied = pages.apply_page(session.database, request.checkpoint, reply, session.now(), request.epoch)
        if not applied.current:
            continue
        fetched += applied.rows
        expected = max(expected, fetched + (reply.remaining or 0))
        _note(session, applied, reply.server_time)
        session.progress(Stage.PULL, fetched, expected)
        # A later page may narrow rows that the fetching again has already passed: then once more from the beginning.
        again = [*(bucket for bucket in applied.mismatched if bucket not in refetched), *applied.narrowed]
        if again:
            pages.refetch(session.database, again)
            refetched.update(applied.mismatched)
        elif reply.complete:
            session.tally.complete = True
            return


@contextmanager
def collector_paused() -> Iterator[None]:
    """Keep the cycle collector out of a page: its thousands of lists hold no cycles, and walking them costs a fifth."""
    was_on = gc.isenabled()
    gc.disable()
    try:
        yield
    finally:
        if was_on:
            gc.enable()


def _note(session: Session, applied: pages.Applied, server_time: str) -> None:
    tally = session.tally
    tally.pages += 1
    tally.received += applied.rows
    tally.evicted += applied.evicted
    tally.mismatched = sorted({*tally.mismatched, *applied.mismatched})
    with session.database.transaction():
        session.note_contact(server_time)
