"""Somebody demands to be forgotten: they go from the centre and from every device, and no backup brings them back."""

import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import inspect, text

from field_kit import FieldKit
from tests.acceptance.kit_process import PASSPHRASE, Kit
from tests.acceptance.office import Office, Province
from tests.acceptance.server_process import ROOT, clean_environment

NAME, PLACE = "สมหญิง", "บ้านท้ายซอยข้างวัด"
TRACES = (NAME, PLACE, "ลืมไม่ลง")


@pytest.fixture
def anong(here: Office, province: Province) -> Kit:
    """A social worker of the province, with a laptop."""
    return here.kit(f"social_worker@{province.scope}")


@pytest.fixture
def boon(here: Office, province: Province) -> Kit:
    """Another one."""
    return here.kit(f"social_worker@{province.scope}")


def husec(office: Office, *arguments: str) -> str:
    """Run an operator's command to its end and return what it says."""
    environment = clean_environment() | office.server.settings
    environment |= {"HUSEC_DATABASE_URL": office.server.database_url, "HUSEC_DATA_DIR": str(office.server.data_dir)}
    line = [sys.executable, "-m", "server.cli", *arguments]
    done = subprocess.run(line, cwd=ROOT, env=environment, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stdout + done.stderr
    return done.stdout


def filed(kit: Kit, place: Province, folder: Path) -> tuple[str, str, str]:
    """File a case with its affected person and a photo of them; return the three ids."""
    who = kit.new("person", first_name=NAME, last_name="ใจกล้า")
    case = kit.new(
        "case", intake_channel="walk_in", intake_district=place.district, area=place.tambon, affected_person=who
    )
    picture = folder / f"{NAME}.jpg"
    picture.write_bytes(b"\xff\xd8" + PLACE.encode() * 50)
    photo = kit.run("attach", who, str(picture))["records"][0]
    assert kit.sync()["outcomes"] == {"applied": 3}
    return who, case, photo


def said_by(rows: Any) -> str:
    """Return values as one text; bytes are read as text too."""
    return "\n".join(
        str(each) if not isinstance(each, bytes) else each.decode("utf-8", "replace") for row in rows for each in row
    )


def on_the_device(kit: Kit) -> str:
    """Return all that a device's file says in any table."""
    with FieldKit.open(kit.home, PASSPHRASE) as opened:
        names = [name for (name,) in opened.database.rows("SELECT name FROM sqlite_master WHERE type = 'table'")]
        return said_by(row for name in names for row in opened.database.rows(f'SELECT * FROM "{name}"'))


def at_the_centre(office: Office) -> str:
    """Return all that the centre's database says in any table, and the bytes of its files."""
    with office.engine.connect() as connection:
        names = inspect(connection).get_table_names()
        tables = said_by(row for name in names for row in connection.execute(text(f'SELECT * FROM "{name}"')))
    folders = (office.server.data_dir / "blobs", office.server.data_dir / "uploads")
    files = [path for folder in folders for path in folder.rglob("*") if path.is_file()]
    return tables + "".join(path.read_bytes().decode("utf-8", "replace") for path in files)


def traces_in(found: str) -> list[str]:
    return [each for each in TRACES if each in found]


def erase(office: Office, place: Province, record: str) -> Any:
    desk = office.desk(f"approver@{place.scope}")
    version = desk.json("GET", f"/records/{record}")["version"]
    order = {"reason": "subject_request"}
    return desk.json("POST", f"/records/{record}/erase", order, headers={"If-Match": f'"{version}"'})


def test_what_was_erased_stays_erased_on_every_device_and_after_a_restore(
    own_office: Office, anong: Kit, boon: Kit, province: Province, tmp_path: Path
) -> None:
    who, case, photo = filed(anong, province, tmp_path)
    boon.sync()
    anong.edit(who, last_name="ลืมไม่ลง")
    boon.edit(who, nickname_or_mark="ลืมไม่ลง")
    assert traces_in(at_the_centre(own_office)) == [NAME, PLACE]
    backups = tmp_path / "backups"
    husec(own_office, "backup", str(backups))

    done = erase(own_office, province, who)
    assert {who, photo} <= set(done["records"])
    assert traces_in(at_the_centre(own_office)) == []
    assert anong.sync()["outcomes"] == {"rejected": 1}
    assert (anong.show(who), traces_in(on_the_device(anong))) == (None, [])
    assert anong.show(case)["data"]["affected_person"] == who

    own_office.server.stop()
    own_office.engine.dispose()  # a restore wants the data for itself
    husec(own_office, "restore", str(backups), "--replace", "--yes")
    own_office.server.start()
    for kit in (anong, boon, anong):
        kit.sync()
    assert traces_in(at_the_centre(own_office)) == []
    for kit in (anong, boon):
        assert (kit.show(who), traces_in(on_the_device(kit))) == (None, [])
        assert kit.show(case)["data"]["affected_person"] == who
        assert {each["code"] for each in kit.outbox(everything=True) if each["record"] == who} == {"erased"}
    assert "ลบข้อมูลถาวรแล้ว" in anong.say("outbox")
    assert "whole" in husec(own_office, "audit", "verify")


def test_a_device_that_was_away_hears_of_it_and_what_it_brings_is_not_kept(
    own_office: Office, anong: Kit, boon: Kit, province: Province, tmp_path: Path
) -> None:
    who, _, _ = filed(anong, province, tmp_path)
    boon.sync()
    picture = tmp_path / "again.jpg"
    picture.write_bytes(b"\xff\xd8" + PLACE.encode() * 90)
    boon.edit(who, nickname_or_mark="ลืมไม่ลง")
    boon.run("attach", who, str(picture))

    husec(own_office, "erase", who, "--reason", "court_order", "--yes")
    assert boon.sync()["outcomes"] == {"rejected": 2}
    assert traces_in(on_the_device(boon)) == []
    assert traces_in(at_the_centre(own_office)) == []
    assert "whole" in husec(own_office, "audit", "verify")
