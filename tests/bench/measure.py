"""Times, medians, and one table of all that was measured."""

import json
import time
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from dataclasses import asdict, dataclass
from pathlib import Path
from statistics import median

VAR = Path("var/bench")


@dataclass(frozen=True, slots=True)
class Result:
    """One figure: what it is, in which unit, and what the design asks of it."""

    name: str
    value: float
    unit: str
    wanted: str = ""


@contextmanager
def timed(into: list[float]) -> Iterator[None]:
    """Add the seconds that a block takes."""
    began = time.perf_counter()
    yield
    into.append(time.perf_counter() - began)


def median_of(rounds: int, measure: Callable[[], float]) -> float:
    """Return the median of several rounds."""
    return median(measure() for _ in range(rounds))


def write(name: str, results: Iterable[Result]) -> None:
    """Keep results as var/bench/<name>.json."""
    VAR.mkdir(parents=True, exist_ok=True)
    text = json.dumps([asdict(result) for result in results], ensure_ascii=False, indent=1)
    (VAR / f"{name}.json").write_text(text + "\n", "utf-8")


def shown(results: Iterable[Result]) -> str:
    """Return results as a table."""
    return "\n".join(f"  {each.name:<58}{each.value:>14,.1f} {each.unit:<12}{each.wanted}" for each in results)
