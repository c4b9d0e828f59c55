"""``python -m tests.simulation --schedules 1000`` plays so many; ``--seed 7`` shows one step by step."""

import argparse
import sys


def main() -> int:
    """Read the command line, plant a fault if one is named, and play."""
    arguments = _arguments()
    if arguments.mutant:
        from tests.mutants.planting import plant

        plant(arguments.mutant)  # before anything of the product is imported
    from tests.simulation import running

    if arguments.seed is not None:
        return running.show(arguments.seed, arguments.steps, shrink=arguments.shrink, keep_as=arguments.keep_as)
    return running.run_many(arguments)


def _arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="make simulate")
    parser.add_argument("--schedules", type=int, default=1000, help="how many schedules (default 1000)")
    parser.add_argument("--first", type=int, default=0, help="the first seed (default 0)")
    parser.add_argument("--steps", type=int, default=60, help="how many steps each has (default 60)")
    parser.add_argument("--seed", type=int, help="play this one alone and print every step")
    parser.add_argument("--shrink", action="store_true", help="with --seed: leave out every step that is not needed")
    parser.add_argument("--keep-as", help="with --seed: keep the schedule as a regression, and say what it found")
    parser.add_argument("--jobs", type=int, help="how many processes (default: one for each core)")
    parser.add_argument("--mutant", help="plant this known bug first")
    parser.add_argument("--stop-at-first", action="store_true", help="stop at the first broken promise")
    parser.add_argument("--overlook-exceptions", action="store_true", help="count what a check says, no exception")
    return parser.parse_args()


if __name__ == "__main__":
    sys.exit(main())
