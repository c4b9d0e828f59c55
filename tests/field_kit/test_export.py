"""What was not sent can be carried by anybody and read by the centre alone."""

from base64 import b64encode
from pathlib import Path

import pytest

from field_kit import FieldKit
from field_kit.errors import ExportInside, LeaveRefused, NoCentreKey, NotSealedWork, ServerRefused
from field_kit.export import PART_BYTES
from field_kit.log import prune
from field_kit.recovery import recover
from sync.errors import DeviceForked, EpochChanged, TooManyRequests
from sync.messages import PushRequest
from sync.mutation import Mutation, read
from sync.unsent import MAC_BYTES, MAGIC, UnsentWork, is_authentic, mac_key, parts_of, work_in
from tests.field_kit.centre import Centre
from tests.field_kit.device import log_of
from tests.field_kit.sealed import KEYS, know_centre

TOKEN = "token-of-the-device"


@pytest.fixture
def outside_folder(tmp_path: Path) -> Path:
    """Give a folder beside the device's own: a USB stick, say."""
    stick = tmp_path.parent / f"{tmp_path.name}-stick"
    stick.mkdir()
    return stick


@pytest.fixture
def sealed_kit(kit: FieldKit) -> FieldKit:
    """Give a device that knows the centre's key."""
    know_centre(kit)
    return kit


def opened(path: Path) -> list[UnsentWork]:
    """Return what the centre reads in a file, part by part."""
    found = []
    for part in parts_of(path.read_bytes()):
        inside = KEYS.open(part) or b""
        assert is_authentic(inside, [mac_key(TOKEN)])
        work = work_in(inside)
        assert work is not None
        found.append(work)
    return found


def mutations(work: UnsentWork) -> list[Mutation]:
    return [made for groups in work.lanes.values() for group in groups for each in group if _is(made := read(each))]


def _is(made: object) -> bool:
    return isinstance(made, Mutation)


def attached(kit: FieldKit, folder: Path, content: bytes = b"photo") -> str:
    """Give a person a photo; return the photo's id."""
    photo = folder / "house.jpg"
    photo.write_bytes(content)
    person = kit.create("person", first_name="สมชาย").record
    return str(kit.attach(person, photo).record)


def test_an_export_holds_what_has_no_outcome_and_the_bytes_of_photos(
    sealed_kit: FieldKit, outside_folder: Path
) -> None:
    sealed_kit.create("person", first_name="ส่งแล้ว")
    sealed_kit.sync(transport=Centre())
    photo = attached(sealed_kit, outside_folder)
    done = sealed_kit.export(outside_folder / "work.sealed")
    [work] = opened(outside_folder / "work.sealed")

    assert done._asdict() == {"mutations": 2, "files": 1, "parts": 1}
    assert [(each.type, each.seq) for each in mutations(work)] == [("person", 2), ("attachment", 3)]
    assert [(each.attachment, each.bytes) for each in work.files] == [(photo, b"photo")]
    assert (work.device, work.incarnation, work.epoch, work.kind, work.everything) == (
        sealed_kit.identity.device,
        sealed_kit.identity.incarnation,
        sealed_kit.identity.epoch,
        "export",
        False,
    )


def test_everything_is_the_whole_log(sealed_kit: FieldKit, outside_folder: Path) -> None:
    sealed_kit.create("person", first_name="ส่งแล้ว")
    sealed_kit.sync(transport=Centre())
    sealed_kit.create("emergency", causes=["threat_or_assault"], area="5401")
    sealed_kit.export(outside_folder / "work.sealed", everything=True)
    [work] = opened(outside_folder / "work.sealed")

    assert ({lane: len(groups) for lane, groups in work.lanes.items()}, work.everything) == (
        {"normal": 1, "urgent": 1},
        True,
    )


def test_nobody_reads_a_name_in_the_file(sealed_kit: FieldKit, outside_folder: Path) -> None:
    attached(sealed_kit, outside_folder)
    sealed_kit.export(outside_folder / "work.sealed")
    content = (outside_folder / "work.sealed").read_bytes()

    assert content.startswith(MAGIC)
    for secret in ("สมชาย".encode(), TOKEN.encode(), sealed_kit.identity.device.encode(), b64encode(b"photo")):
        assert secret not in content
    assert (outside_folder / "work.sealed").stat().st_mode & 0o777 == 0o600


def test_a_forger_with_the_public_key_cannot_write_in_somebodys_name(
    sealed_kit: FieldKit, outside_folder: Path
) -> None:
    sealed_kit.create("person", first_name="สมชาย")
    sealed_kit.export(outside_folder / "work.sealed")
    [part] = parts_of((outside_folder / "work.sealed").read_bytes())
    inside = KEYS.open(part) or b""
    forged = inside[:MAC_BYTES] + inside[MAC_BYTES:].replace("สมชาย".encode(), "สมศรี".encode())

    assert [is_authentic(each, [mac_key(TOKEN)]) for each in (inside, forged)] == [True, False]


def test_many_photos_go_in_several_parts(sealed_kit: FieldKit, outside_folder: Path) -> None:
    for number in range(3):
        attached(sealed_kit, outside_folder, bytes([number]) * (PART_BYTES // 2 - 1_000))
    done = sealed_kit.export(outside_folder / "work.sealed")
    found = opened(outside_folder / "work.sealed")

    assert (done.files, done.parts) == (3, len(found))
    assert [(work.part, work.parts, len(work.files)) for work in found] == [(1, 2, 1), (2, 2, 2)]


def test_an_export_is_not_written_where_a_wipe_would_take_it(sealed_kit: FieldKit) -> None:
    sealed_kit.create("person", first_name="สมชาย")
    with pytest.raises(ExportInside):
        sealed_kit.export(sealed_kit.database.path.parent / "work.sealed")


def test_without_the_centres_key_nothing_is_written(kit: FieldKit, outside_folder: Path) -> None:
    kit.create("person", first_name="สมชาย")
    with pytest.raises(NoCentreKey):
        kit.export(outside_folder / "work.sealed")
    assert not (outside_folder / "work.sealed").exists()


def test_nothing_to_send_writes_no_file(sealed_kit: FieldKit, outside_folder: Path) -> None:
    assert sealed_kit.export(outside_folder / "work.sealed").parts == 0
    assert list(outside_folder.iterdir()) == []


def test_a_colleague_carries_it_once_and_reads_nothing(sealed_kit: FieldKit, outside_folder: Path) -> None:
    sealed_kit.create("person", first_name="สมชาย")
    file = outside_folder / "work.sealed"
    sealed_kit.export(file)
    kept = [sealed_kit.carry(file), sealed_kit.carry(file)]
    waiting = sealed_kit.status().carried
    centre = Centre()
    tally = sealed_kit.sync(transport=centre)

    assert (kept, waiting, tally.delivered) == ([1, 0], 1, 1)
    assert (centre.delivered, sealed_kit.status().carried) == (parts_of(file.read_bytes()), 0)


@pytest.mark.parametrize("refusal", [TooManyRequests(retry_after_ms=3_600_000), ServerRefused("no", status=507)])
def test_what_the_centre_does_not_take_now_waits_and_stops_nothing(
    sealed_kit: FieldKit, outside, outside_folder: Path, refusal: Exception
) -> None:
    sealed_kit.create("person", first_name="สมชาย")
    sealed_kit.export(outside_folder / "work.sealed")
    sealed_kit.carry(outside_folder / "work.sealed")
    tally = sealed_kit.sync(transport=Centre(door=refusal))

    assert (tally.sent, tally.delivered, sealed_kit.status().carried) == (1, 0, 1)
    assert outside.waits == []


@pytest.mark.parametrize("content", [b"", b"hello", MAGIC + b"\0\0\1\0short"])
def test_another_file_is_not_carried(sealed_kit: FieldKit, outside_folder: Path, content: bytes) -> None:
    (outside_folder / "x").write_bytes(content)
    with pytest.raises(NotSealedWork):
        sealed_kit.carry(outside_folder / "x")
    assert sealed_kit.status().carried == 0


def test_after_a_recovery_what_is_under_way_again_is_exported_again(sealed_kit: FieldKit, outside_folder: Path) -> None:
    sealed_kit.create("person", first_name="สมชาย")
    sealed_kit.sync(transport=Centre())

    def one_fork_then_silence(request: PushRequest) -> None:
        raise DeviceForked(last={"seq": 0})

    sealed_kit.create("person", first_name="สมหญิง")
    with pytest.raises(DeviceForked):
        sealed_kit.sync(transport=Centre(pushes=[one_fork_then_silence] * 9))

    assert sealed_kit.export(outside_folder / "work.sealed").mutations == 2


def test_leaving_is_refused_while_work_waits(sealed_kit: FieldKit, outside_folder: Path) -> None:
    attached(sealed_kit, outside_folder)
    with pytest.raises(LeaveRefused) as refused:
        sealed_kit.leave(Centre())

    assert refused.value.facts == {"waiting": 3}
    assert len(log_of(sealed_kit, "id")) == 2


def test_leaving_is_refused_while_a_colleagues_work_is_carried(sealed_kit: FieldKit, outside_folder: Path) -> None:
    sealed_kit.create("person", first_name="สมชาย")
    sealed_kit.export(outside_folder / "work.sealed")
    sealed_kit.carry(outside_folder / "work.sealed")
    with pytest.raises(LeaveRefused):
        sealed_kit.leave(Centre())


def test_leaving_is_refused_while_rows_from_before_a_restore_are_kept(sealed_kit: FieldKit) -> None:
    sealed_kit.database.execute("INSERT INTO record (id, type, version, data) VALUES ('r', 'person', 9, '{}')")
    recover(
        sealed_kit.database,
        EpochChanged(epoch="01a00000-0000-7000-8000-00000000eee2", restored_to=5),
        sealed_kit.surroundings,
    )
    with pytest.raises(LeaveRefused):
        sealed_kit.leave(Centre())


def test_what_was_typed_after_the_export_is_not_in_it(sealed_kit: FieldKit, outside_folder: Path) -> None:
    sealed_kit.create("person", first_name="สมชาย")
    sealed_kit.export(outside_folder / "work.sealed")
    sealed_kit.create("person", first_name="สมหญิง")
    with pytest.raises(LeaveRefused):
        sealed_kit.leave(Centre())


def test_what_was_typed_after_the_log_was_pruned_is_not_in_an_earlier_export(
    sealed_kit: FieldKit, outside_folder: Path
) -> None:
    sealed_kit.create("person", first_name="สมชาย")
    sealed_kit.export(outside_folder / "work.sealed")
    sealed_kit.sync(transport=Centre())
    with sealed_kit.database.transaction():
        prune(sealed_kit.database, "normal", 1)
    sealed_kit.create("person", first_name="สมหญิง")
    with pytest.raises(LeaveRefused):
        sealed_kit.leave(Centre())


def test_what_goes_again_after_a_recovery_is_not_in_an_earlier_export(
    sealed_kit: FieldKit, outside_folder: Path
) -> None:
    sealed_kit.create("person", first_name="สมชาย")
    sealed_kit.sync(transport=Centre())
    sealed_kit.create("person", first_name="สมหญิง")
    sealed_kit.export(outside_folder / "work.sealed")
    recover(sealed_kit.database, DeviceForked(last={"seq": 0}), sealed_kit.surroundings)
    with pytest.raises(LeaveRefused):
        sealed_kit.leave(Centre())


@pytest.mark.parametrize("how", ["exported", "sent"])
def test_after_an_export_or_with_nothing_left_one_may_leave(
    sealed_kit: FieldKit, outside_folder: Path, how: str
) -> None:
    folder = sealed_kit.database.path.parent
    attached(sealed_kit, outside_folder)
    if how == "exported":
        sealed_kit.export(outside_folder / "work.sealed")
    else:
        sealed_kit.sync(transport=Centre())
    centre = Centre()
    done = sealed_kit.leave(centre)

    assert (done.facts["order"], done.facts["confirmed"], centre.wiped) == ("left", True, 1)
    assert (centre.delivered, list(folder.iterdir())) == ([], [])
