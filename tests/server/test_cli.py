"""The command ``husec`` sets a centre up from nothing, and says what went wrong in both languages."""

import stat
from collections.abc import Callable
from pathlib import Path

import pytest
from click.testing import CliRunner, Result
from sqlalchemy import text

from schemas.reference_number import is_valid
from server.cli import COMMANDS, main
from server.models.engine import make_engine, writing
from tests.server.centre import PASSWORD

Husec = Callable[..., Result]


@pytest.fixture
def data_dir(tmp_path: Path) -> Path:
    return tmp_path / "husec"


@pytest.fixture
def husec(data_dir: Path, database_url: str) -> Husec:
    environment = {"HUSEC_DATA_DIR": str(data_dir), "HUSEC_DATABASE_URL": database_url, "HUSEC_JOBS": "no"}

    def run(*arguments: str, typed: str | None = None, **more: str) -> Result:
        return CliRunner().invoke(main, arguments, env=environment | more, input=typed)

    return run


@pytest.fixture
def password_file(tmp_path: Path) -> Path:
    file = tmp_path / "password"
    file.write_text(PASSWORD + "\n")
    return file


@pytest.fixture
def ready(husec: Husec, password_file: Path) -> Husec:
    result = husec("init", "--password-file", str(password_file))
    assert result.exit_code == 0, result.output
    return husec


def test_a_centre_is_set_up_from_nothing(husec: Husec, password_file: Path) -> None:
    results = [husec("init", "--password-file", str(password_file)) for _ in range(2)]
    assert [result.exit_code for result in results] == [0, 0]
    assert "administrator admin created" in results[0].output
    assert "exists already" in results[1].output
    assert "administrator@nation" in husec("user", "list").output


def test_the_password_may_be_typed(husec: Husec) -> None:
    result = husec("init", typed=f"{PASSWORD}\n{PASSWORD}\n")
    assert result.exit_code == 0, result.output
    assert PASSWORD not in result.output


def test_what_is_set_up_already_is_not_asked_for_again(ready: Husec) -> None:
    again = ready("init", typed="")
    assert again.exit_code == 0, again.output
    assert "exists already" in again.output


def test_a_short_password_is_refused(husec: Husec) -> None:
    result = husec("init", typed="short\nshort\n")
    assert result.exit_code == 1
    assert "too short" in result.stderr


def test_keys_are_for_their_owner_alone(ready: Husec, data_dir: Path) -> None:
    modes = {path.name: stat.S_IMODE(path.stat().st_mode) for path in data_dir.iterdir() if path.suffix == ".key"}
    assert modes == {"centre.key": 0o600, "codes.key": 0o600}
    assert stat.S_IMODE(data_dir.stat().st_mode) == 0o700


def test_a_person_is_added_given_a_role_and_enrolled(ready: Husec) -> None:
    added = ready("user", "add", "alice", "อลิซ", "--role", "rru_member@district:5401")
    role = ready("user", "role", "alice", "intake_officer@district:5402")
    code = ready("enrol", "alice", "--quiet")
    listed = ready("user", "list").output
    assert [result.exit_code for result in (added, role, code)] == [0, 0, 0]
    assert "alice\tอลิซ\tintake_officer@district:5402 rru_member@district:5401" in listed
    assert is_valid(code.output.strip())


def test_a_role_is_taken_away(ready: Husec) -> None:
    ready("user", "add", "alice", "อลิซ", "--role", "rru_member@district:5401")
    result = ready("user", "role", "alice", "rru_member@district:5401", "--remove")
    assert result.exit_code == 0
    assert "alice\tอลิซ\t\n" in ready("user", "list").output


def test_a_role_is_granted_and_revoked(ready: Husec) -> None:
    added = ready("user", "add", "alice", "อลิซ")
    granted = ready("grant", "alice", "rru_member", "district:5401")
    revoked = ready("revoke-grant", "alice", "rru_member", "district:5401")
    again = ready("revoke-grant", "alice", "rru_member", "district:5401")
    assert "husec grant alice ROLE SCOPE" in added.output
    assert "roles of alice: rru_member@district:5401" in granted.output
    assert ("roles of alice: -" in revoked.output, again.exit_code) == (True, 1)


def test_a_grant_that_cannot_be_says_what_could(ready: Husec) -> None:
    ready("user", "add", "alice", "อลิซ")
    wrong = [ready("grant", *words) for words in (("alice", "rru_member", "planet"), ("bob", "rru_member", "nation"))]
    assert [result.exit_code for result in wrong] == [1, 1]
    assert "It goes with: " in wrong[0].stderr


def test_a_name_that_is_taken_is_said(ready: Husec) -> None:
    results = [ready("user", "add", "alice", "อลิซ") for _ in range(2)]
    assert [result.exit_code for result in results] == [0, 1]
    assert "There is a user alice already" in results[1].stderr


def test_a_backup_is_taken_tried_restored_and_audited(ready: Husec, tmp_path: Path) -> None:
    ready("user", "add", "alice", "อลิซ", "--role", "rru_member@district:5401")
    taken = ready("backup", str(tmp_path / "backups"))
    untried = ready("backup", str(tmp_path / "backups"), "--no-verify")
    refused = ready("restore", str(tmp_path / "backups"))
    unconfirmed = ready("restore", str(tmp_path / "backups"), "--replace", typed="yes\n")
    restored = ready("restore", str(tmp_path / "backups"), "--replace", typed="replace\n")
    audited = ready("audit", "verify")
    results = (taken, untried, refused, unconfirmed, restored, audited)
    assert [result.exit_code for result in results] == [0, 0, 1, 1, 0, 0], [result.output for result in results]
    assert "restored and found whole" in taken.output
    assert "not tried" in untried.output
    assert "add --replace" in refused.stderr
    assert "the ledger is whole" in audited.output
    assert "alice" in ready("user", "list").output


def test_the_audit_names_the_first_broken_commit(ready: Husec, database_url: str) -> None:
    ready("import", "areas")
    engine = make_engine(database_url)
    with writing(engine) as connection:
        connection.execute(text("UPDATE mutation SET payload = '{}' WHERE commit_number >= 2"))
    engine.dispose()
    result = ready("audit", "verify")
    assert result.exit_code == 1
    assert "The ledger is broken at commit 2: a payload is not the one" in result.stderr


def test_a_key_file_that_holds_no_key_is_named(ready: Husec, tmp_path: Path) -> None:
    (tmp_path / "key").write_text("short")
    result = ready("backup", str(tmp_path / "backups"), HUSEC_BACKUP_KEY_FILE=str(tmp_path / "key"))
    assert result.exit_code == 1
    assert "HUSEC_BACKUP_KEY_FILE must name a file with 64 hex digits" in result.stderr


def test_a_place_without_a_backup_is_said(ready: Husec, tmp_path: Path) -> None:
    result = ready("restore", str(tmp_path))
    assert (result.exit_code, "There is no backup at" in result.stderr) == (1, True)


def test_somebody_unknown_is_said_so_in_both_languages(ready: Husec) -> None:
    result = ready("enrol", "nobody")
    assert result.exit_code == 1
    assert "ไม่พบ" in result.stderr
    assert "Not found" in result.stderr


def test_a_role_that_does_not_fit_says_which_scopes_do(ready: Husec) -> None:
    result = ready("user", "add", "alice", "อลิซ", "--role", "volunteer@nation")
    assert result.exit_code == 1
    assert "It goes with: village, tambon, district" in result.stderr
    assert "alice" not in ready("user", "list").output


def test_a_centre_that_is_not_set_up_says_what_to_do(husec: Husec) -> None:
    result = husec("user", "list")
    assert result.exit_code == 1
    assert "husec init" in result.stderr


def test_a_database_that_is_away_says_where_to_look(husec: Husec) -> None:
    result = husec("user", "list", HUSEC_DATABASE_URL="postgresql://nobody@127.0.0.1:1/x?connect_timeout=1")
    assert result.exit_code == 1
    assert "HUSEC_DATABASE_URL" in result.stderr


def test_a_setting_that_cannot_be_read_names_its_variable(husec: Husec) -> None:
    result = husec("user", "list", HUSEC_STAFF_TOKEN_HOURS="soon")
    assert result.exit_code == 1
    assert "HUSEC_STAFF_TOKEN_HOURS must be a whole number" in result.stderr


def test_the_version_of_the_tables_is_shown(ready: Husec) -> None:
    assert ready("db", "version").output == "0002\n"


def test_every_command_has_help_in_both_languages() -> None:
    texts = [CliRunner().invoke(main, [str(command.name), "--help"]).output for command in COMMANDS]
    assert [text for text in texts if " · " not in text] == []


def test_starting_data_is_loaded_once(ready: Husec) -> None:
    first, again = ready("import", "areas"), ready("import", "areas")
    assert first.exit_code == 0, first.output
    assert "Area: 8,441 added" in first.output
    assert "Area: 0 added" in again.output


def test_erasing_says_who_may_not_decide_it_and_erases_nothing(ready: Husec) -> None:
    ready("user", "add", "mali", "มะลิ", "--role", "social_worker@province:54")
    record = "01a00000-0000-7000-8000-000000000001"
    arguments = ("erase", record, "--reason", "court_order", "--yes", "--by")
    results = [ready(*arguments, "nobody"), ready(*arguments, "mali"), ready(*arguments[:-1])]
    assert [result.exit_code for result in results] == [1, 1, 1]
    assert "There is no user nobody. Nothing was erased." in results[0].output
    assert "mali may not decide an erasure. Nothing was erased." in results[1].output
    assert f"There is no record {record}" in results[2].output
