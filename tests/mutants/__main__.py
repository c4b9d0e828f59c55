"""``make mutants``: plant each known bug in a process of its own, and tell after how many schedules it is found."""

import argparse
import json
import statistics
import subprocess
import sys
from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, replace

from tests.mutants.catalogue import MUTANTS
from tests.mutants.mutant import Mutant

ROUNDS_MAX = 20
"""Rounds on a real PostgreSQL server take most of a minute each."""


@dataclass(frozen=True)
class Hunted:
    """How the hunt for one mutant ended. ``violation``: the promise it broke; ``None`` when nothing found it.

    ``raised``: schedules that ended by an exception, which is no catch.
    """

    mutant: Mutant
    schedules: int
    seed: int | None
    violation: str | None
    raised: int = 0


def main() -> int:
    """Hunt those that are named, or all; the exit code says whether every one was caught."""
    arguments = _arguments()
    chosen = [MUTANTS[name] for name in arguments.names] or list(MUTANTS.values())
    if arguments.list:
        print("\n".join(f"{mutant.name}: {mutant.what}" for mutant in chosen))
        return 0
    with ThreadPoolExecutor(arguments.jobs) as pool:
        hunted = list(pool.map(lambda mutant: _told(hunt(mutant, arguments.schedules)), chosen))
    return _tell(hunted)


def hunt(mutant: Mutant, schedules: int) -> Hunted:
    """Play schedules with a mutant planted until one breaks a promise that the product keeps without it."""
    if mutant.caught_by != "simulation":
        return _said(mutant, _run(mutant.caught_by, "--mutant", mutant.name, "--schedules", str(schedules)), schedules)
    first, one = 0, ("--stop-at-first", "--jobs", "1")
    checks_alone = () if mutant.raises else ("--overlook-exceptions",)
    while True:
        those = ("--first", str(first), "--schedules", str(schedules - first), *checks_alone)
        hunted = _said(mutant, _run("simulation", "--mutant", mutant.name, *those, *one), schedules)
        if hunted.seed is None or _run("simulation", "--first", str(hunted.seed), "--schedules", "1", *one)[0] == 0:
            return replace(hunted, schedules=schedules if hunted.seed is None else hunted.seed + 1)
        first = hunted.seed + 1
        if first >= schedules:
            return Hunted(mutant, schedules, None, None)


def _run(harness: str, *arguments: str) -> tuple[int, str]:
    """Run a harness in a process of its own; return its exit code and the last line that it said."""
    done = subprocess.run(
        [sys.executable, "-m", f"tests.{harness}", *arguments], capture_output=True, text=True, check=False
    )
    if done.returncode not in (0, 1):
        raise RuntimeError(f"{' '.join(arguments)}: {done.stderr[-2000:]}")
    return done.returncode, (done.stdout.strip().splitlines() or [""])[-1]


def _said(mutant: Mutant, done: tuple[int, str], schedules: int) -> Hunted:
    """Return what a harness found; one that found nothing may say nothing.

    :raises RuntimeError: when it broke down, which is no catch.
    """
    code, line = done
    if code == 0:
        raised = json.loads(line)["raised"] if line.startswith("{") else 0
        return Hunted(mutant, schedules, None, None, raised)
    if not line.startswith("{"):
        raise RuntimeError(f"{mutant.name}: the harness broke down")
    said = json.loads(line)
    return Hunted(mutant, said["schedules"], said["seed"], said["violation"], said.get("raised", 0))


def _told(hunted: Hunted) -> Hunted:
    caught = f"{hunted.schedules:6} schedules  {hunted.violation}" if hunted.violation else "NOT CAUGHT"
    raised = f"  (and {hunted.raised} × an exception)" if hunted.raised else ""
    print(f"{hunted.mutant.name:45} {caught[:150]}{raised}", flush=True)
    return hunted


def _tell(hunted: Sequence[Hunted]) -> int:
    took = [each.schedules for each in hunted if each.violation]
    missed = [each.mutant.name for each in hunted if not each.violation]
    if took:
        print(f"schedules: median {statistics.median(took):.0f}, most {max(took)}")
    print(f"caught {len(took)} of {len(hunted)}{': not ' + ', '.join(missed) if missed else ''}")
    return 1 if missed else 0


def _arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="make mutants")
    parser.add_argument("names", nargs="*", help="these alone (default: all)")
    parser.add_argument("--schedules", type=int, default=10_000, help="how many schedules at most (default 10000)")
    parser.add_argument("--jobs", type=int, default=2, help="how many at once (default 2)")
    parser.add_argument("--list", action="store_true", help="say what they are")
    return parser.parse_args()


if __name__ == "__main__":
    sys.exit(main())
