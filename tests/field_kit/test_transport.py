"""The network code against an HTTP peer: what goes out, and what every bad answer becomes."""

import gzip
import json
from collections.abc import Callable

import httpx
import pytest

from field_kit.errors import GarbledReply, Offline, ServerRefused, TimedOut, Unreachable
from field_kit.requests import next_push, pull_request
from field_kit.transport import HttpTransport
from sync.errors import ClientTooOld, DeviceRevoked, EpochChanged, PayloadTooLarge, ServerBusy, TooManyRequests
from sync.messages import Limits, PageLimit
from tests.field_kit.device import EPOCH, SERVER_TIME

PAGE = {"epoch": EPOCH, "commit": 1, "server_time": SERVER_TIME, "checkpoint": {}, "complete": True}


def transport(answer: Callable[[httpx.Request], httpx.Response]) -> HttpTransport:
    client = httpx.Client(transport=httpx.MockTransport(answer))
    return HttpTransport("http://centre.test/", "the-token", language="en", client=client)


def asked(kit, answer: Callable[[httpx.Request], httpx.Response]):
    return transport(answer).pull(pull_request(kit.database, PageLimit(), count=False))


def problem(
    status: int, code: str, headers: dict[str, str] | None = None, **extra
) -> Callable[[httpx.Request], httpx.Response]:
    body = {"type": "about:blank", "title": "…", "status": status, "detail": "why", "code": code, **extra}
    return lambda request: httpx.Response(status, json=body, headers=headers)


def test_what_gzip_shrinks_like_a_bomb_goes_as_it_is(kit) -> None:
    """The centre would refuse it every time, and nothing behind it would ever be sent."""
    kit.create("person", health_notes="ก" * 20_000)
    seen: list[httpx.Request] = []

    def answer(request: httpx.Request) -> httpx.Response:
        seen.append(request)
        return problem(503, "server_busy")(request)

    request = next_push(kit.database, "normal", Limits(), kit.surroundings)
    with pytest.raises(ServerBusy):
        transport(answer).push(request)
    [sent] = seen
    assert "Content-Encoding" not in sent.headers
    assert json.loads(sent.content)["lane"] == "normal"


def test_a_push_goes_out_compressed_with_token_and_language(kit) -> None:
    kit.create("person", first_name="สมชาย", health_notes="ปวดหลัง " * 100)
    seen: list[httpx.Request] = []
    reply = {
        "epoch": EPOCH,
        "applied_through": 1,
        "safe_through": 0,
        "commit": 1,
        "server_time": SERVER_TIME,
        "outcomes": [],
    }

    def answer(request: httpx.Request) -> httpx.Response:
        seen.append(request)
        return httpx.Response(200, json=reply)

    transport(answer).push(next_push(kit.database, "normal", Limits(), kit.surroundings))

    [request] = seen
    assert str(request.url) == "http://centre.test/api/v1/sync/push"
    assert request.headers["Authorization"] == "Bearer the-token"
    assert request.headers["Accept-Language"] == "en"
    assert request.headers["Content-Encoding"] == "gzip"
    body = json.loads(gzip.decompress(request.content))
    assert (body["lane"], body["after"], len(body["groups"][0])) == ("normal", {"seq": 0, "id": None}, 1)


def test_a_page_may_come_compressed(kit) -> None:
    body = gzip.compress(json.dumps(PAGE).encode())

    assert asked(kit, lambda request: httpx.Response(200, content=body, headers={"Content-Encoding": "gzip"})).complete


@pytest.mark.parametrize(
    ("answer", "error", "extra"),
    [
        (problem(409, "epoch_changed", epoch="e2", restored_to=7), EpochChanged, {"epoch": "e2", "restored_to": 7}),
        (problem(403, "device_revoked", order="lost"), DeviceRevoked, {"order": "lost"}),
        (problem(426, "client_too_old"), ClientTooOld, {}),
        (problem(429, "too_many_requests", {"Retry-After": "3"}), TooManyRequests, {"retry_after_ms": 3000}),
        (lambda request: httpx.Response(413, text="<html>"), PayloadTooLarge, {}),
        (lambda request: httpx.Response(503, headers={"Retry-After": "2"}), ServerBusy, {"retry_after_ms": 2000}),
    ],
)
def test_problems_become_errors_by_their_code(kit, answer, error, extra) -> None:
    with pytest.raises(error) as raised:
        asked(kit, answer)

    assert raised.value.extra == extra


def test_a_code_of_a_later_time_is_kept(kit) -> None:
    with pytest.raises(ServerRefused) as raised:
        asked(kit, problem(418, "is_a_teapot", short=True))

    assert raised.value.facts == {"status": 418, "server_code": "is_a_teapot", "short": True}


def raising(error: Exception) -> Callable[[httpx.Request], httpx.Response]:
    def answer(request: httpx.Request) -> httpx.Response:
        raise error

    return answer


@pytest.mark.parametrize(
    ("answer", "error"),
    [
        (raising(httpx.ConnectError("no route")), Offline),
        (raising(httpx.ConnectTimeout("no route")), Offline),
        (raising(httpx.ReadTimeout("silence")), TimedOut),
        (
            raising(httpx.RemoteProtocolError("peer closed connection without sending complete message body")),
            Unreachable,
        ),
        (lambda request: httpx.Response(502), Unreachable),
        (lambda request: httpx.Response(302, headers={"Location": "http://wifi.example/login"}), GarbledReply),
        (lambda request: httpx.Response(200, html="<html>Sign in to the hotel</html>"), GarbledReply),
        (lambda request: httpx.Response(200, content=json.dumps(PAGE).encode()[:-9]), GarbledReply),
        (lambda request: httpx.Response(200, json={"epoch": 7}), GarbledReply),
        (
            lambda request: httpx.Response(
                200, content=gzip.compress(b"{}" * 500)[:-20], headers={"Content-Encoding": "gzip"}
            ),
            Unreachable,
        ),
        (lambda request: httpx.Response(200, content=b"\xff\xfe", headers={"Content-Encoding": "gzip"}), Unreachable),
    ],
)
def test_whatever_a_link_does_is_a_link_error_and_may_be_tried_again(kit, answer, error) -> None:
    with pytest.raises(error) as raised:
        asked(kit, answer)

    assert isinstance(raised.value, Unreachable)


def test_enrolment_brings_who_the_device_is() -> None:
    given = {
        "device": "d", "token": "t", "token_expires_at": "…", "user": {"id": "u"},
        "epoch": EPOCH, "protocol": 1, "schema": 1, "server_time": SERVER_TIME, "centre_public_key": "a2V5",
        "limits": {"mutations": 9, "bytes": 9_999},
    }  # fmt: skip

    def answer(request: httpx.Request) -> httpx.Response:
        assert json.loads(request.content) == {"code": "C", "name": "n", "platform": "p", "client_version": "1"}
        return httpx.Response(201, json=given)

    enrolment = transport(answer).enrol("C", "n", "p", "1")

    assert (enrolment.user, enrolment.limits) == ({"id": "u"}, Limits(9, 9_999))


def test_a_file_has_arrived_only_when_the_centre_names_its_own_hash() -> None:
    statuses = [
        {"id": "a", "sha256": "1", "verified": True},
        {"id": "b", "sha256": "other", "verified": True},
        {"id": "c", "sha256": "3", "verified": False},
        {"id": "d", "sha256": None, "verified": False},
    ]

    arrived = transport(lambda request: httpx.Response(200, json={"attachments": statuses})).verified_files(
        {"a": "1", "b": "2", "c": "3", "d": "4"}
    )

    assert arrived == ["a"]
