"""Two people with laptops: what each sees of the other's work, and what becomes of work that cannot simply land."""

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import timedelta
from typing import Any

import pytest

from schemas import messages
from schemas.thai import bangkok_date
from server.clock import now
from tests.acceptance.http_phone import HttpPhone, Link
from tests.acceptance.kit_process import Kit
from tests.acceptance.office import Office, Province
from tests.acceptance.officer import at_work
from tests.acceptance.records import made_case

REASON = "ดูรูปแล้ว ระดับ 3 ตรงกับที่เห็น"


@pytest.fixture
def desk(here: Office, province: Province) -> Link:
    """A social worker of the province at a desk."""
    return here.desk(f"social_worker@{province.scope}")


@pytest.fixture
def anong(here: Office, province: Province) -> Kit:
    """Of the day team, with a laptop."""
    return here.kit(f"rru_member@team:{province.day_team}")


@pytest.fixture
def boon(here: Office, province: Province) -> Kit:
    """A social worker of the province, with a laptop."""
    return here.kit(f"social_worker@{province.scope}")


def in_district(place: Province, **more: Any) -> dict[str, Any]:
    """Return what a new case of the day team says of itself."""
    about = {"intake_channel": "walk_in", "intake_district": place.district, "area": place.tambon}
    return {**about, "team": place.day_team, **more}


def shared_case(anong: Kit, boon: Kit, place: Province, **data: Any) -> str:
    """Let one record a case and both have it."""
    case = anong.new("case", **in_district(place, **data))
    anong.sync()
    boon.sync()
    return case


def test_edits_of_different_fields_made_offline_are_both_kept(anong: Kit, boon: Kit, province: Province) -> None:
    case = shared_case(anong, boon, province, urgency="normal", problems=["income_livelihood"])
    anong.edit(case, urgency="urgent")
    boon.edit(case, status="in_progress", problems=["income_livelihood", "violence"])
    assert anong.sync()["outcomes"] == {"applied": 1}
    assert boon.sync()["outcomes"] == {"merged": 1}
    anong.sync()
    shown = [kit.show(case)["data"] for kit in (anong, boon)]
    assert shown[0] == shown[1]
    assert shown[0] | {"urgency": "urgent", "status": "in_progress"} == shown[0]
    assert shown[0]["problems"] == ["income_livelihood", "violence"]
    assert [kit.run("conflicts") for kit in (anong, boon)] == [[], []]


def test_one_field_edited_twice_offline_is_asked_and_the_answer_reaches_both(
    anong: Kit, boon: Kit, desk: Link, province: Province
) -> None:
    case = shared_case(anong, boon, province, severity="level_1")
    anong.edit(case, severity="level_2")
    boon.edit(case, severity="level_3")
    anong.sync()
    assert boon.sync()["outcomes"] == {"conflicted": 1}
    anong.sync()
    for kit in (anong, boon):
        [conflict] = kit.run("conflicts")
        assert conflict["data"]["central_value"] == "level_2"
        assert [each["value"] for each in conflict["data"]["contenders"]] == ["level_3"]
    [waiting] = boon.outbox()
    assert (waiting["outcome"], waiting["set"]) == ("conflicted", {"severity": ["level_1", "level_3"]})

    [listed] = desk.json("GET", "/conflicts")["items"]
    tag = desk.ask("GET", f"/conflicts/{listed['id']}").headers["ETag"]
    body = {"choice": listed["contenders"][0]["incarnation"], "reason": REASON}
    desk.json("POST", f"/conflicts/{listed['id']}/resolve", body, headers={"If-Match": tag})

    for kit in (anong, boon):
        kit.sync()
        assert kit.show(case)["data"]["severity"] == "level_3"
        assert kit.run("conflicts") == []
        [decided] = kit.run("conflicts", "--resolved")
        assert decided["data"]["resolution"]["reason"] == REASON


def test_a_case_that_moves_away_leaves_the_kit_and_its_unsent_edit_goes_to_the_new_owner(
    here: Office, anong: Kit, alice: HttpPhone, province: Province
) -> None:
    case = made_case(alice, province, urgency="normal")
    anong.sync()
    assert anong.show(case)["data"]["urgency"] == "normal"
    night = here.kit(f"rru_member@team:{province.night_team}")
    move = {"team": [province.day_team, province.night_team]}
    alice.push([alice.update("case", case, alice.version(case), set=move)])

    anong.edit(case, urgency="urgent")
    told = anong.sync()

    assert (told["outcomes"], told["evicted"]) == ({"conflicted": 1}, 1)
    assert anong.show(case) is None
    assert [found["id"] for found in anong.run("list", "case")] == []
    [kept] = anong.outbox()
    assert (kept["record"], kept["outcome"], kept["set"]) == (case, "conflicted", {})
    assert kept["sealed"]
    assert kept["code"] == "out_of_scope"
    assert messages.text("screen.out_of_area", "th") in anong.say("outbox")
    night.sync()
    assert night.show(case)["data"]["urgency"] == "normal"
    [conflict] = night.run("conflicts")
    assert [each["value"] for each in conflict["data"]["contenders"]] == ["urgent"]
    assert anong.sound()


def test_one_bad_record_among_500_is_named_on_both_sides(anong: Kit, desk: Link, province: Province) -> None:
    """The kit warns of a day that has not come and saves it: its clock may be the wrong one. The centre refuses it."""
    tomorrow = (bangkok_date(now()) + timedelta(days=2)).isoformat()
    saves = [[["create", f"case {n}", "case", in_district(province)]] for n in range(500)]
    saves[249][0][3]["received_on"] = tomorrow
    with at_work(anong) as typist:
        names = typist.type_all(saves)
    told = anong.sync()
    assert told["outcomes"] == {"applied": 499, "rejected": 1}
    [refused] = anong.outbox()
    assert (refused["record"], refused["outcome"], refused["code"]) == (
        names["case 249"],
        "rejected",
        "validation_failed",
    )
    assert refused["data"]["received_on"] == tomorrow
    assert [each["code"] for each in refused["errors"]["received_on"]] == ["after_receipt"]
    listed = [each for each in all_unfinished(desk) if each["device"] == anong.device]
    assert [(each["record"], each["outcome"], each["code"]) for each in listed] == [
        (names["case 249"], "rejected", "validation_failed")
    ]
    assert listed[0]["payload"]["data"]["received_on"] == tomorrow

    anong.edit(names["case 249"], received_on=bangkok_date(now()).isoformat())
    assert anong.sync()["outcomes"] == {"applied": 1}
    assert anong.show(names["case 249"])["unsent"] is False


def all_unfinished(desk: Link) -> list[dict[str, Any]]:
    found: list[dict[str, Any]] = []
    cursor: Any = ""
    while cursor is not None:
        page = desk.json("GET", "/unfinished", params={"cursor": cursor} if cursor else {})
        found, cursor = found + page["items"], page["next"]
    return found


def test_every_one_of_150_refused_edits_is_listed_page_by_page(anong: Kit, desk: Link, province: Province) -> None:
    tomorrow = (bangkok_date(now()) + timedelta(days=2)).isoformat()
    saves = [[["create", f"case {n}", "case", in_district(province, received_on=tomorrow)]] for n in range(150)]
    with at_work(anong) as typist:
        names = typist.type_all(saves)
    assert anong.sync()["outcomes"] == {"rejected": 150}
    listed = [each["record"] for each in all_unfinished(desk) if each["device"] == anong.device]
    assert sorted(listed) == sorted(names.values())


def test_an_emergency_goes_first_and_waits_for_nothing(anong: Kit, alice: HttpPhone, province: Province) -> None:
    anong.new("case", **in_district(province))
    urgent = anong.new("emergency", causes=["threat_or_assault"], area=province.tambon, place_text="หน้าตลาด")
    lanes = {entry["type"]: (entry["lane"], entry["seq"]) for entry in anong.outbox()}
    assert lanes == {"case": ("normal", 1), "emergency": ("urgent", 1)}
    assert anong.sync()["outcomes"] == {"applied": 2}
    assert alice.pull().data(urgent)["place_text"] == "หน้าตลาด"


def test_what_the_centre_would_refuse_the_kit_refuses_offline_in_the_same_words(
    anong: Kit, alice: HttpPhone, province: Province
) -> None:
    bad = in_district(province, urgency="very", area="99", intake_district="x")
    with pytest.raises(AssertionError) as refused:
        anong.new("case", **bad)
    [at_the_kit] = refused.value.said["errors"].values()
    given = bad | {"received_on": "2026-11-20", "reference_number": "0000-0000-00000"}
    [outcome] = alice.push([alice.create("case", **given)])
    assert outcome.errors == at_the_kit
    assert anong.outbox() == []


@pytest.mark.parametrize(
    "text", ["\0", "\ud800", "ก" * 200_000, {"deep": [[[[[[[[[[[[[[[[[[[[]]]]]]]]]]]]]]]]]]]]}, 10**400]
)
def test_what_nobody_could_store_the_kit_does_not_save(anong: Kit, text: Any) -> None:
    with pytest.raises(AssertionError) as refused:
        anong.new("person", first_name=text)
    assert (refused.value.code, refused.value.said["error"]) == (3, "validation_failed")
    assert anong.outbox() == []


def test_without_a_signal_the_kit_says_so_and_keeps_everything(here: Office, province: Province) -> None:
    with here_then_gone(here, province) as kit:
        case = kit.new("case", **in_district(province))
    with pytest.raises(AssertionError) as refused:
        kit.sync()
    assert (refused.value.code, refused.value.said["error"]) == (7, "offline")
    assert [entry["record"] for entry in kit.outbox()] == [case]


@contextmanager
def here_then_gone(here: Office, province: Province) -> Iterator[Kit]:
    """Enrol a kit over a way to the centre that ends with the block."""
    from tests.acceptance.watched_link import WatchedLink

    with WatchedLink("127.0.0.1", here.server.port) as link:
        yield here.kit(f"rru_member@team:{province.day_team}", url=link.url)


def test_a_cancelled_kit_is_told_and_empty(here: Office, anong: Kit, province: Province) -> None:
    anong.new("case", **in_district(province))
    here.admin.json("POST", f"/devices/{anong.device}/revoke", {"order": "lost"})
    with pytest.raises(AssertionError) as refused:
        anong.sync()
    assert (refused.value.code, refused.value.said["error"]) == (9, "device_wiped")
    assert list(anong.home.iterdir()) == []
