"""A centre for each test, on each store."""

from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

from tests.server.centre import TestCentre, open_test_centre


@pytest.fixture
def open_centre_with(migrated_url: str, tmp_path: Path) -> Iterator[Callable[..., TestCentre]]:
    """Give a function that opens a centre with the given settings."""
    opened: list[TestCentre] = []

    def make(**settings: Any) -> TestCentre:
        opened.append(open_test_centre(migrated_url, tmp_path, **settings))
        return opened[-1]

    yield make
    for each in opened:
        each.centre.engine.dispose()


@pytest.fixture
def centre(open_centre_with: Callable[..., TestCentre]) -> TestCentre:
    return open_centre_with()
