"""A real device on a real encrypted file, and a centre that answers what a test has written down."""

from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from field_kit import FieldKit
from tests.field_kit.device import KEY, Outside, begin


@pytest.fixture
def outside() -> Outside:
    """Give a clock that ticks, ids in order, and waits that take no time."""
    return Outside()


@pytest.fixture
def kit(tmp_path: Path, outside: Outside) -> Iterator[FieldKit]:
    """Give an enrolled device that has never synced."""
    path = begin(tmp_path, outside)
    with FieldKit.open_with_key(path, KEY, outside.surroundings) as opened:
        yield opened


@pytest.fixture
def another_process(kit: FieldKit, outside: Outside) -> Iterator[Callable[[], FieldKit]]:
    """Give a function that opens the same file once more, as a second program would."""
    opened: list[FieldKit] = []

    def open_again() -> FieldKit:
        opened.append(FieldKit.open_with_key(kit.database.path, KEY, outside.surroundings))
        return opened[-1]

    yield open_again
    for other in opened:
        other.close()
