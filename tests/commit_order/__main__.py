"""``python -m tests.commit_order``: many writers against many polling readers; exit 1 when a reader missed anything.

``--mutant NAME`` plants a known bug first; then the exit status 1 is what one wants to see.
"""

import json
import sys

import click

ROWS = 260_000
"""Each lies in four buckets: more than 1,000,000 rows of the feed."""

MUTANT_ROWS = 6_000


@click.command()
@click.option(
    "--rows",
    type=int,
    help="records written in all [260,000, in four buckets each; with a mutant 6,000 for each schedule]",
)
@click.option("--schedules", default=1, show_default=True, help="rounds, each on a fresh database")
@click.option("--seed", default=1, show_default=True, help="of the first round; who comes first is up to the machine")
@click.option("--writers", default=8, show_default=True)
@click.option("--readers", default=4, show_default=True)
@click.option("--mutant", help="a planted bug out of tests/mutants")
def main(rows: int | None, schedules: int, seed: int, writers: int, readers: int, mutant: str | None) -> None:
    """Measure on real PostgreSQL whether a cursor ever skips a row."""
    if mutant:
        from tests.mutants.planting import plant  # before anything of the product is loaded

        plant(mutant)
    from tests.commit_order.schedules import run_all

    each = (rows or (MUTANT_ROWS * schedules if mutant else ROWS)) // schedules
    found, ran = run_all(schedules, seed=seed, rows=each, writers=writers, readers=readers, stop_early=bool(mutant))
    if found:
        click.echo(json.dumps({"schedules": ran, "seed": seed + ran - 1, "violation": found[0]}, ensure_ascii=False))
    sys.exit(1 if found else 0)


if __name__ == "__main__":
    main()
