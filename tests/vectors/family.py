"""What a family of vectors is: where its inputs come from, what the product makes of them, and what must be true."""

import json
from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any

from tests.vectors.dice import Dice

Json = dict[str, Any]
Drawn = tuple[str, Json]
"""(what the vector is about, in a few words; what is given)"""


class Doubt(AssertionError):
    """The product and the second computation disagree, or a property does not hold."""


def nothing_more(given: Json, expect: Json) -> None:
    """Hold no property beyond what the product says."""


@dataclass(frozen=True)
class Family:
    """One file. ``classes``: what must come out at least once; ``sorts``: which of them a vector is."""

    name: str
    side: str
    function: str
    about: str
    draw: Callable[[Dice], Iterator[Drawn]]
    run: Callable[[Json], Json]
    sorts: Callable[[Json, Json], Iterable[str]]
    classes: frozenset[str]
    check: Callable[[Json, Json], None] = nothing_more
    more: Mapping[str, Any] = field(default_factory=dict)
    """What else stands at the head of the file, such as a history that was made up for it."""


@dataclass(frozen=True)
class Made:
    """A family's vectors, and how many of them there are of each class."""

    family: Family
    vectors: list[Json]
    counts: Counter[str]

    @property
    def missing(self) -> list[str]:
        return sorted(self.family.classes - self.counts.keys())


def as_read(value: Any) -> Any:
    """Return a value as whoever reads the file has it: keys in order, tuples as lists."""
    return json.loads(json.dumps(value, sort_keys=True))


def make(family: Family) -> Made:
    """Draw a family's inputs, let the product answer, and doubt every answer.

    :raises Doubt: when an answer is not what a second computation or a property says.
    """
    vectors: list[Json] = []
    seen: set[str] = set()
    counts: Counter[str] = Counter()
    for says, drawn in family.draw(Dice(family.name)):
        given = as_read(drawn)
        if (key := json.dumps(given, sort_keys=True)) in seen:
            continue
        seen.add(key)
        expect = as_read(family.run(as_read(given)))
        doubt(family, given, expect)
        counts.update(set(family.sorts(given, expect)))
        vectors.append({"name": f"{len(vectors) + 1:04d} {says}", "given": given, "expect": expect})
    return Made(family, vectors, counts)


def doubt(family: Family, given: Json, expect: Json) -> None:
    """Hold the second computation against the product's."""
    try:
        family.check(given, expect)
    except AssertionError as found:
        said = json.dumps({"given": given, "expect": expect}, ensure_ascii=True)
        raise Doubt(f"{family.name}: {found}\n{said}") from found


def same(one: Any, other: Any) -> bool:
    """Tell whether two values are the same JSON; ``1``, ``1.0`` and ``true`` are three things."""
    return json.dumps(one, sort_keys=True) == json.dumps(other, sort_keys=True)


def agree(product: Any, twin: Any) -> None:
    """Demand that a second computation says the same.

    :raises AssertionError: when it does not.
    """
    assert same(product, twin), f"the second computation says {json.dumps(as_read(twin), ensure_ascii=True)}"
