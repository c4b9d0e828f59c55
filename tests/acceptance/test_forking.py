"""A laptop's folder is copied: both copies work and sync in turn, and a laptop comes back from an old copy of itself.

Nothing is lost on either branch, what they share is applied once, and where both edited one field people decide.
"""

import shutil
from typing import Any

import pytest
from sqlalchemy import func, select

from server.models.engine import reading
from server.models.sync_tables import mutation
from tests.acceptance.http_phone import HttpPhone, Link
from tests.acceptance.kit_process import Kit
from tests.acceptance.office import Office, Province
from tests.acceptance.test_kits import in_district

ROUNDS = 3


@pytest.fixture
def desk(here: Office, province: Province) -> Link:
    """A social worker of the province at a desk."""
    return here.desk(f"social_worker@{province.scope}")


@pytest.fixture
def anong(here: Office, province: Province) -> Kit:
    """Of the day team, with a laptop."""
    return here.kit(f"rru_member@team:{province.day_team}")


def copied(kit: Kit, name: str) -> Kit:
    """Copy a laptop's folder to another laptop, as it lies there."""
    copy = Kit(kit.home.with_name(f"{kit.home.name}-{name}"), kit.user, kit.device)
    shutil.copytree(kit.home, copy.home)
    shutil.copytree(kit.desk, copy.desk)
    return copy


def put_back(kit: Kit, copy: Kit) -> None:
    """Bring a laptop back to an old copy of itself."""
    shutil.rmtree(kit.home)
    shutil.copytree(copy.home, kit.home)


def narratives(phone: HttpPhone, case: str) -> list[str]:
    """Return what all visits of a case say."""
    return sorted(visit["narrative"] for visit in phone.pull().of_type("visit").values() if visit["case"] == case)


def ledger_of(here: Office, kit: Kit) -> dict[str, int]:
    """Return how often each mutation of a device took its first place in the ledger."""
    query = (
        select(mutation.c.id, func.count())
        .where(mutation.c.device == kit.device, ~mutation.c.repeat, mutation.c.releases.is_(None))
        .group_by(mutation.c.id)
    )
    with reading(here.engine) as connection:
        return {id_: count for id_, count in connection.execute(query)}  # noqa: C416 - rows are not tuples to mypy


def made(*kits: Kit) -> set[str]:
    """Return the ids of everything that is in the logs of some laptops."""
    return {entry["id"] for kit in kits for entry in kit.outbox(everything=True)}


def test_two_copies_of_a_laptop_work_on_and_neither_loses_anything(
    here: Office, anong: Kit, alice: HttpPhone, desk: Link, province: Province
) -> None:
    case = anong.new("case", **in_district(province, severity="level_1"))
    anong.new("visit", case=case, narrative="ก่อนทำสำเนา ส่งแล้ว")
    anong.sync()
    anong.new("visit", case=case, narrative="ก่อนทำสำเนา ยังไม่ส่ง")
    boon = copied(anong, "copy")
    expected = ["ก่อนทำสำเนา ส่งแล้ว", "ก่อนทำสำเนา ยังไม่ส่ง"]
    recoveries: list[str] = []
    for number in range(ROUNDS):
        for name, kit in (("อนงค์", anong), ("บุญ", boon)):
            said = f"{name} รอบ {number}"
            kit.new("visit", case=case, narrative=said)
            expected.append(said)
            told = kit.sync()
            recoveries += told["recoveries"]
            assert set(told["outcomes"]) == {"applied"}
    assert narratives(alice, case) == sorted(expected)
    assert set(recoveries) == {"device_forked"}
    assert len(recoveries) < ROUNDS * 2

    for kit in (anong, boon):
        kit.sync()
        assert sorted(each["narrative"] for each in kit.all("visit").values()) == sorted(expected)
        assert [entry for entry in kit.outbox() if entry["outcome"] not in ("applied", "merged")] == []
    ledger = ledger_of(here, anong)
    assert ledger == dict.fromkeys(made(anong, boon), 1)
    assert desk.json("GET", "/unfinished", params={"limit": 500})["items"] == []
    assert anong.sound()
    assert boon.sound()


def test_where_both_copies_edited_one_field_people_decide(
    anong: Kit, alice: HttpPhone, desk: Link, province: Province
) -> None:
    case = anong.new("case", **in_district(province, severity="level_1", urgency="normal"))
    anong.sync()
    boon = copied(anong, "copy")
    anong.edit(case, severity="level_2")
    boon.edit(case, severity="level_3", status="in_progress")
    assert anong.sync()["outcomes"] == {"applied": 1}
    assert boon.sync()["outcomes"]["conflicted"] == 1
    anong.sync()
    for kit in (anong, boon):
        assert kit.show(case)["data"] | {"severity": "level_2", "status": "in_progress"} == kit.show(case)["data"]
        [conflict] = kit.run("conflicts")
        assert [each["value"] for each in conflict["data"]["contenders"]] == ["level_3"]
    [open_] = [each for each in desk.json("GET", "/conflicts")["items"] if each["record"] == case]
    tag = desk.ask("GET", f"/conflicts/{open_['id']}").headers["ETag"]
    decision: dict[str, Any] = {"choice": open_["contenders"][0]["incarnation"], "reason": "ดูรูปแล้ว"}
    decided = desk.ask("POST", f"/conflicts/{open_['id']}/resolve", json=decision, headers={"If-Match": tag})
    assert decided.status_code == 200
    for kit in (anong, boon):
        kit.sync()
        assert kit.show(case)["data"]["severity"] == "level_3"
        assert kit.run("conflicts") == []
    assert alice.pull().data(case)["severity"] == "level_3"


def test_a_laptop_that_comes_back_from_an_old_copy_gets_its_own_work_back(
    here: Office, anong: Kit, alice: HttpPhone, province: Province
) -> None:
    case = anong.new("case", **in_district(province))
    anong.sync()
    anong.new("visit", case=case, narrative="ก่อนสำเนา")
    old = copied(anong, "old")
    later = anong.new("visit", case=case, narrative="หลังสำเนา")
    anong.edit(case, urgency="urgent")
    anong.sync()
    put_back(anong, old)
    assert anong.show(later) is None

    anong.new("visit", case=case, narrative="หลังกู้คืน")
    told = anong.sync()
    assert told["recoveries"] == ["device_forked"]
    everything = ["ก่อนสำเนา", "หลังกู้คืน", "หลังสำเนา"]
    assert sorted(each["narrative"] for each in anong.all("visit").values()) == sorted(everything)
    assert narratives(alice, case) == sorted(everything)
    assert anong.show(case)["data"]["urgency"] == "urgent"
    assert set(ledger_of(here, anong).values()) == {1}
    anong.edit(case, urgency="most_urgent")
    assert anong.sync()["outcomes"] == {"applied": 1}
    assert anong.sound()
