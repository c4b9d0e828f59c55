"""Make the vectors again: ``make vectors``. ``--only NAME`` for one family, ``--check`` to write nothing."""

import argparse
import sys
import time

from tests.vectors.families import FAMILIES
from tests.vectors.family import Doubt, Made, make
from tests.vectors.writing import file_of, path_of

BYTES_MAX = 6 * 1024 * 1024


def main(arguments: list[str] | None = None) -> int:
    """Make, doubt, count and write; return 1 when something is wrong."""
    asked = _asked(arguments)
    total = size = 0
    wrong: list[str] = []
    for family in FAMILIES:
        if asked.only and family.name not in asked.only:
            continue
        begun = time.perf_counter()
        try:
            made = make(family)
        except Doubt as doubted:
            wrong.append(str(doubted))
            print(f"✗ {family.side}/{family.name}: {doubted}")
            continue
        text = file_of(family, made.vectors)
        total, size = total + len(made.vectors), size + len(text.encode())
        _report(made, len(text.encode()), time.perf_counter() - begun)
        wrong += [f"{family.name}: no vector for «{name}»" for name in made.missing]
        if not asked.check:
            path_of(family).parent.mkdir(exist_ok=True)
            path_of(family).write_text(text, "utf-8")
    print(f"\n{total} vectors in {len(FAMILIES)} families, {size / 1e6:.2f} MB")
    if size > BYTES_MAX:
        wrong.append(f"{size} bytes are more than {BYTES_MAX}")
    for each in wrong:
        print(f"✗ {each}", file=sys.stderr)
    return 1 if wrong else 0


def _asked(arguments: list[str] | None) -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="tests.vectors.generate", description=__doc__)
    parser.add_argument("--only", nargs="+", metavar="NAME", help="these families alone")
    parser.add_argument("--check", action="store_true", help="write nothing")
    return parser.parse_args(arguments)


def _report(made: Made, size: int, seconds: float) -> None:
    name = f"{made.family.side}/{made.family.name}"
    print(f"{name}: {len(made.vectors)} vectors, {size // 1000} kB, {seconds:.2f} s")
    for found, count in sorted(made.counts.items()):
        print(f"    {count:5d}  {found}")
    for lacking in made.missing:
        print(f"        0  {lacking}  ✗")


if __name__ == "__main__":
    raise SystemExit(main())
