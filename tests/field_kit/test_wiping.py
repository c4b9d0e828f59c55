"""A lost device leaves its sealed outbox and nothing else, wherever it dies on the way; one that left sends first."""

from base64 import b64encode
from collections.abc import Callable
from pathlib import Path

import msgspec
import pytest

from field_kit import FieldKit, wiping
from field_kit.errors import DeviceCancelled, DeviceWiped, DeviceWipedOutboxHere, LeaveRefused, Offline, WipeIncomplete
from field_kit.home import key_path
from field_kit.identity import change_identity
from field_kit.keyring import keeper_for, unlock
from field_kit.kit import resume_wipe
from sync.errors import DeviceRevoked, EpochChanged, TokenExpired
from sync.messages import Witness
from sync.mutation import read
from sync.unsent import UnsentWork, as_file, is_authentic, mac_key, parts_of, work_in
from tests.field_kit.centre import Centre, answered, page, table
from tests.field_kit.device import DISTRICT, EPOCH, KEY, Crash, Outside, begin
from tests.field_kit.sealed import KEYS, know_centre

LOST, LEFT = DeviceRevoked(order="lost"), DeviceRevoked(order="left")
TOKEN = "token-of-the-device"
STEPS = ["seal", "order", "post", "key", "keyring", "files", "look", "wiped", "confirm", "end"]


@pytest.fixture
def full(kit: FieldKit, tmp_path: Path) -> FieldKit:
    """Give a device with an unsent person and photo, and a colleague's sealed file."""
    know_centre(kit)
    stick = tmp_path.parent / f"{tmp_path.name}-stick"
    stick.mkdir()
    (stick / "house.jpg").write_bytes(b"photo")
    kit.attach(kit.create("person", first_name="สมชาย").record, stick / "house.jpg")
    (stick / "colleague").write_bytes(b"".join(as_file([b"a colleague's part"])))
    kit.carry(stick / "colleague")
    unlock(keeper_for(kit.database.path), kit.key, kit.surroundings.now())
    return kit


def works(centre: Centre) -> list[UnsentWork]:
    """Return what the centre reads in the parts that it was given, a colleague's left out."""
    found = []
    for part in centre.delivered:
        inside = KEYS.open(part)
        if inside:
            assert is_authentic(inside, [mac_key(TOKEN)])
            work = work_in(inside)
            assert work is not None
            found.append(work)
    return found


def left_in(folder: Path) -> list[str]:
    return sorted(path.suffix for path in folder.iterdir())


def test_a_lost_device_leaves_its_outbox_and_is_empty(full: FieldKit, tmp_path: Path) -> None:
    centre = Centre(pushes=[LOST])
    with pytest.raises(DeviceWiped) as told:
        full.sync(transport=centre)

    assert told.value.facts == {"order": "lost", "confirmed": True, "phone": "1300"}
    assert (left_in(tmp_path), centre.wiped) == ([], 1)
    [work] = works(centre)
    assert (work.kind, len(work.lanes["normal"]), [each.bytes for each in work.files]) == ("outbox", 2, [b"photo"])
    assert centre.delivered[-1] == b"a colleague's part"
    assert keeper_for(tmp_path / "x.db").read() is None


def test_without_a_signal_only_the_sealed_outbox_stays(full: FieldKit, tmp_path: Path) -> None:
    path = full.database.path
    with pytest.raises(DeviceWipedOutboxHere):
        full.sync(transport=Centre(pushes=[LOST], door=Offline("no signal")))

    assert left_in(tmp_path) == [".outbox", ".wiping"]
    assert "สมชาย".encode() not in wiping.outbox_of(path).read_bytes()
    later = Centre()
    done = resume_wipe(wiping.order_of(path), transport=later)
    assert (type(done), done.facts["confirmed"], left_in(tmp_path)) == (DeviceWiped, True, [])
    assert (len(works(later)), later.wiped) == (1, 1)


def test_what_the_centre_has_of_an_outbox_is_not_sent_again(full: FieldKit, tmp_path: Path) -> None:
    path = full.database.path
    order = wiping.prepare(full.database, "lost", full.surroundings)
    full.close()

    class OncePerCall(Centre):
        def deliver(self, sealed: bytes) -> None:
            if self.delivered:
                raise Offline("no signal")
            super().deliver(sealed)

    first, second = OncePerCall(), OncePerCall()
    assert wiping.carry_out(order, lambda _: first) == ("lost", False, True)
    assert wiping.carry_out(wiping.order_of(path), lambda _: second) == ("lost", True, True)
    assert len({*first.delivered, *second.delivered}) == len(first.delivered + second.delivered) == 2
    assert left_in(tmp_path) == []


def test_a_device_with_nothing_unsent_leaves_nothing(kit: FieldKit, tmp_path: Path) -> None:
    know_centre(kit)
    centre = Centre(pulls=[LOST])
    with pytest.raises(DeviceWiped):
        kit.sync(transport=centre)

    assert (centre.delivered, centre.wiped, left_in(tmp_path)) == ([], 1, [])


def test_an_order_left_by_an_earlier_life_of_the_file_does_not_stand_in_for_a_new_one(
    full: FieldKit, tmp_path: Path
) -> None:
    path = wiping.order_of(full.database.path)
    older = wiping.Order(1, "lost", "http://centre.test", "old token", "old device", posted=1, wiped=True)
    wiping._write(path, older)
    wiping.write_whole(wiping.outbox_of(path), as_file(iter([b"the centre has it", b"an old part"])))
    centre = Centre(pushes=[LOST])
    with pytest.raises(DeviceWiped):
        full.sync(transport=centre)

    assert (left_in(tmp_path), centre.wiped) == ([], 1)
    assert (centre.delivered[0], centre.delivered[-1]) == (b"an old part", b"a colleague's part")
    assert len(works(centre)) == 1


def dies_at(wanted: str) -> Callable[[str], None]:
    def step(name: str) -> None:
        if name == wanted:
            raise Crash

    return step


@pytest.mark.parametrize("wanted", STEPS)
def test_killed_at_any_step_the_wipe_goes_on_and_no_work_is_lost(full: FieldKit, tmp_path: Path, wanted: str) -> None:
    path, centre = full.database.path, Centre()
    with pytest.raises(Crash):
        order = wiping.prepare(full.database, "lost", full.surroundings, step=dies_at(wanted))
        full.close()
        wiping.carry_out(order, lambda _: centre, dies_at(wanted))

    full.close()
    if wanted in ("seal", "order"):
        with FieldKit.open_with_key(path, KEY, full.surroundings) as again:
            done = again.obey("lost", centre)
    else:
        done = resume_wipe(wiping.order_of(path), transport=centre)

    assert (type(done), done.facts["confirmed"]) == (DeviceWiped, True)
    assert left_in(tmp_path) == []
    assert {len(work.lanes["normal"]) for work in works(centre)} == {2}
    assert len(set(centre.delivered)) == 2


def test_every_step_was_killed(full: FieldKit) -> None:
    seen: list[str] = []
    order = wiping.prepare(full.database, "lost", full.surroundings, step=seen.append)
    full.close()
    wiping.carry_out(order, lambda _: Centre(), seen.append)

    assert seen == STEPS


def test_nothing_is_called_wiped_while_something_is_left(full: FieldKit, tmp_path: Path) -> None:
    path, centre = full.database.path, Centre()
    stubborn = tmp_path / f"{path.stem}.photos"
    stubborn.mkdir()
    order = wiping.prepare(full.database, "lost", full.surroundings)
    full.close()
    with pytest.raises((WipeIncomplete, OSError)):
        wiping.carry_out(order, lambda _: centre)

    assert (order.exists(), centre.wiped) == (True, 0)
    stubborn.rmdir()
    assert wiping.carry_out(order, lambda _: centre) == ("lost", True, True)
    assert left_in(tmp_path) == []


def test_another_officers_file_in_the_folder_stays(full: FieldKit, tmp_path: Path, outside: Outside) -> None:
    other = tmp_path / "01a00000-0000-7000-8000-00000000abab.db"
    other.write_bytes(b"another officer's")
    key_path(other).write_bytes(b"their key")
    with pytest.raises(DeviceWiped):
        full.sync(transport=Centre(pushes=[LOST]))

    assert sorted(path.name for path in tmp_path.iterdir()) == sorted([other.name, key_path(other).name])


def test_sealed_files_in_the_folder_go_too(full: FieldKit, tmp_path: Path) -> None:
    (tmp_path / "somewhere.sealed").write_bytes(b"".join(as_file([b"part"])))
    with pytest.raises(DeviceWiped):
        full.sync(transport=Centre(pushes=[LOST]))

    assert left_in(tmp_path) == []


def test_a_device_that_was_told_before_wipes_without_asking_again(full: FieldKit) -> None:
    with full.database.transaction():
        change_identity(full.database, cancelled="lost")
    centre = Centre()
    with pytest.raises(DeviceWiped):
        full.sync(transport=centre)

    assert (centre.pushed, centre.wiped) == ([], 1)


def test_a_device_that_left_sends_everything_and_then_is_empty(full: FieldKit, tmp_path: Path) -> None:
    centre = Centre(pulls=[LEFT])
    with pytest.raises(DeviceWiped) as told:
        full.sync(transport=centre)

    assert told.value.facts["order"] == "left"
    assert [read(raw).seq for group in centre.pushed[0].groups for raw in group] == [1, 2]
    assert (len(centre.uploads), centre.delivered, centre.wiped) == (1, [b"a colleague's part"], 1)
    assert left_in(tmp_path) == []


def test_a_device_that_left_keeps_everything_until_it_is_sent(full: FieldKit) -> None:
    cut_off = Centre(pushes=[answered, Offline("no signal"), Offline("no signal"), Offline("no signal")], pulls=[LEFT])

    def lost_photo(_: object) -> None:
        raise Offline("no signal")

    cut_off.receive = lost_photo
    with pytest.raises(Offline):
        full.sync(transport=cut_off)
    assert (full.identity.cancelled, full.status().files_waiting, cut_off.wiped) == ("left", 1, 0)
    centre = Centre(pulls=[LEFT])
    with pytest.raises(DeviceWiped):
        full.sync(transport=centre)
    assert (len(centre.uploads), centre.wiped) == (1, 1)


def test_a_device_that_left_recovers_before_its_last_push(full: FieldKit) -> None:
    changed = EpochChanged(epoch="01a00000-0000-7000-8000-00000000eee2", restored_to=0)
    centre = Centre(pushes=[changed, answered], pulls=[LEFT])
    with pytest.raises(DeviceWiped):
        full.sync(transport=centre)

    assert [request.epoch for request in centre.pushed][-1] == "01a00000-0000-7000-8000-00000000eee2"


def test_a_photo_whose_record_was_refused_is_left_sealed(full: FieldKit) -> None:
    centre = Centre(pushes=[lambda request: answered(request, outcome="rejected")], pulls=[LEFT])
    with pytest.raises(DeviceWiped):
        full.sync(transport=centre)

    assert centre.uploads == []
    assert [[each.bytes for each in work.files] for work in works(centre)] == [[b"photo"]]


def test_a_fresh_enrolment_ends_the_wipe_first(full: FieldKit, tmp_path: Path, outside: Outside) -> None:
    path = full.database.path
    order = wiping.prepare(full.database, "lost", full.surroundings)
    full.close()
    wiping.wipe_now(path)
    assert left_in(tmp_path) == [".outbox", ".wiping"]
    begin(tmp_path, outside)
    centre = Centre()
    assert wiping.carry_out(order, lambda _: centre) == ("lost", True, True)

    assert (path.exists(), key_path(path).exists(), centre.wiped) == (True, True, 1)


def test_a_file_without_the_centres_key_is_wiped_all_the_same(kit: FieldKit, tmp_path: Path) -> None:
    kit.create("person", first_name="สมชาย")
    centre = Centre(pushes=[LOST])
    with pytest.raises(DeviceWiped):
        kit.sync(transport=centre)

    assert (centre.delivered, left_in(tmp_path)) == ([], [])


def test_a_file_without_the_centres_key_seals_to_the_one_that_comes_with_the_order(
    kit: FieldKit, tmp_path: Path
) -> None:
    kit.create("person", first_name="สมชาย")
    order = DeviceRevoked(order="lost", centre_public_key=b64encode(KEYS.public).decode())
    centre = Centre(pushes=[order])
    with pytest.raises(DeviceWiped):
        kit.sync(transport=centre)

    assert ([len(work.lanes["normal"]) for work in works(centre)], left_in(tmp_path)) == ([1], [])


@pytest.mark.parametrize("said", ["no key", "AAAA", 7, b64encode(b"x" * 32).decode()])
def test_a_key_that_came_with_an_order_never_replaces_the_one_of_enrolment(full: FieldKit, said: object) -> None:
    centre = Centre(pushes=[DeviceRevoked(order="lost", centre_public_key=said)])
    with pytest.raises(DeviceWiped):
        full.sync(transport=centre)

    assert len(works(centre)) == 1


@pytest.mark.parametrize("order", ["lost", "left"])
def test_rows_that_were_not_offered_yet_go_into_the_sealed_outbox(kit: FieldKit, tmp_path: Path, order: str) -> None:
    know_centre(kit)
    ids = [f"01a00000-0000-7000-8000-{number:012}" for number in range(60)]
    rows = [Witness(id_, "person", 7, {"first_name": "ก" * 9_000}, EPOCH) for id_ in ids]
    with kit.database.transaction():
        kit.database.executemany(
            "INSERT INTO witness (id, type, version, data, epoch) VALUES (?, ?, ?, ?, ?)",
            [(row.record, row.type, row.version, msgspec.json.encode(row.data).decode(), row.epoch) for row in rows],
        )
    centre = Centre(pulls=[DeviceRevoked(order=order)])
    with pytest.raises(DeviceWiped):
        kit.sync(transport=centre)

    found = works(centre)
    assert [row for work in found for row in work.witnesses or ()] == rows
    assert ([(work.part, work.parts) for work in found], left_in(tmp_path)) == ([(1, 2), (2, 2)], [])


def test_a_device_that_left_and_must_enrol_again_keeps_its_work(full: FieldKit) -> None:
    class Refusing(Centre):
        server_url = "http://centre.test"

        def enrol(self, *_: object) -> None:
            raise LEFT

    with pytest.raises(DeviceCancelled):
        full.renew("CODE", transport=Refusing())  # type: ignore[arg-type]
    assert full.status().waiting == 2


def test_parts_of_an_outbox_are_whole(full: FieldKit) -> None:
    path = full.database.path
    with pytest.raises(DeviceWipedOutboxHere):
        full.sync(transport=Centre(pushes=[LOST], pulls=[page({})], door=Offline("no signal")))

    assert len(parts_of(wiping.outbox_of(path).read_bytes())) == 2


def test_a_device_that_left_sends_again_what_a_restored_centre_has_lost_though_nothing_waits(kit: FieldKit) -> None:
    person = kit.create("person", first_name="สมชาย").record
    row = table("person", ["first_name"], (person, 5, [DISTRICT], ["สมชาย"]))
    kit.sync(transport=Centre(pulls=[page({DISTRICT: (5, None)}, row, add=[DISTRICT])]))
    restored = EpochChanged(epoch="01a00000-0000-7000-8000-00000000ee09", restored_to=0)
    centre = Centre(pushes=[restored], pulls=[LEFT])
    with pytest.raises(DeviceWiped):
        kit.sync(transport=centre)
    assert [len(request.groups) for request in centre.pushed] == [0, 1, 0]


@pytest.mark.parametrize(
    ("epoch", "sealed"),
    [("01a00000-0000-7000-8000-00000000ee09", [(2, []), (0, [b"photo"])]), (EPOCH, [])],
)
def test_a_lost_device_seals_all_that_it_has_for_a_centre_that_was_restored(
    kit: FieldKit, tmp_path: Path, epoch: str, sealed: list[tuple[int, list[bytes]]]
) -> None:
    know_centre(kit)
    stick = tmp_path.parent / f"{tmp_path.name}-photo.jpg"
    stick.write_bytes(b"photo")
    attached = kit.attach(kit.create("person", first_name="สมชาย").record, stick).record
    kit.sync(transport=Centre(pulls=[page({})], verified={attached}))
    centre = Centre(pulls=[DeviceRevoked(order="lost", epoch=epoch)])
    with pytest.raises(DeviceWiped):
        kit.sync(transport=centre)

    found = [(len(work.lanes.get("normal", ())), [file.bytes for file in work.files]) for work in works(centre)]
    assert found == sealed


def test_who_logs_out_hears_of_a_restore_and_sends_again_what_it_lost(kit: FieldKit, tmp_path: Path) -> None:
    kit.create("person", first_name="สมชาย")
    kit.sync(transport=Centre())
    restored = EpochChanged(epoch=EPOCH[:-1] + "2", restored_to=0)
    with pytest.raises(LeaveRefused) as refused:
        kit.leave(Centre(pushes=[restored]))
    assert refused.value.facts == {"waiting": 1}

    centre = Centre()
    kit.sync(transport=centre)
    assert (len(centre.pushed[0].groups), kit.leave(Centre()).facts["confirmed"]) == (1, True)
    assert left_in(tmp_path) == []


def test_who_cannot_hear_the_centre_does_not_log_out_while_the_log_holds_work(kit: FieldKit, tmp_path: Path) -> None:
    kit.create("person", first_name="สมชาย")
    kit.sync(transport=Centre())
    before = left_in(tmp_path)
    with pytest.raises(Offline):
        kit.leave(Centre(pushes=[Offline()] * 9))
    assert left_in(tmp_path) == before


def test_who_wrote_nothing_logs_out_without_a_signal(kit: FieldKit, tmp_path: Path) -> None:
    done = kit.leave(Centre(pushes=[Offline()] * 9, door=Offline()))
    assert (done.facts["confirmed"], left_in(tmp_path)) == (False, [".wiping"])


def test_a_token_that_has_ended_is_renewed_before_one_logs_out(kit: FieldKit, tmp_path: Path) -> None:
    before = left_in(tmp_path)
    with pytest.raises(TokenExpired):
        kit.leave(Centre(pushes=[TokenExpired()]))
    assert left_in(tmp_path) == before


def test_who_logs_out_of_a_lost_device_leaves_all_that_a_restored_centre_may_have_lost(full: FieldKit) -> None:
    full.sync(transport=Centre())
    centre = Centre(pushes=[DeviceRevoked(order="lost", epoch=EPOCH[:-1] + "2")])
    with pytest.raises(DeviceWiped):
        full.leave(centre)
    assert [len(groups) for work in works(centre) for groups in work.lanes.values()] == [2]
