"""Work that the centre refuses and work that waits for it: staff correct it or send it back, and all of it arrives."""

from datetime import timedelta
from pathlib import Path
from random import Random
from typing import Any

import pytest

from schemas.thai import bangkok_date
from server.clock import now
from server.demo.photos import photo
from tests.acceptance.http_phone import Link
from tests.acceptance.kit_process import Kit
from tests.acceptance.office import Office, Province
from tests.acceptance.test_kits import in_district

WHY = "โทรถามแล้ว วันที่ผิด"


@pytest.fixture
def desk(here: Office, province: Province) -> Link:
    """A social worker of the province at a desk."""
    return here.desk(f"social_worker@{province.scope}")


@pytest.fixture
def anong(here: Office, province: Province) -> Kit:
    """Of the day team, with a laptop."""
    return here.kit(f"rru_member@team:{province.day_team}")


def day(offset: int) -> str:
    return (bangkok_date(now()) + timedelta(days=offset)).isoformat()


class Refused:
    """A case that is refused, with a visit, its photo and a payment that wait for it."""

    def __init__(self, kit: Kit, place: Province, folder: Path) -> None:
        self.kit = kit
        self.case = kit.new("case", **in_district(place, received_on=day(2), summary="หลังคาพัง"))
        self.visit = kit.new("visit", case=self.case, narrative="พบที่บ้าน", visited_on=day(0))
        self.bytes = photo(Random(7))
        (folder / "house.jpg").write_bytes(self.bytes)
        self.photo = str(kit.run("attach", self.visit, str(folder / "house.jpg"))["records"][0])
        self.aid = kit.new("assistance", case=self.case, kind="goods", goods="ข้าวสาร", given_on=day(0))
        assert kit.sync()["outcomes"] == {"rejected": 1, "held": 3}

    def everything_arrived(self, desk: Link) -> bool:
        """Tell whether the centre has all of it, the photo to the byte."""
        shown = [desk.ask("GET", f"/records/{each}").status_code for each in (self.case, self.visit, self.aid)]
        content = desk.ask("GET", f"/attachments/{self.photo}/content")
        return shown == [200] * 3 and content.content == self.bytes


@pytest.fixture
def refused(anong: Kit, province: Province, tmp_path: Path) -> Refused:
    return Refused(anong, province, tmp_path)


def unfinished(desk: Link, device: str, state: str = "open") -> list[dict[str, Any]]:
    items = desk.json("GET", "/unfinished", params={"state": state, "limit": 500})["items"]
    return [each for each in items if each["device"] == device]


def outcomes(kit: Kit) -> dict[str, tuple[str, str | None]]:
    """Return what became of everything that was ever made on a device."""
    return {each["record"]: (each["outcome"], each["code"]) for each in kit.outbox(everything=True)}


def test_staff_correct_it_and_all_that_waited_goes_through(anong: Kit, desk: Link, refused: Refused) -> None:
    waiting = unfinished(desk, anong.device)
    assert [(each["record"], each["outcome"]) for each in waiting] == [
        (refused.case, "rejected"),
        (refused.visit, "held"),
        (refused.photo, "held"),
        (refused.aid, "held"),
    ]
    body = {"data": {"received_on": day(-1)}, "reason": WHY}
    told = desk.json("POST", f"/unfinished/{waiting[0]['id']}/apply", body)
    assert [each["outcome"] for each in told["outcomes"]] == ["applied"]
    assert unfinished(desk, anong.device) == []
    history = desk.json("GET", f"/records/{refused.case}/history")["items"]
    assert [(each["author"], each.get("reason")) for each in history if each["outcome"] == "applied"] == [
        (anong.user["id"], WHY)
    ]

    anong.sync()
    assert outcomes(anong) == {
        refused.case: ("applied", "corrected"),
        refused.visit: ("applied", None),
        refused.photo: ("applied", None),
        refused.aid: ("applied", None),
    }
    assert anong.show(refused.case)["data"]["received_on"] == day(-1)
    [shown] = anong.outbox()
    assert (shown["record"], shown["reason"], shown["fields"]) == (refused.case, WHY, ["received_on"])
    assert WHY in anong.say("outbox")
    assert refused.everything_arrived(desk)
    assert anong.sound()


def test_it_is_sent_back_and_the_officer_corrects_only_what_is_wrong(anong: Kit, desk: Link, refused: Refused) -> None:
    [first, *_] = unfinished(desk, anong.device)
    fields = {"received_on": "ยังไม่ถึงวันนั้น", "summary": "บอกด้วยว่าใครอยู่ในบ้าน"}
    desk.json("POST", f"/unfinished/{first['id']}/return", {"fields": fields, "reason": WHY})
    assert [each["record"] for each in unfinished(desk, anong.device)] == [refused.visit, refused.photo, refused.aid]

    anong.sync()
    assert anong.run("status")["returned"] == 1
    for said in (anong.say("outbox"), anong.say("show", refused.case)):
        assert "ต้องแก้ 2 ข้อ ข้ออื่นไม่ต้องกรอกใหม่" in said
        assert all(text in said for text in fields.values())
    anong.edit(refused.case, received_on=day(-1), summary="หลังคาพัง ยายอยู่คนเดียว")
    assert anong.sync()["outcomes"] == {"applied": 1}
    anong.sync()

    assert anong.outbox() == []
    assert set(outcomes(anong).values()) == {("applied", None)}
    assert anong.show(refused.case)["data"]["intake_channel"] == "walk_in"
    assert [each["settled"]["how"] for each in unfinished(desk, anong.device, "settled")] == ["returned"]
    assert unfinished(desk, anong.device) == []
    assert refused.everything_arrived(desk)


def test_what_staff_will_not_use_is_said_and_what_waits_goes_on_waiting(
    anong: Kit, desk: Link, refused: Refused
) -> None:
    [first, *_] = unfinished(desk, anong.device)
    desk.json("POST", f"/unfinished/{first['id']}/dismiss", {"reason": "ซ้ำกับอีกกรณี"})
    anong.sync()
    assert outcomes(anong)[refused.case] == ("rejected", "dismissed")
    assert "ซ้ำกับอีกกรณี" in anong.say("outbox")
    assert anong.run("status")["held"] == 3
    assert [each["record"] for each in unfinished(desk, anong.device)] == [refused.visit, refused.photo, refused.aid]
