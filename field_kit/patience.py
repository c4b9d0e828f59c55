"""Try again, but not at once and not with everybody else: full jitter, and never before the centre asked for it."""

from collections.abc import Callable
from typing import Any, TypeVar

from field_kit.errors import Offline, Unreachable
from field_kit.surroundings import Surroundings
from sync.errors import ProtocolError, ServerBusy, TooManyRequests

ATTEMPTS = 6
OFFLINE_ATTEMPTS = 3
"""Without any signal an officer should hear so soon."""

BUSY_ATTEMPTS = 20
"""A centre that asks for patience is there: with fifty devices beginning at once each has its turn within minutes."""

FIRST_DELAY_MS = 500
DELAY_MS_MAX = 30_000

ASKED_MS_MAX = 3_600_000
"""No centre asks for more than an hour; whoever does is none."""

T = TypeVar("T")


def attempt(exchange: Callable[[], T], surroundings: Surroundings, *, give_up: tuple[type[Unreachable], ...] = ()) -> T:
    """Do one exchange; every exchange of the protocol may be repeated safely. ``give_up`` goes to the caller at once.

    :raises Unreachable: when the link failed each time.
    :raises TooManyRequests, ServerBusy: when the centre refused each time.
    """
    failures = {True: 0, False: 0}
    while True:
        try:
            return exchange()
        except (Unreachable, TooManyRequests, ServerBusy) as failed:
            busy = not isinstance(failed, Unreachable)
            failures[busy] += 1
            if isinstance(failed, give_up) or failures[busy] >= _attempts(failed):
                raise
            asked = asked_ms(failed.extra.get("retry_after_ms")) if isinstance(failed, ProtocolError) else 0
            surroundings.sleep(delay_ms(failures[busy] - 1, asked, surroundings.jitter()) / 1000)


def _attempts(failed: Exception) -> int:
    if isinstance(failed, Offline):
        return OFFLINE_ATTEMPTS
    return ATTEMPTS if isinstance(failed, Unreachable) else BUSY_ATTEMPTS


def asked_ms(said: Any) -> int:
    """Return how long a centre asks to wait, whatever it was that came as its word."""
    return min(max(said, 0), ASKED_MS_MAX) if isinstance(said, int) else 0


def delay_ms(failures: int, asked_ms: int, jitter: float) -> float:
    """Return how long to wait: what was asked for, and on top a random part of a doubling span."""
    span: float = min(DELAY_MS_MAX, FIRST_DELAY_MS * 2**failures)
    return asked_ms + jitter * span
