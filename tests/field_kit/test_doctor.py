"""The doctor finds what is wrong, and mends what can be mended."""

from pathlib import Path

from field_kit import FieldKit
from tests.field_kit.centre import Centre, page, table
from tests.field_kit.device import CASE, DISTRICT

ALWAYS = {"key_recoverable", "room_left"}
"""What these devices lack by nature: a centre's key; perhaps room on the machine."""


def wrong(kit: FieldKit, *, repair: bool = False) -> set[str]:
    return {finding.code for finding in kit.doctor(repair=repair) if not finding.ok} - ALWAYS


def held(kit: FieldKit, record: str) -> None:
    rows = table("person", ["first_name"], (record, 3, [DISTRICT], ["สมชาย"]))
    kit.sync(transport=Centre(pulls=[page({DISTRICT: (3, None)}, rows)]))


def test_a_device_in_use_is_well(kit: FieldKit, outside, tmp_path: Path) -> None:
    held(kit, outside.new_id())
    photo = tmp_path / "a.jpg"
    photo.write_bytes(b"photo")
    kit.attach(kit.create("case", CASE).record, photo)
    kit.search("สม")

    assert wrong(kit) == set()


def test_a_row_lost_from_its_bucket_is_noticed_and_fetched_again(kit: FieldKit, outside) -> None:
    person = outside.new_id()
    held(kit, person)
    kit.database.execute("DELETE FROM record WHERE id = ?", (person,))

    assert wrong(kit, repair=True) == {"buckets_equal"}
    centre = Centre()
    kit.sync(transport=centre)
    assert centre.pulled[0].checkpoint == {DISTRICT: (0, None)}


def test_a_damaged_photo_is_noticed(kit: FieldKit, tmp_path: Path) -> None:
    photo = tmp_path / "a.jpg"
    photo.write_bytes(b"photo")
    kit.attach(kit.create("case", CASE).record, photo)
    kit.database.execute("UPDATE file_chunk SET bytes = ?", (b"phot0",))

    assert wrong(kit) == {"files_whole"}


def test_a_hole_in_the_log_is_noticed(kit: FieldKit) -> None:
    for name in ("หนึ่ง", "สอง", "สาม"):
        kit.create("person", first_name=name)
    kit.database.execute("DELETE FROM mutation WHERE seq = 2")

    assert wrong(kit) == {"log_dense_normal"}


def test_a_broken_index_is_noticed_and_made_anew(kit: FieldKit) -> None:
    kit.create("person", first_name="สมชาย")
    kit.search("สม")
    kit.database.execute("INSERT INTO search (search) VALUES ('delete-all')")

    assert wrong(kit, repair=True) == {"index_complete"}
    assert wrong(kit) == set()
    assert len(kit.search("สมช")) == 1


def test_a_wrong_clock_is_said(kit: FieldKit, outside) -> None:
    outside.clock = outside.clock.replace(year=2027)
    kit.sync(transport=Centre())

    assert wrong(kit) == {"clock_right"}


def test_a_flipped_byte_in_the_file_is_noticed(kit: FieldKit) -> None:
    for number in range(200):
        kit.create("person", first_name=f"สมชาย {number}")
    kit.database.execute("PRAGMA wal_checkpoint(TRUNCATE)")
    kit.database.execute("PRAGMA shrink_memory")
    size = kit.database.path.stat().st_size
    with kit.database.path.open("r+b") as file:
        file.seek(size - 2000)
        byte = file.read(1)
        file.seek(size - 2000)
        file.write(bytes([byte[0] ^ 1]))

    assert "pages_authentic" in wrong(kit, repair=True)
