"""The doctor finds what is wrong with a centre, says one next step, and ends with what it found."""

import json
from collections.abc import Callable
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner
from sqlalchemy import insert, text, update

from server.checkup import examine
from server.checkup.finding import Level
from server.cli import main
from server.ids import new_id
from server.models.engine import writing
from server.models.files import blob
from server.models.identity import device
from server.models.lease import job_lease
from server.models.quarantine import delivery
from server.models.sync_tables import bucket, clock, mutation
from sync.instants import rfc3339
from tests.server.centre import TestCentre
from tests.server.kept import Kept, kept

ADDRESS = "https://field.example.go.th"


@pytest.fixture
def here(open_centre_with: Callable[..., TestCentre], tmp_path: Path) -> Kept:
    data_dir = tmp_path
    data_dir.chmod(0o700)
    return kept(open_centre_with(public_url=ADDRESS), tmp_path / "backups")


def found(here: Kept, *, at_least: Level = Level.ATTENTION) -> dict[str, dict[str, Any]]:
    """Return what the doctor finds, without what depends on this machine's disk."""
    findings = examine(here.centre.centre, here.centre.clock())
    return {each.code: each.facts for each in findings if each.level >= at_least and each.code != "disk_low"}


def order(here: Kept, statement: Any, *rows: Any) -> None:
    with writing(here.centre.centre.engine) as connection:
        connection.execute(statement, *rows)


def test_a_centre_that_is_backed_up_is_well(here: Kept) -> None:
    before = found(here)
    here.verified()
    assert (before, found(here)) == ({"backup_none": {}}, {})
    assert set(found(here, at_least=Level.NOTE)) == {"backup_open", "register_beside", "jobs_never"}


@pytest.mark.parametrize(
    ("damage", "code"),
    [
        (update(bucket).values(checksum="0" * 16), "buckets_wrong"),
        (update(clock).values(value=1), "clock_wrong"),
        (
            text("DELETE FROM ledger_chain WHERE commit_number = (SELECT max(commit_number) FROM mutation)"),
            "clock_wrong",
        ),
        (
            update(mutation)
            .where(text("commit_number = (SELECT max(commit_number) FROM mutation)"))
            .values(payload="{}"),
            "chain_tip_broken",
        ),
    ],
    ids=["checksum", "clock", "link", "payload"],
)
def test_a_store_that_is_broken_is_found(here: Kept, damage: Any, code: str) -> None:
    here.verified()
    order(here, damage)
    assert list(found(here)) == [code]
    assert max(each.level for each in examine(here.centre.centre, here.centre.clock())) is Level.BROKEN


def test_files_that_are_missing_or_damaged_are_counted(here: Kept) -> None:
    here.verified()
    row = {"sha256": "a" * 64, "size": 1, "stored_at": rfc3339(here.centre.clock())}
    order(here, insert(blob), [row])
    path = next((here.centre.centre.settings.data_dir / "blobs").glob("*/*"))
    path.write_bytes(b"x")
    assert found(here) == {"files_wrong": {"missing": 1, "damaged": 1}}


def test_what_wants_attention_is_counted(here: Kept) -> None:
    here.verified()
    at = here.centre.clock()
    lease = {"name": "keep_safe", "holder": new_id(), "until": rfc3339(at - timedelta(days=3))}
    order(here, insert(job_lease), [lease])
    order(here, update(device).values(revoked_at=rfc3339(at), revoked_order="lost"))
    sealed = {"id": new_id(), "kind": "outbox", "received_at": rfc3339(at), "sha256": "a" * 64, "content": b"x"}
    order(here, insert(delivery), [sealed | {"state": "open", "detail": {}}])
    here.centre.clock.turn(days=3)
    assert found(here) == {
        "backup_old": {"days": 3},
        "jobs_stale": {"jobs": "keep_safe"},
        "devices_not_wiped": {"count": 1},
    }
    assert found(here, at_least=Level.NOTE)["deliveries_open"] == {"count": 1}


def test_a_register_with_a_torn_line_is_found(here: Kept) -> None:
    here.verified()
    here.centre.centre.register.path.write_text('{"kind": "era')
    assert found(here) == {"register_damaged": {"count": 1}}


@pytest.mark.parametrize(
    ("address", "code"),
    [("http://127.0.0.1:8000", "address_local"), ("http://field.example.go.th", "address_open")],
)
def test_an_address_that_cannot_be_meant_is_found(
    open_centre_with: Callable[..., TestCentre], tmp_path: Path, address: str, code: str
) -> None:
    tmp_path.chmod(0o700)
    here = kept(open_centre_with(public_url=address), tmp_path / "backups")
    here.verified()
    assert list(found(here)) == [code]


def test_a_key_that_others_can_read_is_found(here: Kept) -> None:
    here.verified()
    (here.centre.centre.settings.data_dir / "centre.key").chmod(0o644)
    assert list(found(here)) == ["keys_readable"]


def husec(here: Kept, *words: str) -> Any:
    settings = here.centre.centre.settings
    where = {"HUSEC_DATA_DIR": str(settings.data_dir), "HUSEC_DATABASE_URL": settings.database_url}
    return CliRunner().invoke(main, words, env=where | {"HUSEC_PUBLIC_URL": ADDRESS})


def test_the_command_says_it_in_both_languages_and_ends_with_it(here: Kept) -> None:
    order(here, update(bucket).values(checksum="0" * 16))
    said = husec(here, "doctor")
    told = json.loads(husec(here, "doctor", "--json").output)
    worst = next(each for each in told if each["level"] == "broken")
    assert said.exit_code == 2
    assert "ผลรวมตรวจสอบ" in said.output
    assert "husec restore" in said.output
    assert (worst["code"], set(worst)) == ("buckets_wrong", {"level", "code", "facts", "text", "next"})


def test_a_database_without_tables_is_one_finding(database_url: str, tmp_path: Path) -> None:
    where = {"HUSEC_DATA_DIR": str(tmp_path), "HUSEC_DATABASE_URL": database_url}
    said = CliRunner().invoke(main, ["doctor"], env=where)
    assert (said.exit_code, "husec init" in said.output) == (2, True)
