"""Enrolment: the key file comes last, and a second try harms nothing."""

from dataclasses import dataclass
from pathlib import Path

import pytest

from field_kit import FieldKit
from field_kit.enrolling import enrol, read_address
from field_kit.errors import AlreadyEnrolled, PassphraseTooShort
from field_kit.home import find_database, key_path
from field_kit.link import Enrolment
from tests.field_kit.device import EPOCH, PASSPHRASE, QUICK, SERVER_TIME, USER, seen


@dataclass
class Welcoming:
    """A centre that enrols whoever asks."""

    server_url: str = "http://centre.test"
    asked: int = 0

    def enrol(self, code: str, name: str, platform: str, client_version: str) -> Enrolment:
        self.asked += 1
        return Enrolment(f"device-{self.asked}", "t", {"id": USER}, EPOCH, 1, 1, SERVER_TIME)


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
