"""Round after round on one PostgreSQL server, and a line for each."""

from collections.abc import Iterator, Sequence
from contextlib import contextmanager

import click

from tests.commit_order.rounds import Tally, planned, run
from tests.conftest import migrate
from tests.databases import PostgresDatabases, postgres_directory, stop_postgres


def run_all(
    count: int, *, seed: int, rows: int, writers: int, readers: int, stop_early: bool
) -> tuple[Sequence[str], int]:
    """Run rounds until one finds something; return what it found, and how many ran."""
    found: list[str] = []
    with databases() as server:
        for number in range(count):
            url = server.create(migrate)
            tally = run(planned(url, seed=seed + number, rows=rows, writers=writers, readers=readers))
            server.drop(url)
            click.echo(said(seed + number, tally), err=True)
            found += tally.violations
            if found and stop_early:
                return found, number + 1
    return found, count


@contextmanager
def databases() -> Iterator[PostgresDatabases]:
    """Give a PostgreSQL server of this run's own."""
    directory = postgres_directory()
    server = PostgresDatabases(directory, worker="order")
    try:
        yield server
    finally:
        server.close()
        stop_postgres(directory)


def said(seed: int, tally: Tally) -> str:
    """Return what one round came to, in words."""
    rate = tally.rows / (tally.seconds or 1)
    lines = [
        f"seed {seed}: {tally.commits:,} commits, {tally.rows:,} rows ({tally.feed_rows:,} in the feed), "
        f"{tally.undone:,} rolled back; {tally.pulls:,} reads of {tally.rows_read:,} rows, "
        f"{tally.completes:,} to the end; missed {tally.missed:,}; {tally.seconds:.1f} s, {rate:,.0f} rows/s",
        *(f"  {each}" for each in tally.violations),
    ]
    return "\n".join(lines)
