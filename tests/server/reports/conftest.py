"""A centre's store into which tests put cases and people."""

from collections.abc import Iterator

import pytest
from sqlalchemy import Engine

from server.models.engine import make_engine
from tests.server.reports.store import Store


@pytest.fixture
def engine(migrated_url: str) -> Iterator[Engine]:
    engine = make_engine(migrated_url)
    yield engine
    engine.dispose()


@pytest.fixture
def store(engine: Engine) -> Store:
    """Give a store that knows the eight districts of Phrae."""
    store = Store(engine)
    store.add_areas()
    return store
