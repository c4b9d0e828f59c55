"""What knocking at the doors has found, each as the shortest thing that was answered wrongly once."""

from base64 import b64encode
from typing import Any

import pytest

from tests.server.centre import Somebody, TestCentre

TUS = {"Tus-Resumable": "1.0.0"}
NUL = f"attachment {b64encode(b'a' + bytes(1)).decode()}"
"""PostgreSQL cannot even compare with one."""

LONG = "9" * 5_000
"""More digits than Python turns into a number."""


@pytest.fixture
def officer(centre: TestCentre) -> Somebody:
    return centre.field("rru_member@district:5401")


def said(response: Any) -> tuple[int, str]:
    return response.status_code, response.json["code"]


@pytest.mark.parametrize(
    "body", [b'{"protocol":"x",', b'{"protocol":"x"}}', b'{"protocol":"x","a":"\xff"}', b'{"protocol":1,"epoch":2']
)
def test_a_message_that_is_wrong_first_and_cut_off_later_is_malformed(officer: Somebody, body: bytes) -> None:
    reply = officer.post("/api/v1/sync/push", data=body, headers={"Content-Type": "application/json"})

    assert said(reply) == (400, "malformed_json")


@pytest.mark.parametrize("value", ["sha256 é", "attachment \xff", "attachment A\xe9==", NUL])
def test_metadata_of_an_upload_in_another_alphabet_is_refused(officer: Somebody, value: str) -> None:
    reply = officer.post("/api/v1/uploads", headers={**TUS, "Upload-Length": "5", "Upload-Metadata": value})

    assert said(reply) == (422, "validation_failed")
    assert reply.json["errors"]["Upload-Metadata"][0]["code"] == "malformed"


def test_a_length_of_more_digits_than_python_reads_is_refused(officer: Somebody) -> None:
    reply = officer.post("/api/v1/uploads", headers={**TUS, "Upload-Length": LONG})

    assert said(reply) == (400, "bad_request")


@pytest.mark.parametrize("limit", ["--5", "-", "5-", LONG])
def test_a_limit_that_is_no_number_is_refused(centre: TestCentre, limit: str) -> None:
    reply = centre.staff("administrator@nation").get(f"/api/v1/areas?limit={limit}")

    assert said(reply) == (422, "validation_failed")
    assert list(reply.json["errors"]) == ["limit"]
