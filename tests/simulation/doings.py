"""``python -m tests.simulation.doings --group photos``: how often each act does something, where its group is drawn."""

import argparse
import sys
import time
from collections import Counter
from collections.abc import Mapping
from random import Random

from tests.simulation import running
from tests.simulation.acts import Act
from tests.simulation.fleet import Fleet
from tests.simulation.plan import ALWAYS, EVERY, SOMETIMES, VERSIONS, Plan, plan
from tests.simulation.play import play

GROUPS: Mapping[str, Mapping[str, tuple[Act, int]]] = {"always": ALWAYS, **SOMETIMES, "versions": VERSIONS}


def main() -> int:
    """Play schedules in which a group occurs; print what its acts did, and every broken promise."""
    parser = argparse.ArgumentParser()
    parser.add_argument("--group", required=True, choices=list(GROUPS))
    parser.add_argument("--schedules", type=int, default=60)
    parser.add_argument("--first", type=int, default=0)
    parser.add_argument("--steps", type=int, default=60)
    parser.add_argument("--said", action="store_true", help="print what the acts said")
    chosen = parser.parse_args()
    names, taken, done, said = GROUPS[chosen.group].keys(), Counter[str](), Counter[str](), list[str]()
    for name in names:
        EVERY[name] = _counted(name, EVERY[name], taken, done, said)  # type: ignore[index]
    running.quieten()
    began, broken, seed = time.process_time(), 0, chosen.first
    for _ in range(chosen.schedules):
        while not _has(found := plan(seed, chosen.steps), names):
            seed += 1
        if violation := (played := play(found)).violation:
            broken += 1
            print(f"seed {seed}, step {played.at}: {violation}", flush=True)
        seed += 1
    print("\n".join(said if chosen.said else []))
    for name in names:
        print(f"{name:24} {taken[name]:5} taken {done[name]:5} did something")
    print(f"{broken} broken, {chosen.schedules / (time.process_time() - began):.1f} schedules per second of CPU")
    return 1 if broken else 0


def _has(found: Plan, names: object) -> bool:
    return any(step.act in names for step in found.steps)  # type: ignore[operator]


def _counted(name: str, act: Act, taken: Counter[str], done: Counter[str], said: list[str]) -> Act:
    def counted(fleet: Fleet, dice: Random) -> str | None:
        taken[name] += 1
        what = act(fleet, dice)
        if what:
            done[name] += 1
            said.append(f"{fleet.seed:5} {fleet.number:4} {name:16} {what}")
        return what

    return counted


if __name__ == "__main__":
    sys.exit(main())
