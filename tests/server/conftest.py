"""A centre for each test, on each store."""

from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

from tests.conftest import migrate
from tests.databases import SqliteFiles
from tests.server.centre import TestCentre, open_test_centre, over_http
from tests.server.protocol_client import Centre, Phone, open_store


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


@pytest.fixture
def one_centre(sqlite_files: SqliteFiles, tmp_path: Path) -> Iterator[TestCentre]:
    """Give a centre on SQLite alone, where what is tested lies above the database."""
    opened = open_test_centre(sqlite_files.create(migrate), tmp_path)
    yield opened
    opened.centre.engine.dispose()


@pytest.fixture
def served(centre: TestCentre) -> Iterator[str]:
    """Give the address at which the centre answers over real HTTP."""
    with over_http(centre) as address:
        yield address


@pytest.fixture
def bare_centre(migrated_url: str) -> Iterator[Centre]:
    """Give a store with people in it and nothing around it: a centre as the protocol sees it."""
    store = open_store(migrated_url)
    yield Centre(store)
    store.engine.dispose()


@pytest.fixture
def alice(bare_centre: Centre) -> Phone:
    """A social worker of Phrae."""
    return bare_centre.enrol("social_worker", "province:54")


@pytest.fixture
def bob(bare_centre: Centre) -> Phone:
    """Another social worker of Phrae."""
    return bare_centre.enrol("social_worker", "province:54")
