"""``make mutants``: plant each known bug in a process of its own, and tell after how many schedules it is found."""

import argparse
import statistics
import sys
from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor

from tests.mutants.catalogue import MUTANTS
from tests.mutants.hunting import Hunted, hunt

ROUNDS_MAX = 20
"""Rounds on a real PostgreSQL server take most of a minute each."""


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
