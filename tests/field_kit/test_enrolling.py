"""Enrolment: the key file comes last, and a second try harms nothing."""

from base64 import b64encode
from pathlib import Path

import msgspec
import pytest
from nacl.public import PrivateKey

from field_kit import FieldKit
from field_kit.enrolling import enrol, read_address
from field_kit.errors import AlreadyEnrolled, PassphraseTooShort, SomebodyElses
from field_kit.home import find_database, key_path
from tests.field_kit.centre import Welcoming
from tests.field_kit.device import PASSPHRASE, QUICK, USER, log_of, seen


def test_enrolment_makes_a_file_that_the_passphrase_opens(tmp_path: Path, outside) -> None:
    path, key = enrol(Welcoming(), "code", tmp_path / "kit", PASSPHRASE, outside.surroundings, QUICK)

    assert (tmp_path / "kit").stat().st_mode & 0o077 == 0
    with FieldKit.open(tmp_path / "kit", PASSPHRASE) as kit:
        assert (kit.key, kit.database.path, kit.identity.device) == (key, path, "device-1")


def test_a_short_passphrase_is_refused_before_the_code_is_used(tmp_path: Path, outside) -> None:
    centre = Welcoming()

    with pytest.raises(PassphraseTooShort):
        enrol(centre, "code", tmp_path, "short", outside.surroundings, QUICK)

    assert (centre.asked, list(tmp_path.iterdir())) == (0, [])


def test_a_second_enrolment_of_the_same_user_leaves_the_first_alone(kit: FieldKit, outside) -> None:
    person = kit.create("person", first_name="สมชาย").record

    with pytest.raises(AlreadyEnrolled):
        enrol(Welcoming(), "code", kit.database.path.parent, PASSPHRASE, outside.surroundings, QUICK)

    assert seen(kit, person).data == {"first_name": "สมชาย"}


def test_an_enrolment_cut_off_before_its_key_was_written_can_be_done_again(tmp_path: Path, outside) -> None:
    path, _ = enrol(Welcoming(), "code", tmp_path, PASSPHRASE, outside.surroundings, QUICK)
    key_path(path).unlink()

    enrol(Welcoming(), "another", tmp_path, PASSPHRASE, outside.surroundings, QUICK)

    FieldKit.open(tmp_path, PASSPHRASE).close()
    assert find_database(tmp_path) == path


# --- the same device, a new token


def test_a_renewed_device_is_itself_with_all_that_waits(kit: FieldKit) -> None:
    kit.create("person", first_name="สมชาย")
    before, log = kit.identity, log_of(kit, "*")
    centre = Welcoming("http://moved.test", public_key=b64encode(bytes(PrivateKey.generate().public_key)).decode())

    kit.renew("code", transport=centre, device_name="เครื่องมะลิ")

    assert kit.identity == msgspec.structs.replace(
        before,
        server_url="http://moved.test",
        token="t1",
        user={"id": USER},
        device_name="เครื่องมะลิ",
        centre_public_key=centre.public_key,
    )
    assert (log_of(kit, "*"), kit.status().waiting) == (log, 1)
    with FieldKit.open(kit.database.path.parent, PASSPHRASE) as again:
        assert again.key == kit.key
        assert [found.ok for found in again.doctor() if found.code == "key_recoverable"] == [True]


def test_a_renewed_device_keeps_its_name(kit: FieldKit) -> None:
    kit.renew("code", transport=Welcoming(), device_name="เครื่องมะลิ")
    centre = Welcoming()

    kit.renew("code", transport=centre)

    assert centre.named == "เครื่องมะลิ"


def test_a_code_of_somebody_else_changes_nothing(kit: FieldKit) -> None:
    before = kit.identity

    with pytest.raises(SomebodyElses):
        kit.renew("code", transport=Welcoming(user="01a00000-0000-7000-8000-00000000bbbb"))

    assert kit.identity == before


@pytest.mark.parametrize(
    ("said", "read"),
    [
        ("https://centre.example/enrol#3K7M-20XP-48RWY", ("https://centre.example", "3K7M-20XP-48RWY")),
        ("http://127.0.0.1:8000", ("http://127.0.0.1:8000", None)),
        ("https://centre.example/husec/", ("https://centre.example/husec", None)),
        ("centre.example", ("https://centre.example", None)),
    ],
)
def test_an_address_or_all_that_the_qr_says(said: str, read: tuple[str, str | None]) -> None:
    assert read_address(said) == read
