"""One round: a fresh database, writers and readers as processes, and the comparison at the end."""

import multiprocessing
import time
from collections.abc import Sequence
from concurrent.futures import ProcessPoolExecutor, wait
from ctypes import c_longlong
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

from sqlalchemy import func, select

from server.models.engine import reading
from server.models.sync_tables import bucket_entry, record
from server.store import Author
from tests.commit_order.comparison import missed, truth_of, violations
from tests.commit_order.plan import DISTRICTS, Plan
from tests.commit_order.reader import Held, Reader
from tests.commit_order.writer import Writer, Written
from tests.server.protocol_client import Centre, open_store

READS: tuple[tuple[str, ...], ...] = (DISTRICTS, DISTRICTS, DISTRICTS[:1], DISTRICTS[1:])
"""Which districts the readers hold, in turn: two hold both, so that a move never empties anything for them."""

fork = multiprocessing.get_context("fork")
"""Children begin with everything that is loaded, planted bugs included, before this process has opened anything."""


@dataclass(frozen=True)
class Tally:
    """What one round came to."""

    violations: Sequence[str]
    commits: int = 0
    rows: int = 0
    feed_rows: int = 0
    undone: int = 0
    pulls: int = 0
    rows_read: int = 0
    completes: int = 0
    missed: int = 0
    seconds: float = 0


def planned(url: str, *, seed: int, rows: int, writers: int, readers: int) -> Plan:
    """Enrol everybody in a migrated, empty database."""
    store = open_store(url)
    centre = Centre(store, datetime.now(UTC))

    def enrolled(districts: tuple[str, ...]) -> Author:
        return centre.enrol("social_worker", "province:54", districts=districts).author

    plan = Plan(
        url=url,
        seed=seed,
        rows=rows,
        writers=[enrolled(DISTRICTS) for _ in range(writers)],
        readers=[enrolled(READS[number % len(READS)]) for number in range(readers)],
        epoch=store.epoch(),
    )
    store.engine.dispose()
    return plan


def run(plan: Plan) -> Tally:
    """Let all of them loose on the database, wait for them, and compare."""
    done = fork.Event()
    cases = fork.RawArray(c_longlong, plan.cases_max * len(plan.writers))
    began = time.perf_counter()
    together = len(plan.writers) + len(plan.readers)
    with ProcessPoolExecutor(together, mp_context=fork, initializer=_share, initargs=(plan, done, cases)) as pool:
        reading_ = [pool.submit(_read, number) for number in range(len(plan.readers))]
        writing_ = [pool.submit(_write, number) for number in range(len(plan.writers))]
        wait(writing_)
        done.set()
        wait(reading_)
    if broken := [str(each.exception()) for each in (*writing_, *reading_) if each.exception()]:
        return Tally(violations=[f"somebody could not go on: {each}" for each in broken])
    seconds = time.perf_counter() - began
    return _tally(plan, [each.result() for each in writing_], [each.result() for each in reading_], seconds)


_shared: dict[str, Any] = {}


def _share(plan: Plan, done: Any, cases: Any) -> None:
    _shared.update(plan=plan, done=done, cases=cases)


def _read(number: int) -> Held:
    return Reader(_shared["plan"], number).run(_shared["done"].is_set)


def _write(number: int) -> Written:
    return Writer(_shared["plan"], number, _shared["cases"]).run()


def _tally(plan: Plan, written: Sequence[Written], held: Sequence[Held], seconds: float) -> Tally:
    truth = truth_of(plan, written)
    store = open_store(plan.url)
    with reading(store.engine) as connection:
        feed_rows = connection.execute(select(func.count()).select_from(bucket_entry)).scalar_one()
        records = connection.execute(select(func.count()).select_from(record)).scalar_one()
    store.engine.dispose()
    found = violations(truth, held)
    if records != len(truth.versions):
        found.append(f"the centre has {records:,} records, {len(truth.versions):,} were acknowledged")
    return Tally(
        commits=sum(each.commits for each in written),
        rows=sum(each.rows for each in written),
        undone=sum(each.undone for each in written),
        pulls=sum(each.pulls for each in held),
        rows_read=sum(each.rows for each in held),
        completes=sum(each.completes for each in held),
        missed=sum(len(missed(truth, each)) for each in held),
        seconds=seconds,
        feed_rows=feed_rows,
        violations=found,
    )
