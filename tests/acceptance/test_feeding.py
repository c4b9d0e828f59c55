"""What a device receives: every row, once it is committed, whatever the page and whoever commits late."""

import threading
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from typing import Any

from sqlalchemy import Engine, event, select

from server.clock import now
from server.ids import new_id
from server.models.engine import writing
from server.models.sync_tables import record
from server.store.clock import take
from tests.acceptance.http_phone import HttpPhone
from tests.acceptance.office import Office, Province
from tests.acceptance.patience import until
from tests.acceptance.records import a_case, made_case, outcomes


def villages(province: Province, count: int) -> list[tuple[str, str, dict[str, Any]]]:
    """Return villages as an import brings them."""
    return [
        ("area", new_id(), {"code": f"{int(province.tambon) + number // 99}{number % 99 + 1:02d}",
                            "level": "village", "name_th": f"บ้าน {number}"})
        for number in range(count)
    ]  # fmt: skip


def test_2000_rows_of_one_commit_come_in_pages_of_1000(here: Office, alice: HttpPhone, province: Province) -> None:
    alice.pull()
    imported = villages(province, 2_000)
    [commit] = {outcome.commit for outcome in here.store.create(imported, now())}
    pages = []
    while not (pages and pages[-1].complete):
        pages.append(alice.pull_page(rows=1_000))
    sizes = [sum(len(table.put) for table in page.tables if table.type == "area") for page in pages]
    assert sizes[0] == 1_000
    assert sum(sizes) == 2_000
    got = {id_ for id_, (kind, version, _) in alice.rows.items() if kind == "area" and version == commit}
    assert got == {id_ for _, id_, _ in imported}


def test_a_page_lost_on_its_way_is_asked_for_again_and_nothing_is_skipped(
    here: Office, alice: HttpPhone, bob: HttpPhone, province: Province
) -> None:
    alice.push(*[[a_case(alice, province)] for _ in range(60)])
    bob.pull()
    before = dict(bob.checkpoint)
    alice.push(*[[a_case(alice, province)] for _ in range(40)])
    bob.pull_page(rows=15)
    bob.checkpoint, bob.membership, bob.rows = before, set(bob.membership), dict(bob.rows)
    bob.pull(rows=15)
    assert len(bob.of_type("case")) == 100


@contextmanager
def held_before_commit(engine: Engine) -> Iterator[tuple[threading.Event, threading.Event]]:
    """Hold the transactions of an engine at the very end: (one has come there, let it go)."""
    reached, go = threading.Event(), threading.Event()

    def hold(_: Any) -> None:
        reached.set()
        assert go.wait(30)

    event.listen(engine, "commit", hold)
    try:
        yield reached, go
    finally:
        go.set()
        event.remove(engine, "commit", hold)


def test_what_commits_after_another_pull_arrives_with_the_next(
    here: Office, alice: HttpPhone, province: Province
) -> None:
    """The late writer has its commit number already and all its rows written; only the commit is outstanding."""
    alice.pull()
    imported, store = villages(province, 3), here.store
    with ThreadPoolExecutor(1) as threads, held_before_commit(here.engine) as (reached, go):
        late = threads.submit(store.create, imported, now())
        assert reached.wait(30)
        in_between = alice.pull_page()
        go.set()
        outcomes_late = late.result(30)
    assert in_between.complete
    assert in_between.tables == []
    assert in_between.commit < outcomes_late[0].commit
    alice.pull()
    assert {id_ for _, id_, _ in imported} <= alice.rows.keys()


def test_a_push_that_had_to_wait_is_numbered_after_what_overtook_it(
    here: Office, alice: HttpPhone, bob: HttpPhone, province: Province
) -> None:
    """Alice's push began first and is kept waiting by a lock; what bob did and pulled meanwhile hides nothing of it."""
    waiting, other = made_case(alice, province), made_case(alice, province)
    bob.pull()
    postgres = here.engine.dialect.name == "postgresql"
    with ThreadPoolExecutor(1) as threads:
        with writing(here.engine) as connection:
            if postgres:
                connection.execute(select(record.c.id).where(record.c.id == waiting).with_for_update())
            edit = alice.update("case", waiting, alice.version(waiting), set={"urgency": [None, "urgent"]})
            late = threads.submit(alice.push, [edit])
            if postgres:
                until(lambda: lock_waiters(here) > 0, "alice's push waits for the record")
                quick = bob.update("case", other, bob.version(other), set={"urgency": [None, "normal"]})
                assert outcomes(bob.push([quick])) == ["applied"]
            bob.pull()
            assert "urgency" not in bob.data(waiting)
        assert outcomes(late.result(30)) == ["applied"]
    assert bob.pull().data(waiting)["urgency"] == "urgent"


def lock_waiters(office: Office) -> int:
    with office.engine.connect() as connection:
        sql = "SELECT count(*) FROM pg_locks WHERE NOT granted"
        return int(connection.exec_driver_sql(sql).scalar_one())


def test_an_empty_commit_moves_nothing_and_an_idle_pull_is_complete(here: Office, alice: HttpPhone) -> None:
    alice.pull()
    with writing(here.engine) as connection:
        take(connection)
    idle = alice.pull_page()
    assert (idle.complete, idle.tables) == (True, [])
