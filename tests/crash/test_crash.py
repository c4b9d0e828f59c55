"""A short run of what ``make crash`` does at length, and that it finds what is planted."""

import hashlib
import shutil
import sys
from collections.abc import Iterator
from pathlib import Path
from random import Random

import pytest

from tests.acceptance.office import Office
from tests.crash import bad_link, disk_full, kit_kill, server_kill, torn_writes
from tests.crash.disk import Disk
from tests.crash.findings import Findings
from tests.crash.serving import centre
from tests.crash.small_disk import NotPermitted
from tests.crash.trace import Event, events_of, record

SEED = 4

pytestmark = [pytest.mark.process, pytest.mark.xdist_group("crash")]

recorded = pytest.mark.skipif(shutil.which("strace") is None, reason="NO STRACE HERE: no write can be recorded")


@pytest.fixture(scope="module")
def office(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Office]:
    """A centre that can die, for all tests here."""
    with centre(tmp_path_factory.mktemp("crash") / "it") as made:
        yield made


def test_nothing_that_a_killed_centre_acknowledged_is_missing(office: Office) -> None:
    findings = Findings("server-kill")
    server_kill.kill_under_load(office, findings, 3, SEED, by_command=False)
    assert findings.missing == []
    assert findings.did["deaths"] == 3


def test_nothing_that_a_killed_kit_said_was_saved_is_missing(office: Office, tmp_path: Path) -> None:
    findings = kit_kill.with_fleet(office, tmp_path, kills=3, seed=SEED, kits=1)
    assert findings.missing == []
    assert findings.did["kills"] == 3


def test_everything_arrives_once_through_a_wire_that_breaks_anywhere(office: Office, tmp_path: Path) -> None:
    findings = bad_link.with_fleet(office, tmp_path, kits=2, steps=4, seed=SEED)
    assert findings.missing == []
    assert findings.did["saved_mutations"] > 0


def test_a_full_disk_that_could_not_be_tried_counts_as_failed() -> None:
    findings = disk_full.not_tried(NotPermitted("mount: must be superuser"))

    assert findings.missing == ["NOT TRIED, this machine does not permit one: mount: must be superuser"]


@recorded
def test_a_power_cut_after_any_write_leaves_all_that_was_saved_unless_the_disk_lies(
    office: Office, tmp_path: Path
) -> None:
    home, events = torn_writes.recorded(office, tmp_path / "session", 12, SEED)
    happened = list(events)
    honest = torn_writes.replay(home, happened, Findings("honest"), SEED, stride=300)
    assert honest.missing == []
    assert honest.did["saved_mutations"] > 0
    without_syncs = [each for each in happened if each.verb != "sync"]
    lying = torn_writes.replay(home, without_syncs, Findings("lying"), SEED, stride=10_000, losses_max=1)
    assert len(lying.missing) == 1


@recorded
def test_a_photo_that_another_process_kept_is_acknowledged_only_with_its_name_on_disk(tmp_path: Path) -> None:
    """The other one was killed between giving the name and waiting for it."""
    root, content = tmp_path / "data", b"photo"
    digest = hashlib.sha256(content).hexdigest()
    target = root / "blobs" / digest[:2] / digest
    target.parent.mkdir(parents=True)
    (root / "uploads").mkdir()
    for each in (root / "uploads" / "again", target):
        each.write_bytes(content)
    program = "import sys; from pathlib import Path; from server.blobs import Blobs; "
    program += f"assert Blobs(Path(sys.argv[1])).keep('again', '{digest}')"
    record([sys.executable, "-c", program, str(root)], tmp_path / "trace", tmp_path / "said")
    synced = [Path(each.path) for each in events_of(tmp_path / "trace", root) if each.verb == "sync_folder"]
    assert {target.parent, root / "blobs", root} <= set(synced)


def test_what_was_not_synced_is_lost_torn_or_whole() -> None:
    disk = Disk.holding({"/d/file": b"a" * 2048})
    disk.take(Event("write", "/d/file", 0, b"b" * 2048))
    torn = bytes(disk.torn(Random(2))["/d/file"])
    assert {bytes(disk.whole()["/d/file"]), bytes(disk.lost()["/d/file"])} == {b"b" * 2048, b"a" * 2048}
    assert {torn[start : start + 512] for start in range(0, 2048, 512)} == {b"a" * 512, b"b" * 512}
    disk.take(Event("sync", "/d/file"))
    assert (bytes(disk.lost()["/d/file"]), disk.is_owing) == (b"b" * 2048, False)


def test_a_new_name_is_lost_until_its_folder_is_synced() -> None:
    disk = Disk.holding({"/d/old": b"1"})
    disk.take(Event("rename", "/d/old", other="/d/new"))
    assert list(disk.lost()) == ["/d/old"]
    disk.take(Event("sync_folder", "/d"))
    assert list(disk.lost()) == ["/d/new"]
