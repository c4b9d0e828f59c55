"""Every read of records is written down before its answer goes out, in a chain that shows what was changed."""

import re
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import pytest
from sqlalchemy import Connection, delete, event, func, insert, select, update

from server.access_log import Access, Verified, append, verify
from server.auth.current import PUBLIC
from server.ids import new_id
from server.models.engine import reading, writing
from server.models.upkeep import access, access_record
from tests.server.centre import Somebody, TestCentre
from tests.server.test_api_records import Phone, case_of, create
from tests.server.test_api_sync import pull_body
from tests.server.test_routes import FILES_OF_THE_PAGE

BOSS, INSPECTOR, BOB = "approver@province:54", "inspector@province:54", "social_worker@province:54"

SHOW_NO_RECORDS = {
    "areas.show_all",
    "attachments.status",
    "attachments.statuses",
    "candidates.apart",
    "checks.check",
    "conflicts.resolve",
    "declarations.vocabulary",
    "deliveries.apply",
    "deliveries.bring",
    "deliveries.dismiss",
    "deliveries.show_all",
    "devices.revoke",
    "devices.show",
    "devices.show_all",
    "devices.wiped",
    "enrolments.create",
    "enrolments.qr",
    "erasures.erase",
    "erasures.show_all",
    "incidents.link",
    "incidents.unlink",
    "key_recoveries.approve",
    "key_recoveries.refuse",
    "key_recoveries.show_all",
    "merges.merge",
    "merges.unmerge",
    "sync.push",
    "tokens.sign_out",
    "unfinished.apply",
    "unfinished.dismiss",
    "unfinished.give_back",
    "uploads.append",
    "uploads.create",
    "uploads.show",
    "uploads.terminate",
    "users.create",
    "users.give_role",
    "users.me",
    "users.set_active",
    "users.show",
    "users.show_all",
    "users.take_role",
    "witnesses.apply",
    "witnesses.offer",
}
"""The whole list of routes under a permission whose answers hold nothing of any record. Adding to it is a decision."""


def test_every_route_that_shows_records_writes_it_down(one_centre: TestCentre) -> None:
    routes = {
        endpoint: view
        for endpoint, view in one_centre.app.view_functions.items()
        if endpoint != FILES_OF_THE_PAGE and view.permission != PUBLIC  # type: ignore[attr-defined]
    }
    silent = {endpoint for endpoint, view in routes.items() if not getattr(view, "logs", None)}
    assert silent == SHOW_NO_RECORDS


@pytest.fixture
def alice(centre: TestCentre) -> Phone:
    return Phone(centre, centre.field("rru_member@district:5401", "intake_officer@district:5401"))


@pytest.fixture
def case(alice: Phone) -> str:
    identifier = new_id()
    assert alice.push(case_of(identifier, summary="หลังคาพัง"))[0]["outcome"] == "applied"
    return identifier


def log_of(centre: TestCentre, *columns: str) -> list[tuple[Any, ...]]:
    names = [access.c[name] for name in columns or ("action", "subject", "records")]
    with reading(centre.centre.engine) as connection:
        return [tuple(row) for row in connection.execute(select(*names).order_by(access.c.number))]


def seen_in(centre: TestCentre, number: int) -> list[str]:
    query = select(access_record.c.record).where(access_record.c.access == number).order_by(access_record.c.record)
    with reading(centre.centre.engine) as connection:
        return list(connection.execute(query).scalars())


def verified(centre: TestCentre) -> Verified:
    with reading(centre.centre.engine) as connection:
        return verify(connection)


def test_each_way_to_see_a_record_leaves_an_entry(centre: TestCentre, case: str) -> None:
    bob = centre.staff(BOB)
    bob.get(f"/api/v1/records/{case}")
    bob.get(f"/api/v1/records/{case}/history")
    bob.get("/api/v1/records?type=case")
    bob.post("/api/v1/records/search", json={"type": "case", "q": "2026-11-20"})
    bob.get("/api/v1/conflicts")
    bob.get("/api/v1/unfinished")
    bob.get("/api/v1/reports/provincial?province=54&from=2026-11-01&to=2026-11-30&format=csv")
    assert log_of(centre) == [
        ("read", "case", 1),
        ("history", "", 1),
        ("list", "case", 1),
        ("search", "case", 1),
        ("conflicts", "conflict", 0),
        ("unfinished", "", 0),
        ("export", "provincial", 0),
    ]
    assert [seen_in(centre, number) for number in range(1, 5)] == [[case]] * 4
    assert set(log_of(centre, "user", "device", "at")) == {(bob.id, None, "2026-11-23T02:00:00.000Z")}


def test_what_was_searched_for_is_not_written_down(centre: TestCentre, case: str) -> None:
    centre.staff(BOB).post("/api/v1/records/search", json={"type": "case", "q": "2026-11-20"})
    assert "2026-11-20" not in str(log_of(centre, *(column.name for column in access.c)))


def test_a_look_at_nothing_is_no_read(centre: TestCentre, case: str) -> None:
    outsider = centre.staff("social_worker@province:50")
    assert outsider.get(f"/api/v1/records/{case}").status_code == 404
    outsider.get("/api/v1/records?type=area")
    outsider.get("/api/v1/reports/provincial?province=50&from=2026-11-01&to=2026-11-30")
    assert log_of(centre) == []


def test_a_pull_writes_down_its_rows_once_and_an_idle_one_nothing(centre: TestCentre, alice: Phone, case: str) -> None:
    first = alice.who.post("/api/v1/sync/pull", json=pull_body(centre, alice.who))
    checkpoint = first.json["checkpoint"]
    alice.who.post("/api/v1/sync/pull", json=pull_body(centre, alice.who, checkpoint=checkpoint))
    assert log_of(centre, "action", "user", "device", "records") == [("pull", alice.who.id, alice.who.device, 1)]
    assert seen_in(centre, 1) == [case]


def test_a_photo_is_written_down_when_it_is_fetched(centre: TestCentre, alice: Phone) -> None:
    person, photo = new_id(), new_id()
    said = {"owner_record": person, "sha256": "a" * 64, "size": 3, "media_type": "image/jpeg"}
    alice.push(create("person", person, first_name="สมหญิง"), create("attachment", photo, **said))
    bob = centre.staff(BOB)
    assert bob.get(f"/api/v1/attachments/{photo}/content").status_code == 404  # its bytes have not arrived
    assert log_of(centre) == []


@pytest.fixture
def lame(centre: TestCentre) -> Iterator[None]:
    """Keep the read log from being written."""
    with writing(centre.centre.engine) as connection:
        connection.exec_driver_sql("ALTER TABLE access RENAME TO access_away")
    yield
    with writing(centre.centre.engine) as connection:
        connection.exec_driver_sql("ALTER TABLE access_away RENAME TO access")


def test_what_cannot_be_written_down_is_not_shown(centre: TestCentre, case: str, alice: Phone, lame: None) -> None:
    read = centre.staff(BOB).get(f"/api/v1/records/{case}")
    pulled = alice.who.post("/api/v1/sync/pull", json=pull_body(centre, alice.who))
    assert [reply.status_code >= 500 for reply in (read, pulled)] == [True, True]
    assert "หลังคา" not in read.text + pulled.text


def fill(connection: Connection, entries: int = 5) -> None:
    for number in range(entries):
        ids = [new_id() for _ in range(number)]
        append(connection, Access("2026-11-23T02:00:00.000Z", "u", None, "read", "case", ids, {"n": number}))


def test_an_untouched_log_verifies(centre: TestCentre) -> None:
    with writing(centre.centre.engine) as connection:
        fill(connection)
        last = connection.execute(select(access.c.link).where(access.c.number == 5)).scalar_one()
    assert verified(centre) == Verified(entries=5, last=last, broken=None)


@pytest.mark.parametrize(
    ("tamper", "broken"),
    [
        (update(access).where(access.c.number == 3).values(user="somebody else"), 3),
        (update(access).where(access.c.number == 3).values(detail="{}"), 3),
        (delete(access).where(access.c.number == 2), 3),
        (delete(access_record).where(access_record.c.access == 4), 4),
        (insert(access_record).values(record="one more", access=2), 2),
        (insert(access_record).values(record="one more", access=9), 9),
        (delete(access).where(access.c.number == 5), 5),
    ],
    ids=["another user", "another detail", "one taken out", "ids taken out", "an id added", "ids of none", "the end"],
)
def test_the_chain_shows_what_was_changed(centre: TestCentre, tamper: Any, broken: int) -> None:
    with writing(centre.centre.engine) as connection:
        fill(connection)
        connection.execute(tamper)
    assert verified(centre).broken == broken


def test_many_at_once_make_one_chain(centre: TestCentre, case: str) -> None:
    people = [centre.staff(BOB) for _ in range(4)]

    def look(who: Somebody) -> list[int]:
        return [who.get(f"/api/v1/records/{case}").status_code for _ in range(5)]

    with ThreadPoolExecutor(4) as pool:
        answers = [code for codes in pool.map(look, people) for code in codes]
    assert answers == [200] * 20
    found = verified(centre)
    assert (found.entries, found.broken) == (20, None)


def test_staff_see_who_saw_a_record_and_are_seen_looking(centre: TestCentre, case: str) -> None:
    bob, boss = centre.staff(BOB), centre.staff(BOSS)
    bob.get(f"/api/v1/records/{case}")
    reply = boss.get(f"/api/v1/records/{case}/reads")
    assert [(each["user"], each["action"], each["records"]) for each in reply.json["items"]] == [(bob.id, "read", 1)]
    assert log_of(centre, "user", "action", "subject")[-1] == (boss.id, "reads", case)


def test_all_that_a_lost_phone_fetched_is_listed(centre: TestCentre, alice: Phone, case: str) -> None:
    alice.who.post("/api/v1/sync/pull", json=pull_body(centre, alice.who))
    inspector = centre.staff(INSPECTOR)
    (entry,) = inspector.get(f"/api/v1/devices/{alice.who.device}/reads").json["items"]
    assert (entry["action"], entry["records"], entry["device"]) == ("pull", 1, alice.who.device)
    assert inspector.get(f"/api/v1/reads/{entry['number']}/records").json == {"items": [case], "next": None}
    assert inspector.get(f"/api/v1/users/{alice.who.id}/reads").json["items"] == [entry]


def test_the_log_is_read_a_page_at_a_time_latest_first(centre: TestCentre, case: str) -> None:
    bob, boss = centre.staff(BOB), centre.staff(BOSS)
    for _ in range(5):
        bob.get(f"/api/v1/records/{case}")
    seen, cursor = [], ""
    while cursor is not None:
        more = f"&cursor={cursor}" if cursor else ""
        page = boss.get(f"/api/v1/records/{case}/reads?limit=2{more}").json
        seen += [each["number"] for each in page["items"]]
        cursor = page["next"]
    assert seen == [5, 4, 3, 2, 1]


@pytest.mark.parametrize("path", ["records/{case}/reads", "devices/{device}/reads", "users/{user}/reads"])
def test_the_log_is_for_those_who_watch_over_that_area(centre: TestCentre, alice: Phone, case: str, path: str) -> None:
    asked = "/api/v1/" + path.format(case=case, device=alice.who.device, user=alice.who.id)
    roles = (BOSS, INSPECTOR, "national_staff@nation", BOB, "approver@province:50", "inspector@province:50")
    answers = [centre.staff(role).get(asked).status_code for role in roles]
    assert answers[:4] == [200, 200, 200, 403]
    assert set(answers[4:]) <= {403, 404}


def test_nothing_that_is_unknown_is_found(centre: TestCentre) -> None:
    boss, nobody = centre.staff(BOSS), new_id()
    paths = (f"records/{nobody}/reads", f"devices/{nobody}/reads", f"users/{nobody}/reads", "reads/77/records")
    assert [boss.get(f"/api/v1/{path}").status_code for path in paths] == [404] * 4


def test_no_entry_is_lost_from_its_records(centre: TestCentre, alice: Phone) -> None:
    alice.push(*(create("person", new_id(), first_name=f"สม{number}") for number in range(7)))
    alice.who.post("/api/v1/sync/pull", json=pull_body(centre, alice.who))
    with reading(centre.centre.engine) as connection:
        kept = connection.execute(select(func.count()).select_from(access_record)).scalar_one()
    assert (kept, log_of(centre, "records")) == (7, [(7,)])


def test_no_question_to_the_log_reads_it_from_end_to_end(one_centre: TestCentre) -> None:
    alice = Phone(one_centre, one_centre.field("rru_member@district:5401", "intake_officer@district:5401"))
    case, boss, engine = new_id(), one_centre.staff(BOSS), one_centre.centre.engine
    alice.push(case_of(case))
    seen: dict[str, Any] = {}

    def note(_c: Any, _cursor: Any, statement: str, parameters: Any, *_rest: Any) -> None:
        if "access" in statement and statement.startswith("SELECT"):
            seen[statement] = parameters

    event.listen(engine, "before_cursor_execute", note)
    for path in (f"records/{case}", f"records/{case}/reads", f"users/{boss.id}/reads", "reads/1/records"):
        assert boss.get(f"/api/v1/{path}").status_code == 200
    boss.get(f"/api/v1/devices/{alice.who.device}/reads?cursor=9")
    event.remove(engine, "before_cursor_execute", note)
    with reading(engine) as connection:
        plans = [
            (row.detail, statement)
            for statement, parameters in seen.items()
            for row in connection.exec_driver_sql(f"EXPLAIN QUERY PLAN {statement}", parameters)
        ]
    assert len(seen) >= 5
    last = "ORDER BY access.number DESC\n LIMIT ? OFFSET ?"  # by the primary key, and only the first one
    scans = [each for each in plans if re.match(r"SCAN access(_record)?$", each[0]) and not each[1].endswith(last)]
    assert scans == []
