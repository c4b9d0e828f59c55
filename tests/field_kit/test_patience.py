"""Try again as the centre asks, never sooner, never all at once, and not for ever."""

from collections.abc import Callable
from typing import Any

import pytest

from field_kit.errors import Offline, TimedOut, Unreachable
from field_kit.patience import ATTEMPTS, BUSY_ATTEMPTS, DELAY_MS_MAX, OFFLINE_ATTEMPTS, attempt, delay_ms
from field_kit.surroundings import Surroundings
from sync.errors import ServerBusy, TooManyRequests


def failing(*errors: BaseException) -> Callable[[], str]:
    """Return an exchange that fails with each of some errors, then succeeds."""
    left = list(errors)

    def exchange() -> str:
        if left:
            raise left.pop(0)
        return "done"

    return exchange


def waiting(waits: list[float], jitter: float) -> Surroundings:
    return Surroundings(sleep=waits.append, jitter=lambda: jitter)


def test_what_the_centre_asks_for_is_waited_and_chance_comes_on_top() -> None:
    for jitter, expected in ((0.0, [7.0, 7.0, 7.0]), (0.999, [7.4995, 7.999, 8.998])):
        waits: list[float] = []
        assert attempt(failing(*[ServerBusy(retry_after_ms=7_000)] * 3), waiting(waits, jitter)) == "done"
        assert waits == expected


def test_the_span_of_chance_doubles_up_to_its_end() -> None:
    assert [delay_ms(failures, 0, 1.0) for failures in (0, 1, 2, 5, 6, 50)] == [
        500, 1_000, 2_000, 16_000, DELAY_MS_MAX, DELAY_MS_MAX,
    ]  # fmt: skip


@pytest.mark.parametrize(
    ("error", "attempts"),
    [
        (Offline(), OFFLINE_ATTEMPTS),
        (TimedOut(), ATTEMPTS),
        (Unreachable(), ATTEMPTS),
        (TooManyRequests(), BUSY_ATTEMPTS),
        (ServerBusy(retry_after_ms=1), BUSY_ATTEMPTS),
    ],
)
def test_an_end_comes_after_as_many_attempts_as_the_failure_deserves(error: Any, attempts: int) -> None:
    waits: list[float] = []
    assert attempt(failing(*[error] * (attempts - 1)), waiting(waits, 0.5)) == "done"
    with pytest.raises(type(error)):
        attempt(failing(*[error] * attempts), waiting(waits, 0.5))
    assert len(waits) == 2 * (attempts - 1)


def test_a_busy_centre_and_a_bad_link_are_counted_apart() -> None:
    mixed = [*[ServerBusy(retry_after_ms=1)] * 10, *[Unreachable()] * (ATTEMPTS - 1)]
    assert attempt(failing(*mixed), waiting([], 0.5)) == "done"


def test_what_the_caller_wants_to_hear_is_not_tried_again() -> None:
    waits: list[float] = []
    with pytest.raises(TimedOut):
        attempt(failing(TimedOut()), waiting(waits, 0.5), give_up=(TimedOut,))
    assert waits == []
