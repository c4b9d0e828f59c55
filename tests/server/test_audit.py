"""Nothing of the ledger can be changed, taken out or slipped in without the audit naming the commit."""

from typing import Any

import pytest
from sqlalchemy import delete, func, select, update

from server.audit import verify_ledger
from server.ids import new_id
from server.models.engine import reading, writing
from server.models.sync_tables import chain, clock, mutation
from tests.server.protocol_client import Centre, Phone


def visits(phone: Phone, count: int) -> list[int]:
    """Push visits one by one and return their commits."""
    return [phone.push([phone.create("visit", case=new_id()) for _ in range(2)])[0].commit for _ in range(count)]


def found(centre: Centre, first: int = 0) -> tuple[int | None, str | None]:
    with reading(centre.store.engine) as connection:
        audit = verify_ledger(connection, first)
    return audit.broken, audit.why


def order(centre: Centre, statement: Any) -> None:
    with writing(centre.store.engine) as connection:
        connection.execute(statement)


def test_a_ledger_that_nobody_touched_is_whole(bare_centre: Centre, alice: Phone) -> None:
    commits = visits(alice, 5)
    with reading(bare_centre.store.engine) as connection:
        audit = verify_ledger(connection)
        last = connection.execute(select(chain.c.link).where(chain.c.commit_number == commits[-1])).scalar_one()
    assert (audit.commits, audit.mutations, audit.erased, audit.link, audit.broken) == (5, 10, 0, last, None)


@pytest.mark.parametrize(
    ("change", "why"),
    [
        (lambda at: update(mutation).where(at, mutation.c.position == 1).values(payload="{}"), "payload"),
        (lambda at: update(mutation).where(at).values(salt="0" * 32), "payload"),
        (lambda at: update(mutation).where(at).values(payload=None), "payload"),
        (lambda at: update(mutation).where(at, mutation.c.position == 0).values(payload_hash="0" * 64), "payload"),
        (lambda at: delete(mutation).where(at, mutation.c.position == 1), "link"),
        (lambda at: delete(mutation).where(at), "link"),
    ],
)
def test_the_first_commit_that_was_changed_is_named(bare_centre: Centre, alice: Phone, change: Any, why: str) -> None:
    commits = visits(alice, 4)
    for commit in (commits[3], commits[1]):
        order(bare_centre, change(mutation.c.commit_number == commit))
    assert found(bare_centre) == (commits[1], why)
    assert found(bare_centre, commits[2]) == (commits[3], why)


def test_a_commit_that_was_taken_out_whole_breaks_the_next(bare_centre: Centre, alice: Phone) -> None:
    commits = visits(alice, 3)
    for table in (mutation, chain):
        order(bare_centre, delete(table).where(table.c.commit_number == commits[1]))
    assert found(bare_centre) == (commits[2], "link")


def test_rows_without_a_link_and_commits_beyond_the_clock_are_found(bare_centre: Centre, alice: Phone) -> None:
    commits = visits(alice, 3)
    order(bare_centre, update(clock).values(value=commits[1]))
    beyond = found(bare_centre)
    order(bare_centre, delete(chain).where(chain.c.commit_number == commits[2]))
    assert (beyond, found(bare_centre)) == ((commits[2], "clock"), (commits[2], "missing_link"))


def test_an_erased_payload_leaves_the_chain_whole(bare_centre: Centre, alice: Phone) -> None:
    commits = visits(alice, 2)
    erased = mutation.c.commit_number == commits[0]
    order(bare_centre, update(mutation).where(erased).values(payload=None, salt=None))
    with reading(bare_centre.store.engine) as connection:
        audit = verify_ledger(connection)
        assert connection.execute(select(func.count()).select_from(mutation)).scalar_one() == 4
    assert (audit.erased, audit.broken) == (2, None)


def test_an_empty_ledger_is_whole(bare_centre: Centre) -> None:
    assert found(bare_centre) == (None, None)
