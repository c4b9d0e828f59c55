"""``field-kit sync``: send, fetch, and say in real counts what arrived."""

import sys
from collections.abc import Iterator
from contextlib import contextmanager

import click
from rich.console import Console
from rich.progress import BarColumn, MofNCompleteColumn, TextColumn, TimeRemainingColumn
from rich.progress import Progress as Bars

from field_kit.cli.exits import error_lines
from field_kit.cli.officer import Officer, for_officer
from field_kit.errors import DeviceCancelled, DeviceWiped, KitError
from field_kit.kit import WORLD, FieldKit
from field_kit.tally import Progress, Stage, Tally, silent
from sync.errors import ServerBusy, TooManyRequests

LOOK_FOR_WORK_S = 2.0


@click.command()
@click.option("--watch", is_flag=True, help="ส่งเองทุกครั้งที่มีสัญญาณ · keep sending whenever there is signal")
@click.option(
    "--every",
    type=click.IntRange(5),
    default=60,
    show_default=True,
    help="วินาทีระหว่างครั้ง · seconds between, with --watch",
)
@for_officer
def sync(officer: Officer, every: int, *, watch: bool) -> None:
    """ส่งงานและรับข้อมูลใหม่ · Send what waits and fetch what is new; stopping it loses nothing."""
    with officer.kit() as kit:
        if not watch:
            _report(officer, _run(officer, kit))
            return
        officer.say("kit.sync.watching")
        try:
            _watch(officer, kit, every)
        except KeyboardInterrupt:
            return


def _watch(officer: Officer, kit: FieldKit, every: int) -> None:
    """Sync again and again: after ``every`` seconds, or as soon as there is new work."""
    while True:
        try:
            _report(officer, _run(officer, kit))
        except (DeviceCancelled, DeviceWiped):
            raise
        except (KitError, ServerBusy, TooManyRequests) as failed:
            click.echo(error_lines(failed, officer.language)[0], err=True)
        before, until = kit.status().waiting, WORLD.monotonic() + every
        while WORLD.monotonic() < until and kit.status().waiting <= before:
            WORLD.sleep(LOOK_FOR_WORK_S)


def _run(officer: Officer, kit: FieldKit) -> Tally:
    with _progress(officer) as progress:
        tally = kit.sync(progress)
        kit.finish_index(progress)
    return tally


@contextmanager
def _progress(officer: Officer) -> Iterator[Progress]:
    """Draw bars where somebody is watching; stay silent in a pipe."""
    if officer.json or not sys.stderr.isatty():
        yield silent
        return
    columns = (TextColumn("{task.description}"), BarColumn(), MofNCompleteColumn(), TimeRemainingColumn())
    with Bars(*columns, console=Console(stderr=True), transient=True) as bars:
        tasks = {stage: bars.add_task(officer.text(f"kit.sync.{stage}"), visible=False, total=None) for stage in Stage}

        def tell(stage: Stage, done: int, total: int) -> None:
            bars.update(tasks[stage], completed=done, total=total, visible=total > 0)

        yield tell


def _report(officer: Officer, tally: Tally) -> None:
    officer.emit(tally.as_dict())
    officer.say("kit.sync.done", sent=tally.sent, files=tally.files, received=tally.received)
    for outcome in ("rejected", "conflicted", "held"):
        if count := tally.outcomes.get(outcome):
            officer.say(f"kit.sync.{outcome}", count=count)
    if tally.evicted:
        officer.say("kit.sync.evicted", count=tally.evicted)
    if tally.recoveries:
        officer.say("kit.sync.recovered")
    if tally.mismatched:
        officer.say("kit.sync.mismatched")
    if tally.damaged:
        officer.say("kit.sync.damaged")
    if tally.delivered:
        officer.say("kit.sync.delivered", count=tally.delivered)
    if tally.files_waiting:
        officer.say("screen.text_only", photos=tally.files_waiting)
