"""What devices still hold of what a restored centre lost: kept once, compared by staff, brought back by choice."""

from datetime import timedelta
from typing import Any

import pytest
from sqlalchemy import update

from server.erasure import erase
from server.ids import new_id
from server.jobs import close_witnesses
from server.models.engine import writing
from server.models.identity import device
from server.store.epochs import Epoch, add_epochs, all_epochs
from sync.instants import rfc3339
from sync.messages import Witness
from tests.server.centre import Somebody, TestCentre
from tests.server.test_api_records import ALICE, BOB, Phone, case_of
from tests.server.unsent import Desk, bring

BEFORE = "01a00000-0000-7000-8000-0000000000e1"


NOW = "01a00000-0000-7000-8000-0000000000e2"


@pytest.fixture
def centre(centre: TestCentre) -> TestCentre:
    restore(centre)
    return centre


def restore(centre: TestCentre) -> None:
    """Let the centre be in its third life: at two in the morning it was restored from a backup of the second."""
    with writing(centre.centre.engine) as connection:
        [first] = all_epochs(connection)
        second = Epoch(BEFORE, first.id, 50, rfc3339(centre.clock() - timedelta(days=9)))
        add_epochs(connection, 1, [second, Epoch(NOW, BEFORE, 0, rfc3339(centre.clock()))])


@pytest.fixture
def alice(centre: TestCentre) -> Somebody:
    return centre.field(ALICE, "intake_officer@district:5401")


@pytest.fixture
def bob(centre: TestCentre) -> Somebody:
    return centre.staff(BOB)


def witness(record: str, type_: str = "person", **data: Any) -> dict[str, Any]:
    return {"record": record, "type": type_, "version": 77, "epoch": BEFORE, "data": data}


def offer(centre: TestCentre, who: Somebody, *rows: dict[str, Any], **parts: Any) -> Any:
    body = {"protocol": 1, "schema": 1, "epoch": centre.centre.store.epoch(), "device": who.device}
    return who.post("/api/v1/sync/witnesses", json=body | {"witnesses": list(rows)} | parts)


def deliveries(who: Somebody) -> list[dict[str, Any]]:
    return list(who.get("/api/v1/deliveries").json["items"])


def compared(who: Somebody, delivery: str) -> tuple[dict[str, Any], str]:
    reply = who.get(f"/api/v1/witnesses/{delivery}")
    assert reply.status_code == 200, reply.text
    return reply.json, reply.headers["ETag"]


def apply(who: Somebody, delivery: str, tag: str, **body: Any) -> Any:
    url = f"/api/v1/witnesses/{delivery}/apply"
    return who.post(url, json={"reason": "หายไปกับไฟล์สำรอง", **body}, headers={"If-Match": tag} if tag else {})


def test_many_devices_bear_one_witness(centre: TestCentre, alice: Somebody, bob: Somebody) -> None:
    other, record = centre.field(ALICE), new_id()
    for who in (alice, other, other):
        reply = offer(centre, who, witness(record, first_name="มะลิ"))
        assert (reply.status_code, reply.json["received"]) == (200, 1)
    (kept,) = deliveries(bob)
    assert (kept["kind"], kept["state"], kept["device"]) == ("witness", "open", alice.device)
    devices = sorted(str(who.device) for who in (alice, other))
    assert kept["detail"] == {"record": record, "type": "person", "devices": devices}


def test_what_the_centre_has_is_not_kept_and_the_receipt_does_not_say_so(
    centre: TestCentre, alice: Somebody, bob: Somebody
) -> None:
    case = new_id()
    Phone(centre, alice).push(case_of(case, urgency="urgent"))
    reply = offer(centre, alice, witness(case, "case", urgency="urgent"), witness(case, "case", urgency="normal"))
    assert reply.json["received"] == 2
    (kept,) = deliveries(bob)
    told, tag = compared(bob, kept["id"])
    assert (told["witness"], told["central"]["urgency"], told["differing"]) == (
        {"urgency": "normal"},
        "urgent",
        ["urgency"],
    )
    assert tag == f'"{told["central_version"]}"'


def test_a_lost_record_comes_back_whole_by_staffs_word(centre: TestCentre, alice: Somebody, bob: Somebody) -> None:
    record = new_id()
    offer(centre, alice, witness(record, first_name="มะลิ", health_notes="เบาหวาน"))
    (kept,) = deliveries(bob)
    told, tag = compared(bob, kept["id"])
    assert (told["central"], tag) == (None, '"0"')
    assert apply(bob, kept["id"], "").status_code == 428
    reply = apply(bob, kept["id"], tag)
    assert (reply.status_code, reply.json["outcome"]["outcome"]) == (200, "applied"), reply.text
    assert reply.json["delivery"]["state"] == "applied"
    assert apply(bob, kept["id"], tag).status_code == 409
    assert deliveries(bob) == []


def test_only_what_staff_choose_changes(centre: TestCentre, alice: Somebody, bob: Somebody) -> None:
    case = new_id()
    Phone(centre, alice).push(case_of(case, urgency="urgent", summary="ใหม่"))
    offer(centre, alice, witness(case, "case", urgency="normal", summary="เดิม"))
    (kept,) = deliveries(bob)
    _, tag = compared(bob, kept["id"])
    assert apply(bob, kept["id"], tag).status_code == 422
    assert apply(bob, kept["id"], '"1"', fields=["summary"]).status_code == 412
    assert apply(bob, kept["id"], tag, fields=["nonsense"]).status_code == 422
    reply = apply(bob, kept["id"], tag, fields=["summary"])
    assert reply.status_code == 200, reply.text
    data = bob.get(f"/api/v1/records/{case}").json["data"]
    assert (data["summary"], data["urgency"]) == ("เดิม", "urgent")


def test_what_cannot_be_is_refused_and_the_witness_stays(centre: TestCentre, alice: Somebody, bob: Somebody) -> None:
    offer(centre, alice, witness(new_id(), "case", urgency="urgent"))
    (kept,) = deliveries(bob)
    reply = apply(bob, kept["id"], '"0"')
    assert (reply.status_code, "reference_number" in reply.json["errors"]) == (422, True)
    assert [each["id"] for each in deliveries(bob)] == [kept["id"]]
    dismissed = bob.post(f"/api/v1/deliveries/{kept['id']}/dismiss", json={"reason": "ซ้ำ"})
    assert dismissed.status_code == 200
    assert deliveries(bob) == []


def test_staff_of_another_area_see_nothing_and_nobody_sees_more_than_their_classes(
    centre: TestCentre, alice: Somebody, bob: Somebody
) -> None:
    offer(centre, alice, witness(new_id(), "emergency", causes=["threat_or_assault"], reporter_phone="0812345678"))
    outsider = centre.staff("social_worker@province:83")
    (kept,) = deliveries(bob)
    assert outsider.get(f"/api/v1/witnesses/{kept['id']}").status_code == 404
    assert apply(outsider, kept["id"], '"0"').status_code == 404
    for reply in (bob.get(f"/api/v1/witnesses/{kept['id']}"), bob.get(f"/api/v1/deliveries/{kept['id']}")):
        assert (reply.status_code, "0812345678" in reply.text) == (200, False)
    assert alice.get(f"/api/v1/witnesses/{kept['id']}").status_code == 403


def test_another_epoch_or_too_much_is_refused(centre: TestCentre, alice: Somebody) -> None:
    assert offer(centre, alice, epoch=new_id()).status_code == 409
    assert offer(centre, alice, *[witness(new_id())] * 501).status_code == 422
    assert offer(centre, alice, device=new_id()).status_code == 403


def test_only_lives_of_the_centre_that_a_device_can_have_seen_are_taken(
    centre: TestCentre, alice: Somebody, bob: Somebody
) -> None:
    def of(epoch: str) -> dict[str, Any]:
        return witness(new_id(), first_name="มะลิ") | {"epoch": epoch}

    for epoch in (NOW, new_id()):
        reply = offer(centre, alice, of(BEFORE), of(epoch))
        assert (reply.status_code, "witnesses" in reply.json["errors"]) == (422, True)
    assert deliveries(bob) == []
    with writing(centre.centre.engine) as connection:
        earlier = rfc3339(centre.clock() - timedelta(seconds=1))
        connection.execute(update(device).where(device.c.id == alice.device).values(enrolled_at=earlier))

    assert [offer(centre, alice, of(epoch)).status_code for epoch in (new_id(), BEFORE, NOW)] == [200, 200, 422]
    assert len(deliveries(bob)) == 2


def test_one_persons_witnesses_may_not_fill_the_desk_of_staff(open_centre_with: Any) -> None:
    centre = open_centre_with(witnesses_open_max=2)
    restore(centre)
    alice, other, bob = centre.field(ALICE), centre.field(ALICE), centre.staff(BOB)
    rows = [witness(new_id(), first_name=f"มะลิ {number}") for number in range(3)]
    assert offer(centre, alice, *rows[:2]).status_code == 200
    full = offer(centre, alice, rows[2])
    assert (full.status_code, full.json["code"], full.json["retry_after_ms"]) == (
        429,
        "too_many_requests",
        3_600_000,
    )
    assert offer(centre, other, rows[2]).status_code == 200
    bob.post(f"/api/v1/deliveries/{deliveries(bob)[0]['id']}/dismiss", json={"reason": "ไม่ใช้"})
    assert offer(centre, alice, rows[2]).status_code == 200


def test_what_another_device_brings_back_needs_nobody(centre: TestCentre, alice: Somebody, bob: Somebody) -> None:
    case, lost = case_of(new_id(), urgency="urgent"), new_id()
    offer(centre, alice, witness(case["record"], "case", **case["data"]), witness(lost, first_name="มะลิ"))
    assert len(deliveries(bob)) == 2
    Phone(centre, alice).push(case)
    did = close_witnesses.run(centre.centre, centre.clock())
    assert did == "1 witnesses were brought back by devices themselves"
    assert [each["detail"]["record"] for each in deliveries(bob)] == [lost]


def test_what_is_erased_is_not_kept_as_a_witness_either(centre: TestCentre, alice: Somebody, bob: Somebody) -> None:
    person = new_id()
    Phone(centre, alice).push({"op": "create", "type": "person", "record": person, "data": {"first_name": "มะลิ"}})
    offer(centre, alice, witness(person, first_name="มะลิวัลย์"))
    (kept,) = deliveries(bob)
    erase(centre.centre, person, by=bob.id, reason="subject_request", now=centre.clock())
    assert bob.get(f"/api/v1/witnesses/{kept['id']}").status_code == 404
    close_witnesses.run(centre.centre, centre.clock())
    assert bob.get(f"/api/v1/deliveries/{kept['id']}").json["holds"] == {"rows": []}
    offer(centre, alice, witness(person, first_name="มะลิวัลย์ ใหม่"))
    assert [each["id"] for each in deliveries(bob)] == [kept["id"]]


def test_whatever_a_witness_says_is_kept(centre: TestCentre, alice: Somebody, bob: Somebody) -> None:
    for owner in ("\0" * 36, ["\0"], {"\0": 1}, 7, None):
        reply = offer(centre, alice, witness(new_id(), "attachment", owner_record=owner))
        assert reply.status_code == 200, reply.text
    for kept in deliveries(bob):
        assert bob.get(f"/api/v1/witnesses/{kept['id']}").status_code == 200
        assert apply(bob, kept["id"], '"0"').status_code == 422


def test_rows_in_the_outbox_of_a_lost_device_wait_for_staff_once_it_is_applied(
    centre: TestCentre, alice: Somebody, bob: Somebody
) -> None:
    row = Witness(new_id(), "person", 77, {"first_name": "มะลิ"}, BEFORE)
    desk = Desk(centre, alice)
    sealed = desk.seal(desk.work(kind="outbox", witnesses=[row]))
    centre.staff("approver@province:54").post(f"/api/v1/devices/{alice.device}/revoke", json={"order": "lost"})
    assert bring(alice, sealed).status_code == 201
    (outbox,) = deliveries(bob)
    assert (outbox["kind"], outbox["detail"]["witnesses"]) == ("outbox", 1)
    applied = bob.post(f"/api/v1/deliveries/{outbox['id']}/apply", json={"reason": "ของเครื่องที่หาย"})
    assert (applied.status_code, applied.json["added"]["witnesses"]) == (200, 1), applied.text

    (kept,) = deliveries(bob)
    assert (kept["kind"], kept["device"], kept["detail"]["record"]) == ("witness", alice.device, row.record)
    assert compared(bob, kept["id"])[0]["witness"] == {"first_name": "มะลิ"}
