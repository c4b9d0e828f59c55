"""What kits heard and took badly once, each as the shortest such thing."""

import json
from pathlib import Path
from typing import Any

import msgspec
import pytest

from field_kit import pages
from field_kit.errors import GarbledReply, KeyRefused, KitError
from field_kit.keyfile import read_key, write_key
from field_kit.patience import ASKED_MS_MAX, asked_ms
from field_kit.recovery import recover
from field_kit.tus import Upload
from sync.errors import EpochChanged, ProtocolError, ServerBusy
from tests.field_kit.centre import page, table
from tests.field_kit.device import DISTRICT, EPOCH, KEY, PASSPHRASE, QUICK, SERVER_TIME
from tests.fuzz.kit_replies import LATER, Device, Devices, _fetch, _send, _upload

PAGE = {"epoch": EPOCH, "commit": 9, "server_time": SERVER_TIME, "checkpoint": {DISTRICT: [9, None]}}
PUSHED = {
    "epoch": EPOCH,
    "applied_through": 3,
    "safe_through": 0,
    "commit": 5,
    "server_time": SERVER_TIME,
    "outcomes": [],
}


@pytest.fixture
def devices(tmp_path: Path) -> Devices:
    return Devices(tmp_path)


def refused(devices: Devices, listen: Any, **said: Any) -> None:
    """Let a device hear something that it must refuse as garbled, and hold what it held."""
    with devices.one() as device:
        for name, value in said.items():
            setattr(device.wire, name, value)
        before = device.content()
        with pytest.raises(GarbledReply):
            listen(device)
        assert device.content() == before
        device.check_opens()


@pytest.mark.parametrize("raw", [b'{"epoch":"\xff"}', b'{"epoch":' + b"[" * 100_000])
def test_a_reply_that_is_no_text_or_too_deep_is_garbled(devices: Devices, raw: bytes) -> None:
    refused(devices, _fetch, content=raw)


@pytest.mark.parametrize(
    "wrong",
    [{"commit": 2**63}, {"commit": -1}, {"remaining": 10**25}, {"checksums": {DISTRICT: [9, -1, "00"]}},
     {"tables": [{"type": "case", "fields": [], "put": [["a", 2**64, [DISTRICT], []]]}]}],
)  # fmt: skip
def test_a_page_with_a_number_that_no_file_can_hold_is_garbled(devices: Devices, wrong: dict[str, Any]) -> None:
    refused(devices, _fetch, content=json.dumps({**PAGE, **wrong}).encode())


@pytest.mark.parametrize("limits", [{"mutations": 0}, {"mutations": -5}, {"bytes": 1}])
def test_limits_under_which_nothing_could_be_saved_are_garbled(devices: Devices, limits: dict[str, int]) -> None:
    refused(devices, _send, content=json.dumps({**PUSHED, "limits": limits}).encode())


@pytest.mark.parametrize("seconds", ["²".encode("latin-1"), b"9" * 5_000, b"-1"])
def test_a_wait_that_is_no_number_is_no_wait(devices: Devices, seconds: bytes) -> None:
    with devices.one() as device:
        device.wire.status, device.wire.headers = 503, [(b"Retry-After", seconds)]
        with pytest.raises(ServerBusy):
            _fetch(device)


@pytest.mark.parametrize("code", ["server_busy", "of_a_later_time"])
@pytest.mark.parametrize("name", ["self", "server_code", "status"])
def test_a_refusal_may_say_what_an_exception_calls_its_own(devices: Devices, code: str, name: str) -> None:
    with devices.one() as device:
        device.wire.status, device.wire.content = 418, json.dumps({"code": code, name: "x"}).encode()
        with pytest.raises((KitError, ProtocolError)):
            _fetch(device)


@pytest.mark.parametrize(
    ("said", "waits"), [("5", 0), (None, 0), (-5, 0), (5, 5), (10**30, ASKED_MS_MAX), ([], 0), (True, 1)]
)
def test_nobody_waits_longer_than_an_hour_or_for_what_is_no_number(said: Any, waits: int) -> None:
    assert asked_ms(said) == waits


@pytest.mark.parametrize(
    "wrong",
    [{"epoch": "other"}, {"epoch": None}, {}, {"epoch": EPOCH, "restored_to": "x"},
     {"epoch": EPOCH, "restored_to": -1}, {"epoch": EPOCH, "restored_to": 2**63}],
)  # fmt: skip
def test_a_new_epoch_that_is_none_changes_nothing(devices: Devices, wrong: dict[str, Any]) -> None:
    refused(devices, lambda device: recover(device.kit.database, EpochChanged(**wrong), device.outside.surroundings))


@pytest.mark.parametrize(
    "headers",
    [{"Location": "http://["}, {"Location": "http://elsewhere.test/uploads/1"}, {"Location": "https://centre.test/1"},
     {"Location": "/1", "Upload-Offset": "0"}, {"Location": "/1", "Upload-Offset": "²"}, {"Location": "/1"}],
)  # fmt: skip
def test_an_upload_that_leads_elsewhere_or_nowhere_is_garbled(devices: Devices, headers: dict[str, str]) -> None:
    """Elsewhere it would take the token along; where nothing ever arrives it would go on for ever."""
    told = [(name.encode(), value.encode("latin-1")) for name, value in headers.items()]
    sending = Upload(devices.records[0], "a" * 64, bytes(10), None, lambda _: None, lambda _: None)
    refused(devices, lambda device: device.transport.upload(sending), status=201, headers=told)


def test_a_redirection_to_no_address_is_garbled(devices: Devices) -> None:
    refused(devices, _fetch, status=302, headers=[(b"Location", b"a:b")])


def test_files_that_nobody_asked_about_are_not_verified(devices: Devices) -> None:
    with devices.one() as device:
        about = {"id": "x", "sha256": "a" * 64, "verified": True}
        device.wire.content = json.dumps({"attachments": [about]}).encode()
        assert device.transport.verified_files({"y": "a" * 64}) == []


def test_a_row_that_only_a_bucket_of_a_later_time_holds_shows_nothing_until_it_is_fetched_again(
    devices: Devices,
) -> None:
    other = devices.records[1]
    with devices.one() as device:
        gone = [(other, 7, DISTRICT, "moved")]
        reply = page({DISTRICT: (7, None)}, table("case", [], gone=gone), drop=[devices.team], commit=7, complete=False)
        applied = pages.apply_page(device.kit.database, pages.read_checkpoint(device.kit.database), reply, SERVER_TIME)
        assert (applied.narrowed, _held(device, other)) == ([LATER], {})


def _held(device: Device, record: str) -> Any:
    return msgspec.json.decode(device.kit.database.value("SELECT data FROM record WHERE id = ?", (record,)))


def test_an_upload_goes_on_where_the_centre_says(devices: Devices) -> None:
    _upload(devices, (201, {"Location": "/api/v1/uploads/1", "Upload-Offset": "70000"}, None))


@pytest.mark.parametrize(
    "wrong",
    [{"passes": 0}, {"passes": 2**53}, {"memory_bytes": 2**40}, {"memory_bytes": 1}, {"salt": "ก"}, {"salt": "AAAA"},
     {"box": "A"}, {"box": "AAAA"}],
)  # fmt: skip
def test_a_key_file_that_cannot_be_right_is_refused_at_once(tmp_path: Path, wrong: dict[str, Any]) -> None:
    """Years of work and terabytes of memory are not spent on a flipped bit."""
    path = tmp_path / "key.json"
    write_key(path, KEY, PASSPHRASE, None, QUICK)
    held = json.loads(path.read_bytes())
    path.write_text(json.dumps({**held, "passphrase": {**held["passphrase"], **wrong}}), encoding="utf-8")

    with pytest.raises(KeyRefused):
        read_key(path, PASSPHRASE)


@pytest.mark.parametrize("raw", [b"\xff", b'{"version":1,"passphrase":"\xff"}', b"[" * 100_000])
def test_a_key_file_that_is_no_text_is_refused(tmp_path: Path, raw: bytes) -> None:
    (tmp_path / "key.json").write_bytes(raw)

    with pytest.raises(KeyRefused):
        read_key(tmp_path / "key.json", PASSPHRASE)
