"""The migrations make exactly the declared tables, on both stores, once."""

import threading
from collections.abc import Iterator

import pytest
from sqlalchemy import Engine, inspect, select

from server import migrations
from server.models import metadata, sync_tables
from server.models.engine import make_engine, reading


@pytest.fixture
def engine(database_url: str) -> Iterator[Engine]:
    engine = make_engine(database_url)
    yield engine
    engine.dispose()


def test_an_upgraded_database_has_the_declared_tables_and_nothing_else(engine: Engine) -> None:
    migrations.upgrade(engine)
    assert migrations.differences(engine) == []
    assert set(inspect(engine).get_table_names()) == {*metadata.tables, "alembic_version"}


def test_an_upgraded_database_is_at_the_newest_version(engine: Engine) -> None:
    before = migrations.current(engine)
    migrations.upgrade(engine)
    assert (before, migrations.current(engine)) == (None, migrations.newest())


def test_the_store_begins_at_commit_zero_with_one_epoch(engine: Engine) -> None:
    migrations.upgrade(engine)
    with reading(engine) as connection:
        clock = connection.execute(select(sync_tables.clock)).all()
        epochs = connection.execute(select(sync_tables.epoch.c.position, sync_tables.epoch.c.restored_to)).all()
    assert (clock, epochs) == ([(1, 0, 1)], [(1, 0)])


def test_several_processes_may_upgrade_at_once(engine: Engine) -> None:
    threads = [threading.Thread(target=migrations.upgrade, args=(engine,)) for _ in range(3)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    with reading(engine) as connection:
        assert len(connection.execute(select(sync_tables.epoch)).all()) == 1


def test_partial_indexes_are_partial(engine: Engine) -> None:
    migrations.upgrade(engine)
    indexes = {index["name"]: index for index in inspect(engine).get_indexes("mutation")}
    options = indexes["uq_mutation_id_first"]["dialect_options"]
    assert str(options[f"{engine.dialect.name}_where"]) in {"repeat = 0", "NOT repeat", "(NOT repeat)"}
