"""The key file: one data key under a passphrase, and sealed to the centre."""

from base64 import b64decode, b64encode
from pathlib import Path

import msgspec
import pytest
from nacl.public import PrivateKey, SealedBox

from field_kit import FieldKit
from field_kit.errors import KeyRefused, NotEnrolled, PassphraseTooShort, SeveralUsers, WrongPassphrase
from field_kit.home import find_database, key_path
from field_kit.keyfile import change_passphrase, new_key, read_key, seal_to, write_key
from tests.field_kit.device import KEY, PASSPHRASE, QUICK, seen

DEVICE = "01a00000-0000-7000-8000-00000000dddd"


@pytest.fixture
def path(tmp_path: Path) -> Path:
    return tmp_path / "alice.key"


def test_the_passphrase_opens_the_key_and_only_its_owner_can_read_the_file(path: Path) -> None:
    write_key(path, KEY, PASSPHRASE, None, QUICK)

    assert read_key(path, PASSPHRASE) == KEY
    assert path.stat().st_mode & 0o077 == 0
    assert [each.name for each in path.parent.iterdir()] == ["alice.key"]


def test_a_wrong_passphrase_is_said_and_changes_nothing(path: Path) -> None:
    write_key(path, KEY, PASSPHRASE, None, QUICK)
    before = path.read_bytes()

    with pytest.raises(WrongPassphrase):
        read_key(path, PASSPHRASE + "x")

    assert path.read_bytes() == before


def sealed_in(path: Path, centre: PrivateKey) -> bytes:
    """Return what the centre reads in a key file."""
    return SealedBox(centre).decrypt(b64decode(msgspec.json.decode(path.read_bytes())["centre"]["box"]))


def test_the_centre_can_open_its_sealed_copy_and_sees_whose_it_is(path: Path) -> None:
    centre = PrivateKey.generate()
    write_key(path, KEY, PASSPHRASE, b64encode(bytes(centre.public_key)).decode(), QUICK, device=DEVICE)

    assert sealed_in(path, centre) == KEY + DEVICE.encode()


def test_what_is_sealed_later_and_for_another_device_names_that_device(path: Path) -> None:
    centre, other = PrivateKey.generate(), DEVICE.replace("d", "e")
    public_key = b64encode(bytes(centre.public_key)).decode()
    write_key(path, KEY, PASSPHRASE, None, QUICK)
    for device in (DEVICE, other):
        seal_to(path, KEY, public_key, server_url="http://centre.test", device=device)
        assert sealed_in(path, centre) == KEY + device.encode()
    before = path.read_bytes()
    seal_to(path, KEY, public_key, server_url="http://centre.test", device=other)

    assert path.read_bytes() == before


def test_another_passphrase_leaves_the_sealed_copy_and_the_data(path: Path) -> None:
    centre = PrivateKey.generate()
    write_key(path, KEY, PASSPHRASE, b64encode(bytes(centre.public_key)).decode(), QUICK, device=DEVICE)
    sealed = msgspec.json.decode(path.read_bytes())["centre"]

    change_passphrase(path, KEY, "อีกรหัสหนึ่ง", QUICK)

    assert read_key(path, "อีกรหัสหนึ่ง") == KEY
    assert msgspec.json.decode(path.read_bytes())["centre"] == sealed
    with pytest.raises(WrongPassphrase):
        read_key(path, PASSPHRASE)


def test_a_short_passphrase_is_refused(path: Path) -> None:
    with pytest.raises(PassphraseTooShort):
        write_key(path, KEY, "1234567", None, QUICK)

    assert not path.exists()


def test_a_damaged_key_file_is_said_to_be_one(path: Path) -> None:
    path.write_text("{")

    with pytest.raises(KeyRefused):
        read_key(path, PASSPHRASE)


def test_every_device_has_a_key_of_its_own() -> None:
    assert len({new_key() for _ in range(5)}) == 5


def test_a_device_opens_with_its_passphrase(kit: FieldKit) -> None:
    person = kit.create("person", first_name="สมชาย").record
    folder = kit.database.path.parent
    kit.close()

    with FieldKit.open(folder, PASSPHRASE) as again:
        assert seen(again, person).data == {"first_name": "สมชาย"}
    with pytest.raises(WrongPassphrase):
        FieldKit.open(folder, "ไม่ใช่รหัสนี้")


def test_a_folder_without_a_device_or_with_several_says_so(kit: FieldKit, tmp_path: Path) -> None:
    with pytest.raises(NotEnrolled):
        find_database(tmp_path / "empty")
    key_path(kit.database.path.with_name("bob.db")).write_text("{}")

    with pytest.raises(SeveralUsers):
        find_database(kit.database.path.parent)
    assert find_database(kit.database.path.parent, "bob").name == "bob.db"
