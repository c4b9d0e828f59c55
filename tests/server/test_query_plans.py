"""No statement of a sync reads a table from end to end: what it costs must not grow with the store."""

import re
from collections.abc import Iterator
from typing import Any

import pytest
from sqlalchemy import event, text

from server.ids import new_id
from server.models.engine import reading
from sync.messages import Position
from tests.server.protocol_client import Centre, Phone, open_store
from tests.server.test_store import case, visit

GROWING = (
    "record",
    "carry",
    "mutation",
    "bucket_entry",
    "ledger_chain",
    "bucket_grant",
    "device_lane",
    "token",
    "erasure",
)


@pytest.fixture
def centre(sqlite_files: Any) -> Iterator[Centre]:
    from tests.conftest import migrate

    store = open_store(sqlite_files.create(migrate))
    yield Centre(store)
    store.engine.dispose()


def statements_of(centre: Centre, phone: Phone) -> dict[str, Any]:
    """Push every kind of edit and pull it; return the SELECTs with one set of parameters each."""
    seen: dict[str, Any] = {}

    def note(_c: Any, _cursor: Any, statement: str, parameters: Any, *_rest: Any) -> None:
        if statement.startswith(("SELECT", "WITH")):
            seen[statement] = parameters

    event.listen(centre.store.engine, "before_cursor_execute", note)
    new = case(phone)
    waits = visit(phone, "018f0000-0000-7000-8000-000000000000")
    phone.push([new], [visit(phone, new["record"])], [waits])
    phone.pull()
    version = phone.version(new["record"])
    phone.push([phone.update("case", new["record"], version, set={"severity": [None, "level_1"]})])
    phone.push([phone.update("case", new["record"], 0, set={"severity": ["level_3", "level_2"]})])
    phone.send(phone.request(after=phone.last))
    phone.pull(rows=1)
    phone.send(phone.request([waits], incarnation=new_id(), after=Position(0)))
    event.remove(centre.store.engine, "before_cursor_execute", note)
    return seen


def test_no_statement_of_a_sync_scans_a_growing_table(centre: Centre) -> None:
    phone = centre.enrol("social_worker", "province:54")
    scans = []
    for statement, parameters in statements_of(centre, phone).items():
        with reading(centre.store.engine) as connection:
            plan = connection.exec_driver_sql(f"EXPLAIN QUERY PLAN {statement}", parameters).all()
        scans += [(row.detail, statement) for row in plan if _scans(row.detail)]
    assert scans == []


def _scans(detail: str) -> bool:
    found = re.match(r"SCAN (\w+)", detail)
    return bool(found) and found[1] in GROWING and "USING INDEX" not in detail


def test_the_check_itself_notices_a_scan(centre: Centre) -> None:
    with reading(centre.store.engine) as connection:
        plan = connection.execute(text("EXPLAIN QUERY PLAN SELECT id FROM mutation WHERE author = 'x'")).all()
    assert [row.detail for row in plan if _scans(row.detail)] == ["SCAN mutation"]
