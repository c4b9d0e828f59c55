"""The centre is restored from an hour ago, and the fleet heals it: nothing that anybody recorded is lost."""

from dataclasses import dataclass
from pathlib import Path
from random import Random
from typing import Any

import pytest
from sqlalchemy import func, select

from server.demo.photos import photo
from server.models.engine import reading
from server.models.sync_tables import mutation, record
from tests.acceptance.husec_process import husec
from tests.acceptance.kit_process import CommandFailed, Kit
from tests.acceptance.office import PHRAE, Office, Province
from tests.acceptance.officer import at_work
from tests.acceptance.records import a_case
from tests.acceptance.recovering import Officer

PHONES, PEOPLE, KITS = 47, 10, 3
STAY_AT_HOME = 10
"""Every tenth phone does nothing between the backup and the restore."""


@dataclass
class Fleet:
    """50 devices of 13 people, the cases that they share, and what each of them wrote."""

    office: Office
    people: list[dict[str, Any]]
    officers: list[Officer]
    kits: list[Kit]
    cases: list[str]
    visits: dict[str, str]

    def sync_all(self, *, rounds: int = 1) -> None:
        """Let every device sync; with a second round each has what all others brought."""
        for _ in range(rounds):
            for each in self.officers:
                each.sync()
            for kit in self.kits:
                kit.sync()

    def work(self, word: str) -> None:
        """Let most go out: a visit each, an edit of the visit before, and of a case that nine others edit too."""
        for number, officer in enumerate(self.officers):
            if number % STAY_AT_HOME or word == "before":
                self._day_of(number, officer, word)
        for kit in self.kits:
            visit = kit.new("visit", case=self.cases[0], narrative=f"{word} ชุดสนาม")
            self.visits[visit] = f"{word} ชุดสนาม"

    def _day_of(self, number: int, officer: Officer, word: str) -> None:
        phone, case = officer.phone, self.cases[number % len(self.cases)]
        text = f"{word} {number}"
        if (visit := officer.last_visit) is not None:
            base, told = phone.version(visit), self.visits[visit]
            officer.record(phone.update("visit", visit, base, set={"narrative": [told, f"{told} แก้ {word}"]}))
            self.visits[visit] = f"{told} แก้ {word}"
        officer.last_visit = officer.record(phone.create("visit", case=case, narrative=text))
        self.visits[officer.last_visit] = text
        was = phone.data(case).get("severity")
        level = f"level_{number % 3 + 1}"
        if was != level:
            officer.record(phone.update("case", case, phone.version(case), set={"severity": [was, level]}))


@pytest.fixture
def fleet(own_office: Office) -> Fleet:
    office, place = own_office, PHRAE
    people = [office.person(f"social_worker@{place.scope}") for _ in range(PEOPLE)]
    officers = [Officer(office.phone(of=people[number % PEOPLE])) for number in range(PHONES)]
    kits = [office.kit(f"rru_member@team:{place.day_team}") for _ in range(KITS)]
    cases = [officers[0].record(a_case(officers[0].phone, place)) for _ in range(5)]
    made = Fleet(office, people, officers, kits, cases, {})
    made.sync_all()
    made.work("before")
    made.sync_all()
    return made


@pytest.fixture
def backups(tmp_path: Path) -> Path:
    return tmp_path / "backups"


def restore(office: Office, backups: Path) -> str:
    """Stop the centre, restore it from the only backup, start it; staff sign in again."""
    office.server.stop()
    office.engine.dispose()
    said = husec(office.server, "restore", str(backups), "--replace", "--yes")
    office.server.start()
    office.server.kept.pop("admin", None)
    office._admin = None
    return said


def ledger_of(office: Office) -> tuple[dict[str, int], set[str]]:
    """Return how often each mutation stands in the ledger as itself, and the outcomes that there are."""
    with reading(office.engine) as connection:
        query = select(mutation.c.id, func.count()).where(~mutation.c.repeat).group_by(mutation.c.id)
        counts = {row[0]: row[1] for row in connection.execute(query)}
        outcomes = set(connection.execute(select(mutation.c.outcome).distinct()).scalars())
    return counts, outcomes


def assert_nothing_is_lost(fleet: Fleet) -> None:
    counts, outcomes = ledger_of(fleet.office)
    made = [each for officer in fleet.officers for each in officer.made]
    made += [each["id"] for kit in fleet.kits for each in kit.outbox(everything=True)]
    assert [counts.get(each) for each in made] == [1] * len(made)
    assert not outcomes & {"rejected", "held"}
    with reading(fleet.office.engine) as connection:
        rows = connection.execute(select(record.c.id, record.c.data).where(record.c.type == "visit"))
        assert {row.id: row.data["narrative"] for row in rows} == fleet.visits


def assert_everybody_sees_the_same(fleet: Fleet) -> None:
    """Hold each phone against a new one of the same person, which fetches everything from the beginning."""
    fresh = [fleet.office.phone(of=person).pull() for person in fleet.people]
    for number, officer in enumerate(fleet.officers):
        assert officer.phone.rows == fresh[number % PEOPLE].rows
        assert officer.phone.membership == fresh[number % PEOPLE].membership
    central = {id_: data["narrative"] for id_, data in fresh[0].of_type("visit").items()}
    for kit in fleet.kits:
        assert {id_: data["narrative"] for id_, data in kit.all("visit").items()} == central
        assert kit.sound()


def test_50_devices_heal_a_centre_that_was_restored_to_an_hour_ago_twice(fleet: Fleet, backups: Path) -> None:
    office = fleet.office
    said = husec(office.server, "backup", str(backups))
    assert "restored and found whole" in said
    assert [officer.forget() for officer in fleet.officers] == [len(officer.made) for officer in fleet.officers]

    fleet.work("after")
    fleet.sync_all()
    restore(office, backups)
    fleet.sync_all(rounds=2)
    assert {officer.recoveries for officer in fleet.officers} == {1}
    assert_nothing_is_lost(fleet)
    assert_everybody_sees_the_same(fleet)

    fleet.work("between")
    fleet.sync_all()
    restore(office, backups)
    fleet.sync_all(rounds=2)
    assert {officer.recoveries for officer in fleet.officers} == {2}
    assert_nothing_is_lost(fleet)
    assert_everybody_sees_the_same(fleet)
    assert "the ledger is whole" in husec(office.server, "audit", "verify")


@pytest.fixture
def anong(own_office: Office) -> Kit:
    return own_office.kit(f"rru_member@team:{PHRAE.day_team}")


def new_case(place: Province) -> dict[str, Any]:
    return {
        "intake_channel": "walk_in",
        "intake_district": place.district,
        "area": place.tambon,
        "team": place.day_team,
    }


def test_a_photo_of_after_the_backup_comes_again(own_office: Office, anong: Kit, backups: Path, tmp_path: Path) -> None:
    case = anong.new("case", **new_case(PHRAE))
    anong.sync()
    husec(own_office.server, "backup", str(backups))
    picture = tmp_path / "photo.png"
    picture.write_bytes(photo(Random(1)))
    with at_work(anong) as typist:
        typist.type_all([[["attach", case, str(picture)]]])
    assert anong.sync()["files"] == 1
    for path in (own_office.server.data_dir / "blobs").glob("*/*"):
        path.unlink()  # as on a new machine
    restore(own_office, backups)
    anong.sync()
    [attachment] = anong.all("attachment")
    asked = own_office.desk(f"social_worker@{PHRAE.scope}").ask("GET", f"/attachments/{attachment}/content")
    assert asked.content == picture.read_bytes()


def test_a_cancelled_device_stays_cancelled(own_office: Office, anong: Kit, backups: Path) -> None:
    husec(own_office.server, "backup", str(backups))
    late = own_office.kit(of=anong.user)
    for kit in (anong, late):
        own_office.admin.json("POST", f"/devices/{kit.device}/revoke", {"order": "lost"})
    said = restore(own_office, backups)
    assert "cancelled again: 2 devices" in said
    for kit in (anong, late):
        with pytest.raises(CommandFailed) as refused:
            kit.sync()
        assert refused.value.said["error"] == "device_wiped"


def test_a_centre_that_serves_is_not_restored(own_office: Office, backups: Path) -> None:
    husec(own_office.server, "backup", str(backups))
    said = husec(own_office.server, "restore", str(backups), "--replace", "--yes", code=1)
    assert "Stop the centre first" in said
    assert own_office.link().ask("GET", "/ready").status_code == 200
