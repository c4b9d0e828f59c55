"""How much to send and fetch at once: small at first, more while the link bears it, half when it does not."""

from collections.abc import Callable
from types import TracebackType

from sync.messages import Limits, PageLimit

FIRST_PAGE = PageLimit(rows=250, bytes=65_536)
LARGEST_PAGE = PageLimit(rows=5_000, bytes=2_097_152)
"""Over a quick link; a slow one keeps pages small, so that each window of signal brings some home."""

QUICK_S = 1.5
SLOW_S = 10.0


class PushPace:
    """The size of a push: the centre's limits, halved after a refusal or a timeout, doubled back after success."""

    def __init__(self, limits: Limits | None = None) -> None:
        self._largest = limits or Limits()
        self.limits = self._largest

    def halve(self, sent: int) -> None:
        """Send half of the mutations that were too many."""
        self.limits = Limits(max(1, min(sent, self.limits.mutations) // 2), self.limits.bytes)

    def grow(self, largest: Limits) -> None:
        """Send more again, up to what the centre takes."""
        self._largest = largest
        self.limits = Limits(min(largest.mutations, self.limits.mutations * 2), largest.bytes)


class PagePace:
    """The size of a page, by how long the last one took. ``with pace:`` times one exchange."""

    def __init__(self, monotonic: Callable[[], float]) -> None:
        self._monotonic = monotonic
        self._began = 0.0
        self.limit = FIRST_PAGE

    def __enter__(self) -> None:
        self._began = self._monotonic()

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        took = self._monotonic() - self._began
        if kind is not None or took > SLOW_S:
            self._scale(0.5)
        elif took < QUICK_S:
            self._scale(4)

    def _scale(self, factor: float) -> None:
        rows = max(FIRST_PAGE.rows // 5, min(LARGEST_PAGE.rows, int(self.limit.rows * factor)))
        size = max(FIRST_PAGE.bytes // 5, min(LARGEST_PAGE.bytes, int(self.limit.bytes * factor)))
        self.limit = PageLimit(rows, size)
