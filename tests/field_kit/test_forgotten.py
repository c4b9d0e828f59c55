"""A forgotten passphrase: the key comes back sealed to a key of this one time, and nothing typed is lost."""

from base64 import b64decode, b64encode
from dataclasses import dataclass, field
from pathlib import Path

import pytest
from nacl.public import PrivateKey, PublicKey, SealedBox

from field_kit import FieldKit, forgotten
from field_kit.errors import (
    KeyRefused,
    NotRecoverable,
    Offline,
    PassphraseTooShort,
    RecoveryOpen,
    RecoveryRefused,
    WrongPassphrase,
)
from field_kit.home import key_path
from field_kit.keyfile import read_key, read_key_file, seal_to, write_key
from field_kit.link import KeyAnswer, KeyQuestion
from sync.key_code import code_of, key_of
from tests.field_kit.device import KEY, PASSPHRASE, QUICK
from tests.field_kit.sealed import KEYS

DEVICE = "01a00000-0000-7000-8000-00000000dddd"
NEW = "รหัสใหม่ที่จำได้"


@dataclass
class HelpDesk:
    """A centre whose staff decide what the test says."""

    state: str = "open"
    offline: bool = False
    asked: list[KeyQuestion] = field(default_factory=list)
    to_another: bool = False

    def ask_for_key(self, question: KeyQuestion) -> KeyAnswer:
        self.asked.append(question)
        if self.offline:
            raise Offline("no signal")
        return KeyAnswer(f"request-{len(self.asked)}", self.state)

    def key_answer(self, id_: str) -> KeyAnswer:
        return KeyAnswer(id_, self.state, self._sealed() if self.state == "approved" else None)

    def _sealed(self) -> str:
        asked = self.asked[-1]
        to = PrivateKey.generate().public_key if self.to_another else PublicKey(b64decode(asked.public_key))
        data_key = key_of(KEYS.open(b64decode(asked.box)) or b"", asked.device)
        return b64encode(SealedBox(to).encrypt(data_key or b"")).decode()


@pytest.fixture
def database(kit: FieldKit) -> Path:
    """Give the file of a device with unsent work, whose passphrase nobody remembers."""
    kit.create("person", first_name="สมชาย")
    key_path(kit.database.path).unlink()
    centre_key = b64encode(KEYS.public).decode()
    about = {"server_url": "http://centre.test", "device": DEVICE}
    write_key(key_path(kit.database.path), KEY, PASSPHRASE, centre_key, QUICK, **about)
    kit.close()
    return kit.database.path


def test_once_approved_a_new_passphrase_opens_the_same_file(database: Path) -> None:
    desk = HelpDesk()
    with pytest.raises(RecoveryOpen) as waits:
        forgotten.fetch_key(database, desk)
    desk.state = "approved"
    key = forgotten.fetch_key(database, desk)
    forgotten.begin_anew(database, key, NEW, QUICK)

    [asked] = desk.asked
    assert waits.value.facts == {"code": code_of(DEVICE, b64decode(asked.public_key))}
    with FieldKit.open(database.parent, NEW) as kit:
        assert kit.status().waiting == 1
    with pytest.raises(WrongPassphrase):
        read_key(key_path(database), PASSPHRASE)
    assert not database.with_suffix(".recovery").exists()


def test_the_code_stays_the_same_until_staff_decide(database: Path) -> None:
    desk, codes = HelpDesk(), set()
    for _ in range(3):
        with pytest.raises(RecoveryOpen) as waits:
            forgotten.fetch_key(database, desk)
        codes.add(waits.value.facts["code"])

    assert (len(codes), len(desk.asked)) == (1, 1)
    assert database.with_suffix(".recovery").stat().st_mode & 0o777 == 0o600


def test_a_request_that_was_cut_off_is_asked_again_with_the_same_key(database: Path) -> None:
    desk = HelpDesk(offline=True)
    with pytest.raises(Offline):
        forgotten.fetch_key(database, desk)
    desk.offline = False
    with pytest.raises(RecoveryOpen):
        forgotten.fetch_key(database, desk)

    assert desk.asked[0] == desk.asked[1]


@pytest.mark.parametrize("state", ["refused", "expired"])
def test_a_refused_request_ends_and_the_next_has_another_key(database: Path, state: str) -> None:
    desk = HelpDesk(state)
    with pytest.raises(RecoveryRefused) as refused:
        forgotten.fetch_key(database, desk)
    desk.state = "open"
    with pytest.raises(RecoveryOpen):
        forgotten.fetch_key(database, desk)

    assert refused.value.facts == {"state": state}
    assert desk.asked[0].public_key != desk.asked[1].public_key


def test_an_answer_for_another_device_changes_nothing(database: Path) -> None:
    desk = HelpDesk(to_another=True)
    with pytest.raises(RecoveryOpen):
        forgotten.fetch_key(database, desk)
    desk.state = "approved"
    with pytest.raises(KeyRefused):
        forgotten.fetch_key(database, desk)
    with pytest.raises(KeyRefused):
        forgotten.begin_anew(database, b"x" * 32, NEW, QUICK)

    assert read_key(key_path(database), PASSPHRASE) == KEY


def test_a_passphrase_too_short_changes_nothing(database: Path) -> None:
    with pytest.raises(PassphraseTooShort):
        forgotten.begin_anew(database, KEY, "สั้น", QUICK)

    assert read_key(key_path(database), PASSPHRASE) == KEY


def test_a_key_file_that_does_not_name_the_centre_cannot_help(kit: FieldKit) -> None:
    path = kit.database.path
    with pytest.raises(NotRecoverable):
        forgotten.server_of(path)

    seal_to(key_path(path), KEY, b64encode(KEYS.public).decode(), server_url="http://centre.test", device=DEVICE)
    assert forgotten.server_of(path) == "http://centre.test"
    assert read_key(key_path(path), PASSPHRASE) == KEY


def test_what_stands_beside_the_passphrase_gives_nothing_away(database: Path) -> None:
    held = read_key_file(key_path(database))

    assert (held.server_url, held.device) == ("http://centre.test", DEVICE)
    assert KEY.hex() not in key_path(database).read_text()
