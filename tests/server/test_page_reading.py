"""A page reads its records some at a time; what is on it does not depend on how many that are."""

from typing import Any

import msgspec
import pytest

from server.ids import new_id
from server.store import pull
from sync.messages import PageLimit, PullReply, PullRequest
from sync.version import PROTOCOL_VERSION, SCHEMA_VERSION
from tests.server.protocol_client import Centre, Phone
from tests.server.test_store import case, visit

VISITS = 12


def pages(phone: Phone, limit: PageLimit, **parts: Any) -> list[dict[str, Any]]:
    """Fetch everything from the beginning, page by page, as it comes over the wire."""
    found: list[dict[str, Any]] = []
    checkpoint: dict[str, Any] = {}
    while not found or not found[-1].get("complete"):
        request = PullRequest(
            PROTOCOL_VERSION, phone.epoch, phone.author.device, SCHEMA_VERSION, checkpoint, limit, count=True
        )
        reply = phone.centre.store.pull(phone.author, request, phone.centre.now)
        checkpoint = dict(reply.checkpoint)
        found.append(msgspec.to_builtins(msgspec.json.decode(msgspec.json.encode(reply), type=PullReply)))
    return found


def rows_of(page: dict[str, Any]) -> dict[str, Any]:
    """Return id -> values of a page; a field without a value is as good as one that the table does not name."""
    return {
        put[0]: {name: value for name, value in zip(table["fields"], put[3], strict=True) if value is not None}
        for table in page.get("tables", [])
        for put in table.get("put", [])
    }


@pytest.fixture
def full(bare_centre: Centre, alice: Phone) -> Phone:
    """Visits of which the later ones have fields that the first lack, some deleted, each its own commit."""
    new = case(alice)
    alice.push([new])
    more: dict[int, dict[str, Any]] = {5: {"narrative": "ก" * 40}, 9: {"people_met": "เพื่อนบ้าน"}}
    made = [visit(alice, new["record"], new_id(), **more.get(number, {})) for number in range(VISITS)]
    outcomes = [outcome for each in made for outcome in alice.push([each])]
    assert [each.outcome for each in outcomes] == ["applied"] * VISITS
    alice.pull()
    alice.push([alice.delete("visit", made[2]["record"], alice.version(made[2]["record"]))])
    return bare_centre.enrol("social_worker", "province:54")


@pytest.mark.parametrize("limit", [PageLimit(2_000, 4_000_000), PageLimit(2_000, 300), PageLimit(7, 4_000_000)])
def test_pages_are_the_same_however_few_records_are_read_at_once(
    full: Phone, limit: PageLimit, monkeypatch: pytest.MonkeyPatch
) -> None:
    at_once = pages(full, limit)
    monkeypatch.setattr(pull, "ROWS_AT_ONCE", 1)
    one_by_one = pages(full, limit)
    assert [rows_of(page) for page in one_by_one] == [rows_of(page) for page in at_once]
    assert [page.get("remaining") for page in one_by_one] == [page.get("remaining") for page in at_once]
    assert one_by_one[-1]["checksums"] == at_once[-1]["checksums"]


def test_a_page_reads_hardly_more_than_it_shows(full: Phone, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(pull, "ROWS_AT_ONCE", 1)
    read: list[int] = []
    plain = pull._Page._stored
    monkeypatch.setattr(pull._Page, "_stored", lambda page, ids: read.append(len(ids)) or plain(page, ids))
    shown = [len(rows_of(page)) for page in pages(full, PageLimit(2_000, 300))]
    assert len(shown) > 3
    assert sum(read) <= sum(shown) + len(shown) + 1  # and what is deleted
