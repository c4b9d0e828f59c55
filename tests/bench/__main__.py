"""``python -m tests.bench``: measure everything once and print one table; what was measured stays in var/bench."""

import tempfile
from pathlib import Path

import click

from server import migrations
from server.models.engine import make_engine
from tests.bench import pull, push, report
from tests.bench.centre import measured_centre
from tests.bench.device import WireDevice
from tests.bench.measure import Result, shown, write


@click.command()
@click.option("--visits", default=10_000, show_default=True, help="visits that are pushed and pulled")
@click.option("--larger", default=50_000, show_default=True, help="visits in the store for the second idle pull")
@click.option("--cases", default=189_000, show_default=True, help="cases under the provincial report")
@click.option("--rounds", default=3, show_default=True, help="rounds of which the median counts")
@click.option("--only", type=click.Choice(["sync", "report"]), help="leave the other out")
def main(visits: int, larger: int, cases: int, rounds: int, only: str | None) -> None:
    """Measure the centre and the kit on this machine. Read the figures as ratios."""
    if only != "report":
        told("sync", sync(visits, larger, rounds))
    if only != "sync":
        told("report", reports(cases))


def sync(visits: int, larger: int, rounds: int) -> list[Result]:
    """Push, first sync, bytes, idle pulls, all at one centre that grows."""
    with measured_centre() as measured:
        device = WireDevice(measured.url, measured.code("bench"))
        cases = push.push_cases(device, measured.team)
        results = push.measure(device, cases, visits)
        results += pull.first_sync(measured, rounds)
        results += pull.on_the_wire(measured, visits)
        results += [pull.idle_pull(device, f"store of {visits:,} visits")]
        push.grow(device, cases, larger - visits)
        return [*results, pull.idle_pull(device, f"store of {larger:,} visits")]


def reports(cases: int) -> list[Result]:
    """Count over a store that holds nothing but cases and people."""
    with tempfile.TemporaryDirectory(prefix="husec-report-") as folder:
        engine = make_engine(f"sqlite:///{Path(folder) / 'centre.db'}")
        migrations.upgrade(engine)
        found = report.measure(engine, cases)
        engine.dispose()
    return found


def told(name: str, results: list[Result]) -> None:
    """Print results and keep them."""
    click.echo(f"\n{name}\n{shown(results)}")
    write(name, results)


if __name__ == "__main__":
    main()
