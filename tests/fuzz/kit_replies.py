"""What a kit hears: replies and refusals garbled on the way, or written by somebody who is no centre."""

import json
import shutil
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field, replace
from functools import partial
from pathlib import Path
from typing import Any

import httpx
import msgspec
from hypothesis import strategies as st

from field_kit import FieldKit, pages
from field_kit.checking import ask_for_check, check_if_due
from field_kit.errors import DeviceWiped, KitError
from field_kit.link import KeyQuestion
from field_kit.pushing import store_outcomes
from field_kit.requests import next_push, pull_request
from field_kit.session import Session
from field_kit.surroundings import Surroundings
from field_kit.transport import HttpTransport
from field_kit.tus import Upload
from field_kit.witnesses import offer_witnesses
from sync.errors import ProtocolError
from sync.messages import Limits, PageLimit, PullReply
from tests.field_kit.centre import answered, page, sums, table
from tests.field_kit.device import CASE, DISTRICT, DUTY, EPOCH, KEY, SERVER_TIME, TEAM, Outside, begin
from tests.fuzz.door import Opened
from tests.fuzz.garbling import garbled

LATER = "zone:9"
"""A bucket of a kind that a newer centre may have."""

FIELDS = ["area", "status", "problems", "place_text"]
ROW = ["540101", "received", ["violence"], "ตลาด"]
REFUSED = (KitError, ProtocolError)
"""What a caller of the kit expects; anything else is a fault."""

CONTENT = (
    "record",
    "membership",
    "fresh_membership",
    "checkpoint",
    "mutation",
    "lane",
    "file",
    "witness",
    "searchable",
)


class Awake(Outside):
    """The outside world, in which nobody sleeps for less than no time or for longer than a working day."""

    @property
    def surroundings(self) -> Surroundings:
        """Return it with a bed that knows its hours."""
        return replace(super().surroundings, sleep=self._sleep)

    def _sleep(self, seconds: float) -> None:
        assert 0 <= seconds <= 8 * 3600, f"it sleeps {seconds} seconds"


@dataclass
class Wire(httpx.BaseTransport):
    """The far end of the link: answers with whatever a door has put here."""

    status: int = 200
    content: bytes = b""
    headers: list[tuple[bytes, bytes]] = field(default_factory=list)
    asked: int = 0

    def handle_request(self, request: httpx.Request) -> httpx.Response:
        """Answer; somebody who asks again and again is told so."""
        self.asked += 1
        assert self.asked < 500, "it asks for ever"
        return httpx.Response(self.status, headers=self.headers, content=self.content)


@dataclass
class Device:
    """A kit on a copy of a real encrypted file, and its link."""

    kit: FieldKit
    wire: Wire
    transport: HttpTransport
    outside: Outside

    @property
    def session(self) -> Session:
        """Return a sync under way."""
        return Session(self.kit.database, self.transport, self.outside.surroundings)

    def content(self) -> dict[str, list[Any]]:
        """Return everything that an officer would miss."""
        return {name: sorted(self.kit.database.rows(f"SELECT * FROM {name}"), key=repr) for name in CONTENT}

    def check_opens(self) -> None:
        """The file must still say what it holds, in every way in which it is asked."""
        kit = self.kit
        assert kit.status() is not None
        assert all(each.id for each in kit.list("case"))
        assert kit.search("สมชาย") is not None
        assert len(kit.outbox(everything=True)) >= 0
        assert pull_request(kit.database, PageLimit(), count=False).epoch
        assert kit.create("person", first_name="สมหญิง").records


class Devices:
    """Copies of one file that has synced before and has work waiting."""

    def __init__(self, folder: Path) -> None:
        """Make the file: three cases of the centre, a person and an edit of its own that wait."""
        self.folder, self.outside, self.team = folder, Awake(), TEAM
        self.path = begin(folder, self.outside)
        with FieldKit.open_with_key(self.path, KEY, self.outside.surroundings) as kit:
            self.records = [self.outside.new_id() for _ in range(4)]
            self.first = self._first_page()
            pages.apply_page(kit.database, {}, self.first, SERVER_TIME)
            kit.create("person", first_name="สมชาย")
            kit.update(self.records[0], {"status": "in_progress"})
            kit.create("case", CASE)
            kit.finish_index()
            kit.database.execute("INSERT INTO witness VALUES (?, 'case', 3, '{}', ?)", (self.records[3], EPOCH))
            kit.database.execute("PRAGMA wal_checkpoint(TRUNCATE)")
            self.pushed = next_push(kit.database, "normal", Limits(), self.outside.surroundings)
            assert self.pushed is not None

    def _first_page(self) -> PullReply:
        a, b, c, _ = self.records
        rows = [
            (a, 3, [DISTRICT], ROW),
            (b, 4, [DISTRICT, TEAM, LATER], ROW),
            (c, 5, [DUTY], ["540101", "received", None, None]),
        ]
        checkpoint: dict[str, Any] = dict.fromkeys((DISTRICT, TEAM, DUTY, LATER), (5, None))
        told = {
            **sums(5, DISTRICT, (a, 3), (b, 4)),
            **sums(5, TEAM, (b, 4)),
            **sums(5, DUTY, (c, 5)),
            **sums(5, LATER, (b, 4)),
        }
        return page(checkpoint, table("case", FIELDS, *rows), add=[DISTRICT, TEAM, DUTY, LATER], checksums=told)

    @contextmanager
    def one(self) -> Iterator[Device]:
        """Give a device on a fresh copy."""
        copy = self.folder / "copy"
        shutil.rmtree(copy, ignore_errors=True)
        shutil.copytree(self.path.parent, copy, ignore=shutil.ignore_patterns("copy"))
        wire = Wire()
        transport = HttpTransport("http://centre.test", "token", client=httpx.Client(transport=wire))
        with FieldKit.open_with_key(copy / self.path.name, KEY, self.outside.surroundings) as kit:
            yield Device(kit, wire, transport, self.outside)
        transport.close()


def heard(devices: Devices, listen: Callable[[Device], None], **said: Any) -> None:
    """Let a device hear something; refused, it must hold what it held, and it must open whatever it was."""
    with devices.one() as device:
        for name, value in said.items():
            setattr(device.wire, name, value)
        before = device.content()
        try:
            listen(device)
        except REFUSED:
            assert device.content() == before, "it was refused and yet it changed the file"
        device.check_opens()


@contextmanager
def pull_reply(folder: Path, url: str) -> Iterator[Opened]:
    """A page, garbled."""
    devices = Devices(folder)
    a, b, c, new = devices.records
    rows = [(new, 9, [DISTRICT], ROW), (c, 8, [DUTY, DISTRICT], ROW)]
    gone = [(a, 7, DISTRICT, "moved"), (b, 7, DISTRICT, "deleted")]
    checkpoint: dict[str, Any] = {DISTRICT: (9, None), "district:5402": (9, None), DUTY: (9, None)}
    told = {**sums(9, DISTRICT, (new, 9), (c, 8)), **sums(9, DUTY, (c, 8)), **sums(9, "district:5402")}
    notice = table("notice", ["mutation", "kind"], (devices.outside.new_id(), 9, ["user:1"], [new, "held"]))
    busy = page(checkpoint, table("case", FIELDS, *rows, gone=gone), notice, commit=9, drop=[TEAM], checksums=told)
    valid = msgspec.json.encode(msgspec.structs.replace(busy, add=["district:5402"]))
    yield Opened(garbled(valid), lambda raw: heard(devices, _fetch, content=raw))


def _fetch(device: Device) -> None:
    request = pull_request(device.kit.database, PageLimit(), count=True)
    reply = device.transport.pull(request)
    pages.apply_page(device.kit.database, request.checkpoint, reply, SERVER_TIME)


@contextmanager
def push_reply(folder: Path, url: str) -> Iterator[Opened]:
    """Outcomes, garbled."""
    devices = Devices(folder)
    assert devices.pushed is not None
    reply = answered(devices.pushed, outcome="conflicted")
    first = msgspec.structs.replace(reply.outcomes[0], outcome="rejected", code="validation_failed",
                                    errors={"status": [{"code": "required"}]})  # fmt: skip
    valid = msgspec.json.encode(msgspec.structs.replace(reply, outcomes=[first, *reply.outcomes[1:]]))
    yield Opened(garbled(valid), lambda raw: heard(devices, _send, content=raw))


def _send(device: Device) -> None:
    request = next_push(device.kit.database, "normal", Limits(), device.outside.surroundings)
    assert request is not None
    store_outcomes(device.session, request, device.transport.push(request))


@contextmanager
def other_replies(folder: Path, url: str) -> Iterator[Opened]:
    """Answers to a check, to witnesses, about files, about a forgotten key, to enrolment: garbled."""
    devices = Devices(folder)
    checked = {"epoch": EPOCH, "commit": 5, "server_time": SERVER_TIME, "buckets": {DISTRICT: "differs", TEAM: "equal"}}
    receipt = {"epoch": EPOCH, "server_time": SERVER_TIME, "received": 1}
    status = {"attachments": [{"id": devices.records[0], "sha256": "a" * 64, "verified": True}]}
    key = {"id": devices.records[0], "state": "approved", "answer": "AAAA"}
    given = {"device": devices.records[0], "token": "t", "user": {"id": devices.records[1]}, "epoch": EPOCH,
             "protocol": 1, "schema": 1, "server_time": SERVER_TIME, "centre_public_key": "A" * 43 + "="}  # fmt: skip
    listeners = {"check": (_check, checked), "witnesses": (_offer, receipt), "files": (_ask_files, status),
                 "key": (_ask_key, key), "enrol": (_enrol, given)}  # fmt: skip
    tries = st.one_of(
        [st.tuples(st.just(name), garbled(json.dumps(valid).encode())) for name, (_, valid) in listeners.items()]
    )
    yield Opened(tries, lambda tried: heard(devices, listeners[tried[0]][0], content=tried[1]))


def _check(device: Device) -> None:
    with device.kit.database.transaction():
        ask_for_check(device.kit.database)
    try:
        check_if_due(device.session)
    except REFUSED:
        if not device.kit.database.value("SELECT count(*) FROM checkpoint WHERE refetch = 1"):
            raise  # else the answer was good, and the pull that follows from it was not


def _offer(device: Device) -> None:
    offer_witnesses(device.session)


def _ask_files(device: Device) -> None:
    device.transport.verified_files({(device.kit.database.row("SELECT id FROM record") or ("",))[0]: "a" * 64})


def _ask_key(device: Device) -> None:
    device.transport.ask_for_key(KeyQuestion("d", "b", "k"))


def _enrol(device: Device) -> None:
    device.transport.enrol("AAAA", "n", "p", "1")


PROBLEM = {
    "type": "urn:husec:error:epoch_changed", "title": "ก", "status": 409, "detail": "ข", "code": "epoch_changed",
    "epoch": "01a00000-0000-7000-8000-00000000eee2", "restored_to": 3, "retry_after_ms": 5, "order": "left",
    "centre_public_key": "A" * 43 + "=", "last": {"seq": 1, "id": None}, "errors": {"a": [{"code": "x"}]},
}  # fmt: skip
CODES = (
    "epoch_changed", "device_forked", "sequence_gap", "device_revoked", "too_many_requests", "server_busy",
    "payload_too_large", "client_too_old", "unauthenticated", "token_expired", "of_a_later_time", "code",
)  # fmt: skip
HEADERS = (
    "0",
    "5",
    "-1",
    "²",
    "٣",
    "9" * 30,
    "9" * 5_000,
    "Wed, 21 Oct 2026 07:28:00 GMT",
    "",
    "é",
    "1.5",
    "http://[",
    "//[x",
    "a:b",
)
STATUSES = (400, 401, 403, 404, 409, 410, 413, 418, 422, 429, 500, 502, 503, 504, 301, 302, 307, 204, 206)


@contextmanager
def problems(folder: Path, url: str) -> Iterator[Opened]:
    """Refusals of a whole sync: garbled bodies, odd statuses, headers that are none."""
    devices = Devices(folder)
    bodies = [garbled(json.dumps({**PROBLEM, "code": code}).encode()) for code in CODES]
    header = st.sampled_from(HEADERS).map(lambda value: [(b"Retry-After", value.encode("latin-1", "replace"))])
    tries = st.tuples(st.sampled_from(STATUSES), st.one_of(bodies), header)

    def knock(tried: tuple[int, bytes, list[tuple[bytes, bytes]]]) -> None:
        with devices.one() as device:
            device.wire.status, device.wire.content, device.wire.headers = tried
            log = device.kit.database.value("SELECT count(*) FROM mutation")
            if _synced(device):
                return
            assert device.kit.database.value("SELECT count(*) FROM mutation") == log, "typed work is gone"
            device.check_opens()

    yield Opened(tries, knock)


def _synced(device: Device) -> bool:
    """Sync, whatever comes; tell whether the device was told to wipe itself, and did."""
    with suppress(*REFUSED):
        try:
            device.kit.sync(transport=device.transport)
        except DeviceWiped:
            return True
    return False


@contextmanager
def uploads(folder: Path, url: str) -> Iterator[Opened]:
    """What a kit hears while it sends a photo."""
    devices = Devices(folder)
    value = st.one_of(st.sampled_from(HEADERS), st.text(st.characters(max_codepoint=255, exclude_categories=["Cc"])))
    names = st.sampled_from(["Location", "Upload-Offset", "Retry-After", "Tus-Resumable", "Content-Encoding"])
    headers = st.dictionaries(names, value, max_size=3)
    address = st.sampled_from([None, None, "http://centre.test/api/v1/uploads/1"])
    yield Opened(st.tuples(st.sampled_from((200, 201, 204, *STATUSES)), headers, address), partial(_upload, devices))


def _upload(devices: Devices, tried: tuple[int, dict[str, str], str | None]) -> None:
    status, headers, address = tried
    told = [(name.encode(), value.encode("latin-1", "replace")) for name, value in headers.items()]
    sending = Upload(devices.records[0], "a" * 64, bytes(70_000), address, lambda _: None, lambda _: None)
    heard(devices, lambda device: device.transport.upload(sending), status=status, headers=told)
