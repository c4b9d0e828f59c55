"""A phone is lost, a user leaves, a passphrase is forgotten, a colleague carries a file: through real processes."""

import json
import signal
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from schemas import messages
from tests.acceptance.http_phone import HttpPhone, Link
from tests.acceptance.kit_process import CommandFailed, Kit, started
from tests.acceptance.office import Office, Province
from tests.acceptance.records import made_case

PHOTO = b"\xff\xd8 a photo of a house " * 400
REASON = {"reason": "โทรถามเจ้าของเครื่องแล้ว เขียนไว้ก่อนเครื่องหาย"}
NARRATIVE = "พบที่บ้าน อยู่คนเดียว"


@pytest.fixture
def desk(here: Office, province: Province) -> Link:
    """A social worker of the province at a desk."""
    return here.desk(f"social_worker@{province.scope}")


@pytest.fixture
def head(here: Office, province: Province) -> Link:
    """The head of the province at a desk."""
    return here.desk(f"approver@{province.scope}")


@pytest.fixture
def anong(here: Office, province: Province) -> Kit:
    """Of the day team, with a laptop."""
    return here.kit(f"rru_member@team:{province.day_team}")


@pytest.fixture
def boon(here: Office, province: Province) -> Kit:
    """A colleague of the night team, with a laptop and a signal."""
    return here.kit(f"rru_member@team:{province.night_team}")


def at_work(kit: Kit, case: str, tmp_path: Path) -> str:
    """Let a kit record a visit with a photo that nobody has yet; return the visit."""
    picture = tmp_path / "house.jpg"
    picture.write_bytes(PHOTO)
    visit = kit.new("visit", case=case, narrative=NARRATIVE)
    kit.run("attach", visit, str(picture), "kind=house_outside")
    return visit


def refused(kit: Kit, name: str, *arguments: str) -> tuple[int, dict[str, Any]]:
    """Run a command that must fail; return its code and what it says."""
    with pytest.raises(CommandFailed) as failed:
        kit.run(name, *arguments)
    return failed.value.code, failed.value.said


def cancel(office: Office, kit: Kit, order: str) -> None:
    office.admin.json("POST", f"/devices/{kit.device}/revoke", {"order": order})


def about(desk: Link, kit: Kit) -> list[Any]:
    """Return what staff see of a cancelled device: the order, whether it is wiped, how many outboxes came."""
    found = desk.json("GET", f"/devices/{kit.device}")
    return [found["revoked_order"], bool(found["wiped_at"]), found["outboxes"]]


def photo_arrived(alice: HttpPhone, visit: str) -> bool:
    alice.pull()
    photos = [
        id_ for id_, (kind, _, data) in alice.rows.items() if kind == "attachment" and data["owner_record"] == visit
    ]
    statuses = alice.link.json("POST", "/attachments/status", {"attachments": photos})["attachments"]
    return [each["verified"] for each in statuses] == [True]


def reads_of(head: Link, kit: Kit) -> set[str]:
    """Return every record that the read log says was on a device."""
    entries = head.json("GET", f"/devices/{kit.device}/reads?limit=500")["items"]
    return {each for entry in entries for each in all_records(head, entry["number"])}


def all_records(head: Link, number: int) -> list[str]:
    found: list[str] = []
    cursor: str | None = ""
    while cursor is not None:
        page = head.json("GET", f"/reads/{number}/records?limit=500&cursor={cursor}")
        found += page["items"]
        cursor = page["next"]
    return found


def test_a_lost_phone_is_empty_at_its_next_contact_and_its_work_waits_for_staff(
    here: Office, anong: Kit, alice: HttpPhone, desk: Link, head: Link, province: Province, tmp_path: Path
) -> None:
    mine = made_case(alice, province, summary="ของทีมกลางวัน")
    others = made_case(alice, province, summary="ของทีมกลางคืน", team=province.night_team)
    anong.sync()
    on_it = set(anong.all("case"))
    visit = at_work(anong, mine, tmp_path)
    cancel(here, anong, "lost")

    code, said = refused(anong, "sync")

    assert (code, said["error"], said["confirmed"]) == (9, "device_wiped", True)
    assert "ถูกลบแล้ว" in said["detail"]
    assert list(anong.home.iterdir()) == []
    assert about(head, anong) == ["lost", True, 1]
    assert (on_it, others in reads_of(head, anong)) == ({mine}, False)
    assert mine in reads_of(head, anong)

    [waiting] = desk.json("GET", "/deliveries")["items"]
    assert (waiting["kind"], waiting["user"], waiting["detail"]["authentic"]) == ("outbox", anong.user["id"], True)
    alice.pull()
    assert visit not in alice.rows
    opened = desk.json("GET", f"/deliveries/{waiting['id']}")["holds"]
    assert [each["type"] for each in opened["mutations"]] == ["visit", "attachment"]
    applied = desk.json("POST", f"/deliveries/{waiting['id']}/apply", REASON)
    assert (applied["added"]["outcomes"], applied["added"]["files"]) == ({"applied": 2}, 1)
    assert photo_arrived(alice, visit)
    assert alice.data(visit)["narrative"] == NARRATIVE


def test_a_lost_phone_that_was_emptied_without_a_signal_leaves_its_work_later(
    here: Office, province: Province, alice: HttpPhone, head: Link, tmp_path: Path
) -> None:
    from tests.acceptance.watched_link import WatchedLink

    with WatchedLink("127.0.0.1", here.server.port) as link:
        kit = here.kit(f"rru_member@team:{province.day_team}", url=link.url)
        case = made_case(alice, province)
        kit.sync()
        at_work(kit, case, tmp_path)
        cancel(here, kit, "lost")
        die(kit, "post")
    code, said = refused(kit, "sync")

    assert (code, said["error"]) == (9, "device_wiped_outbox_here")
    assert sorted(path.suffix for path in kit.home.iterdir()) == [".outbox", ".wiping"]
    assert NARRATIVE.encode() not in b"".join(path.read_bytes() for path in kit.home.iterdir())
    assert about(head, kit) == ["lost", False, 0]
    with_signal(kit, here.server.url)
    assert refused(kit, "status")[1]["error"] == "device_wiped"
    assert (about(head, kit), list(kit.home.iterdir())) == (["lost", True, 1], [])


def with_signal(kit: Kit, url: str) -> None:
    """Let the order name an address where the centre answers, as a mended link would."""
    [order] = kit.home.glob("*.wiping")
    order.write_text(json.dumps(json.loads(order.read_text()) | {"server_url": url}))


def die(kit: Kit, step: str) -> None:
    """Let the wipe begin, and kill its process before a step."""
    line = [sys.executable, "-m", "tests.acceptance.dying_wipe", str(kit.home), str(kit.passphrase_file), step]
    with started(line) as process:
        assert process.wait(60) == -signal.SIGKILL


@pytest.mark.parametrize("step", ["order", "post", "keyring", "files", "wiped", "confirm", "end"])
def test_killed_anywhere_the_wipe_is_ended_and_the_work_arrives_once(
    here: Office, anong: Kit, alice: HttpPhone, head: Link, province: Province, tmp_path: Path, step: str
) -> None:
    case = made_case(alice, province)
    anong.sync()
    at_work(anong, case, tmp_path)
    cancel(here, anong, "lost")
    die(anong, step)

    assert refused(anong, "sync")[1]["error"] == "device_wiped"
    assert list(anong.home.iterdir()) == []
    assert about(head, anong) == ["lost", True, 1]


def test_a_device_whose_user_left_sends_everything_and_is_then_empty(
    here: Office, anong: Kit, alice: HttpPhone, head: Link, province: Province, tmp_path: Path
) -> None:
    case = made_case(alice, province)
    anong.sync()
    visit = at_work(anong, case, tmp_path)
    cancel(here, anong, "left")

    code, said = refused(anong, "sync")

    assert (code, said["error"], said["order"]) == (9, "device_wiped", "left")
    assert (about(head, anong), list(anong.home.iterdir())) == (["left", True, 0], [])
    assert photo_arrived(alice, visit)
    assert alice.data(visit)["narrative"] == NARRATIVE


@pytest.mark.parametrize("pushes_first", [True, False], ids=["the device first", "the colleague first"])
def test_a_colleague_carries_the_work_and_nothing_doubles(
    anong: Kit, boon: Kit, alice: HttpPhone, province: Province, tmp_path: Path, pushes_first: bool
) -> None:
    case = made_case(alice, province)
    anong.sync()
    visit = at_work(anong, case, tmp_path)
    file = tmp_path / "anong.sealed"
    assert anong.run("export", str(file)) == {"mutations": 2, "files": 1, "parts": 1, "path": str(file)}
    assert [boon.run("import", str(file)) for _ in range(2)] == [{"new": 1, "waiting": 1}, {"new": 0, "waiting": 1}]
    assert boon.all("visit") == {}

    def deliver() -> None:
        assert boon.sync()["delivered"] == 1

    def push() -> None:
        assert anong.sync()["outcomes"] == {"applied": 2}

    steps: list[Callable[[], None]] = [push, deliver] if pushes_first else [deliver, push]
    for step in steps:
        step()

    assert photo_arrived(alice, visit)
    alice.pull()
    assert [id_ for id_, (kind, _, data) in alice.rows.items() if kind == "visit" and data["case"] == case] == [visit]
    history = alice.link.json("GET", f"/records/{visit}/history")["items"]
    assert {each["author"] for each in history} == {anong.user["id"]}
    assert (anong.outbox(), anong.run("status")["files_waiting"]) == ([], 0)


def test_a_forgotten_passphrase_is_recovered_after_approval_and_nothing_is_lost(
    here: Office, anong: Kit, alice: HttpPhone, head: Link, province: Province
) -> None:
    case = made_case(alice, province)
    anong.sync()
    visit = anong.new("visit", case=case, narrative=NARRATIVE)
    anong.passphrase_file.write_text("ที่ตอนนี้นึกไม่ออก")
    assert refused(anong, "show", visit)[1]["error"] == "wrong_passphrase"

    code, said = refused(anong, "forgot")
    assert (code, said["error"]) == (12, "recovery_open")
    [asked] = head.json("GET", "/key-recoveries")["items"]
    assert (asked["device"], asked["user"], asked["state"]) == (anong.device, anong.user["id"], "open")
    head.json("POST", f"/key-recoveries/{asked['id']}/approve", {"code": said["code"]})

    assert anong.run("forgot") == {"recovered": True}
    assert anong.show(visit)["data"]["narrative"] == NARRATIVE
    assert anong.sync()["outcomes"] == {"applied": 1}


def test_a_lost_device_is_not_given_its_key(here: Office, anong: Kit, head: Link) -> None:
    said = refused(anong, "forgot")[1]
    [asked] = head.json("GET", "/key-recoveries")["items"]
    head.json("POST", f"/key-recoveries/{asked['id']}/approve", {"code": said["code"]})
    cancel(here, anong, "lost")

    assert refused(anong, "forgot")[1]["error"] == "device_revoked"


def test_logging_out_is_refused_while_work_waits(anong: Kit, alice: HttpPhone, head: Link, province: Province) -> None:
    case = made_case(alice, province)
    anong.sync()
    anong.new("visit", case=case, narrative=NARRATIVE)
    code, said = refused(anong, "leave")
    assert (code, said["error"], said["waiting"]) == (12, "leave_refused", 1)
    assert messages.text("screen.log_out_refused", "th", waiting=1)[:25] in said["detail"]

    anong.sync()
    assert anong.run("leave") == {"wiped": True, "confirmed": True}
    assert (about(head, anong), list(anong.home.iterdir())) == (["left", True, 0], [])
