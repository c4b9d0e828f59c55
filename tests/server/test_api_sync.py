"""Push and pull over HTTP: who may, in which encodings, and how a refusal reads."""

import gzip
import json
from base64 import b64encode
from typing import Any

import httpx
import pytest
import zstandard

from server.ids import new_id
from server.models.engine import writing
from sync.instants import rfc3339
from tests.server.centre import Somebody, TestCentre

ALICE = "rru_member@district:5401"


@pytest.fixture
def alice(centre: TestCentre) -> Somebody:
    return centre.field(ALICE)


def push_body(centre: TestCentre, who: Somebody, *mutations: dict[str, Any], **changed: Any) -> dict[str, Any]:
    return {
        "protocol": 1,
        "epoch": centre.centre.store.epoch(),
        "device": who.device,
        "incarnation": new_id(),
        "lane": "normal",
        "schema": 1,
        "after": {"seq": 0, "id": None},
        "sent_at": rfc3339(centre.clock()),
        "groups": [[mutation] for mutation in mutations],
    } | changed


def pull_body(centre: TestCentre, who: Somebody, **changed: Any) -> dict[str, Any]:
    about = {"protocol": 1, "epoch": centre.centre.store.epoch(), "device": who.device, "schema": 1}
    return about | {"checkpoint": {}} | changed


def person(seq: int = 1, **data: Any) -> dict[str, Any]:
    return {
        "seq": seq,
        "id": new_id(),
        "op": "create",
        "type": "person",
        "record": new_id(),
        "data": {"first_name": "สมหญิง", **data},
        "recorded_at": "2026-11-23T01:00:00.000Z",
    }


def test_what_alice_pushes_she_pulls_back(centre: TestCentre, alice: Somebody) -> None:
    mutation = person()

    pushed = alice.post("/api/v1/sync/push", json=push_body(centre, alice, mutation))
    pulled = alice.post("/api/v1/sync/pull", json=pull_body(centre, alice))

    assert pushed.status_code == 200, pushed.text
    assert [outcome["outcome"] for outcome in pushed.json["outcomes"]] == ["applied"]
    assert [(table["type"], table["put"][0][0]) for table in pulled.json["tables"]] == [("person", mutation["record"])]
    assert pulled.json["complete"] is True


@pytest.mark.parametrize("encoding", ["gzip", "zstd", "identity"])
def test_a_push_may_be_compressed(centre: TestCentre, alice: Somebody, encoding: str) -> None:
    plain = json.dumps(push_body(centre, alice, person())).encode()
    packed = {"gzip": gzip.compress(plain), "zstd": zstandard.compress(plain), "identity": plain}[encoding]
    reply = alice.post("/api/v1/sync/push", data=packed, headers={"Content-Encoding": encoding})
    assert reply.status_code == 200


@pytest.mark.parametrize(("accepted", "encoding"), [("zstd, gzip", "zstd"), ("gzip", "gzip"), ("identity", None)])
def test_a_large_reply_is_compressed_as_the_device_accepts(
    centre: TestCentre, alice: Somebody, accepted: str, encoding: str | None
) -> None:
    many = [person(number, health_notes="ยาว" * 100) for number in range(1, 21)]
    alice.post("/api/v1/sync/push", json=push_body(centre, alice, *many))
    reply = alice.post("/api/v1/sync/pull", json=pull_body(centre, alice), headers={"Accept-Encoding": accepted})
    unpack = {"zstd": lambda data: zstandard.ZstdDecompressor().decompress(data), "gzip": gzip.decompress}
    body = unpack[encoding](reply.data) if encoding else reply.data
    assert reply.headers.get("Content-Encoding") == encoding
    assert len(json.loads(body)["tables"][0]["put"]) == 20
    assert reply.headers["Vary"] == "Accept-Encoding"


def zeros(encoding: str) -> bytes:
    plain = b'{"protocol":1,"x":"' + b"0" * 50_000_000 + b'"}'
    return gzip.compress(plain) if encoding == "gzip" else zstandard.compress(plain)


REFUSALS = {
    "not JSON": (b"{", {}, 400, "malformed_json"),
    "not UTF-8": (b'{"protocol":1,"epoch":"\xff\xfe"}', {}, 400, "malformed_json"),
    "an array": (b"[]", {}, 400, "malformed_json"),
    "nothing at all": (b"", {}, 400, "malformed_json"),
    "a wrong type": (b'{"protocol":"one"}', {}, 400, "malformed_json"),
    "nested without end": (b"[" * 100_000, {}, 400, "malformed_json"),
    "ten megabytes": (b'{"protocol":1,"x":"' + b"0" * 10_000_000 + b'"}', {}, 413, "payload_too_large"),
    "a gzip bomb": (zeros("gzip"), {"Content-Encoding": "gzip"}, 413, "payload_too_large"),
    "a zstd bomb": (zeros("zstd"), {"Content-Encoding": "zstd"}, 413, "payload_too_large"),
    "gzip that is none": (b"{}", {"Content-Encoding": "gzip"}, 400, "malformed_json"),
    "zstd that is none": (b"{}", {"Content-Encoding": "zstd"}, 400, "malformed_json"),
    "gzip cut off": (gzip.compress(b"{}" * 100)[:-9], {"Content-Encoding": "gzip"}, 400, "malformed_json"),
    "zstd cut off": (zstandard.compress(b"{}" * 100)[:-3], {"Content-Encoding": "zstd"}, 400, "malformed_json"),
    "brotli": (b"{}", {"Content-Encoding": "br"}, 415, "unsupported_encoding"),
    "a future protocol": (b'{"protocol":99,"a":"b"}', {}, 400, "protocol_unsupported"),
    "a protocol of the past": (b'{"protocol":0}', {}, 426, "client_too_old"),
}


@pytest.mark.parametrize("path", ["/api/v1/sync/push", "/api/v1/sync/pull"])
@pytest.mark.parametrize("case", REFUSALS)
def test_a_bad_body_gets_its_code_in_both_languages(one_centre: TestCentre, case: str, path: str) -> None:
    alice = one_centre.field(ALICE)
    body, headers, status, code = REFUSALS[case]
    replies = {
        language: alice.post(path, data=body, headers={**headers, "Accept-Language": language})
        for language in ("th", "en")
    }
    assert {(reply.status_code, reply.json["code"], reply.content_type) for reply in replies.values()} == {
        (status, code, "application/problem+json")
    }
    assert replies["th"].json["title"] != replies["en"].json["title"]


def test_a_body_without_an_announced_length_has_the_same_limit(served: str, alice: Somebody) -> None:
    pieces = (b"0" * 4096 for _ in range(512))
    headers = {"Authorization": f"Bearer {alice.token}"}
    reply = httpx.post(f"{served}/api/v1/sync/push", content=pieces, headers=headers)
    assert (reply.status_code, reply.json()["code"]) == (413, "payload_too_large")


def test_a_device_speaks_for_itself_alone(centre: TestCentre, alice: Somebody) -> None:
    bob = centre.field(ALICE)
    replies = [
        alice.post("/api/v1/sync/push", json=push_body(centre, bob)),
        alice.post("/api/v1/sync/pull", json=pull_body(centre, bob)),
    ]
    assert [(reply.status_code, reply.json["code"]) for reply in replies] == [(403, "not_permitted")] * 2


def test_another_epoch_is_told_where_it_ends(centre: TestCentre, alice: Somebody) -> None:
    reply = alice.post("/api/v1/sync/pull", json=pull_body(centre, alice, epoch=new_id()))
    assert (reply.status_code, reply.json["code"], reply.json["restored_to"]) == (409, "epoch_changed", 0)


def test_a_contact_is_noted_once_a_minute(centre: TestCentre, alice: Somebody) -> None:
    admin = centre.staff("administrator@nation")

    def last_contact() -> str:
        return str(admin.get(f"/api/v1/devices/{alice.device}").json["last_contact_at"])

    alice.post("/api/v1/sync/pull", json=pull_body(centre, alice), headers={"X-Client-Version": "test/1"})
    at_once = last_contact()
    centre.clock.turn(seconds=59)
    alice.post("/api/v1/sync/pull", json=pull_body(centre, alice), headers={"X-Client-Version": "test/1"})
    too_soon = last_contact()
    centre.clock.turn(seconds=1)
    alice.post("/api/v1/sync/pull", json=pull_body(centre, alice), headers={"X-Client-Version": "test/1"})
    assert (at_once, too_soon, last_contact()) == (
        "2026-11-23T02:00:00.000Z",
        "2026-11-23T02:00:00.000Z",
        "2026-11-23T02:01:00.000Z",
    )


@pytest.mark.parametrize("database_kind", ["sqlite"])
def test_a_pull_is_answered_though_another_writes_and_its_contact_cannot_be_noted(
    monkeypatch: pytest.MonkeyPatch, centre: TestCentre
) -> None:
    alice = centre.field(ALICE)
    monkeypatch.setattr("server.models.engine.BUSY_TIMEOUT_MS", 50)
    centre.centre.engine.dispose()
    centre.clock.turn(minutes=5)
    with writing(centre.centre.engine):
        assert alice.post("/api/v1/sync/pull", json=pull_body(centre, alice)).status_code == 200


def test_a_device_says_its_version_its_clock_and_what_waits(centre: TestCentre, alice: Somebody) -> None:
    admin = centre.staff("administrator@nation")
    headers = {"X-Client-Version": "field-kit/9", "X-Unsent": "3"}
    ahead = push_body(centre, alice, sent_at="2026-11-23T02:10:00.000Z")
    alice.post("/api/v1/sync/push", json=ahead, headers=headers)
    found = admin.get(f"/api/v1/devices/{alice.device}").json
    assert (found["client_version"], found["clock_offset_ms"], found["unsent_reported"]) == ("field-kit/9", 600_000, 3)


def test_a_token_that_is_used_lives_on(centre: TestCentre, alice: Somebody) -> None:
    for _ in range(3):
        centre.clock.turn(days=60)
        assert alice.post("/api/v1/sync/pull", json=pull_body(centre, alice)).status_code == 200


def test_a_token_that_is_not_used_expires(centre: TestCentre, alice: Somebody) -> None:
    centre.clock.turn(days=90)
    reply = alice.post("/api/v1/sync/pull", json=pull_body(centre, alice))
    assert (reply.status_code, reply.json["code"]) == (401, "token_expired")


def test_a_lost_device_is_told_to_wipe(centre: TestCentre, alice: Somebody) -> None:
    admin = centre.staff("administrator@nation")
    admin.post(f"/api/v1/devices/{alice.device}/revoke", json={"order": "lost"})
    replies = [alice.post("/api/v1/sync/push", json=push_body(centre, alice)), alice.get("/api/v1/me")]
    assert [(each.status_code, each.json["code"], each.json["order"]) for each in replies] == [
        (403, "device_revoked", "lost")
    ] * 2
    key = b64encode(centre.centre.keys.public).decode()
    epoch = pull_body(centre, alice)["epoch"]
    assert [(each.json["centre_public_key"], each.json["epoch"]) for each in replies] == [(key, epoch)] * 2


def test_a_device_whose_user_left_still_sends_its_work(centre: TestCentre, alice: Somebody) -> None:
    admin = centre.staff("administrator@nation")
    admin.post(f"/api/v1/devices/{alice.device}/revoke", json={"order": "left"})
    pushed = alice.post("/api/v1/sync/push", json=push_body(centre, alice, person()))
    pulled = alice.post("/api/v1/sync/pull", json=pull_body(centre, alice))
    assert (pushed.status_code, pushed.json["outcomes"][0]["outcome"]) == (200, "applied")
    assert (pulled.status_code, pulled.json["code"], pulled.json["order"]) == (403, "device_revoked", "left")


def test_staff_at_a_desk_do_not_push(centre: TestCentre) -> None:
    worker = centre.staff("social_worker@province:54")
    reply = worker.post("/api/v1/sync/push", json=push_body(centre, worker, device=new_id()))
    assert (reply.status_code, reply.json["code"]) == (403, "not_permitted")
