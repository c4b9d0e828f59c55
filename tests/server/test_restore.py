"""A restore brings everything back in a new epoch, whole or not at all, and does again what must not be undone."""

import os
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import select, update

from server import holding
from server.audit import verify_ledger
from server.backup.problem import BackupProblem
from server.centre import Centre
from server.migrations import upgrade
from server.models.engine import reading, writing
from server.models.identity import device
from server.models.sync_tables import bucket
from server.models.upkeep import backup
from server.store.epochs import all_epochs
from tests.databases import PostgresDatabases, SqliteFiles
from tests.server.centre import TestCentre
from tests.server.kept import PHOTO, Kept, Spare, content, kept, spare
from tests.server.test_uploads import arrived, attach


@pytest.fixture
def here(centre: TestCentre, tmp_path: Path) -> Kept:
    return kept(centre, tmp_path / "backups")


@pytest.fixture
def there(fresh_database: Callable[..., str], tmp_path: Path) -> Any:
    made = spare(fresh_database(), tmp_path / "there")
    yield made
    made.centre.engine.dispose()


def problem_of(act: Callable[[], object]) -> str:
    with pytest.raises(BackupProblem) as caught:
        act()
    return caught.value.code


def epochs_of(centre: Centre) -> list[tuple[str | None, int]]:
    """Return parent and restore point of every epoch, parents by their place."""
    with reading(centre.engine) as connection:
        found = all_epochs(connection)
    ids = [each.id for each in found]
    return [(str(ids.index(each.parent)) if each.parent else None, each.restored_to) for each in found]


def test_everything_is_there_again(here: Kept, there: Spare) -> None:
    before = content(here.centre.centre)
    taken = here.take()
    there.restore(here.folder)
    assert content(there.centre) == before
    again = there.opened()
    reply = again.client.get(f"/api/v1/attachments/{here.photo}/content", headers=here.alice.headers({}), buffered=True)
    assert reply.data == PHOTO
    assert bytes(there.centre.keys.public) != bytes(here.centre.centre.keys.public), "opened before the restore"
    kept_key = (there.centre.settings.data_dir / "centre.key").read_text()
    assert kept_key == (here.centre.centre.settings.data_dir / "centre.key").read_text()
    assert epochs_of(there.centre) == [(None, 0), ("0", taken.manifest.commit)]


@pytest.mark.parametrize("way", ["sqlite to postgres", pytest.param("postgres to sqlite")])
@pytest.mark.postgres
def test_a_backup_fits_the_other_database(
    way: str, sqlite_files: SqliteFiles, postgres_databases: PostgresDatabases, tmp_path: Path
) -> None:
    first, second = (sqlite_files, postgres_databases) if way.startswith("s") else (postgres_databases, sqlite_files)
    source = spare(first.create(), tmp_path / "source")
    upgrade(source.centre.engine)
    here = kept(source.opened(), tmp_path / "backups")
    there = spare(second.create(), tmp_path / "there")
    here.take()
    there.restore(here.folder)
    assert content(there.centre) == content(here.centre.centre)
    with reading(there.centre.engine) as connection:
        assert verify_ledger(connection).broken is None
    for each in (source, there):
        each.centre.engine.dispose()


def test_a_store_with_people_in_it_is_replaced_only_when_told_so(here: Kept, there: Spare) -> None:
    here.take()
    upgrade(there.centre.engine)
    there.restore(here.folder)
    first = epochs_of(there.centre)
    assert problem_of(lambda: there.restore(here.folder)) == "not_empty"
    assert epochs_of(there.centre) == first
    there.restore(here.folder, replace=True)
    commit = first[1][1]
    assert epochs_of(there.centre) == [(None, 0), ("0", commit), ("0", commit)]


def test_older_and_newer_backups_in_any_order_leave_every_epoch_known(here: Kept, there: Spare) -> None:
    old = here.take()
    there.restore(old.place)
    again = Kept(there.opened(), here.alice, here.photo, here.folder / "second")
    with reading(there.centre.engine) as connection:
        second_epoch = all_epochs(connection)[-1].id
    again.centre.person("inspector@nation", name="somebody")
    new = again.take()
    again.centre.app.extensions["husec-hold"]()  # as when the process ends
    there.centre.engine.dispose()
    there.restore(old.place, replace=True)
    there.restore(new.place, replace=True)
    low, high = old.manifest.commit, new.manifest.commit
    assert new.manifest.epoch == second_epoch
    assert epochs_of(there.centre) == [(None, 0), ("0", low), ("0", low), ("1", high)]


def test_a_cancelled_device_stays_cancelled_even_one_of_after_the_backup(here: Kept, there: Spare) -> None:
    admin = here.centre.staff("administrator@nation")
    here.take()
    later = here.centre.enrolled(here.alice.id)
    for device_, order in ((here.alice.device, "left"), (later.device, "lost")):
        admin.post(f"/api/v1/devices/{device_}/revoke", json={"order": order})
    there.centre.register.path.write_bytes(here.centre.centre.register.path.read_bytes())
    done = there.restore(here.folder)
    client = there.opened().client
    replies = [client.post("/api/v1/sync/pull", headers=who.headers({}), json={}).json for who in (here.alice, later)]
    assert done.opened.revocations == 2
    assert [(reply["code"], reply["order"]) for reply in replies] == [
        ("device_revoked", "left"),
        ("device_revoked", "lost"),
    ]


def test_what_devices_confirmed_of_their_wipe_is_not_lost(here: Kept, there: Spare) -> None:
    admin = here.centre.staff("administrator@nation")
    here.take()
    later = here.centre.enrolled(here.alice.id)
    admin.post(f"/api/v1/devices/{later.device}/revoke", json={"order": "lost"})
    at = [who.post("/api/v1/devices/me/wiped").json["wiped_at"] for who in (here.alice, later, later)]
    there.centre.register.path.write_bytes(here.centre.centre.register.path.read_bytes())
    there.restore(here.folder)
    ids = {here.alice.device: at[0], later.device: at[1]}
    with reading(there.centre.engine) as connection:
        query = select(device.c.id, device.c.wiped_at, device.c.revoked_order).where(device.c.id.in_(ids))
        found = {row.id: (row.wiped_at, row.revoked_order) for row in connection.execute(query)}
    assert found == {here.alice.device: (at[0], "left"), later.device: (at[1], "lost")}


def test_doors_that_were_closed_do_not_open_again(here: Kept, there: Spare) -> None:
    admin, code = here.centre.staff("administrator@nation"), here.centre.code(here.alice.id)
    here.take()
    there.restore(here.folder)
    client = there.opened().client
    about = {"code": code, "name": "x", "platform": "x", "client_version": "x"}
    assert client.get("/api/v1/me", headers=admin.headers({})).json["code"] == "unauthenticated"
    assert client.post("/api/v1/devices", json=about).json["code"] == "code_expired"
    assert client.get("/api/v1/me", headers=here.alice.headers({})).status_code == 200


def test_the_register_of_both_is_kept(here: Kept, there: Spare) -> None:
    here.centre.centre.register.append("epoch", id="x", parent=None, restored_to=1, started_at="t")
    here.take()
    there.centre.register.append("epoch", id="y", parent=None, restored_to=2, started_at="t")
    there.restore(here.folder)
    told = [entry.facts["id"] for entry in there.centre.register.entries()]
    assert told[:2] == ["y", "x"]
    assert epochs_of(there.centre)[1:3] == [(None, 2), (None, 1)]
    with reading(there.centre.engine) as connection:
        assert all_epochs(connection)[-1].id == told[2]


def test_the_backup_restored_from_counts_as_verified(here: Kept, there: Spare) -> None:
    taken = here.take()
    there.restore(here.folder)
    with reading(there.centre.engine) as connection:
        rows = connection.execute(select(backup.c.id, backup.c.verified_at)).all()
    assert rows == [(taken.manifest.id, "2026-11-23T03:00:00.000Z")]


def test_nothing_changes_when_a_backup_is_damaged(here: Kept, there: Spare) -> None:
    with writing(here.centre.centre.engine) as connection:
        connection.execute(update(bucket).values(checksum="0" * 16))
    taken = here.take()
    upgrade(there.centre.engine)
    before = content(there.centre)
    there.centre.engine.dispose()
    assert problem_of(lambda: there.restore(taken.place)) == "bucket_wrong"
    assert content(there.centre) == before
    assert there.centre.register.entries() == []
    os.close(holding.share(there.centre.settings.data_dir))


def test_a_centre_that_is_open_is_not_restored(here: Kept, there: Spare) -> None:
    here.take()
    open_ = there.opened()
    assert problem_of(lambda: there.restore(here.folder)) == "held"
    assert open_.client.get("/api/v1/health").status_code == 200


def test_a_database_that_somebody_else_has_open_is_not_restored(here: Kept, there: Spare) -> None:
    here.take()
    upgrade(there.centre.engine)
    there.centre.engine.dispose()
    other = spare(there.centre.settings.database_url, there.centre.settings.data_dir / "other")
    with reading(other.centre.engine) as connection:
        connection.execute(select(device)).all()
        assert problem_of(lambda: there.restore(here.folder)) == "held"
    other.centre.engine.dispose()
    there.restore(here.folder)


def test_after_a_restore_that_was_cut_off_the_centre_does_not_open(here: Kept, there: Spare) -> None:
    here.take()
    holding.begin(there.centre.settings.data_dir)
    with pytest.raises(holding.StoreHeld):
        there.opened()
    assert problem_of(lambda: there.restore(here.folder / "nowhere")) == "no_backup"
    assert holding.is_marked(there.centre.settings.data_dir)
    there.restore(here.folder)
    assert there.opened().client.get("/api/v1/health").status_code == 200


def test_a_newer_verified_backup_is_told_of(here: Kept, there: Spare) -> None:
    old = here.take()
    attach(here.centre, here.alice, b"more")
    newer = here.verified()[0]
    there.restore(newer.place)
    told = [there.restore(each.place, replace=True).newer for each in (old, newer)]
    assert told == [newer.manifest.commit, None]


def test_what_was_there_before_is_kept_beside(here: Kept, there: Spare) -> None:
    here.take()
    done = there.restore(here.folder)
    names = {path.name.partition(".before-")[0] for path in done.kept}
    assert {"centre.key", "codes.key"} <= names


def test_an_encrypted_store_is_restored_encrypted(
    sqlite_files: SqliteFiles, one_centre: TestCentre, tmp_path: Path
) -> None:
    here = kept(one_centre, tmp_path / "backups")
    here.take()
    key_file = tmp_path / "database.secret"
    key_file.write_text("cd" * 32)
    there = spare("", tmp_path / "there", database_key_file=key_file)
    there.restore(here.folder)
    assert content(there.centre) == content(one_centre.centre)
    there.centre.engine.dispose()
    assert not (tmp_path / "there" / "centre.db").read_bytes().startswith(b"SQLite format 3")


def test_files_that_are_whole_stay_and_damaged_ones_are_brought_back(here: Kept, there: Spare) -> None:
    here.take()
    path = next((here.centre.centre.settings.data_dir / "blobs").glob("*/*"))
    target = there.centre.blobs.path_of(path.name)
    target.parent.mkdir(parents=True)
    target.write_bytes(b"damaged")
    done = there.restore(here.folder)
    assert (done.files, target.read_bytes()) == (1, PHOTO)
    assert there.restore(here.folder, replace=True).files == 0


def test_a_device_is_told_where_to_go_back_to_and_nothing_applies_twice(here: Kept, there: Spare) -> None:
    taken = here.take()
    epoch = here.centre.centre.store.epoch()
    there.restore(here.folder)
    again = there.opened()
    body = {"protocol": 1, "epoch": epoch, "device": here.alice.device, "schema": 1}
    reply = again.client.post("/api/v1/sync/pull", json=body, headers=here.alice.headers({})).json
    assert (reply["code"], reply["restored_to"]) == ("epoch_changed", taken.manifest.commit)
    assert arrived(here.alice, here.photo)


def test_a_row_that_only_a_newer_program_knows_is_refused(here: Kept, there: Spare) -> None:
    with writing(here.centre.centre.engine) as connection:
        connection.exec_driver_sql("UPDATE alembic_version SET version_num = '9999'")
    here.take()
    assert problem_of(lambda: there.restore(here.folder)) == "newer_tables"
