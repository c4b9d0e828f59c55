"""Files arrive by tus, from unmodified clients, over bad links, once, and count only when their hash is right."""

import hashlib
import io
import socket
from base64 import b64encode
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import pytest
from tusclient.client import TusClient
from tusclient.exceptions import TusUploadFailed

from server.ids import new_id
from server.jobs import expire_uploads
from tests.server.centre import Somebody, TestCentre

PHOTO = bytes(range(256)) * 800
WORKER = "rru_member@district:5401"


@pytest.fixture
def alice(centre: TestCentre) -> Somebody:
    return centre.field(WORKER)


def attach(centre: TestCentre, who: Somebody, content: bytes = PHOTO, **said: Any) -> str:
    """Push a visit and the record of a photo of it; return the photo's id."""
    visit, photo = new_id(), new_id()
    data = {
        "owner_record": visit,
        "sha256": hashlib.sha256(content).hexdigest(),
        "size": len(content),
        "media_type": "image/jpeg",
        **said,
    }
    person = {"first_name": "สมหญิง"}
    groups = [[mutation(1, "person", visit, person), mutation(2, "attachment", photo, data)]]
    body = {
        "protocol": 1,
        "epoch": centre.centre.store.epoch(),
        "device": who.device,
        "incarnation": new_id(),
        "lane": "normal",
        "schema": 1,
        "after": {"seq": 0, "id": None},
        "sent_at": "2026-11-23T02:00:00.000Z",
        "groups": groups,
    }
    reply = who.post("/api/v1/sync/push", json=body)
    assert [each["outcome"] for each in reply.json["outcomes"]] == ["applied", "applied"], reply.text
    return photo


def mutation(seq: int, type_: str, record: str, data: dict[str, Any]) -> dict[str, Any]:
    about = {"seq": seq, "id": new_id(), "op": "create", "type": type_, "record": record}
    return about | {"data": data, "recorded_at": "2026-11-23T01:00:00.000Z"}


def tus(address: str, who: Somebody) -> TusClient:
    return TusClient(f"{address}/api/v1/uploads", headers={"Authorization": f"Bearer {who.token}"})


def meta(photo: str, content: bytes = PHOTO) -> dict[str, str]:
    return {"attachment": photo, "sha256": hashlib.sha256(content).hexdigest()}


def header(**said: str) -> str:
    return ",".join(f"{name} {b64encode(value.encode()).decode()}" for name, value in said.items())


def begin(who: Somebody, photo: str, content: bytes = PHOTO, **headers: str) -> Any:
    said = {
        "Tus-Resumable": "1.0.0",
        "Upload-Length": str(len(content)),
        "Upload-Metadata": header(**meta(photo, content)),
    }
    return who.post("/api/v1/uploads", headers=said | headers)


def send(who: Somebody, address: str, content: bytes, offset: int, **headers: str) -> Any:
    said = {"Tus-Resumable": "1.0.0", "Upload-Offset": str(offset), "Content-Type": "application/offset+octet-stream"}
    return who.open(address, method="PATCH", data=content, headers=said | headers)


def offset_of(who: Somebody, address: str) -> int:
    reply = who.open(address, method="HEAD", headers={"Tus-Resumable": "1.0.0"})
    return int(reply.headers["Upload-Offset"])


def arrived(who: Somebody, photo: str) -> bool:
    return bool(who.get(f"/api/v1/attachments/{photo}").json["verified"])


@pytest.mark.parametrize("checksum", [False, True], ids=["plain", "with checksums"])
def test_tuspy_works_unmodified(centre: TestCentre, served: str, alice: Somebody, checksum: bool) -> None:
    photo = attach(centre, alice)
    uploader = tus(served, alice).uploader(
        file_stream=io.BytesIO(PHOTO), chunk_size=60_000, metadata=meta(photo), upload_checksum=checksum
    )
    before = arrived(alice, photo)
    uploader.upload()
    assert (before, arrived(alice, photo)) == (False, True)
    assert alice.get(f"/api/v1/attachments/{photo}/content").data == PHOTO


def test_tuspy_resumes_after_the_connection_was_cut(centre: TestCentre, served: str, alice: Somebody) -> None:
    photo = attach(centre, alice)
    first = tus(served, alice).uploader(file_stream=io.BytesIO(PHOTO), chunk_size=50_000, metadata=meta(photo))
    first.upload_chunk()
    cut_off_while_sending(first.url, alice, PHOTO[50_000:120_000], 50_000)

    second = tus(served, alice).uploader(file_stream=io.BytesIO(PHOTO), url=first.url, chunk_size=50_000)
    resumed_from = second.offset
    second.upload()

    assert 50_000 < resumed_from < len(PHOTO)
    assert arrived(alice, photo)


def cut_off_while_sending(url: str, who: Somebody, content: bytes, offset: int) -> None:
    """Send two thirds of a request and close the connection; wait until the server noticed."""
    where = urlsplit(url)
    head = (
        f"PATCH {where.path} HTTP/1.1\r\nHost: {where.netloc}\r\nAuthorization: Bearer {who.token}\r\n"
        f"Tus-Resumable: 1.0.0\r\nUpload-Offset: {offset}\r\nContent-Type: application/offset+octet-stream\r\n"
        f"Content-Length: {len(content)}\r\n\r\n"
    )
    with socket.create_connection((where.hostname or "", where.port or 0)) as connection:
        connection.sendall(head.encode() + content[: len(content) * 2 // 3])
        connection.shutdown(socket.SHUT_WR)
        connection.settimeout(10)
        while connection.recv(4096):
            pass


def test_a_file_that_is_not_what_was_announced_does_not_count(centre: TestCentre, served: str, alice: Somebody) -> None:
    photo = attach(centre, alice)
    other = bytes(reversed(PHOTO))
    uploader = tus(served, alice).uploader(file_stream=io.BytesIO(other), metadata=meta(photo))
    with pytest.raises(TusUploadFailed) as refusal:
        uploader.upload()
    assert refusal.value.status_code == 409
    assert not arrived(alice, photo)
    assert alice.get(f"/api/v1/attachments/{photo}/content").status_code == 404


def test_after_a_mismatch_the_file_may_be_sent_anew(centre: TestCentre, alice: Somebody) -> None:
    photo = attach(centre, alice)
    send(alice, begin(alice, photo).headers["Location"], bytes(reversed(PHOTO)), 0)
    reply = send(alice, begin(alice, photo).headers["Location"], PHOTO, 0)
    assert (reply.status_code, arrived(alice, photo)) == (204, True)


def test_two_uploads_of_one_file_store_once(centre: TestCentre, alice: Somebody) -> None:
    bob = centre.field(WORKER)
    photos = {who.id: attach(centre, who) for who in (alice, bob)}
    for who in (alice, bob):
        send(who, begin(who, photos[who.id]).headers["Location"], PHOTO, 0)
    blobs = [path for path in (centre.centre.settings.data_dir / "blobs").rglob("*") if path.is_file()]
    assert [path.name for path in blobs] == [hashlib.sha256(PHOTO).hexdigest()]
    assert [arrived(who, photos[who.id]) for who in (alice, bob)] == [True, True]
    assert list((centre.centre.settings.data_dir / "uploads").iterdir()) == []


def test_naming_the_hash_of_anothers_photo_does_not_bring_it(centre: TestCentre, alice: Somebody) -> None:
    """A hash may be known to many who may not see the photo; even that the centre has it is told to nobody."""
    stranger = centre.field("social_worker@province:50")
    send(alice, begin(alice, attach(centre, alice)).headers["Location"], PHOTO, 0)
    claimed = attach(centre, stranger)
    before = (arrived(stranger, claimed), stranger.get(f"/api/v1/attachments/{claimed}/content").status_code)
    send(stranger, begin(stranger, claimed).headers["Location"], PHOTO, 0)
    after = (arrived(stranger, claimed), stranger.get(f"/api/v1/attachments/{claimed}/content").status_code)
    assert (before, after) == ((False, 404), (True, 200))


def test_a_file_that_arrived_stays_whatever_becomes_of_its_upload(centre: TestCentre, alice: Somebody) -> None:
    photo = attach(centre, alice)
    address = begin(alice, photo).headers["Location"]
    send(alice, address, PHOTO, 0)
    alice.open(address, method="DELETE", headers={"Tus-Resumable": "1.0.0"})
    centre.clock.turn(days=30)
    expire_uploads.run(centre.centre, centre.clock())
    assert arrived(alice, photo)
    assert alice.get(f"/api/v1/attachments/{photo}/content").data == PHOTO


def test_the_bytes_may_come_with_the_creation(centre: TestCentre, alice: Somebody) -> None:
    photo = attach(centre, alice)
    said = {"Upload-Length": str(len(PHOTO)), "Upload-Metadata": header(**meta(photo))}
    headers = {"Tus-Resumable": "1.0.0", "Content-Type": "application/offset+octet-stream"} | said
    reply = alice.post("/api/v1/uploads", data=PHOTO, headers=headers)
    assert (reply.status_code, reply.headers["Upload-Offset"]) == (201, str(len(PHOTO)))
    assert arrived(alice, photo)


def test_an_empty_file_is_a_file(centre: TestCentre, alice: Somebody) -> None:
    photo = attach(centre, alice, b"", media_type="text/plain")
    begin(alice, photo, b"")
    assert arrived(alice, photo)


def test_a_damaged_chunk_is_not_counted(centre: TestCentre, alice: Somebody) -> None:
    address = begin(alice, attach(centre, alice)).headers["Location"]
    wrong = "sha1 " + b64encode(hashlib.sha1(b"something else").digest()).decode()
    reply = send(alice, address, PHOTO[:1000], 0, **{"Upload-Checksum": wrong})
    assert (reply.status_code, reply.json["code"], offset_of(alice, address)) == (460, "upload_mismatch", 0)


def test_an_unknown_checksum_algorithm_is_refused(centre: TestCentre, alice: Somebody) -> None:
    address = begin(alice, attach(centre, alice)).headers["Location"]
    reply = send(alice, address, PHOTO[:1000], 0, **{"Upload-Checksum": "crc32 AAAA"})
    assert (reply.status_code, reply.json["code"]) == (422, "validation_failed")


def test_bytes_at_another_offset_are_refused_and_the_offset_told(centre: TestCentre, alice: Somebody) -> None:
    address = begin(alice, attach(centre, alice)).headers["Location"]
    send(alice, address, PHOTO[:1000], 0)
    reply = send(alice, address, PHOTO[:1000], 0)
    assert (reply.status_code, reply.json["offset"]) == (409, 1000)


def test_the_last_chunk_may_be_sent_twice(centre: TestCentre, alice: Somebody) -> None:
    address = begin(alice, attach(centre, alice)).headers["Location"]
    send(alice, address, PHOTO, 0)
    reply = send(alice, address, b"", len(PHOTO))
    assert (reply.status_code, reply.headers["Upload-Offset"], offset_of(alice, address)) == (
        204,
        str(len(PHOTO)),
        len(PHOTO),
    )


def test_more_than_was_announced_is_refused(centre: TestCentre, alice: Somebody) -> None:
    address = begin(alice, attach(centre, alice)).headers["Location"]
    reply = send(alice, address, PHOTO + b"more", 0)
    assert (reply.status_code, reply.json["code"], offset_of(alice, address)) == (413, "payload_too_large", 0)


def test_a_terminated_upload_is_forgotten(centre: TestCentre, alice: Somebody) -> None:
    address = begin(alice, attach(centre, alice)).headers["Location"]
    send(alice, address, PHOTO[:1000], 0)
    ended = alice.open(address, method="DELETE", headers={"Tus-Resumable": "1.0.0"})
    after = alice.open(address, method="HEAD", headers={"Tus-Resumable": "1.0.0"})
    assert (ended.status_code, after.status_code) == (204, 404)


def test_an_upload_expires(centre: TestCentre, alice: Somebody) -> None:
    created = begin(alice, attach(centre, alice))
    centre.clock.turn(days=7)
    reply = send(alice, created.headers["Location"], PHOTO, 0)
    assert created.headers["Upload-Expires"] == "Mon, 30 Nov 2026 02:00:00 GMT"
    assert reply.status_code == 404


def test_only_the_person_who_recorded_it_may_send_the_file(centre: TestCentre, alice: Somebody) -> None:
    photo, bob = attach(centre, alice), centre.field(WORKER)
    assert (begin(bob, photo).status_code, begin(bob, photo).json["code"]) == (403, "not_permitted")


def test_the_upload_of_another_is_not_found(centre: TestCentre, alice: Somebody) -> None:
    address, bob = begin(alice, attach(centre, alice)).headers["Location"], centre.field(WORKER)
    assert send(bob, address, PHOTO, 0).status_code == 404


def test_a_file_comes_after_its_record(centre: TestCentre, alice: Somebody) -> None:
    assert begin(alice, new_id()).status_code == 404


def test_the_hash_is_that_of_the_record(centre: TestCentre, alice: Somebody) -> None:
    reply = begin(alice, attach(centre, alice), b"something else")
    assert (reply.status_code, set(reply.json["errors"])) == (422, {"sha256", "size"})


def test_the_centre_says_what_of_tus_it_speaks(centre: TestCentre) -> None:
    reply = centre.client.options("/api/v1/uploads")
    assert {
        name: reply.headers[name] for name in ("Tus-Resumable", "Tus-Version", "Tus-Extension", "Tus-Max-Size")
    } == {
        "Tus-Resumable": "1.0.0",
        "Tus-Version": "1.0.0",
        "Tus-Extension": "creation,creation-with-upload,checksum,termination,expiration",
        "Tus-Max-Size": "26214400",
    }


def test_another_version_of_tus_is_told_so(centre: TestCentre, alice: Somebody) -> None:
    reply = begin(alice, attach(centre, alice), **{"Tus-Resumable": "0.2.2"})
    assert (reply.status_code, reply.json["code"], reply.headers["Tus-Version"]) == (
        412,
        "unsupported_tus_version",
        "1.0.0",
    )


def test_a_file_over_the_limit_is_refused_at_once(centre: TestCentre, alice: Somebody) -> None:
    reply = begin(alice, attach(centre, alice), **{"Upload-Length": "26214401"})
    assert (reply.status_code, reply.json["code"]) == (413, "payload_too_large")


def test_part_of_a_file_may_be_fetched(centre: TestCentre, alice: Somebody) -> None:
    photo = attach(centre, alice)
    send(alice, begin(alice, photo).headers["Location"], PHOTO, 0)
    whole = alice.get(f"/api/v1/attachments/{photo}/content")
    part = alice.get(f"/api/v1/attachments/{photo}/content", headers={"Range": "bytes=256-511"})
    again = alice.get(f"/api/v1/attachments/{photo}/content", headers={"If-None-Match": whole.headers["ETag"]})
    assert (whole.status_code, whole.content_type, whole.data) == (200, "image/jpeg", PHOTO)
    assert (part.status_code, part.data, part.headers["Content-Range"]) == (206, PHOTO[:256], "bytes 256-511/204800")
    assert (again.status_code, again.data) == (304, b"")


def test_what_could_run_in_a_browser_is_only_for_download(centre: TestCentre, alice: Somebody) -> None:
    page = b"<script>alert(1)</script>"
    photo = attach(centre, alice, page, media_type="text/html")
    send(alice, begin(alice, photo, page).headers["Location"], page, 0)
    reply = alice.get(f"/api/v1/attachments/{photo}/content")
    assert reply.content_type == "application/octet-stream"
    assert reply.headers["Content-Disposition"].startswith("attachment")


def test_the_photo_of_somebody_elses_case_is_not_found(centre: TestCentre, alice: Somebody) -> None:
    photo = attach(centre, alice)
    send(alice, begin(alice, photo).headers["Location"], PHOTO, 0)
    charlie = centre.field("rru_member@district:5499")
    replies = [charlie.get(f"/api/v1/attachments/{photo}{part}").status_code for part in ("", "/content")]
    assert replies == [404, 404]


def test_many_are_asked_about_at_once(centre: TestCentre, alice: Somebody) -> None:
    photo, unknown = attach(centre, alice), new_id()
    send(alice, begin(alice, photo).headers["Location"], PHOTO, 0)
    reply = alice.post("/api/v1/attachments/status", json={"attachments": [photo, unknown]})
    assert {each["id"]: (each["sha256"], each["verified"]) for each in reply.json["attachments"]} == {
        photo: (hashlib.sha256(PHOTO).hexdigest(), True),
        unknown: (None, False),
    }


def test_an_upload_that_is_all_here_is_checked_when_asked_about(centre: TestCentre, alice: Somebody) -> None:
    """The centre may stop between the last byte and the check."""
    photo = attach(centre, alice)
    address = begin(alice, photo).headers["Location"]
    (centre.centre.settings.data_dir / "uploads" / Path(address).name).write_bytes(PHOTO)
    before = arrived(alice, photo)
    assert (before, offset_of(alice, address), arrived(alice, photo)) == (False, len(PHOTO), True)


def test_one_request_at_a_time_sends_to_an_upload(centre: TestCentre, alice: Somebody) -> None:
    address = begin(alice, attach(centre, alice)).headers["Location"]
    with centre.centre.blobs.writing(Path(address).name):
        reply = send(alice, address, PHOTO, 0)
    assert (reply.status_code, reply.json["code"], offset_of(alice, address)) == (423, "server_busy", 0)


def test_the_last_bytes_sent_twice_at_once_are_kept_once(centre: TestCentre, alice: Somebody) -> None:
    photo = attach(centre, alice)
    address = begin(alice, photo).headers["Location"]
    with ThreadPoolExecutor(4) as pool:
        replies = list(pool.map(lambda _: send(alice, address, PHOTO, 0).status_code, range(4)))
    assert 204 in replies
    assert set(replies) <= {204, 409, 423}
    assert arrived(alice, photo)


@pytest.mark.parametrize("content", [PHOTO, PHOTO[:100]], ids=["large", "small enough to wait in memory"])
def test_a_full_disk_is_said_so(centre: TestCentre, alice: Somebody, content: bytes) -> None:
    photo = attach(centre, alice, content)
    address = begin(alice, photo, content).headers["Location"]
    file = centre.centre.settings.data_dir / "uploads" / Path(address).name
    file.unlink()
    file.symlink_to("/dev/full")
    reply = send(alice, address, content, 0)
    assert (reply.status_code, reply.json["code"]) == (507, "not_enough_storage")
