"""Play many schedules in several processes, or show one; tell what was found."""

import argparse
import gc
import json
import logging
import os
import time
from collections.abc import Iterator
from concurrent.futures import ProcessPoolExecutor
from contextlib import contextmanager
from dataclasses import dataclass

from tests.simulation import regressions
from tests.simulation.people import beginning
from tests.simulation.plan import plan
from tests.simulation.play import play
from tests.simulation.shrink import shrunk

AT_ONCE = 10
"""Schedules that a process plays before it reports."""


@dataclass
class Report:
    """What a process found in some schedules."""

    seeds: int
    steps: int
    seconds: float
    failures: list[tuple[int, int, str]]
    """(seed, step, what)."""
    raised: int = 0
    """Schedules that ended by an exception, where those count for nothing."""


def quieten() -> None:
    """Keep logs out, and the collector from walking what lives for the whole run."""
    logging.disable(logging.CRITICAL)
    beginning()
    gc.collect()
    gc.freeze()
    gc.set_threshold(100_000, 50, 50)


@contextmanager
def quietly() -> Iterator[None]:
    """Keep logs out for a while, in a process that has other work as well."""
    before = logging.root.manager.disable
    logging.disable(logging.CRITICAL)
    try:
        yield
    finally:
        logging.disable(before)


def play_some(first: int, count: int, steps: int, stop_at_first: bool, overlook: bool = False) -> Report:
    """Play schedules one after the other. ``overlook``: an exception that nobody expected is not what is looked for."""
    report, began = Report(0, 0, 0, []), time.process_time()
    for seed in range(first, first + count):
        played = play(plan(seed, steps))
        report.steps, report.seeds = report.steps + played.steps, report.seeds + 1
        if overlook and played.raised:
            report.raised += 1
        elif played.violation:
            report.failures.append((seed, played.at or 0, played.violation))
            if stop_at_first:
                break
    report.seconds = time.process_time() - began
    return report


def run_many(arguments: argparse.Namespace) -> int:
    """Play many schedules and print what came of it; return the exit code."""
    began, jobs = time.monotonic(), arguments.jobs or os.cpu_count() or 1
    reports: list[Report] = []
    for report in _reports(arguments, jobs):
        reports.append(report)
        for seed, step, what in report.failures:
            print(f"seed {seed}, step {step}: {what}", flush=True)
        if arguments.stop_at_first and report.failures:
            break
    return _tell(arguments, reports, time.monotonic() - began, jobs)


def _reports(arguments: argparse.Namespace, jobs: int) -> Iterator[Report]:
    portions = [
        (
            first,
            min(AT_ONCE, arguments.first + arguments.schedules - first),
            arguments.steps,
            arguments.stop_at_first,
            arguments.overlook_exceptions,
        )
        for first in range(arguments.first, arguments.first + arguments.schedules, AT_ONCE)
    ]
    if jobs == 1:
        quieten()
        for portion in portions:
            yield play_some(*portion)
        return
    with ProcessPoolExecutor(jobs, initializer=quieten) as pool:
        try:
            yield from pool.map(play_some, *zip(*portions, strict=True))
        finally:
            pool.shutdown(wait=False, cancel_futures=True)


def _tell(arguments: argparse.Namespace, reports: list[Report], seconds: float, jobs: int) -> int:
    failures = [failure for report in reports for failure in report.failures]
    schedules, steps = sum(each.seeds for each in reports), sum(each.steps for each in reports)
    cpu = sum(each.seconds for each in reports)
    if arguments.mutant:
        seed, _, what = min(failures, default=(None, 0, None))
        raised = sum(each.raised for each in reports)
        found = {"schedules": schedules, "seed": seed, "violation": what, "raised": raised}
        print(json.dumps(found, ensure_ascii=False))
        return 1 if failures else 0
    print(f"schedules   {schedules}")
    print(f"steps       {steps}")
    print(f"violations  {len(failures)}{'  seeds ' + ' '.join(str(each[0]) for each in failures) if failures else ''}")
    print(f"seconds     {seconds:.0f}, {schedules / seconds:.1f} schedules/s on {jobs} processes")
    print(f"per core    {schedules / max(cpu, 0.001):.1f} schedules per second of CPU")
    return 1 if failures else 0


def show(seed: int, steps: int, *, shrink: bool, keep_as: str | None = None) -> int:
    """Play one schedule and print every step of it; return the exit code."""
    quieten()
    chosen = plan(seed, steps)
    if shrink:
        chosen = shrunk(chosen)
    if keep_as:
        regressions.keep(chosen, keep_as)
    played = play(chosen)
    print(f"seed {seed}: {', '.join(chosen.devices)}")
    print("\n".join(played.trace))
    if played.violation is None:
        print(f"every promise was kept in {played.steps} steps")
        return 0
    print(f"\nstep {played.at}: {played.violation}")
    print(f"needed: {' '.join(str(step.number) for step in chosen.steps)}")
    return 1
