"""What every test may ask for. Databases: see tests/databases.py."""

import os
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import hypothesis
import pytest

from server.migrations import upgrade
from server.models.engine import make_engine
from tests.databases import PostgresDatabases, Prepare, SqliteFiles, postgres_directory, stop_postgres

POSTGRES_DIRECTORY = pytest.StashKey[Path]()

# A shared machine is slow at random; a failure must be the same failure everywhere.
hypothesis.settings.register_profile("husec", deadline=None, derandomize=True)
hypothesis.settings.load_profile("husec")


def pytest_configure(config: pytest.Config) -> None:
    given = getattr(config, "workerinput", {}).get("postgres_directory")
    config.stash[POSTGRES_DIRECTORY] = Path(given) if given else postgres_directory()


@pytest.hookimpl(optionalhook=True)
def pytest_configure_node(node: Any) -> None:
    node.workerinput["postgres_directory"] = str(node.config.stash[POSTGRES_DIRECTORY])


def pytest_unconfigure(config: pytest.Config) -> None:
    if not hasattr(config, "workerinput"):
        stop_postgres(config.stash[POSTGRES_DIRECTORY])


@pytest.fixture(params=["sqlite", pytest.param("postgres", marks=pytest.mark.postgres)])
def database_kind(request: pytest.FixtureRequest) -> str:
    """Run the test once on each store."""
    return str(request.param)


@pytest.fixture(scope="session")
def sqlite_files(tmp_path_factory: pytest.TempPathFactory) -> SqliteFiles:
    return SqliteFiles(tmp_path_factory.mktemp("sqlite"))


@pytest.fixture(scope="session")
def postgres_databases(pytestconfig: pytest.Config) -> Iterator[PostgresDatabases]:
    worker = os.environ.get("PYTEST_XDIST_WORKER", "main")
    databases = PostgresDatabases(pytestconfig.stash[POSTGRES_DIRECTORY], worker=worker)
    yield databases
    databases.close()


@pytest.fixture
def fresh_database(database_kind: str, request: pytest.FixtureRequest) -> Iterator[Callable[..., str]]:
    """Give a function that makes a new database and returns its SQLAlchemy URL; call it as often as needed.

    `fresh_database(prepare)` gives a copy of what `prepare(url)` made the first time in this worker.
    """
    source: SqliteFiles | PostgresDatabases
    source = request.getfixturevalue("sqlite_files" if database_kind == "sqlite" else "postgres_databases")
    made: list[str] = []

    def make(prepare: Prepare | None = None) -> str:
        made.append(source.create(prepare))
        return made[-1]

    yield make
    for url in made:
        source.drop(url)


@pytest.fixture
def database_url(fresh_database: Callable[..., str]) -> str:
    """Give the SQLAlchemy URL of a new, empty database."""
    return fresh_database()


@pytest.fixture
def migrated_url(fresh_database: Callable[..., str]) -> str:
    """Give the SQLAlchemy URL of a new database with every table, copied rather than migrated again."""
    return fresh_database(migrate)


def migrate(url: str) -> None:
    engine = make_engine(url)
    upgrade(engine)
    engine.dispose()
