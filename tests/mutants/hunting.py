"""Hunt one planted bug: play schedules with it in a process of its own, until a promise breaks."""

import json
import subprocess
import sys
from dataclasses import dataclass, replace

from tests.mutants.mutant import Mutant


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
