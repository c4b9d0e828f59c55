"""The file: unreadable without its key, whole after every commit."""

import os
import signal
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import pytest

from field_kit import FieldKit
from field_kit.database import TABLES_VERSION, open_database
from field_kit.driver import DatabaseError
from field_kit.errors import KeyRefused
from field_kit.migrations import migrations
from tests.field_kit.device import KEY, log_of


def test_nothing_in_the_files_can_be_read_without_the_key(kit: FieldKit) -> None:
    kit.create("person", first_name="สมชายผู้ไม่มีวันเปิดเผย", nickname_or_mark="PLAINTEXT-MARK")

    folder = kit.database.path.parent
    written = b"".join(path.read_bytes() for path in folder.iterdir())

    assert b"PLAINTEXT-MARK" not in written
    assert "สมชาย".encode() not in written
    assert not kit.database.path.read_bytes().startswith(b"SQLite format 3")


@pytest.mark.skipif(os.name == "nt", reason="Windows keeps other users out of the folder in its own way")
@pytest.mark.parametrize("umask", [0o000, 0o022, 0o077])
def test_the_files_are_their_owners_alone_from_the_start(tmp_path: Path, umask: int) -> None:
    before = os.umask(umask)
    try:
        database = open_database(tmp_path / "somebody.db", KEY)
    finally:
        os.umask(before)

    modes = {path.name: path.stat().st_mode & 0o777 for path in tmp_path.iterdir()}
    database.close()

    assert modes == {"somebody.db": 0o600, "somebody.db-wal": 0o600, "somebody.db-shm": 0o600}


@pytest.mark.skipif(os.name == "nt", reason="as above")
def test_files_of_an_earlier_version_are_made_private(kit: FieldKit, another_process: Callable[[], FieldKit]) -> None:
    folder = kit.database.path.parent
    for path in folder.glob("*.db*"):
        path.chmod(0o644)

    another_process()

    assert {path.stat().st_mode & 0o777 for path in folder.glob("*.db*")} == {0o600}
    assert kit.create("person", first_name="สมชาย").record


def test_a_wrong_key_is_refused_and_changes_nothing(kit: FieldKit) -> None:
    person = kit.create("person", first_name="สมชาย").record
    kit.close()
    before = kit.database.path.read_bytes()

    with pytest.raises(KeyRefused):
        open_database(kit.database.path, bytes(32))
    with pytest.raises(KeyRefused):
        open_database(kit.database.path, b"short")

    assert kit.database.path.read_bytes() == before
    with FieldKit.open_with_key(kit.database.path, KEY) as again:
        assert again.get(person) is not None


def test_every_commit_is_on_disk_before_anybody_is_told(kit: FieldKit) -> None:
    pragmas = {name: kit.database.value(f"PRAGMA {name}") for name in ("journal_mode", "synchronous", "foreign_keys")}

    assert pragmas == {"journal_mode": "wal", "synchronous": 2, "foreign_keys": 1}


def test_a_block_that_fails_leaves_nothing(kit: FieldKit) -> None:
    with pytest.raises(DatabaseError), kit.database.transaction():
        kit.database.execute("INSERT INTO search_due VALUES ('x')")
        kit.database.execute("INSERT INTO nowhere VALUES (1)")

    assert kit.database.value("SELECT count(*) FROM search_due") == 0


def test_the_version_of_the_tables_is_the_number_of_migrations(kit: FieldKit) -> None:
    assert len(migrations._migrations) == TABLES_VERSION == kit.database.value("PRAGMA user_version")


def test_an_old_file_is_brought_up_to_date(kit: FieldKit, another_process) -> None:
    person = kit.create("person", first_name="สมชาย").record
    kit.database.execute("PRAGMA user_version = 0")

    assert another_process().get(person) is not None
    assert kit.database.value("PRAGMA user_version") == TABLES_VERSION


TYPIST = """
import sys
from pathlib import Path
from field_kit import FieldKit
kit = FieldKit.open_with_key(Path(sys.argv[1]), bytes(range(32)))
while True:
    with kit.save() as save:
        person = save.create("person", first_name="สมชาย")
        save.create("case", intake_channel="walk_in", intake_district="5401", area="540101", affected_person=person)
    sys.stdout.write(" ".join(save.saved.mutations) + "\\n")
    sys.stdout.flush()
"""


@pytest.mark.process
@pytest.mark.skipif(os.name == "nt", reason="needs kill -9")
def test_killed_at_any_moment_nothing_acknowledged_is_lost(kit: FieldKit) -> None:
    kit.close()
    told: list[str] = []
    for lines in (1, 4, 9):
        program = subprocess.Popen(
            [sys.executable, "-c", TYPIST, str(kit.database.path)],
            stdout=subprocess.PIPE,
            text=True,
            cwd=Path(__file__).parents[2],
        )
        assert program.stdout is not None
        told += [mutation for _ in range(lines) for mutation in program.stdout.readline().split()]
        program.send_signal(signal.SIGKILL)
        told += [mutation for line in program.stdout if line.endswith("\n") for mutation in line.split()]
        program.wait()
        program.stdout.close()

    with FieldKit.open_with_key(kit.database.path, KEY) as again:
        kept = log_of(again, "id", "seq", "save")
        sound = {finding.code for finding in again.doctor() if not finding.ok}

    assert {mutation for mutation, _, _ in kept} >= set(told)
    assert [seq for _, seq, _ in kept] == list(range(1, len(kept) + 1))
    assert len(kept) == 2 * len({save for _, _, save in kept})
    assert sound <= {"key_recoverable", "room_left"}
