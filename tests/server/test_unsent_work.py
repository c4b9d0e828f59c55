"""Hand-carried work is applied exactly once, as its author's, whatever comes first and however often."""

import zlib
from base64 import b64encode
from pathlib import Path
from typing import Any

import msgspec
import pytest
from click.testing import CliRunner, Result
from nacl.public import PublicKey, SealedBox
from sqlalchemy import select

from server import quarantine, unsent_work
from server.auth import people
from server.cli import main
from server.ids import new_id
from server.models.engine import reading, writing
from server.models.sync_tables import mutation, record
from server.store.epochs import Epoch, add_epochs, all_epochs, current_epoch
from server.unsent_work import Added
from sync.unsent import NoSealedFile, UnsentFile, as_file, parts_of
from tests.server.centre import Somebody, TestCentre
from tests.server.unsent import PHOTO, Desk, a_case, bring, created, photo_of

WORKER = "rru_member@district:5401"


@pytest.fixture
def alice(centre: TestCentre) -> Desk:
    return Desk(centre, centre.field(WORKER))


@pytest.fixture
def colleague(centre: TestCentre) -> Somebody:
    return centre.field("rru_member@district:5402")


def taken(desk: Desk, sealed: bytes) -> unsent_work.Received:
    centre = desk.centre.centre
    return unsent_work.receive(centre, sealed, now=centre.now(), brought_by=None, device=None)


def ledger(desk: Desk) -> list[tuple[Any, ...]]:
    """Return what the ledger says of a device's edits: lane, number, author, whether it came again."""
    columns = (mutation.c.id, mutation.c.lane, mutation.c.seq, mutation.c.author, mutation.c.repeat)
    with reading(desk.centre.centre.engine) as connection:
        mine = select(*columns).where(mutation.c.device == desk.who.device)
        rows = connection.execute(mine.order_by(mutation.c.commit_number, mutation.c.position))
        return [tuple(row) for row in rows]


def records(desk: Desk, type_: str) -> list[dict[str, Any]]:
    with reading(desk.centre.centre.engine) as connection:
        return [dict(row) for row in connection.execute(select(record.c.data).where(record.c.type == type_)).scalars()]


def test_work_brought_by_a_colleague_is_its_authors(alice: Desk, colleague: Somebody) -> None:
    made = a_case(1, summary="หลังคาพัง")
    reply = bring(colleague, alice.seal(alice.work([made])))

    assert (reply.status_code, reply.json["work"]) == (201, None)
    assert ledger(alice) == [(made["id"], "import", None, alice.who.id, False)]
    assert [each["summary"] for each in records(alice, "case")] == ["หลังคาพัง"]


def test_brought_again_nothing_doubles(alice: Desk, colleague: Somebody) -> None:
    sealed = alice.seal(alice.work([a_case(1)], [a_case(2)]))
    first, again = bring(colleague, sealed), bring(colleague, sealed)
    other = taken(alice, alice.seal(alice.work([a_case(1)])))

    assert first.json["receipt"] == again.json["receipt"]
    assert len(records(alice, "case")) == 3
    assert other.added == Added(outcomes={"applied": 1})


def test_the_device_that_pushes_later_gets_the_first_outcome(alice: Desk) -> None:
    first, second, third = a_case(1), a_case(2), a_case(3)
    taken(alice, alice.seal(alice.work([first], [second])))
    outcomes = alice.push([first], [second], [third])

    assert [each["outcome"] for each in outcomes] == ["applied"] * 3
    assert outcomes[0]["commit"] == outcomes[1]["commit"] < outcomes[2]["commit"]
    assert len(records(alice, "case")) == 3
    lanes = [(lane, seq, repeat) for _, lane, seq, _, repeat in ledger(alice)]
    assert sorted(lanes, key=str) == sorted(
        [("import", None, False)] * 2 + [("normal", 1, True), ("normal", 2, True), ("normal", 3, False)], key=str
    )


def test_what_the_device_has_pushed_is_not_taken_from_the_file(alice: Desk) -> None:
    first, second = a_case(1), a_case(2)
    alice.push([first])
    received = taken(alice, alice.seal(alice.work([first], [second])))

    assert received.added == Added(known=1, outcomes={"applied": 1})
    assert received.delivery.state == "applied"
    assert len(records(alice, "case")) == 2


def test_an_edit_after_a_brought_one_is_no_conflict_with_oneself(alice: Desk) -> None:
    made = a_case(1, urgency="normal")
    edit = {"seq": 2, "id": new_id(), "op": "update", "type": "case", "record": made["record"], "base": 0}
    first = edit | {"recorded_at": "x", "set": {"urgency": ["normal", "urgent"]}}
    later = edit | {"seq": 3, "id": new_id(), "recorded_at": "x", "set": {"urgency": ["urgent", "normal"]}}
    taken(alice, alice.seal(alice.work([made], [first])))
    outcomes = alice.push([made], [first], [later])

    assert [each["outcome"] for each in outcomes] == ["applied"] * 3


def test_a_group_is_taken_whole_or_not_at_all(alice: Desk) -> None:
    wrong = a_case(2, urgency="no such urgency")
    received = taken(alice, alice.seal(alice.work([a_case(1), wrong], [a_case(3)])))

    assert received.added == Added(outcomes={"rejected": 2, "applied": 1})


def test_work_waits_for_a_record_that_another_part_brings(alice: Desk) -> None:
    made = a_case(1)
    visit = created(2, "visit", case=made["record"], narrative="พบที่บ้าน", visited_on="2026-11-20")
    held = taken(alice, alice.seal(alice.work([visit])))
    taken(alice, alice.seal(alice.work([made])))

    assert held.added == Added(outcomes={"held": 1})
    assert [each["narrative"] for each in records(alice, "visit")] == ["พบที่บ้าน"]


def test_photos_come_with_it_once_their_hash_is_right(alice: Desk) -> None:
    made = a_case(1)
    photo, file = photo_of(2, made["record"])
    damaged = UnsentFile(file.attachment, file.sha256, PHOTO[:-1])
    first = taken(alice, alice.seal(alice.work([made], [photo], files=[damaged])))
    second = taken(alice, alice.seal(alice.work(files=[file])))
    third = taken(alice, alice.seal(alice.work(files=[file])))

    assert first.added == Added(outcomes={"applied": 2}, files_refused=1)
    assert (second.added, third.added) == (Added(files=1), Added(files_known=1))
    assert alice.centre.centre.blobs.path_of(file.sha256).read_bytes() == PHOTO
    [status] = alice.who.post("/api/v1/attachments/status", json={"attachments": [file.attachment]}).json["attachments"]
    assert status["verified"]


def test_photos_whose_record_has_not_come_wait_with_their_delivery(alice: Desk) -> None:
    made = a_case(1)
    photo, file = photo_of(2, made["record"])
    sealed = alice.seal(alice.work(files=[file]))
    early = taken(alice, sealed)
    taken(alice, alice.seal(alice.work([made], [photo])))
    late = taken(alice, sealed)

    assert (early.delivery.state, early.added) == ("open", Added(files_waiting=1))
    assert (late.delivery.state, late.added) == ("applied", Added(files=1))


def test_somebody_elses_photo_is_not_replaced(alice: Desk, colleague: Somebody) -> None:
    made = a_case(1)
    photo, file = photo_of(2, made["record"])
    alice.push([made], [photo])
    other = Desk(alice.centre, colleague)

    assert taken(other, other.seal(other.work(files=[file]))).added == Added(files_refused=1)


def test_without_a_good_mac_it_waits_for_staff(alice: Desk) -> None:
    received = taken(alice, alice.seal(alice.work([a_case(1)]), token="hd_guessed"))

    assert received.added is None
    assert (received.delivery.state, received.delivery.user) == ("open", alice.who.id)
    assert (received.delivery.detail["authentic"], ledger(alice)) == (False, [])


def test_an_earlier_token_of_the_device_is_good(alice: Desk) -> None:
    before = alice.seal(alice.work([a_case(1)]))
    code = alice.centre.code(alice.who.id)
    said = {"name": "โทรศัพท์", "platform": "test", "client_version": "test/1", "device": alice.who.device}
    assert alice.centre.client.post("/api/v1/devices", json=said | {"code": code}).status_code == 201

    assert taken(alice, before).added == Added(outcomes={"applied": 1})


def test_work_of_a_lost_device_waits_though_it_is_authentic(alice: Desk) -> None:
    sealed = alice.seal(alice.work([a_case(1)]))
    admin = alice.centre.staff("administrator@nation")
    admin.post(f"/api/v1/devices/{alice.who.device}/revoke", json={"order": "lost"})
    received = taken(alice, sealed)

    assert received.added is None
    assert (received.delivery.kind, received.delivery.detail["authentic"]) == ("outbox", True)


def test_work_of_somebody_who_has_gone_waits(alice: Desk) -> None:

    with writing(alice.centre.centre.engine) as connection:
        people.set_active(connection, alice.who.id, active=False)

    assert taken(alice, alice.seal(alice.work([a_case(1)]))).added is None


@pytest.mark.parametrize("content", [b"x", b"\0" * 500])
def test_what_cannot_be_opened_is_kept(alice: Desk, content: bytes) -> None:
    received = taken(alice, content)

    assert (received.delivery.detail, received.added) == ({"readable": False}, None)
    with reading(alice.centre.centre.engine) as connection:
        assert quarantine.content_of(connection, received.delivery.id) == content


def test_a_sealed_edit_inside_is_opened_as_well(alice: Desk) -> None:

    made = a_case(1, summary="ปิดผนึก")
    key = PublicKey(alice.centre.centre.keys.public)
    box = SealedBox(key).encrypt(zlib.compress(msgspec.json.encode(made)))
    sealed = {"seq": 1, "id": made["id"], "sealed": b64encode(box).decode()}
    taken(alice, alice.seal(alice.work([sealed])))

    assert [each["summary"] for each in records(alice, "case")] == ["ปิดผนึก"]


def test_what_is_sealed_once_more_may_not_open_to_more_than_a_delivery(open_centre_with: Any) -> None:
    centre = open_centre_with(delivery_bytes_max=100_000)
    desk = Desk(centre, centre.field(WORKER))
    made = [a_case(seq, summary="ก" * 12_000) for seq in (1, 2, 3)]
    key = PublicKey(centre.centre.keys.public)
    boxes = [b64encode(SealedBox(key).encrypt(zlib.compress(msgspec.json.encode(each)))).decode() for each in made]
    sealed = [{"seq": each["seq"], "id": each["id"], "sealed": box} for each, box in zip(made, boxes, strict=True)]

    assert [taken(desk, desk.seal(desk.work(sealed[:some]))).delivery.detail["readable"] for some in (2, 3)] == [
        True,
        False,
    ]


def test_a_file_holds_its_parts_and_is_refused_when_cut_off() -> None:
    content = b"".join(as_file([b"first", b"second"]))

    assert parts_of(content) == [b"first", b"second"]
    for wrong in (b"", b"hello", content[:-1], content + b"\0\0", content + b"\0\0\0\0"):
        with pytest.raises(NoSealedFile):
            parts_of(wrong)


def test_staff_take_a_file_in_at_the_centre(alice: Desk, migrated_url: str, tmp_path: Path) -> None:
    good, forged = alice.seal(alice.work([a_case(1)])), alice.seal(alice.work([a_case(2)]), token="hd_guessed")
    file, other = tmp_path / "work.sealed", tmp_path / "holiday.jpg"
    file.write_bytes(b"".join(as_file([good, forged])))
    other.write_bytes(b"no sealed work")
    environment = {"HUSEC_DATA_DIR": str(tmp_path), "HUSEC_DATABASE_URL": migrated_url, "HUSEC_JOBS": "no"}

    def take(path: Path) -> Result:
        return CliRunner().invoke(main, ["import", "unsent", str(path)], env=environment)

    first, again, refused = take(file), take(file), take(other)

    assert [result.exit_code for result in (first, again, refused)] == [0, 0, 1], first.output
    assert ("applied 1" in first.output, "known 1" in again.output) == (True, True)
    assert "waits for staff" in first.output
    assert len(records(alice, "case")) == 1


def test_after_a_restore_its_bases_are_lowered_to_what_the_centre_knows(alice: Desk) -> None:
    made = a_case(1, urgency="normal")
    [known] = alice.push([made])
    edit = {"seq": 2, "id": new_id(), "op": "update", "type": "case", "record": made["record"], "recorded_at": "x"}
    edit |= {"base": known["commit"] + 50, "set": {"urgency": ["normal", "urgent"]}}
    before = alice.work([edit])
    with writing(alice.centre.centre.engine) as connection:
        parent, restored_to = current_epoch(connection), known["commit"]
        add_epochs(
            connection, len(all_epochs(connection)), [Epoch(new_id(), parent, restored_to, "2026-11-23T01:00:00.000Z")]
        )

    assert taken(alice, alice.seal(before)).added == Added(outcomes={"applied": 1})
    with reading(alice.centre.centre.engine) as connection:
        kept = connection.execute(select(mutation.c.base, mutation.c.payload).where(mutation.c.id == edit["id"])).one()
    assert (kept.base, msgspec.json.decode(kept.payload)["base"]) == (restored_to, restored_to)


def test_a_date_that_nobody_typed_is_corrected_by_the_clock_that_the_file_tells(alice: Desk) -> None:
    made = a_case(1) | {"recorded_at": "2026-11-20T23:30:00.000Z", "assumed": ["received_on"]}
    made["data"]["received_on"] = "2026-11-21"
    taken(alice, alice.seal(alice.work([made], clock_offset_ms=-24 * 3_600_000)))

    assert [each["received_on"] for each in records(alice, "case")] == ["2026-11-20"]
