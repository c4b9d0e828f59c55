"""The database fixtures give what they promise."""

from collections.abc import Callable

import pytest
from sqlalchemy import create_engine, inspect, text
from sqlalchemy.exc import OperationalError

from server.migrations import current, newest
from server.models.engine import make_engine
from tests.databases import PostgresDatabases


def create_animal(url: str) -> None:
    engine = create_engine(url)
    with engine.begin() as connection:
        connection.execute(text("CREATE TABLE animal (name TEXT)"))
        connection.execute(text("INSERT INTO animal VALUES ('ช้าง')"))
    engine.dispose()


def names(url: str) -> list[str]:
    engine = create_engine(url)
    with engine.connect() as connection:
        found = list(connection.execute(text("SELECT name FROM animal")).scalars())
    engine.dispose()
    return found


def tables(url: str) -> list[str]:
    engine = create_engine(url)
    found = inspect(engine).get_table_names()
    engine.dispose()
    return found


@pytest.mark.parametrize("turn", ["first", "second"])
def test_every_test_gets_an_empty_database(database_url: str, turn: str) -> None:
    assert tables(database_url) == []
    create_animal(database_url)


def test_a_prepared_database_is_copied_and_the_copies_are_apart(fresh_database: Callable[..., str]) -> None:
    first, second = fresh_database(create_animal), fresh_database(create_animal)

    engine = create_engine(first)
    with engine.begin() as connection:
        connection.execute(text("DELETE FROM animal"))
    engine.dispose()

    assert (names(first), names(second)) == ([], ["ช้าง"])


@pytest.mark.postgres
def test_a_forgotten_connection_does_not_keep_a_database_alive(postgres_databases: PostgresDatabases) -> None:
    url = postgres_databases.create()
    engine = create_engine(url)
    with engine.connect() as connection:
        postgres_databases.drop(url)
        with pytest.raises(OperationalError):
            connection.execute(text("SELECT 1"))
    engine.dispose()


def test_the_url_names_the_store(database_kind: str, database_url: str) -> None:
    assert database_url.startswith({"sqlite": "sqlite:///", "postgres": "postgresql://"}[database_kind])


def test_a_migrated_database_is_at_the_newest_version(migrated_url: str) -> None:
    engine = make_engine(migrated_url)
    found = current(engine)
    engine.dispose()
    assert found == newest()
