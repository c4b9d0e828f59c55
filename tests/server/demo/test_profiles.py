"""The demo's cases have exactly the published marginals, whatever the seed."""

from collections import Counter
from datetime import date
from random import Random

import pytest

from server.demo.profiles import Profile, deal_mentions, solve, spread
from server.demo.published import Published, phrae_2567

TABLES = ("district", "channel", "sex", "target_group")


def counted(profiles: list[Profile], name: str) -> dict[str, int]:
    return dict(Counter(getattr(profile, name) for profile in profiles))


@pytest.mark.parametrize("seed", range(20))
def test_every_marginal_is_the_published_one(seed: int) -> None:
    published = phrae_2567()
    profiles = list(solve(published, Random(seed)))
    for name in TABLES:
        assert counted(profiles, name) == {row: count for row, count in published.tables[name].items() if count}
    mentions = Counter(problem for profile in profiles for problem in profile.problems)
    assert mentions == Counter(published.tables["problem"])
    assert [len(set(profile.problems)) for profile in profiles] == [len(profile.problems) for profile in profiles]


def test_the_published_tables_sum_to_their_total_and_mentions_do_not() -> None:
    published = phrae_2567()
    assert {name: sum(published.tables[name].values()) for name in (*TABLES, "problem")} == {
        "district": 117,
        "channel": 117,
        "sex": 117,
        "target_group": 117,
        "problem": 120,
    }


def test_the_same_seed_gives_the_same_profiles() -> None:
    assert solve(phrae_2567(), Random(3)) == solve(phrae_2567(), Random(3))


def test_days_reach_from_the_first_to_the_last_in_order() -> None:
    assert spread(date(2024, 2, 1), date(2024, 2, 5), 3) == [date(2024, 2, 1), date(2024, 2, 3), date(2024, 2, 5)]
    assert spread(date(2024, 2, 1), date(2024, 2, 5), 1) == [date(2024, 2, 1)]


def test_a_table_that_does_not_sum_to_the_total_is_refused() -> None:
    wrong = Published("", "54", date(2024, 2, 1), date(2024, 2, 2), 3, {"district": {"5401": 2}})
    with pytest.raises(ValueError, match="sums to 2"):
        solve(wrong, Random(0))


def test_too_few_mentions_and_too_many_of_one_problem_are_refused() -> None:
    with pytest.raises(ValueError, match="without a problem"):
        deal_mentions({"violence": 1}, 2, Random(0))
    with pytest.raises(ValueError, match="second problem"):
        deal_mentions({"violence": 3}, 2, Random(0))
