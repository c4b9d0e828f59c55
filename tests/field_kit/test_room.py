"""A full disk: said as what it is, nothing is lost, and what is there can be read."""

from pathlib import Path

import pytest

from field_kit import FieldKit
from field_kit.driver import DatabaseError
from field_kit.errors import StoreFull
from field_kit.keyfile import change_passphrase, read_key
from field_kit.room import says_full
from sync.messages import PullRequest
from tests.field_kit.centre import Centre, page, table
from tests.field_kit.device import CASE, DISTRICT, PASSPHRASE, QUICK
from tests.field_kit.sealed import know_centre

RECORD = "01a00000-0000-7000-8000-0000000000c1"
LONG = "ฝนตกหนัก " * 2_000


@pytest.fixture
def full_kit(kit: FieldKit) -> FieldKit:
    """Give a device whose file cannot grow; SQLite says the same of a full disk."""
    kit.create("case", CASE, summary="อยู่แล้ว")
    kit.database.execute(f"PRAGMA max_page_count = {kit.database.value('PRAGMA page_count')}")
    return kit


def make_room(kit: FieldKit) -> None:
    kit.database.execute("PRAGMA max_page_count = 1000000")


def pull_of_much(_: PullRequest) -> object:
    rows = [table("case", ["summary"], (RECORD, 5, [DISTRICT], [LONG]))]
    return page({DISTRICT: (5, None)}, *rows, add=[DISTRICT])


def test_a_save_without_room_is_said_not_to_be_saved_and_leaves_nothing(full_kit: FieldKit) -> None:
    with pytest.raises(StoreFull):
        full_kit.create("case", CASE, summary=LONG)
    assert [each.data["summary"] for each in full_kit.list("case")] == ["อยู่แล้ว"]


def test_a_sync_without_room_says_so_and_goes_on_when_there_is_room(full_kit: FieldKit) -> None:
    with pytest.raises(StoreFull):
        full_kit.sync(transport=Centre(pulls=[pull_of_much]))
    assert full_kit.get(RECORD) is None
    make_room(full_kit)
    full_kit.sync(transport=Centre(pulls=[pull_of_much]))
    shown = full_kit.get(RECORD)
    assert shown is not None
    assert shown.data["summary"] == LONG


@pytest.fixture
def without_room(tmp_path: Path) -> Path:
    """Give the name of a file whose draft has no room on its disk."""
    stick = tmp_path.parent / f"{tmp_path.name}-stick"
    stick.mkdir()
    (stick / "file.new").symlink_to("/dev/full")
    return stick / "file"


def test_an_export_without_room_says_so(kit: FieldKit, without_room: Path) -> None:
    know_centre(kit)
    kit.create("case", CASE)
    with pytest.raises(StoreFull):
        kit.export(without_room)
    assert not without_room.exists()


def test_a_new_passphrase_without_room_leaves_the_old_one(kit: FieldKit, tmp_path: Path) -> None:
    [key_file] = tmp_path.glob("*.key")
    key_file.with_suffix(".new").symlink_to("/dev/full")
    with pytest.raises(StoreFull):
        change_passphrase(key_file, kit.key, "อีกคำหนึ่งที่ยาวพอ", QUICK)
    assert read_key(key_file, PASSPHRASE) == kit.key


def test_an_error_is_a_full_disk_only_where_the_disk_is_full(tmp_path: Path) -> None:
    assert not says_full(OSError(5, "input/output error"), tmp_path)
    assert not says_full(DatabaseError("disk I/O error"), tmp_path)
    assert says_full(OSError(122, "quota exceeded"), tmp_path)
