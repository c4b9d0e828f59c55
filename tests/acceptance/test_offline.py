"""Days without a signal, programs killed at any moment, and everything there in the end (scenario 1)."""

import hashlib
import os
import signal
from collections import Counter
from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path
from random import Random
from typing import Any

import pytest

from server.demo.lossy_link import Weather
from server.demo.narrative import narrative
from server.demo.photos import photo
from tests.acceptance.http_phone import HttpPhone
from tests.acceptance.kit_process import CommandFailed, Kit
from tests.acceptance.office import Office, Province
from tests.acceptance.officer import at_work
from tests.acceptance.watched_link import Moment, WatchedLink

CASES, PHOTOS_EACH = 40, 3
TWO_DAYS = timedelta(hours=48)
UNREACHABLE = 7
"""The exit code of a command whose link failed."""


@pytest.fixture
def link(here: Office) -> Iterator[WatchedLink]:
    """The way from kits to the centre, watched."""
    with WatchedLink("127.0.0.1", here.server.port) as link:
        yield link


@pytest.fixture
def laptop(here: Office, province: Province, link: WatchedLink) -> Kit:
    """Of the day team."""
    return here.kit(f"rru_member@team:{province.day_team}", url=link.url)


def killed(process: Any) -> None:
    """Kill a program as a power cut does."""
    os.killpg(process.pid, signal.SIGKILL)
    assert process.wait(20) == -signal.SIGKILL


def case_with_photos(number: int, place: Province, folder: Path, random: Random) -> list[list[Any]]:
    """Return one Save: a case, its visit, three photos of it."""
    steps: list[list[Any]] = [
        ["create", f"case {number}", "case", {
            "intake_channel": "walk_in", "intake_district": place.district, "area": place.tambon,
            "team": place.day_team, "summary": narrative(random), "outside_numbers": [f"สมุด {number}"],
        }],
        ["create", f"visit {number}", "visit", {"case": f"@case {number}", "narrative": narrative(random)}],
    ]  # fmt: skip
    for which in range(PHOTOS_EACH):
        path = folder / f"{number}-{which}.png"
        path.write_bytes(photo(random))
        steps.append(["attach", f"visit {number}", str(path)])
    return steps


def saved_cases(kit: Kit) -> set[str]:
    """Return which cases are on the device, by the number in the officer's notebook."""
    return {case["outside_numbers"][0] for case in kit.all("case").values()}


def type_until_killed(kit: Kit, saves: list[list[list[Any]]], after: int) -> int:
    """Type; when so many Saves are acknowledged, order one more and kill the program in the middle of it."""
    with at_work(kit, clock_error=-TWO_DAYS) as typist:
        for number, steps in enumerate(saves):
            typist.press_save(*steps, after_s=TWO_DAYS.total_seconds() / CASES)
            if number == after:
                killed(typist.process)
                return number
            assert typist.saved() is not None
    raise AssertionError("never killed")


def type_rest(kit: Kit, saves: list[list[list[Any]]], clock_error: timedelta) -> None:
    with at_work(kit, clock_error=clock_error) as typist:
        for steps in saves:
            typist.press_save(*steps, after_s=TWO_DAYS.total_seconds() / CASES)
            assert typist.saved() is not None


def test_40_cases_and_120_photos_of_48_hours_arrive_though_the_program_is_killed_three_times(
    here: Office, alice: HttpPhone, laptop: Kit, link: WatchedLink, province: Province, tmp_path: Path
) -> None:
    random = Random(20261123)
    saves = [case_with_photos(number, province, tmp_path, random) for number in range(CASES)]
    sent = Counter(hashlib.sha256(path.read_bytes()).hexdigest() for path in tmp_path.glob("*.png"))
    laptop.sync()

    acknowledged = type_until_killed(laptop, saves, after=random.randrange(5, CASES - 5))
    done = len(saved_cases(laptop))
    assert done in (acknowledged, acknowledged + 1), (
        "a Save is there whole or not at all, and no acknowledged one is lost"
    )
    assert laptop.run("status")["files_waiting"] == done * PHOTOS_EACH
    type_rest(laptop, saves[done:], clock_error=-TWO_DAYS * (CASES - done) / CASES)
    assert len(saved_cases(laptop)) == CASES
    assert laptop.run("status")["waiting"] == CASES * (2 + PHOTOS_EACH)

    killed_while(laptop, link, "POST", "/sync/push", random)
    killed_while(laptop, link, "PATCH", "/uploads/", random, nth=random.randrange(10, 100))
    told = laptop.sync()

    assert (told["complete"], told["files_waiting"]) == (True, 0)
    alice.pull()
    assert sorted(case["outside_numbers"][0] for case in alice.of_type("case").values()) == sorted(
        f"สมุด {number}" for number in range(CASES)
    )
    assert len(alice.of_type("visit")) == CASES
    assert Counter(each["sha256"] for each in alice.of_type("attachment").values()) == sent
    assert stored_hashes(alice) == sent
    assert sum(sent.values()) == CASES * PHOTOS_EACH
    assert laptop.outbox() == []
    assert laptop.sound()


def killed_while(kit: Kit, link: WatchedLink, method: str, path: str, random: Random, *, nth: int = 1) -> None:
    """Kill a sync while the nth request of a kind is under way, by chance before or after the centre took it."""
    moment = random.choice(list(Moment))
    with link.catching(method, path, moment, nth=nth) as catch, kit.running("sync") as process:
        assert catch.caught.wait(60), f"no {method} {path} was seen: {link.lines[-5:]}"
        killed(process)


def stored_hashes(phone: HttpPhone) -> Counter[str]:
    """Download every attachment that a phone knows and hash its bytes."""
    contents = (phone.link.ask("GET", f"/attachments/{id_}/content") for id_ in phone.of_type("attachment"))
    return Counter(hashlib.sha256(reply.content).hexdigest() for reply in contents if reply.status_code == 200)


@pytest.mark.parametrize("moment", list(Moment))
def test_an_edit_made_while_its_own_upload_is_in_flight_survives_the_kill(
    alice: HttpPhone, laptop: Kit, link: WatchedLink, province: Province, moment: Moment
) -> None:
    """The record is typed, sent, typed on while nobody has answered; then the program that waits is killed."""
    laptop.sync()
    case = laptop.new("case", intake_channel="walk_in", intake_district=province.district,
                      area=province.tambon, team=province.day_team, urgency="normal")  # fmt: skip
    with link.catching("POST", "/sync/push", moment) as catch, laptop.running("sync") as process:
        assert catch.caught.wait(60)
        laptop.edit(case, urgency="urgent", summary="พิมพ์ต่อระหว่างที่กำลังส่ง")
        killed(process)
    assert laptop.show(case)["data"]["urgency"] == "urgent"
    told = laptop.sync()
    assert told["outcomes"] == {"applied": 2}
    assert alice.pull().data(case) | {"urgency": "urgent", "summary": "พิมพ์ต่อระหว่างที่กำลังส่ง"} == alice.data(case)
    assert alice.conflicts() == []
    assert [(each["seq"], each["outcome"]) for each in laptop.outbox(everything=True)] == [
        (1, "applied"),
        (2, "applied"),
    ]


def test_a_create_and_its_105_children_go_up_in_small_batches_over_a_bad_link(
    alice: HttpPhone, laptop: Kit, link: WatchedLink, province: Province
) -> None:
    """Long texts make every push meet the limit in bytes; drops, doubles, cuts and lost replies do the rest."""
    random = Random(105)
    case = {
        "intake_channel": "walk_in",
        "intake_district": province.district,
        "area": province.tambon,
        "team": province.day_team,
    }
    with at_work(laptop) as typist:
        names = typist.type_all(family(case, random))
    bad_weather(link, seed=105)
    synced_in_the_end(laptop)
    pushes = sum("/sync/push" in line for line in link.lines)
    assert (pushes > 3, link.faults > 0) == (True, True)
    visits = {data["case"] for data in alice.pull().of_type("visit").values()}
    assert (len(alice.of_type("visit")), visits) == (105, {names["case"]})
    assert [each["seq"] for each in laptop.outbox(everything=True)] == list(range(1, 107))


def family(case: dict[str, Any], random: Random) -> Iterator[list[list[Any]]]:
    yield [["create", "case", "case", case]]
    for number in range(105):
        yield [["create", f"visit {number}", "visit", {"case": "@case", "narrative": narrative(random, count=80)}]]


def bad_weather(link: WatchedLink, *, seed: int) -> None:
    """Let the link drop, double and cut what passes from now on."""
    link._random.seed(seed)
    link.weather = Weather()


def synced_in_the_end(kit: Kit, *, attempts: int = 20) -> None:
    """Sync as an officer does: again, until everything is there."""
    for _ in range(attempts):
        try:
            told = kit.sync()
        except CommandFailed as failed:
            if failed.code != UNREACHABLE:
                raise
            continue
        if told["complete"] and not told["files_waiting"]:
            return
    raise AssertionError("not even in the end")


@pytest.mark.parametrize("seed", [1, 2])
def test_photos_sent_over_cut_connections_arrive_once_and_whole(
    alice: HttpPhone, laptop: Kit, link: WatchedLink, province: Province, tmp_path: Path, seed: int
) -> None:
    random = Random(seed)
    saves = [case_with_photos(number, province, tmp_path, random) for number in range(5)]
    sent = Counter(hashlib.sha256(path.read_bytes()).hexdigest() for path in tmp_path.glob("*.png"))
    with at_work(laptop) as typist:
        typist.type_all(saves)
    bad_weather(link, seed=seed)
    synced_in_the_end(laptop)
    alice.pull()
    assert (len(alice.of_type("case")), stored_hashes(alice)) == (5, sent)
    assert link.faults > 0
