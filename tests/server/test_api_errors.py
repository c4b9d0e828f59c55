"""Whatever is wrong, the answer is a problem with a stable code, in Thai and English; nothing personal is logged."""

import json
from typing import Any

import pytest
from sqlalchemy.exc import OperationalError

from schemas import messages
from server import errors as server_errors
from server import problems
from server.auth import people
from server.observability import JsonLines
from sync import errors as sync_errors
from sync.errors import ProtocolError
from tests.server.centre import TestCentre

EVERY = [
    error
    for module in (sync_errors, server_errors)
    for error in vars(module).values()
    if isinstance(error, type) and issubclass(error, ProtocolError) and error is not ProtocolError
]


@pytest.mark.parametrize("language", messages.LANGUAGES)
@pytest.mark.parametrize("error", EVERY, ids=lambda error: error.__name__)
def test_every_error_has_its_texts(error: type[ProtocolError], language: str) -> None:
    body = problems.problem_body(error(), language)
    assert body["title"]
    assert body["detail"]


def test_the_problem_is_as_rfc_9457_says(one_centre: TestCentre) -> None:
    reply = one_centre.client.get("/api/v1/me", headers={"Accept-Language": "en"})
    assert reply.content_type == "application/problem+json"
    assert reply.headers["Content-Language"] == "en"
    assert reply.headers["WWW-Authenticate"] == "Bearer"
    assert reply.json == {
        "type": "urn:husec:error:unauthenticated",
        "title": messages.text("error.unauthenticated.title", "en"),
        "status": 401,
        "detail": messages.text("error.unauthenticated.detail", "en"),
        "code": "unauthenticated",
    }


@pytest.mark.parametrize(
    ("asked", "language"),
    [(None, "th"), ("en", "en"), ("th", "th"), ("en;q=0.3, th", "th"), ("de", "th"), ("en-GB,de;q=0.4", "en")],
)
def test_the_language_is_the_readers(one_centre: TestCentre, asked: str | None, language: str) -> None:
    headers = {"Accept-Language": asked} if asked else {}
    assert one_centre.client.get("/nowhere", headers=headers).headers["Content-Language"] == language


PASSWORD_GUESS = {"username": "somebody", "password": "long enough"}

BAD_REQUESTS: dict[str, tuple[dict[str, Any], int, str]] = {
    "not JSON": ({"data": b"{", "content_type": "application/json"}, 400, "malformed_json"),
    "not UTF-8": ({"data": b'{"username":"\xff"}', "content_type": "application/json"}, 400, "malformed_json"),
    "nested without end": ({"data": b"[" * 100_000, "content_type": "application/json"}, 400, "malformed_json"),
    "a form": ({"data": {"username": "x"}}, 415, "unsupported_media_type"),
    "nothing": ({"data": b"", "content_type": "application/json"}, 400, "malformed_json"),
    "a list": ({"json": []}, 422, "validation_failed"),
    "a number for a name": ({"json": PASSWORD_GUESS | {"username": 7}}, 422, "validation_failed"),
    "an unknown field": ({"json": PASSWORD_GUESS | {"admin": True}}, 422, "validation_failed"),
    "a field missing": ({"json": {"username": "x"}}, 422, "validation_failed"),
    "a long name": ({"json": PASSWORD_GUESS | {"username": "ก" * 201}}, 422, "validation_failed"),
    "a NUL": ({"json": PASSWORD_GUESS | {"username": "a\x00b"}}, 422, "validation_failed"),
    "a lone surrogate": (
        {"data": b'{"username":"\\ud800","password":"long enough"}', "content_type": "application/json"},
        400,
        "malformed_json",
    ),
    "ten megabytes": ({"json": PASSWORD_GUESS | {"username": "x" * 10_000_000}}, 413, "payload_too_large"),
    "brotli": (
        {"data": b"{}", "headers": {"Content-Encoding": "br"}, "content_type": "application/json"},
        415,
        "unsupported_encoding",
    ),
}


@pytest.mark.parametrize("case", BAD_REQUESTS)
def test_a_bad_body_has_a_stable_code_in_both_languages(one_centre: TestCentre, case: str) -> None:
    request, status, code = BAD_REQUESTS[case]
    replies = {
        language: one_centre.client.post(
            "/api/v1/tokens", **{**request, "headers": {**request.get("headers", {}), "Accept-Language": language}}
        )
        for language in messages.LANGUAGES
    }
    assert {(reply.status_code, reply.json["code"]) for reply in replies.values()} == {(status, code)}
    assert replies["th"].json["detail"] != replies["en"].json["detail"]


def test_a_field_says_what_is_wrong_in_words(one_centre: TestCentre) -> None:
    reply = one_centre.client.post(
        "/api/v1/tokens", json=PASSWORD_GUESS | {"username": "ก" * 201}, headers={"Accept-Language": "en"}
    )
    assert reply.json["errors"] == {"username": [{"code": "too_long", "max": 200, "message": "Too long: at most 200."}]}


@pytest.mark.parametrize("token", ["", "Bearer", "Bearer ", "Bearer nonsense", "Basic YTpi", "Bearer \u00e9"])
def test_a_token_that_is_none_is_unauthenticated(one_centre: TestCentre, token: str) -> None:
    reply = one_centre.client.get("/api/v1/me", headers={"Authorization": token})
    assert (reply.status_code, reply.json["code"]) == (401, "unauthenticated")


def test_a_method_that_is_not_there_is_told_which_are(one_centre: TestCentre) -> None:
    reply = one_centre.client.put("/api/v1/sync/push")
    assert (reply.status_code, reply.json["code"]) == (405, "method_not_allowed")
    assert "POST" in reply.headers["Allow"]


def broken(*_args: Any, **_kwargs: Any) -> Any:
    raise RuntimeError("สมหญิง ใจดี 1234567890121")


def test_a_fault_tells_its_id_and_keeps_what_people_wrote_out_of_the_log(
    one_centre: TestCentre, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    monkeypatch.setattr(people, "authenticate", broken)
    reply = one_centre.client.post("/api/v1/tokens", json=PASSWORD_GUESS)
    assert (reply.status_code, reply.json["code"]) == (500, "internal_error")
    assert reply.json["id"] in caplog.text
    assert "RuntimeError" in caplog.text
    assert "สมหญิง" not in caplog.text + reply.text
    assert "long enough" not in caplog.text


def test_a_busy_database_is_no_fault_of_the_request(one_centre: TestCentre, monkeypatch: pytest.MonkeyPatch) -> None:
    def locked(*_args: Any, **_kwargs: Any) -> Any:
        raise OperationalError("INSERT", {}, Exception("database is locked"))

    monkeypatch.setattr(people, "authenticate", locked)
    reply = one_centre.client.post("/api/v1/tokens", json=PASSWORD_GUESS)
    assert (reply.status_code, reply.json["code"], reply.headers["Retry-After"]) == (503, "server_busy", "2")


def test_the_log_has_the_route_and_not_the_address(one_centre: TestCentre, caplog: pytest.LogCaptureFixture) -> None:
    one_centre.client.get("/api/v1/records/secret-record?q=สมหญิง")
    logged = [json.loads(JsonLines().format(record)) for record in caplog.records]
    assert [(line["method"], line["route"], line["status"]) for line in logged] == [
        ("GET", "/api/v1/records/<record_id>", 401)
    ]
    assert "secret" not in str(logged)
