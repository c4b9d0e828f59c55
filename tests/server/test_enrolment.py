"""A code turns one device into somebody's, once."""

from base64 import b64decode
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor

import pytest

from sync.messages import Limits
from tests.server.centre import TestCentre

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
        ({"surprise": 1}, "unknown_field"),
    ],
)
def test_a_body_that_cannot_be_is_refused_by_field(one_centre: TestCentre, wrong: dict[str, object], code: str) -> None:
    reply = one_centre.client.post("/api/v1/devices", json=PHONE | {"code": "x"} | wrong)
    assert reply.status_code == 422
    assert {name: found[0]["code"] for name, found in reply.json["errors"].items()} == {next(iter(wrong)): code}
