"""A backup is one whole snapshot, tried by restoring it, and a flipped bit in it is found."""

import stat
import threading
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from sqlalchemy import make_url, select, text, update

from server.backup.checking import try_backup
from server.backup.manifest import find_backup, read_manifest
from server.backup.problem import BackupProblem
from server.backup.taking import mark_verified, take
from server.ids import new_id
from server.models.engine import make_engine, reading, writing
from server.models.sync_tables import bucket, device_lane, mutation
from server.models.upkeep import backup
from tests.conftest import migrate
from tests.databases import PostgresDatabases
from tests.server.centre import TestCentre, open_test_centre
from tests.server.kept import PHOTO, Kept, kept
from tests.server.test_uploads import attach


@pytest.fixture
def here(centre: TestCentre, tmp_path: Path) -> Kept:
    return kept(centre, tmp_path / "backups")


def problem_of(act: Callable[[], object]) -> str:
    with pytest.raises(BackupProblem) as caught:
        act()
    assert caught.value.text("th") != caught.value.text("en")
    return caught.value.code


def safe(here: Kept) -> list[tuple[int, int]]:
    with reading(here.centre.centre.engine) as connection:
        columns = (device_lane.c.last_seq, device_lane.c.safe_seq)
        return [tuple(row) for row in connection.execute(select(*columns).order_by(device_lane.c.incarnation))]


def test_a_verified_backup_is_noted_and_lets_devices_forget(here: Kept) -> None:
    taken, tried, moved = here.verified()
    with reading(here.centre.centre.engine) as connection:
        noted = connection.execute(select(backup.c.id, backup.c.verified_at, backup.c.place)).one()
    places = ("sqlite",) if here.centre.centre.engine.dialect.name == "sqlite" else ("sqlite", "postgresql")
    assert noted == (taken.manifest.id, "2026-11-23T02:00:00.000Z", str(taken.place))
    assert (tried.places, tried.blobs, tried.mutations >= 4, moved) == (places, 1, True, 2)
    # the second photo's bytes never came: its record must stay on the device
    assert sorted(safe(here)) == [(2, 1), (2, 2)]


def test_a_backup_that_was_not_tried_lets_nobody_forget(here: Kept) -> None:
    here.take()
    assert safe(here) == [(2, 0), (2, 0)]


def test_a_backup_is_for_its_owners_eyes_alone(here: Kept) -> None:
    taken = here.take()
    inside = [path for path in taken.place.rglob("*") if "blobs" not in path.parts]
    modes = {stat.S_IMODE(path.stat().st_mode) for path in inside if path.is_file()}
    assert modes == {0o600}
    assert stat.S_IMODE(taken.place.stat().st_mode) == 0o700
    assert [path.name for path in here.folder.iterdir()] == [taken.place.name]


def test_writers_go_on_while_a_backup_is_taken_and_it_holds_one_moment(here: Kept) -> None:
    stop = threading.Event()

    def write() -> None:
        while not stop.is_set():
            attach(here.centre, here.alice, b"more")

    writer = threading.Thread(target=write)
    writer.start()
    try:
        commits = [try_and_count(here) for _ in range(3)]
    finally:
        stop.set()
        writer.join()
    assert commits == sorted(set(commits))


def try_and_count(here: Kept) -> int:
    taken = here.take()
    try_backup(taken.place, None)
    return taken.manifest.commit


def test_a_file_that_an_earlier_backup_has_takes_no_room_again(here: Kept) -> None:
    first, second = here.take(), here.take()
    found = [next(each.place.glob("blobs/*/*")) for each in (first, second)]
    assert found[0].stat().st_ino == found[1].stat().st_ino
    assert found[0].read_bytes() == PHOTO


def flips(path: Path, position: int = -20) -> None:
    content = bytearray(path.read_bytes())
    content[position] ^= 1
    path.unlink()  # a linked file must not be spoiled at its other place
    path.write_bytes(content)


def parts_of(place: Path) -> Iterator[str]:
    yield from (part.name for part in read_manifest(place, None).parts)


def test_a_flipped_bit_in_any_part_is_found(here: Kept) -> None:
    taken = here.take()
    said = {}
    for name in parts_of(taken.place):
        original = (taken.place / name).read_bytes()
        flips(taken.place / name, len(original) // 2)
        said[name] = problem_of(lambda: try_backup(taken.place, None))
        (taken.place / name).write_bytes(original)
    assert set(said.values()) == {"part_damaged"}
    assert try_backup(taken.place, None).rows == taken.manifest.rows


@pytest.mark.parametrize(
    ("spoil", "code"),
    [
        (lambda place: flips(place / "manifest.json", -300), "manifest_damaged"),
        (lambda place: (place / "manifest.json").unlink(), "no_backup"),
        (lambda place: (place / "manifest.json").write_text('{"format": "other"}'), "manifest_damaged"),
        (lambda place: (place / "tables/record.jsonl.zst").unlink(), "part_missing"),
        (lambda place: flips(next(place.glob("blobs/*/*"))), "blob_damaged"),
        (lambda place: next(place.glob("blobs/*/*")).unlink(), "blob_damaged"),
    ],
)
def test_what_is_damaged_is_named(here: Kept, spoil: Callable[[Path], None], code: str) -> None:
    taken = here.take()
    spoil(taken.place)
    assert problem_of(lambda: try_backup(taken.place, None)) == code


@pytest.mark.parametrize(
    ("damage", "code"),
    [
        (update(mutation).where(mutation.c.position == 0).values(payload="{}"), "chain_broken"),
        (update(mutation).values(payload_hash="0" * 64), "chain_broken"),
        (
            text("DELETE FROM ledger_chain WHERE commit_number = (SELECT max(commit_number) FROM mutation)"),
            "chain_broken",
        ),
        (update(bucket).values(checksum="0" * 16), "bucket_wrong"),
    ],
    ids=["payload", "hash", "link", "checksum"],
)
def test_a_store_that_is_not_whole_fails_its_backup_and_lets_nobody_forget(
    here: Kept, damage: object, code: str
) -> None:
    with writing(here.centre.centre.engine) as connection:
        connection.execute(damage)  # type: ignore[call-overload]
    taken = here.take()
    assert problem_of(lambda: try_backup(taken.place, None, beside=here.centre.centre.engine)) == code
    assert safe(here) == [(2, 0), (2, 0)]


def test_a_missing_file_fails_the_backup(here: Kept) -> None:
    for path in (here.centre.centre.settings.data_dir / "blobs").glob("*/*"):
        path.unlink()
    assert problem_of(here.take) == "blob_missing"
    assert [path.name for path in here.folder.iterdir()] == []


def test_a_backup_of_an_epoch_that_is_over_lets_nobody_forget(here: Kept) -> None:
    taken = here.take()
    row = "INSERT INTO sync_epoch (position, id, parent, restored_to, started_at) VALUES (2, 'b', 'a', 0, 't')"
    with writing(here.centre.centre.engine) as connection:
        connection.execute(text(row))
    assert mark_verified(here.centre.centre, taken, here.centre.clock()) == 0
    assert safe(here) == [(2, 0), (2, 0)]


def test_a_sealed_backup_opens_with_its_key_alone(open_centre_with: Callable[..., TestCentre], tmp_path: Path) -> None:
    key_file = tmp_path / "backup.secret"
    key_file.write_text("ab" * 32)
    here = kept(open_centre_with(backup_key_file=key_file), tmp_path / "backups")
    here.take()
    taken, tried, _ = here.verified()
    everything = b"".join(path.read_bytes() for path in taken.place.rglob("*") if path.is_file())
    assert (tried.blobs, PHOTO[:256] in everything) == (1, False)
    assert problem_of(lambda: try_backup(taken.place, None)) == "key_needed"
    assert problem_of(lambda: try_backup(taken.place, b"\1" * 32)) == "wrong_seal"
    names = list(taken.place.glob("tables/*"))
    names[0].write_bytes(names[1].read_bytes())
    assert problem_of(lambda: try_backup(taken.place, b"\xab" * 32)) == "part_damaged"


@pytest.mark.postgres
def test_without_the_right_to_make_a_schema_the_trial_is_in_sqlite_alone(
    postgres_databases: PostgresDatabases, tmp_path: Path
) -> None:
    url = postgres_databases.create(migrate)
    here = kept(open_test_centre(url, tmp_path), tmp_path / "backups")
    role = f"reader_{new_id().replace('-', '')}"
    with writing(here.centre.centre.engine) as connection:
        connection.execute(text(f"CREATE ROLE {role} LOGIN"))
    limited = make_engine(make_url(url).set(username=role))
    tried = try_backup(here.take().place, None, beside=limited)
    with writing(here.centre.centre.engine) as connection:
        connection.execute(text(f"DROP ROLE {role}"))
    for engine in (limited, here.centre.centre.engine):
        engine.dispose()
    assert tried.places == ("sqlite",)


def test_the_newest_backup_of_a_folder_is_found(here: Kept) -> None:
    here.take()
    here.centre.clock.turn(days=1)
    newest = here.take()
    assert find_backup(here.folder) == newest.place
    assert find_backup(newest.place / "manifest.json") == newest.place


def test_a_place_that_cannot_be_written_is_said(here: Kept, tmp_path: Path) -> None:
    (tmp_path / "file").write_text("x")
    centre = here.centre.centre
    assert problem_of(lambda: take(centre, tmp_path / "file" / "inside", here.centre.clock())) == "not_written"
