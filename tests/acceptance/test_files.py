"""Photos and files: tus as its own clients speak it, hashes that must agree, downloads in parts."""

import hashlib
import io
from collections.abc import Callable
from random import Random
from typing import Any

import pytest
from tusclient.client import TusClient
from tusclient.exceptions import TusCommunicationError

from server.demo.photos import photo
from server.ids import new_id
from tests.acceptance.http_phone import HttpPhone
from tests.acceptance.office import COMMON, Province
from tests.acceptance.records import a_case, made_case, outcomes

TUS = {"Tus-Resumable": "1.0.0"}


@pytest.fixture
def province() -> Province:
    return COMMON


def an_attachment(phone: HttpPhone, owner: str, content: bytes, **more: Any) -> dict[str, Any]:
    """Return the create of an attachment of these bytes."""
    about = {"sha256": hashlib.sha256(content).hexdigest(), "size": len(content), "media_type": "image/png"}
    return phone.create("attachment", owner_record=owner, **{**about, **more})


def uploader(phone: HttpPhone, attachment: dict[str, Any], content: bytes, **options: Any) -> Any:
    """Return tuspy's own uploader of some bytes, unmodified."""
    client = TusClient(f"{phone.link.url}/api/v1/uploads", headers={"Authorization": f"Bearer {phone.link.token}"})
    metadata = {"attachment": attachment["record"], "sha256": attachment["data"]["sha256"]}
    return client.uploader(file_stream=io.BytesIO(content), metadata=metadata, **options)


@pytest.fixture
def picture() -> bytes:
    """One that the centre has never seen."""
    return photo(Random(new_id()))


@pytest.fixture
def attached(alice: HttpPhone, province: Province, picture: bytes) -> dict[str, Any]:
    """An attachment's record at the centre, whose bytes have not come yet."""
    case = made_case(alice, province)
    new = an_attachment(alice, case, picture)
    assert outcomes(alice.push([new])) == ["applied"]
    return new


@pytest.fixture
def content(alice: HttpPhone, attached: dict[str, Any]) -> Callable[..., Any]:
    """Ask for the attachment's bytes."""
    return lambda **parts: alice.link.ask("GET", f"/attachments/{attached['record']}/content", **parts)


def test_tuspy_uploads_in_chunks_and_the_bytes_come_back(
    alice: HttpPhone, attached: dict[str, Any], content: Callable[..., Any], picture: bytes
) -> None:
    assert content().status_code == 404
    uploader(alice, attached, picture, chunk_size=4_096).upload()
    assert content().content == picture
    assert alice.link.json("GET", f"/attachments/{attached['record']}")["verified"] is True


def test_tuspy_goes_on_where_it_stopped(
    alice: HttpPhone, attached: dict[str, Any], content: Callable[..., Any], picture: bytes
) -> None:
    first = uploader(alice, attached, picture, chunk_size=4_096)
    first.upload_chunk()
    first.upload_chunk()
    again = uploader(alice, attached, picture, chunk_size=4_096, url=first.url)
    assert again.offset == 8_192
    again.upload()
    assert content().content == picture


def test_tuspy_checks_each_chunk(
    alice: HttpPhone, attached: dict[str, Any], content: Callable[..., Any], picture: bytes
) -> None:
    uploader(alice, attached, picture, chunk_size=4_096, upload_checksum=True).upload()
    assert content().content == picture


def test_bytes_with_another_hash_are_refused_and_may_be_sent_anew(
    alice: HttpPhone, attached: dict[str, Any], content: Callable[..., Any], picture: bytes
) -> None:
    with pytest.raises(TusCommunicationError) as refused:
        uploader(alice, attached, picture[:-1] + b"!", chunk_size=1_000_000).upload()
    assert (refused.value.status_code, b"upload_mismatch" in refused.value.response_content) == (409, True)
    assert content().status_code == 404
    uploader(alice, attached, picture).upload()
    assert content().content == picture


def test_an_upload_that_announces_another_hash_or_size_is_refused(
    alice: HttpPhone, attached: dict[str, Any], picture: bytes
) -> None:
    other = {**attached, "data": attached["data"] | {"sha256": "0" * 64}}
    for attempt in (uploader(alice, other, picture), uploader(alice, attached, picture + b"more")):
        with pytest.raises(TusCommunicationError) as refused:
            attempt.upload()
        assert refused.value.status_code == 422


def test_bytes_come_after_their_record(alice: HttpPhone, province: Province, picture: bytes) -> None:
    unknown = an_attachment(alice, made_case(alice, province), picture)
    with pytest.raises(TusCommunicationError) as refused:
        uploader(alice, unknown, picture).upload()
    assert refused.value.status_code == 404


def test_nobody_sends_the_bytes_of_anothers_attachment(
    alice: HttpPhone, bob: HttpPhone, attached: dict[str, Any], picture: bytes
) -> None:
    begun = uploader(alice, attached, picture, chunk_size=4_096)
    begun.upload_chunk()
    with pytest.raises(TusCommunicationError) as refused:
        uploader(bob, attached, picture).upload()
    assert refused.value.status_code == 403
    assert bob.link.ask("HEAD", begun.url.split("/api/v1")[1], headers=TUS).status_code == 404


def test_a_download_may_come_in_parts(
    alice: HttpPhone, attached: dict[str, Any], content: Callable[..., Any], picture: bytes
) -> None:
    uploader(alice, attached, picture).upload()
    parts = [content(headers={"Range": f"bytes={start}-{start + 4095}"}) for start in range(0, len(picture), 4_096)]
    assert {part.status_code for part in parts} == {206}
    assert b"".join(part.content for part in parts) == picture
    assert parts[0].headers["Content-Range"] == f"bytes 0-4095/{len(picture)}"
    beyond = content(headers={"Range": f"bytes={len(picture)}-"})
    assert (beyond.status_code, beyond.json()["code"]) == (416, "range_not_satisfiable")
    assert content(headers={"If-None-Match": content().headers["ETag"]}).status_code == 304


def test_two_uploads_of_one_file_are_both_there(
    alice: HttpPhone, attached: dict[str, Any], province: Province, picture: bytes
) -> None:
    uploader(alice, attached, picture).upload()
    twin = an_attachment(alice, made_case(alice, province), picture)
    alice.push([twin])
    address = f"/attachments/{twin['record']}"
    before = alice.link.json("GET", address)["verified"]  # whoever names a hash has not shown that they have the file
    uploader(alice, twin, picture).upload()
    assert (before, alice.link.json("GET", address)["verified"]) == (False, True)
    assert alice.link.ask("GET", f"/attachments/{twin['record']}/content").content == picture


def test_an_upload_may_be_ended_and_begun_again(
    alice: HttpPhone, attached: dict[str, Any], content: Callable[..., Any], picture: bytes
) -> None:
    begun = uploader(alice, attached, picture, chunk_size=4_096)
    begun.upload_chunk()
    path = begun.url.split("/api/v1")[1]
    assert alice.link.ask("DELETE", path, headers=TUS).status_code == 204
    assert alice.link.ask("HEAD", path, headers=TUS).status_code == 404
    uploader(alice, attached, picture).upload()
    assert content().content == picture


def test_a_chunk_at_another_offset_or_of_another_tongue_is_refused(
    alice: HttpPhone, attached: dict[str, Any], picture: bytes
) -> None:
    begun = uploader(alice, attached, picture, chunk_size=4_096)
    begun.upload_chunk()
    path, body = begun.url.split("/api/v1")[1], {"content": b"x", "headers": TUS | {
        "Upload-Offset": "4096", "Content-Type": "application/offset+octet-stream"}}  # fmt: skip

    def patch(**changed: str) -> int:
        headers = {name: value for name, value in {**body["headers"], **changed}.items() if value}
        return alice.link.ask("PATCH", path, content=body["content"], headers=headers).status_code

    assert patch(**{"Upload-Offset": "7"}) == 409
    assert patch(**{"Content-Type": "text/plain"}) == 415
    assert patch(**{"Tus-Resumable": "0.2.2"}) == 412
    assert patch(**{"Tus-Resumable": ""}) == 412
    assert patch(**{"Upload-Checksum": "sha1 AAAA"}) == 460
    assert patch(**{"Upload-Offset": ""}) == 400
    assert alice.link.ask("HEAD", path, headers=TUS).headers["Upload-Offset"] == "4096"


def test_a_photo_is_seen_by_those_who_see_its_case_alone(
    alice: HttpPhone, bob: HttpPhone, charlie: HttpPhone, dao: HttpPhone, attached: dict[str, Any], picture: bytes
) -> None:
    uploader(alice, attached, picture).upload()
    path = f"/attachments/{attached['record']}"
    seen = {name: phone.link.ask("GET", f"{path}/content").status_code
            for name, phone in {"alice": alice, "bob": bob, "charlie": charlie, "dao": dao}.items()}  # fmt: skip
    assert seen == {"alice": 200, "bob": 200, "charlie": 404, "dao": 404}
    assert charlie.link.ask("GET", path).status_code == 404
    asked = charlie.link.json("POST", "/attachments/status", {"attachments": [attached["record"]]})["attachments"]
    assert asked == [{"id": attached["record"], "sha256": None, "verified": False}]


def test_what_a_server_speaks_of_tus_it_says_to_anybody(here: Any) -> None:
    told = here.link().ask("OPTIONS", "/uploads")
    assert told.status_code == 204
    assert "creation" in told.headers["Tus-Extension"]
    assert (told.headers["Tus-Version"], int(told.headers["Tus-Max-Size"]) > 1_000_000) == ("1.0.0", True)


def test_a_file_over_the_limit_is_refused_before_it_is_sent(alice: HttpPhone, province: Province) -> None:
    huge = an_attachment(alice, made_case(alice, province), b"", size=900_000_000)
    alice.push([huge])
    headers = TUS | {"Upload-Length": "900000000", "Upload-Metadata": ""}
    refused = alice.link.ask("POST", "/uploads", headers=headers)
    assert (refused.status_code, refused.json()["code"]) == (413, "payload_too_large")


def test_a_case_and_its_photo_may_come_in_one_push(alice: HttpPhone, province: Province, picture: bytes) -> None:
    case = a_case(alice, province)
    attachment = an_attachment(alice, case["record"], picture)
    assert outcomes(alice.push([case, attachment])) == ["applied", "applied"]
    uploader(alice, attachment, picture).upload()
    assert alice.link.ask("GET", f"/attachments/{attachment['record']}/content").content == picture
