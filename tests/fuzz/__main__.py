"""``python -m tests.fuzz --minutes 5``: knock at every door in turn with new seeds; exit 1 when one gave way."""

import logging
import sys
import tempfile
import time
import warnings
from collections import defaultdict
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from random import Random

import click

from tests.commit_order.schedules import databases
from tests.conftest import migrate
from tests.databases import PostgresDatabases, SqliteFiles
from tests.fuzz.door import Door
from tests.fuzz.doors import DOORS
from tests.fuzz.exploring import Explored, explore

AT_ONCE = 4
"""So many times the examples of ``make test``, before the next door."""

SHOWN = 600


@click.command()
@click.option("--minutes", default=5.0, show_default=True, help="how long in all")
@click.option("--seed", default=0, help="of the first round; 0: another one each time")
@click.option("--door", "only", default="", help="doors whose name has this in it")
@click.option("--postgres", is_flag=True, help="the centre on PostgreSQL instead of SQLite")
def main(minutes: float, seed: int, only: str, postgres: bool) -> None:
    """Look for what no test has thought of."""
    warnings.simplefilter("ignore")
    logging.disable(logging.WARNING)
    seed = seed or Random().randrange(1, 1 << 31)
    found: dict[str, Explored] = defaultdict(Explored)
    ends = time.monotonic() + minutes * 60
    chosen = [each for each in DOORS if only in each.name]
    with stores(postgres=postgres) as server:
        number = seed
        while time.monotonic() < ends:
            for door in chosen:
                _round(door, server, number, found[door.name])
            number += 1
    sys.exit(_told(found, seed, number))


@contextmanager
def stores(*, postgres: bool) -> Iterator[SqliteFiles | PostgresDatabases]:
    """Give where the centres' databases come from."""
    if postgres:
        with databases() as server:
            yield server
    else:
        with tempfile.TemporaryDirectory(prefix="husec-fuzz-") as folder:
            yield SqliteFiles(Path(folder))


def _round(door: Door, server: SqliteFiles | PostgresDatabases, seed: int, found: Explored) -> None:
    url = server.create(migrate)
    with tempfile.TemporaryDirectory(prefix="husec-fuzz-") as folder:
        try:
            with door.open(Path(folder), url) as opened:
                explore(opened, AT_ONCE * door.examples, seed, found)
        except AssertionError as broken:  # what must be true at the end is not
            found.failures[f"at the end: {broken}"] = seed
    server.drop(url)


def _told(found: dict[str, Explored], seed: int, end: int) -> int:
    """Print what was tried and what gave way; return the exit status."""
    for name, each in found.items():
        click.echo(f"{name:<60}{each.examples:>8,} examples{len(each.failures):>4} failures")
        for where, example in each.failures.items():
            click.echo(f"  {where}\n    {repr(example)[:SHOWN]}")
    failures = sum(len(each.failures) for each in found.values())
    examples = sum(each.examples for each in found.values())
    click.echo(f"{examples:,} examples, {failures} failures, seeds {seed} to {end - 1}")
    return 1 if failures else 0


if __name__ == "__main__":
    main()
