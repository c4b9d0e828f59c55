"""The engine keeps its promises on both stores."""

import threading
from collections.abc import Iterator
from pathlib import Path

import pytest
from sqlalchemy import Engine, text
from sqlalchemy.exc import DatabaseError, IntegrityError

from server.models.engine import make_engine, reading, writing


@pytest.fixture
def engine(database_url: str) -> Iterator[Engine]:
    engine = make_engine(database_url)
    with writing(engine) as connection:
        connection.execute(text("CREATE TABLE counter (id INTEGER PRIMARY KEY, value INTEGER NOT NULL)"))
        connection.execute(text("INSERT INTO counter VALUES (1, 0)"))
    yield engine
    engine.dispose()


def value(engine: Engine) -> int:
    with reading(engine) as connection:
        return int(connection.execute(text("SELECT value FROM counter")).scalar_one())


def test_a_write_is_there_after_the_block(engine: Engine) -> None:
    with writing(engine) as connection:
        connection.execute(text("UPDATE counter SET value = 7"))
    assert value(engine) == 7


def test_a_write_is_gone_after_an_exception(engine: Engine) -> None:
    with pytest.raises(RuntimeError), writing(engine) as connection:
        connection.execute(text("UPDATE counter SET value = 7"))
        raise RuntimeError
    assert value(engine) == 0


def test_a_reader_sees_one_snapshot(engine: Engine) -> None:
    with reading(engine) as reader:
        before = reader.execute(text("SELECT value FROM counter")).scalar_one()
        with writing(engine) as writer:
            writer.execute(text("UPDATE counter SET value = 7"))
        after = reader.execute(text("SELECT value FROM counter")).scalar_one()
    assert (before, after, value(engine)) == (0, 0, 7)


def test_writers_take_turns_and_lose_nothing(engine: Engine) -> None:
    def add_twenty() -> None:
        for _ in range(20):
            with writing(engine) as connection:
                connection.execute(text("UPDATE counter SET value = value + 1"))

    threads = [threading.Thread(target=add_twenty) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert value(engine) == 80


def test_a_failed_statement_rolls_the_transaction_back(engine: Engine) -> None:
    with pytest.raises(IntegrityError), writing(engine) as connection:
        connection.execute(text("INSERT INTO counter VALUES (2, 5)"))
        connection.execute(text("INSERT INTO counter VALUES (1, 5)"))
    with reading(engine) as connection:
        assert connection.execute(text("SELECT count(*) FROM counter")).scalar_one() == 1


def test_tables_are_made_inside_the_transaction_too(engine: Engine) -> None:
    with pytest.raises(RuntimeError), writing(engine) as connection:
        connection.execute(text("CREATE TABLE half (id INTEGER)"))
        raise RuntimeError
    with writing(engine) as connection:
        connection.execute(text("CREATE TABLE half (id INTEGER)"))


def test_sqlite_is_durable_and_keeps_its_references(tmp_path: Path) -> None:
    engine = make_engine(f"sqlite:///{tmp_path}/centre.db")
    with reading(engine) as connection:
        found = [
            connection.exec_driver_sql(f"PRAGMA {name}").scalar_one()
            for name in ("journal_mode", "synchronous", "foreign_keys")
        ]
    engine.dispose()
    assert found == ["wal", 2, 1]


def test_a_keyed_sqlite_file_opens_only_with_its_key(tmp_path: Path) -> None:
    url = f"sqlite:///{tmp_path}/centre.db"
    keyed = make_engine(url, key=b"k" * 32)
    with writing(keyed) as connection:
        connection.execute(text("CREATE TABLE counter (id INTEGER)"))
    keyed.dispose()

    plain = make_engine(url)
    with pytest.raises(DatabaseError), reading(plain):
        pass
    plain.dispose()
    assert b"counter" not in (tmp_path / "centre.db").read_bytes()


def test_postgresql_takes_no_key() -> None:
    with pytest.raises(ValueError, match="only the embedded"):
        make_engine("postgresql://localhost/centre", key=b"k" * 32)
