"""The door for sealed work: write-only for whoever brings it, open to staff of the area, decided once."""

from typing import Any

import pytest
from sqlalchemy import select

from server.models.engine import reading
from server.models.sync_tables import mutation
from tests.server.centre import Somebody, TestCentre
from tests.server.unsent import Desk, a_case, bring

WORKER = "rru_member@district:5401"
REASON = {"reason": "โทรถามแล้ว เป็นของเขาเอง"}


@pytest.fixture
def alice(centre: TestCentre) -> Desk:
    return Desk(centre, centre.field(WORKER))


@pytest.fixture
def bob(centre: TestCentre) -> Somebody:
    """Supervises the province."""
    return centre.staff("social_worker@province:54")


@pytest.fixture
def charlie(centre: TestCentre) -> Somebody:
    """Supervises another one."""
    return centre.staff("social_worker@province:55")


@pytest.fixture
def admin(centre: TestCentre) -> Somebody:
    return centre.staff("administrator@nation")


@pytest.fixture
def outbox(alice: Desk, admin: Somebody) -> str:
    """Give the delivery that a lost device left."""
    lose(admin, alice)
    secret = a_case(2, reporter_name="สมหญิง ผู้แจ้ง")
    sealed = alice.seal(alice.work([a_case(1, summary="หลังคาพัง")], [secret], kind="outbox"))
    reply = bring(alice.who, sealed)
    assert reply.status_code == 201, reply.text
    return str(reply.json["receipt"])


def lose(admin: Somebody, desk: Desk, order: str = "lost") -> None:
    reply = admin.post(f"/api/v1/devices/{desk.who.device}/revoke", json={"order": order})
    assert reply.status_code == 200, reply.text


def ledger(desk: Desk) -> list[tuple[Any, ...]]:
    columns = (mutation.c.author, mutation.c.type, mutation.c.outcome)
    with reading(desk.centre.centre.engine) as connection:
        mine = select(*columns).where(mutation.c.device == desk.who.device)
        rows = connection.execute(mine.order_by(mutation.c.commit_number, mutation.c.position))
        return [tuple(row) for row in rows]


def test_a_lost_device_may_leave_its_outbox_and_learns_nothing(alice: Desk, outbox: str) -> None:
    again = bring(alice.who, alice.seal(alice.work([a_case(9)], kind="outbox")))

    assert set(again.json) == {"receipt", "sha256", "received_at", "work"}
    assert (again.status_code, again.json["work"], ledger(alice)) == (201, None, [])


@pytest.mark.parametrize(
    ("method", "path"),
    [
        ("GET", "/deliveries"),
        ("GET", "/me"),
        ("POST", "/sync/push"),
        ("POST", "/sync/pull"),
        ("POST", "/uploads"),
        ("POST", "/attachments/status"),
    ],
)
def test_a_lost_device_may_do_nothing_else(alice: Desk, outbox: str, method: str, path: str) -> None:
    reply = alice.who.open(f"/api/v1{path}", method=method)

    assert (reply.status_code, reply.json["code"], reply.json["order"]) == (403, "device_revoked", "lost")


def test_a_lost_device_confirms_that_it_is_wiped_even_after_its_token_ended(
    centre: TestCentre, alice: Desk, admin: Somebody, outbox: str
) -> None:
    first = alice.who.post("/api/v1/devices/me/wiped")
    centre.clock.turn(days=400)
    again = alice.who.post("/api/v1/devices/me/wiped")

    assert (first.status_code, first.json["order"]) == (200, "lost")
    assert again.json == first.json


def test_staff_see_what_became_of_a_cancelled_device(alice: Desk, bob: Somebody, outbox: str) -> None:
    before = bob.get(f"/api/v1/devices/{alice.who.device}").json
    wiped = alice.who.post("/api/v1/devices/me/wiped").json["wiped_at"]
    after = bob.get(f"/api/v1/devices/{alice.who.device}").json

    assert [before[name] for name in ("revoked_order", "wiped_at", "outboxes")] == ["lost", None, 1]
    assert [after[name] for name in ("revoked_order", "wiped_at", "outboxes")] == ["lost", wiped, 1]


def test_a_device_that_wiped_itself_unasked_has_left(alice: Desk, admin: Somebody) -> None:
    assert alice.who.post("/api/v1/devices/me/wiped").json["order"] == "left"
    pulled = alice.who.post("/api/v1/sync/pull", json={})

    assert (pulled.status_code, pulled.json["order"]) == (403, "left")


def test_nobody_at_a_desk_is_a_wiped_device(bob: Somebody) -> None:
    assert bob.post("/api/v1/devices/me/wiped").status_code == 403


def test_staff_look_into_an_outbox_masked_by_their_classes(alice: Desk, bob: Somebody, outbox: str) -> None:
    opened = bob.get(f"/api/v1/deliveries/{outbox}").json
    about, holds = opened["delivery"], opened["holds"]

    assert (about["kind"], about["user"], about["brought_by"]) == ("outbox", alice.who.id, alice.who.id)
    assert (about["detail"]["authentic"], about["detail"]["mutations"]) == (True, 2)
    assert [each["type"] for each in holds["mutations"]] == ["case", "case"]
    assert holds["mutations"][0]["data"]["summary"] == "หลังคาพัง"
    assert "สมหญิง ผู้แจ้ง" not in str(holds)


def test_a_role_that_may_not_look_shows_nothing_more(centre: TestCentre, outbox: str) -> None:
    both = centre.staff("social_worker@province:54", "rru_member@district:5501")
    assert "สมหญิง ผู้แจ้ง" not in str(both.get(f"/api/v1/deliveries/{outbox}").json["holds"])


def test_an_empty_cursor_is_the_beginning(bob: Somebody, outbox: str) -> None:
    assert [each["id"] for each in bob.get("/api/v1/deliveries?cursor=&state=").json["items"]] == [outbox]


def test_staff_of_another_area_do_not_find_it(charlie: Somebody, outbox: str) -> None:
    assert charlie.get("/api/v1/deliveries").json["items"] == []
    replies = [charlie.get(f"/api/v1/deliveries/{outbox}")]
    replies += [charlie.post(f"/api/v1/deliveries/{outbox}/{verb}", json=REASON) for verb in ("apply", "dismiss")]
    assert {reply.status_code for reply in replies} == {404}


@pytest.mark.parametrize("role", ["inspector@nation", "finance_officer@nation", "administrator@nation"])
def test_others_may_not_look(centre: TestCentre, outbox: str, role: str) -> None:
    who = centre.staff(role)

    assert {who.get("/api/v1/deliveries").status_code, who.get(f"/api/v1/deliveries/{outbox}").status_code} == {403}


def test_an_applied_outbox_is_its_authors_work(alice: Desk, bob: Somebody, outbox: str) -> None:
    applied = bob.post(f"/api/v1/deliveries/{outbox}/apply", json=REASON)

    assert applied.json["added"]["outcomes"] == {"applied": 2}
    assert [author for author, _, _ in ledger(alice)] == [alice.who.id, alice.who.id]
    about = applied.json["delivery"]
    assert (about["state"], about["decided_by"], about["reason"]) == ("applied", bob.id, REASON["reason"])
    assert bob.get("/api/v1/deliveries").json["items"] == []
    assert [each["id"] for each in bob.get("/api/v1/deliveries?state=applied").json["items"]] == [outbox]


def test_a_dismissed_outbox_changes_nothing_and_is_kept(alice: Desk, bob: Somebody, outbox: str) -> None:
    dismissed = bob.post(f"/api/v1/deliveries/{outbox}/dismiss", json=REASON)
    late = bob.post(f"/api/v1/deliveries/{outbox}/apply", json=REASON)

    assert (dismissed.json["state"], ledger(alice)) == ("dismissed", [])
    assert (late.status_code, late.json["code"], late.json["state"]) == (409, "delivery_decided", "dismissed")
    assert len(bob.get(f"/api/v1/deliveries/{outbox}").json["holds"]["mutations"]) == 2


def test_a_decision_says_why(bob: Somebody, outbox: str) -> None:
    assert bob.post(f"/api/v1/deliveries/{outbox}/dismiss", json={"reason": ""}).status_code == 422


def test_what_cannot_be_opened_can_only_be_dismissed(alice: Desk, bob: Somebody) -> None:
    id_ = bring(alice.who, b"nobody reads this").json["receipt"]
    refused = bob.post(f"/api/v1/deliveries/{id_}/apply", json=REASON)

    assert (refused.status_code, refused.json["code"]) == (409, "delivery_unreadable")
    assert bob.get(f"/api/v1/deliveries/{id_}").json["holds"] == {"mutations": [], "files": []}
    assert bob.post(f"/api/v1/deliveries/{id_}/dismiss", json=REASON).status_code == 200


def test_staff_who_bring_a_file_learn_whose_it_is(alice: Desk, bob: Somebody, charlie: Somebody) -> None:
    sealed = alice.seal(alice.work([a_case(1)]))
    stranger, told = bring(charlie, sealed).json["work"], bring(bob, sealed).json["work"]

    assert stranger is None
    assert (told["user"], told["state"], told["added"]["known"]) == (alice.who.id, "applied", 1)


def test_a_device_that_leaves_may_still_bring_a_file(alice: Desk, admin: Somebody) -> None:
    lose(admin, alice, "left")

    assert bring(alice.who, alice.seal(alice.work([a_case(1)]))).status_code == 201


def test_the_door_takes_octets_of_a_limited_size(open_centre_with: Any) -> None:
    centre = open_centre_with(delivery_bytes_max=1_000, deliveries_open_max=1)
    alice = centre.field(WORKER)
    as_json = alice.post("/api/v1/deliveries", json={})
    codes = [bring(alice, content).status_code for content in (b"", b"x" * 1_001, b"x" * 1_000, b"y")]

    assert as_json.status_code == 415
    assert codes == [422, 413, 201, 429]


def test_a_delivery_may_be_larger_than_other_bodies(alice: Desk) -> None:
    assert bring(alice.who, b"x" * 3_000_000).status_code == 201


def test_nobody_leaves_anything_without_a_token(centre: TestCentre) -> None:
    reply = centre.client.post("/api/v1/deliveries", data=b"x", content_type="application/octet-stream")

    assert (reply.status_code, reply.json["code"]) == (401, "unauthenticated")
