"""Which case is what: profiles whose every marginal is a published table, and whose rest is an even spread.

The publication gives five marginals and no cross tables, so any pairing is as true as another: each column is written
out in full, shuffled, and the columns laid side by side. Marginals are exact by construction.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from random import Random

from server.demo.published import Published, Table


@dataclass(frozen=True, slots=True)
class Profile:
    """What the report counts of one case."""

    number: int
    received_on: date
    district: str
    channel: str
    sex: str
    target_group: str
    problems: tuple[str, ...]


def solve(published: Published, random: Random) -> Sequence[Profile]:
    """Return one profile for each published case, oldest first.

    :raises ValueError: when a table does not sum to the total, or the mentions cannot be dealt out.
    """
    tables, total = published.tables, published.total
    columns = [column(tables[name], total, random) for name in ("district", "channel", "sex", "target_group")]
    problems = deal_mentions(tables["problem"], total, random)
    days = spread(published.first_day, published.last_day, total)
    return [
        Profile(number, day, district, channel, sex, group, mentioned)
        for number, (day, district, channel, sex, group, mentioned) in enumerate(
            zip(days, *columns, problems, strict=True), start=1
        )
    ]


def column(table: Table, total: int, random: Random) -> list[str]:
    """Return each row's identifier as often as the table counts it, shuffled."""
    values = written_out(table)
    if len(values) != total:
        raise ValueError(f"the table sums to {len(values)}, not to {total}: {dict(table)}")
    random.shuffle(values)
    return values


def deal_mentions(table: Table, total: int, random: Random) -> list[tuple[str, ...]]:
    """Deal problem mentions to cases: one each, and what is left as a second problem to cases without that one."""
    mentions = written_out(table)
    if len(mentions) < total:
        raise ValueError(f"{len(mentions)} mentions leave a case of {total} without a problem")
    random.shuffle(mentions)
    dealt = [(first,) for first in mentions[:total]]
    return [*with_seconds(dealt, mentions[total:])]


def with_seconds(dealt: Sequence[tuple[str, ...]], seconds: Sequence[str]) -> list[tuple[str, ...]]:
    """Give each second mention to the first case that has only one problem, and another one."""
    result = list(dealt)
    for second in seconds:
        free = (at for at, problems in enumerate(result) if len(problems) == 1 and second not in problems)
        at = next(free, None)
        if at is None:
            raise ValueError(f"no case is left that could have {second} as its second problem")
        result[at] = (*result[at], second)
    return result


def written_out(table: Mapping[str, int]) -> list[str]:
    """Return ``{"a": 2, "b": 1}`` as ``["a", "a", "b"]``."""
    return [row for row, count in table.items() for _ in range(count)]


def spread(first: date, last: date, total: int) -> list[date]:
    """Return days in order, evenly over the period, with both of its ends among them."""
    span = (last - first).days
    return [first + timedelta(days=at * span // max(total - 1, 1)) for at in range(total)]
