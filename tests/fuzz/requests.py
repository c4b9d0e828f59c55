"""Everything else that a centre reads: other messages, JSON bodies of desks, compressed bodies, headers, queries."""

import gzip
import hashlib
import hmac
import json
from base64 import b64encode
from collections.abc import Iterator
from contextlib import contextmanager
from functools import partial
from pathlib import Path
from typing import Any
from urllib.parse import quote

import zstandard
from hypothesis import strategies as st
from nacl.public import PublicKey, SealedBox

from server.api_document import document_of
from server.ids import new_id
from sync.unsent import as_file, authenticated, mac_key
from tests.fuzz.asked_centre import AskedCentre, asked_centre
from tests.fuzz.door import Opened
from tests.fuzz.garbling import cut_up, garbled
from tests.fuzz.pushes import Field, fresh, stand_in
from tests.server.centre import Somebody
from tests.server.test_uploads import attach
from tests.server.unsent import Desk, created, photo_of

JSON = "application/json"
TUS = {"Tus-Resumable": "1.0.0"}
BYTES_TYPE = "application/offset+octet-stream"
CONTENT = b"\xff\xd8" + bytes(range(200))


@contextmanager
def messages(folder: Path, url: str) -> Iterator[Opened]:
    """The bodies of pull, check, witnesses, statuses of attachments, forgotten keys and enrolment."""
    with asked_centre(folder, url) as centre:
        field = Field(centre)
        valid = _messages(field)
        for path, body in valid:
            field.send(path, json.dumps(body).encode())
            assert field.answer.status_code in (200, 201, 202, 404, 422), field.answer.text
        tries = st.one_of([st.tuples(st.just(path), garbled(json.dumps(body).encode())) for path, body in valid])

        def knock(tried: tuple[str, bytes]) -> None:
            field.send(tried[0], fresh(tried[1]))

        yield Opened(tries, knock)


def _messages(field: Field) -> list[tuple[str, Any]]:
    about = {"protocol": 1, "schema": 1, "device": field.officer.device}
    about["epoch"] = field.centre.test.centre.store.epoch()
    keys = {"district:5401": [1, None], "user:" + field.officer.id: [0, stand_in(1)], "reference": [1, None]}
    row = {"record": stand_in(2), "type": "person", "version": 3, "data": {"first_name": "ส"}, "epoch": stand_in(3)}
    return [
        ("/api/v1/sync/pull", {**about, "checkpoint": keys, "limit": {"rows": 2, "bytes": 4_000}, "count": True}),
        ("/api/v1/sync/check", {**about, "commit": 1, "buckets": {"district:5401": [2, "00ff00ff00ff00ff"]}}),
        ("/api/v1/sync/witnesses", {**about, "witnesses": [row, row | {"type": "case"}]}),
        ("/api/v1/attachments/status", {"attachments": [field.case, stand_in(2)]}),
        ("/api/v1/devices", {"code": "AAAA-BBBB-CCCC", "name": "ก", "platform": "test", "client_version": "1"}),
        (
            "/api/v1/key-recoveries",
            {"device": field.officer.device, "box": b64encode(bytes(100)).decode(), "public_key": "A" * 43 + "="},
        ),
    ]


@contextmanager
def encodings(folder: Path, url: str) -> Iterator[Opened]:
    """Compressed bodies, damaged, cut off, bombs, under right and wrong names."""
    with asked_centre(folder, url) as centre:
        field = Field(centre)
        about = {"protocol": 1, "schema": 1, "device": field.officer.device}
        body = json.dumps(about | {"epoch": centre.test.centre.store.epoch()}).encode()
        whole = [gzip.compress(body, mtime=0), zstandard.ZstdCompressor().compress(body), gzip.compress(bytes(10**7))]
        whole += [zstandard.ZstdCompressor(level=19).compress(bytes(10**7)), whole[0] * 2, whole[1] * 2, b"", body]
        whole += [gzip.compress(gzip.compress(bytes(10**7), mtime=0)), whole[0][:-8], zstandard.compress(b"[" * 10**6)]
        names = ("gzip", "zstd", "identity", "GZIP", " gzip ", "br", "gzip, gzip", "", "x-gzip", "deflate", "*")
        raw = st.sampled_from(whole)
        tries = st.tuples(st.sampled_from(names), st.one_of(raw, raw.flatmap(cut_up)))

        def knock(tried: tuple[str, bytes]) -> None:
            field.send("/api/v1/sync/pull", tried[1], **{"Content-Encoding": tried[0]})

        yield Opened(tries, knock)


HEADERS = (
    "0", "1", "-1", "202", "203", "1e3", "0x10", " 5", "5 ", "+5", "²", "٣", "9" * 30, "9" * 5_000, "", "5,5",
    "1.0.0", "1.0",
    "attachment", "attachment !!!!", "attachment AAAA", "attachment AAAA,sha256 BBBB", ",,,", "é", "attachment é",
    "sha1",
    "sha1 AAAA", "md5 AAAA", "sha256 é", "sha1 " + "A" * 5_000, "\xff\xfe", "a" * 7_000, "attachment AA==",
    BYTES_TYPE, "text/plain",
    "bytes=0-", "*/*;q=x", "Bearer", "Bearer é", "th;q=nan", "zz-ZZ;q=1.5,th", "chunked", "gzip", '"1"', "W/", '"',
    "*",
)  # fmt: skip

TUS_HEADERS = ("Tus-Resumable", "Upload-Length", "Upload-Offset", "Upload-Metadata", "Upload-Checksum", "Content-Type")


@contextmanager
def tus(folder: Path, url: str) -> Iterator[Opened]:
    """Uploads: one header, or two, garbled; ids that are none; bytes that do not fit."""
    with asked_centre(folder, url) as centre:
        officer = centre.test.field("rru_member@district:5401")
        photo = attach(centre.test, officer, CONTENT)
        value = st.one_of(
            st.sampled_from(HEADERS), st.text(st.characters(max_codepoint=255, exclude_categories=["Cc"]))
        )
        wrong = st.dictionaries(st.sampled_from(TUS_HEADERS), value, min_size=1, max_size=2)
        good = _metadata(photo)
        wrong |= cut_up(good.encode()).map(lambda raw: {"Upload-Metadata": _one_line(raw.decode("latin-1"))})
        ids = st.sampled_from(["", "", "", "", "0", "%00", "é", "a" * 300, new_id()])
        methods = st.sampled_from(["POST", "PATCH", "HEAD", "DELETE"])
        tries = st.tuples(methods, wrong, ids, st.sampled_from([CONTENT, b"", CONTENT * 2, CONTENT[:7]]))
        yield Opened(tries, partial(_knock_tus, centre, officer, good))


def _knock_tus(
    centre: AskedCentre, officer: Somebody, metadata: str, tried: tuple[str, dict[str, str], str, bytes]
) -> None:
    method, wrong, other, content = tried
    begun = {**TUS, "Upload-Length": str(len(CONTENT)), "Upload-Metadata": metadata}
    path = "/api/v1/uploads"
    if method != "POST":
        path = officer.post(path, headers=begun).headers["Location"] if not other else f"{path}/{quote(other)}"
        begun = {**TUS, "Upload-Offset": "0", "Content-Type": BYTES_TYPE}
    language, before = centre.language(), centre.stands()
    headers = {**begun, "Accept-Language": language, **wrong}
    response = officer.open(path, method=method, data=content, headers=headers)
    _judge_upload(centre, response, language, before, method)


def _judge_upload(centre: AskedCentre, response: Any, language: str, before: dict[str, int], method: str) -> None:
    """An upload whose bytes are wrong is dropped, and HEAD answers without a body; all else as everywhere."""
    assert response.status_code < 500, f"{response.status_code}: {centre.faults.last}"
    if method == "HEAD":
        return
    if response.status_code >= 400 and response.json["code"] == "upload_mismatch":
        before = before | {"upload": centre.stands()["upload"]}
    centre.judge(response, language, before)


def _metadata(photo: str) -> str:
    digest = hashlib.sha256(CONTENT).hexdigest()
    told = {"attachment": photo, "sha256": digest, "filename": "ภาพ.jpg"}
    return ",".join(f"{key} {b64encode(value.encode()).decode()}" for key, value in told.items())


def _one_line(text: str) -> str:
    return "".join(each for each in text if each.isprintable() or ord(each) > 0xA0)


VALUES = st.one_of(
    st.sampled_from(HEADERS),
    st.sampled_from(["--5", "-", "500", "501", "2147483648", "\x00", "a\x00b", "9" * 5_000]),
    st.sampled_from([ "๕", "สม", "%", "_", "\\", "\ud800", "2569-02", "2026-13"]),
    st.text(max_size=20),
)  # fmt: skip


@contextmanager
def queries(folder: Path, url: str) -> Iterator[Opened]:
    """Addresses: every parameter of every question, garbled."""
    with asked_centre(folder, url) as centre:
        field = Field(centre)
        staff = centre.test.staff("administrator@nation", "national_staff@nation")
        asked = st.one_of([_address(path, named) for path, named in _questions(centre)])

        def knock(path: str) -> None:
            language, before = centre.language(), centre.stands()
            response = staff.get(path, headers={"Accept-Language": language})
            centre.judge(response, language, before)

        assert field.case
        yield Opened(asked, knock)


def _questions(centre: AskedCentre) -> Iterator[tuple[str, list[str]]]:
    """Yield the path of each GET and the names of what it takes in the query."""
    for path, item in document_of(centre.test.app)["paths"].items():
        if "get" in item:
            told = [*item.get("parameters", ()), *item["get"].get("parameters", ())]
            yield path, [each["name"] for each in told if each.get("in") == "query"]


@st.composite
def _address(draw: st.DrawFn, path: str, names: list[str]) -> str:
    while "{" in path:
        before, _, rest = path.partition("{")
        value = draw(st.one_of(VALUES, st.just(new_id())))
        path = before + _quoted(value or "x") + rest.partition("}")[2]
    given = draw(st.dictionaries(st.sampled_from([*names, "nothing"]), VALUES, max_size=3))
    query = "&".join(f"{name}={_quoted(value)}" for name, value in given.items())
    return f"{path}?{query}" if query else path


def _quoted(text: str) -> str:
    return quote(text.encode("utf-8", "surrogatepass"), safe="")


@contextmanager
def deliveries(folder: Path, url: str) -> Iterator[Opened]:
    """Sealed work: garbled inside the seal under the device's own key, and garbled from outside."""
    with asked_centre(folder, url) as centre:
        officer, staff = centre.test.field("rru_member@district:5401"), centre.test.staff("national_staff@nation")
        desk = Desk(centre.test, officer)
        person = created(1, "person", stand_in(1), first_name="สมชาย")
        photo, file = photo_of(2, stand_in(1))
        inside = authenticated(desk.work([person], [photo], files=[file]), mac_key(officer.token))[32:]
        sealed = _sealed(centre, officer, fresh(inside))
        tries = st.one_of(garbled(inside), garbled(inside), cut_up(sealed).map(lambda raw: (raw,)))

        def knock(tried: Any) -> None:
            raw = tried[0] if isinstance(tried, tuple) else _sealed(centre, officer, fresh(tried))
            _bring(centre, officer, staff, raw)

        yield Opened(tries, knock)


def _sealed(centre: AskedCentre, officer: Somebody, inside: bytes) -> bytes:
    mac = hmac.digest(mac_key(officer.token), inside, "sha256")
    return bytes(SealedBox(PublicKey(centre.test.centre.keys.public)).encrypt(mac + inside))


def _bring(centre: AskedCentre, officer: Somebody, staff: Somebody, sealed: bytes) -> None:
    """Leave it at the door, and let staff look into it."""
    language, before = centre.language(), centre.stands()
    headers = {"Content-Type": "application/octet-stream", "Accept-Language": language}
    if not centre.judge(officer.post("/api/v1/deliveries", data=sealed, headers=headers), language, before):
        return
    page = staff.get("/api/v1/deliveries?limit=500", headers={"Accept-Language": language})
    centre.judge(page, language, centre.stands())
    if page.json["items"]:
        path = f"/api/v1/deliveries/{page.json['items'][-1]['id']}"
        centre.judge(staff.get(path, headers={"Accept-Language": language}), language, centre.stands())


def sealed_file(parts: list[bytes]) -> bytes:
    """Return a file of sealed parts as field-kit export writes it."""
    return b"".join(as_file(parts))
