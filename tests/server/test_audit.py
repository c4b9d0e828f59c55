"""Nothing of the ledger can be changed, taken out or slipped in without the audit naming the commit."""

from hashlib import sha256
from typing import Any

import pytest
from sqlalchemy import delete, insert, select, update

from server.audit import verify_ledger
from server.ids import new_id
from server.models.engine import reading, writing
from server.models.sync_tables import chain, clock, mutation
from server.models.upkeep import erasure
from server.store.persist import FIXED_COLUMNS, LEDGER_COLUMNS, line, link
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


def test_a_payload_that_somebody_emptied_without_an_erasure_is_named(bare_centre: Centre, alice: Phone) -> None:
    commits = visits(alice, 2)
    emptied = mutation.c.commit_number == commits[0]
    order(bare_centre, update(mutation).where(emptied).values(payload=None, salt=None, detail={}))
    record = select(mutation.c.record).where(emptied, mutation.c.position == 0).scalar_subquery()
    said = {"type": "visit", "erased_at": "t", "by": "boss", "reason": "court_order", "commit_number": commits[0]}
    order(bare_centre, insert(erasure).values(record=record, **said))
    assert found(bare_centre) == (commits[0], "emptied")


OTHER_VALUES: dict[str, Any] = {
    "author": "somebody else",
    "outcome": "rejected",
    "code": "erased",
    "record": "another",
    "op": "delete",
    "type": "case",
    "device": "another",
    "received_at": "2020-01-01T00:00:00.000Z",
    "recorded_at": "2020-01-01T00:00:00.000Z",
    "waits_for": None,
    "releases": "another",
    "clock_offset_ms": -5,
    "repeat": True,
    "base": 7,
    "seq": 900,
    "schema": 2,
    "group_position": 5,
    "id": "another",
    "lane": "urgent",
    "incarnation": "another",
}


def test_every_column_but_the_details_is_in_the_chain() -> None:
    assert {*OTHER_VALUES} == {*FIXED_COLUMNS} == {*LEDGER_COLUMNS} - {"detail"}


@pytest.mark.parametrize("name", OTHER_VALUES)
def test_who_did_what_and_what_became_of_it_cannot_be_changed(bare_centre: Centre, alice: Phone, name: str) -> None:
    commits = visits(alice, 2)
    at = (mutation.c.commit_number == commits[0]) & (mutation.c.position == 1)
    order(bare_centre, update(mutation).where(at).values({name: OTHER_VALUES[name]}))
    assert found(bare_centre) == (commits[0], "link")


def test_the_format_of_the_chain_is_the_published_one() -> None:
    row = line("f" * 64, (0, "ก", False, None))
    assert row == f'["{"f" * 64}",0,"ก",false,null]'.encode()
    assert link("0" * 64, 7, [row, row]) == sha256(f"{'0' * 64}:7\n".encode() + row + b"\n" + row).hexdigest()


def test_an_empty_ledger_is_whole(bare_centre: Centre) -> None:
    assert found(bare_centre) == (None, None)
