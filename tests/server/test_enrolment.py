"""A code turns one device into somebody's, once."""

import os
import subprocess
import sys
from base64 import b64decode
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from json import loads
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import func, select

from server.models.engine import reading
from server.models.sync_tables import mutation, record
from sync.messages import Limits
from tests.server.centre import TestCentre

ROOT = Path(__file__).parents[2]

PHONE = {"name": "โทรศัพท์ของอลิซ", "platform": "android", "client_version": "1.0"}


def test_staff_make_a_code_and_alice_enrols_with_it(centre: TestCentre) -> None:
    admin = centre.staff("administrator@nation")
    alice = centre.person("rru_member@district:5401")

    made = admin.post("/api/v1/enrolments", json={"user": alice}).json
    reply = centre.client.post("/api/v1/devices", json=PHONE | {"code": made["code"]})

    assert reply.status_code == 201
    assert reply.json["user"] == {
        "id": alice,
        "username": "person2",
        "display_name": "คนที่ 2",
        "language": "th",
        "roles": [{"role": "rru_member", "scope": "district:5401"}],
        "teams": [],
    }
    assert reply.json["limits"] == {"mutations": Limits().mutations, "bytes": Limits().bytes}
    assert len(b64decode(reply.json["centre_public_key"])) == 32
    assert reply.json["token_expires_at"] == "2027-02-21T02:00:00.000Z"
    assert reply.json["server_time"] == "2026-11-23T02:00:00.000Z"


def test_a_code_is_read_as_people_say_it(centre: TestCentre) -> None:
    code = centre.code(centre.person("rru_member@district:5401"))
    spoken = code.replace("-", " ").lower()
    assert centre.client.post("/api/v1/devices", json=PHONE | {"code": spoken}).status_code == 201


def test_a_code_works_once(centre: TestCentre) -> None:
    body = PHONE | {"code": centre.code(centre.person("rru_member@district:5401"))}
    replies = [centre.client.post("/api/v1/devices", json=body) for _ in range(2)]
    assert [reply.status_code for reply in replies] == [201, 410]
    assert replies[1].json["code"] == "code_used"


def test_five_devices_at_once_with_one_code_are_one_device(centre: TestCentre) -> None:
    body = PHONE | {"code": centre.code(centre.person("rru_member@district:5401"))}
    with ThreadPoolExecutor(5) as pool:
        replies = list(pool.map(lambda _: centre.client.post("/api/v1/devices", json=body).status_code, range(5)))
    assert sorted(replies) == [201, 410, 410, 410, 410]


def test_a_code_expires(centre: TestCentre) -> None:
    body = PHONE | {"code": centre.code(centre.person("rru_member@district:5401"))}
    centre.clock.turn(hours=24)
    reply = centre.client.post("/api/v1/devices", json=body)
    assert (reply.status_code, reply.json["code"]) == (410, "code_expired")


def test_a_code_that_was_never_made_is_unknown(centre: TestCentre) -> None:
    reply = centre.client.post("/api/v1/devices", json=PHONE | {"code": "0000-0000-00000"})
    assert (reply.status_code, reply.json["code"]) == (404, "code_unknown")


def test_somebody_without_a_field_role_gets_no_code(centre: TestCentre) -> None:
    admin = centre.staff("administrator@nation")
    reply = admin.post("/api/v1/enrolments", json={"user": centre.person("inspector@nation")})
    assert (reply.status_code, reply.json["code"]) == (409, "no_device_role")


def test_the_qr_of_a_good_code_can_be_shown_again(centre: TestCentre) -> None:
    admin = centre.staff("administrator@nation")
    made = admin.post("/api/v1/enrolments", json={"user": centre.person("rru_member@district:5401")}).json
    reply = admin.get(f"/api/v1/enrolments/{made['id']}/qr")
    assert (reply.status_code, reply.content_type) == (200, "image/svg+xml")
    assert reply.text.startswith("<svg")


def test_the_qr_of_a_used_code_is_gone(centre: TestCentre) -> None:
    admin = centre.staff("administrator@nation")
    made = admin.post("/api/v1/enrolments", json={"user": centre.person("rru_member@district:5401")}).json
    centre.client.post("/api/v1/devices", json=PHONE | {"code": made["code"]})
    assert admin.get(f"/api/v1/enrolments/{made['id']}/qr").status_code == 404


def test_guessing_is_slowed_down(open_centre_with: Callable[..., TestCentre]) -> None:
    centre = open_centre_with(enrolment_attempts="3 per minute")
    guess = PHONE | {"code": "0000-0000-00000"}
    replies = [
        centre.client.post("/api/v1/devices", json=guess, environ_base={"REMOTE_ADDR": "10.9.8.7"}) for _ in range(4)
    ]
    assert [reply.status_code for reply in replies] == [404, 404, 404, 429]
    assert replies[3].json["code"] == "too_many_requests"
    assert int(replies[3].headers["Retry-After"]) == 60


@pytest.mark.parametrize(
    ("wrong", "code"),
    [
        ({"name": ""}, "required"),
        ({"name": "ก" * 101}, "too_long"),
        ({"platform": 7}, "wrong_type"),
        ({"device": "the old one"}, "wrong_id"),
        ({"surprise": 1}, "unknown_field"),
    ],
)
def test_a_body_that_cannot_be_is_refused_by_field(one_centre: TestCentre, wrong: dict[str, object], code: str) -> None:
    reply = one_centre.client.post("/api/v1/devices", json=PHONE | {"code": "x"} | wrong)
    assert reply.status_code == 422
    assert {name: found[0]["code"] for name, found in reply.json["errors"].items()} == {next(iter(wrong)): code}


# --- the same device, a new token


def test_a_device_that_was_away_too_long_comes_back_as_itself(centre: TestCentre) -> None:
    alice = centre.field("rru_member@district:5401")
    centre.clock.turn(days=91)
    assert alice.get("/api/v1/me").json["code"] == "token_expired"

    body = PHONE | {"code": centre.code(alice.id), "device": alice.device}
    reply = centre.client.post("/api/v1/devices", json=body)

    assert (reply.status_code, reply.json["device"], reply.json["user"]["id"]) == (201, alice.device, alice.id)
    assert alice.get("/api/v1/me").json["code"] == "unauthenticated"
    assert replace(alice, token=reply.json["token"]).get("/api/v1/me").status_code == 200
    (shown,) = centre.staff("administrator@nation").get("/api/v1/devices").json["items"]
    assert (shown["name"], shown["client_version"], shown["last_contact_at"]) == (
        PHONE["name"],
        PHONE["client_version"],
        "2027-02-22T02:00:00.000Z",
    )


def test_a_good_token_ends_too_when_its_device_enrols_again(centre: TestCentre) -> None:
    alice = centre.field("rru_member@district:5401")
    other = centre.enrolled(alice.id)

    centre.client.post("/api/v1/devices", json=PHONE | {"code": centre.code(alice.id), "device": alice.device})

    assert alice.get("/api/v1/me").json["code"] == "unauthenticated"
    assert other.get("/api/v1/me").status_code == 200


def test_bobs_code_does_not_take_alices_device_and_stays_good(centre: TestCentre) -> None:
    alice, bob = centre.field("rru_member@district:5401"), centre.person("rru_member@district:5401")
    body = PHONE | {"code": centre.code(bob)}

    reply = centre.client.post("/api/v1/devices", json=body | {"device": alice.device})

    assert (reply.status_code, reply.json["code"]) == (409, "device_not_yours")
    assert alice.get("/api/v1/me").status_code == 200
    assert centre.client.post("/api/v1/devices", json=body).status_code == 201


@pytest.mark.parametrize("order", ["lost", "left"])
def test_a_cancelled_device_does_not_come_back_and_the_code_stays_good(centre: TestCentre, order: str) -> None:
    alice = centre.field("rru_member@district:5401")
    admin = centre.staff("administrator@nation")
    admin.post(f"/api/v1/devices/{alice.device}/revoke", json={"order": order})
    body = PHONE | {"code": centre.code(alice.id)}

    reply = centre.client.post("/api/v1/devices", json=body | {"device": alice.device})

    assert (reply.status_code, reply.json["code"], reply.json["order"]) == (403, "device_revoked", order)
    assert centre.client.post("/api/v1/devices", json=body).status_code == 201


def test_a_device_that_a_restored_centre_never_saw_keeps_its_id(centre: TestCentre) -> None:
    device = "01a00000-0000-7000-8000-00000000dddd"
    alice = centre.person("rru_member@district:5401")

    reply = centre.client.post("/api/v1/devices", json=PHONE | {"code": centre.code(alice), "device": device})

    assert (reply.status_code, reply.json["device"]) == (201, device)
    assert [each["user"] for each in centre.staff("administrator@nation").get("/api/v1/devices").json["items"]] == [
        alice
    ]


def test_five_tries_at_once_to_come_back_with_one_code_give_one_token(centre: TestCentre) -> None:
    alice = centre.field("rru_member@district:5401")
    body = PHONE | {"code": centre.code(alice.id), "device": alice.device}
    with ThreadPoolExecutor(5) as pool:
        replies = list(pool.map(lambda _: centre.client.post("/api/v1/devices", json=body), range(5)))
    assert sorted(reply.status_code for reply in replies) == [201, 410, 410, 410, 410]


# --- and the kit's side of it, in processes of their own


class Laptop:
    """A field kit in a folder, driven as its officer drives it."""

    def __init__(self, home: Path) -> None:
        self.home = home
        self.passphrase = home.with_suffix(".passphrase")
        self.passphrase.write_text("ฝนตกที่แพร่ 54", "utf-8")

    def run(self, *arguments: str, json: bool = True) -> subprocess.CompletedProcess[str]:
        shared = ["--home", str(self.home), "--passphrase-file", str(self.passphrase), *(["--json"] if json else [])]
        environment = {**os.environ, "LANG": "th_TH.UTF-8", "LC_ALL": "", "COLUMNS": "200"}
        line = [sys.executable, "-m", "field_kit.cli", *arguments, *shared]
        return subprocess.run(line, cwd=ROOT, env=environment, capture_output=True, text=True, timeout=120)

    def done(self, *arguments: str) -> Any:
        ended = self.run(*arguments)
        assert ended.returncode == 0, ended.stdout + ended.stderr
        return loads(ended.stdout)


@pytest.mark.process
def test_unsent_work_of_a_laptop_that_was_away_arrives_once(centre: TestCentre, served: str, tmp_path: Path) -> None:
    alice = centre.person("social_worker@province:54")
    laptop = Laptop(tmp_path / "laptop")
    device = laptop.done("enrol", served, centre.code(alice))["device"]
    place = ["area=540101", "intake_district=5401", "intake_channel=walk_in"]
    sent = laptop.done("new", "case", *place)["records"]
    laptop.done("sync")
    unsent = [laptop.done("new", "case", *place)["records"][0] for _ in range(2)]
    laptop.done("edit", sent[0], "summary=หลังคาพัง")
    photo = tmp_path / "house.jpg"
    photo.write_bytes(os.urandom(3000))
    attached = laptop.done("attach", unsent[0], str(photo))["records"]
    centre.clock.turn(days=91)

    refused = laptop.run("sync", json=False)
    assert (refused.returncode, f"field-kit enrol {served} รหัส" in refused.stderr) == (8, True), refused.stderr

    code = centre.code(alice)
    laptop.passphrase.write_text("ไม่ใช่รหัสนี้", "utf-8")
    assert laptop.run("enrol", served, code).returncode == 4
    laptop.passphrase.write_text("ฝนตกที่แพร่ 54", "utf-8")
    assert laptop.run("enrol", served, centre.code(centre.person("rru_member@district:5401"))).returncode == 8
    renewed = laptop.run("enrol", served, code, json=False)
    assert (renewed.returncode, "ยังอยู่ครบ 4 รายการ" in renewed.stdout) == (0, True), renewed.stderr

    tally = laptop.done("sync")
    assert (tally["sent"], tally["files"], tally["recoveries"]) == (4, 1, [])
    assert laptop.done("outbox") == []
    with reading(centre.centre.engine) as connection:
        rows = connection.execute(select(record.c.id, record.c.data).where(record.c.type.in_(["case", "attachment"])))
        held = {row.id: row.data for row in rows}
        ledger = connection.execute(select(mutation.c.device, func.count()).group_by(mutation.c.device)).all()
    assert set(held) == {*sent, *unsent, *attached}
    assert held[sent[0]]["summary"] == "หลังคาพัง"
    assert [tuple(row) for row in ledger] == [(device, 5)]
