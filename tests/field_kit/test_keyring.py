"""Unlocked for a shift, not for ever."""

from datetime import UTC, datetime, timedelta
from pathlib import Path

import keyring
import pytest
from keyring.backend import KeyringBackend
from keyring.errors import PasswordDeleteError

from field_kit.keyring import PrivateFile, SystemKeyring, keeper_for, unlock, unlocked_key
from tests.field_kit.device import KEY

NOW = datetime(2026, 11, 23, 3, 0, tzinfo=UTC)


@pytest.fixture
def file(tmp_path: Path) -> Path:
    return tmp_path / "alice.unlocked"


def test_the_key_is_there_for_a_shift(file: Path) -> None:
    unlock(PrivateFile(file), KEY, NOW)

    assert unlocked_key(PrivateFile(file), NOW + timedelta(hours=7, minutes=59)) == KEY
    assert file.stat().st_mode & 0o777 == 0o600


@pytest.mark.parametrize("later", [timedelta(hours=8), timedelta(days=400), timedelta(seconds=-1)])
def test_after_it_or_with_the_clock_set_back_it_is_gone(file: Path, later: timedelta) -> None:
    unlock(PrivateFile(file), KEY, NOW)

    assert unlocked_key(PrivateFile(file), NOW + later) is None
    assert not file.exists()


def test_a_file_that_others_can_read_is_not_used(file: Path) -> None:
    unlock(PrivateFile(file), KEY, NOW)
    file.chmod(0o644)

    assert unlocked_key(PrivateFile(file), NOW) is None


@pytest.mark.parametrize(
    "content", ["", "{}", '{"key":"zz","since":"2026-11-23T00:00:00Z","until":"2027-01-01T00:00:00Z"}']
)
def test_a_damaged_file_locks(file: Path, content: str) -> None:
    file.write_text(content)
    file.chmod(0o600)

    assert unlocked_key(PrivateFile(file), NOW) is None


def test_without_a_real_keyring_a_file_beside_the_database_is_used(tmp_path: Path) -> None:
    keeper = keeper_for(tmp_path / "alice.db", {"FIELD_KIT_KEYRING": "file"})
    keeper.write("secret")

    assert (tmp_path / "alice.unlocked").read_text() == "secret"


def test_the_sessions_own_folder_is_preferred(tmp_path: Path) -> None:
    session = tmp_path / "session"
    session.mkdir()
    keeper_for(tmp_path / "alice.db", {"FIELD_KIT_KEYRING": "file", "XDG_RUNTIME_DIR": str(session)}).write("secret")

    assert [path.name for path in session.iterdir()] == ["field-kit-alice.unlocked"]


class InMemory(KeyringBackend):
    """A keyring as desktops have one."""

    priority = 5  # type: ignore[assignment]

    def __init__(self) -> None:
        super().__init__()
        self.kept: dict[tuple[str, str], str] = {}

    def get_password(self, service: str, username: str) -> str | None:
        return self.kept.get((service, username))

    def set_password(self, service: str, username: str, password: str) -> None:
        self.kept[service, username] = password

    def delete_password(self, service: str, username: str) -> None:
        if self.kept.pop((service, username), None) is None:
            raise PasswordDeleteError(username)


def test_a_real_keyring_is_used_when_there_is_one(tmp_path: Path) -> None:
    before = keyring.get_keyring()
    keyring.set_keyring(InMemory())
    try:
        keeper = keeper_for(tmp_path / "alice.db", {})
        unlock(keeper, KEY, NOW)
        found = unlocked_key(keeper, NOW)
        keeper.delete()
        after = unlocked_key(keeper, NOW)
    finally:
        keyring.set_keyring(before)

    assert isinstance(keeper, SystemKeyring)
    assert (found, after) == (KEY, None)
    assert list(tmp_path.iterdir()) == []
