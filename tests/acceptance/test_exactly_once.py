"""Whatever the link does, an edit takes effect once: replays, races, cut connections, refusals (scenario 2)."""

import json
import os
import signal
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from contextlib import closing
from typing import Any

import httpx
import msgspec
import pytest
import sqlcipher3.dbapi2
from sqlalchemy import Engine, func, select

from field_kit.errors import Unreachable
from server.demo.lossy_link import CLEAR, Fate, LossyLink
from server.ids import new_id
from server.models.sync_tables import mutation, record
from sync.errors import DeviceForked, PayloadTooLarge, SequenceGap
from sync.messages import Limits, Position, PushReply
from tests.acceptance.http_phone import HttpPhone, Link, RemoteStore
from tests.acceptance.office import PHRAE, Office, Province
from tests.acceptance.patience import until
from tests.acceptance.records import a_case, a_visit, made_case, outcomes


def ledger(office: Office, phone: HttpPhone) -> list[tuple[str, int]]:
    """Return what the ledger holds of a device: (mutation, sequence number) in order of arrival."""
    query = select(mutation.c.id, mutation.c.seq).where(mutation.c.device == phone.device)
    with office.engine.connect() as connection:
        rows = connection.execute(query.order_by(mutation.c.commit_number, mutation.c.position))
        return [(row.id, row.seq) for row in rows]


def cases_of(office: Office, owner: str) -> int:
    query = select(func.count()).select_from(record).where(record.c.type == "case", record.c.owner == owner)
    with office.engine.connect() as connection:
        return int(connection.execute(query).scalar_one())


def test_the_same_push_five_times_at_once_is_applied_once(open_office: Callable[..., Office]) -> None:
    """Five connections, two server processes: they race for one device's lane."""
    office = open_office(workers=2)
    alice = office.phone(f"social_worker@{PHRAE.scope}")
    request = alice.request(*[[a_case(alice, PHRAE)] for _ in range(50)])
    links = [office.link(alice.link.token) for _ in range(5)]
    with ThreadPoolExecutor(5) as threads:
        replies = list(threads.map(lambda link: RemoteStore(link).push(alice.author, request, alice.centre.now), links))
    assert [outcomes(reply.outcomes) for reply in replies] == [["applied"] * 50] * 5
    assert {msgspec.json.encode(msgspec.structs.replace(reply, server_time="")) for reply in replies} == {
        msgspec.json.encode(msgspec.structs.replace(replies[0], server_time=""))
    }
    assert ledger(office, alice) == [(group[0]["id"], seq) for seq, group in enumerate(decoded(request), start=1)]
    assert cases_of(office, alice.user) == 50


def decoded(request: Any) -> list[list[dict[str, Any]]]:
    return [[json.loads(bytes(raw)) for raw in group] for group in request.groups]


@pytest.mark.parametrize("fate", [Fate.REPLY_LOST, Fate.TRUNCATED, Fate.DUPLICATED, Fate.DROPPED])
def test_an_upload_replayed_five_times_over_cut_connections_is_there_once(
    here: Office, alice: HttpPhone, province: Province, fate: Fate
) -> None:
    groups = [[a_case(alice, province)] for _ in range(30)]
    request = alice.request(*groups)
    with LossyLink("127.0.0.1", here.server.port, weather=CLEAR, plan=[fate] * 4) as link:
        bad = RemoteStore(here.link(alice.link.token, url=link.url))
        replies = [outcome for outcome in (attempt(bad, alice, request) for _ in range(5)) if outcome]
    assert outcomes(replies[-1].outcomes) == ["applied"] * 30
    assert all(reply.outcomes == replies[0].outcomes for reply in replies)
    assert [seq for _, seq in ledger(here, alice)] == list(range(1, 31))
    assert cases_of(here, alice.user) == 30


def attempt(store: RemoteStore, phone: HttpPhone, request: Any) -> PushReply | None:
    try:
        return store.push(phone.author, request, phone.centre.now)
    except (httpx.TransportError, httpx.DecodingError, msgspec.DecodeError, Unreachable):
        return None


def test_a_centre_killed_in_the_middle_of_a_push_has_all_of_it_or_nothing(own_office: Office) -> None:
    """Whichever it was, the same push again gives the same outcomes and every case is there once."""
    alice = own_office.phone(f"social_worker@{PHRAE.scope}")
    request = alice.request(*[[a_case(alice, PHRAE)] for _ in range(500)])
    server = own_office.server
    with ThreadPoolExecutor(1) as threads:
        cut_off = threads.submit(attempt, alice.centre.store, alice, request)
        until(lambda: somebody_writes(own_office.engine) or cut_off.done(), "the push is being written", poll_s=0)
        assert server.process is not None
        os.killpg(server.process.pid, signal.SIGKILL)
        server.process.wait()
        first = cut_off.result()
    assert cases_of(own_office, alice.user) in (0, 500)
    server.start()
    again = alice.send(request)
    assert outcomes(again.outcomes) == ["applied"] * 500
    assert first is None or first.outcomes == again.outcomes
    assert [seq for _, seq in ledger(own_office, alice)] == list(range(1, 501))
    assert cases_of(own_office, alice.user) == 500


def somebody_writes(engine: Engine) -> bool:
    """Tell whether another process is inside a write transaction."""
    if engine.dialect.name == "postgresql":
        mine = "datname = current_database() AND pid <> pg_backend_pid()"
        with engine.connect() as connection:
            writing = f"SELECT count(*) FROM pg_stat_activity WHERE {mine} AND backend_xid IS NOT NULL"
            return bool(connection.exec_driver_sql(writing).scalar_one())
    with closing(sqlcipher3.dbapi2.connect(str(engine.url.database), timeout=0, isolation_level=None)) as file:
        try:
            file.execute("BEGIN IMMEDIATE")
        except sqlcipher3.dbapi2.OperationalError:
            return True
        file.execute("ROLLBACK")
        return False


def test_a_gap_says_what_is_due_and_nothing_is_written(here: Office, alice: HttpPhone, province: Province) -> None:
    alice.push([a_case(alice, province)])
    with pytest.raises(SequenceGap) as refused:
        alice.send(alice.request([a_case(alice, province)], after=Position(5, new_id())))
    assert refused.value.extra["last"]["seq"] == 1
    assert len(ledger(here, alice)) == 1


def test_a_copied_device_is_told_and_its_work_lands_under_a_new_incarnation(
    here: Office, alice: HttpPhone, province: Province
) -> None:
    first = [a_case(alice, province)]
    alice.push(first)
    branch = [a_case(alice, province)]
    with pytest.raises(DeviceForked):
        alice.send(alice.request(branch, after=Position(0)))
    alice.incarnation, alice.last = new_id(), Position(0)
    assert outcomes(alice.push(first, branch)) == ["applied", "applied"]
    assert cases_of(here, alice.user) == 2


def test_one_bad_record_among_500_is_named_and_the_others_land(
    here: Office, alice: HttpPhone, province: Province
) -> None:
    desk = here.desk(f"social_worker@{province.scope}")
    groups = [[a_case(alice, province)] for _ in range(500)]
    groups[249][0]["data"]["urgency"] = "very"
    found = alice.push(*groups)
    assert outcomes(found) == ["applied"] * 249 + ["rejected"] + ["applied"] * 250
    assert (found[249].code, list(found[249].errors)) == ("validation_failed", ["urgency"])
    assert cases_of(here, alice.user) == 499
    listed = unfinished_of(desk, alice)
    assert [(each["id"], each["outcome"], each["code"]) for each in listed] == [
        (groups[249][0]["id"], "rejected", "validation_failed")
    ]


def unfinished_of(desk: Link, phone: HttpPhone) -> list[dict[str, Any]]:
    """Return the unfinished edits of one device, as staff see them."""
    found: list[dict[str, Any]] = []
    cursor = ""
    while cursor is not None:
        page = desk.json("GET", "/unfinished", params={"cursor": cursor} if cursor else {})
        found, cursor = found + page["items"], page["next"]
    return [each for each in found if each["device"] == phone.device]


def test_a_case_and_its_105_visits_arrive_in_small_batches(
    alice: HttpPhone, bob: HttpPhone, province: Province
) -> None:
    case = a_case(alice, province)
    groups = [[case]] + [[a_visit(alice, case["record"], narrative=f"ครั้งที่ {n}")] for n in range(105)]
    for start in range(0, len(groups), 7):
        assert set(outcomes(alice.push(*groups[start : start + 7]))) == {"applied"}
    bob.pull(rows=10)
    assert len(bob.of_type("visit")) == 105
    assert {data["case"] for data in bob.of_type("visit").values()} == {case["record"]}


def test_a_push_over_the_limits_is_refused_whole_and_its_halves_are_taken(
    here: Office, alice: HttpPhone, province: Province
) -> None:
    case = made_case(alice, province)
    long = "เยี่ยมบ้าน " * 300
    groups = [[a_visit(alice, case, narrative=f"{n} {long}")] for n in range(200)]
    with pytest.raises(PayloadTooLarge) as refused:
        alice.push(*groups)
    assert refused.value.extra["bytes_max"] == Limits().bytes
    assert len(ledger(here, alice)) == 1
    for start in range(0, 200, 100):
        assert outcomes(alice.push(*groups[start : start + 100])) == ["applied"] * 100


def test_a_visit_that_comes_before_its_case_waits_and_is_let_go(
    alice: HttpPhone, bob: HttpPhone, province: Province
) -> None:
    case = a_case(alice, province)
    early = a_visit(bob, case["record"], narrative="ไปถึงก่อน")
    [held] = bob.push([early])
    assert (held.outcome, held.waits_for) == ("held", case["record"])
    alice.push([case])
    assert bob.pull().data(early["record"])["narrative"] == "ไปถึงก่อน"
