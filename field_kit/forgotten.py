"""A forgotten passphrase: the centre, which can open a copy of the data key, seals it to a key made for this once.

The private half lies beside the key file until the answer has been used. Nothing in the database is touched.
"""

from base64 import b64decode, b64encode
from pathlib import Path
from typing import Protocol

import msgspec
from nacl.exceptions import CryptoError
from nacl.public import PrivateKey, SealedBox

from field_kit.database import open_database
from field_kit.errors import KeyRefused, NotRecoverable, RecoveryOpen, RecoveryRefused
from field_kit.export import write_whole
from field_kit.home import key_path
from field_kit.keyfile import KeyFile, Strength, change_passphrase, read_key_file
from field_kit.link import KeyAnswer, KeyQuestion
from sync.key_code import code_of

ASKING = ".recovery"

OPEN, APPROVED = "open", "approved"


class Asking(msgspec.Struct, frozen=True):
    """What is kept until the answer has been used. ``id``: the centre's, once it has noted the request."""

    version: int
    private_key: str
    id: str | None = None


class HelpDesk(Protocol):
    """What this needs of a link; nobody signs in, for the token lies inside the locked file."""

    def ask_for_key(self, question: KeyQuestion) -> KeyAnswer:
        """Ask for the data key."""

    def key_answer(self, id_: str) -> KeyAnswer:
        """Ask whether staff have decided."""


def server_of(database: Path) -> str:
    """Return the address of the centre that can help.

    :raises NotRecoverable: when the key file does not say it.
    """
    return _known(database)[0]


def code_to_read(database: Path) -> str:
    """Return the code that the person reads out on the telephone, making the key that it names if need be."""
    _, device, _ = _known(database)
    return code_of(device, bytes(_private(_asking(database)).public_key))


def fetch_key(database: Path, desk: HelpDesk) -> bytes:
    """Ask, or ask again, and return the data key once staff have approved.

    :raises RecoveryOpen: they have yet to decide.
    :raises RecoveryRefused: they did not approve, or not in time; the next request is another one.
    :raises DeviceRevoked: the device was cancelled: its key is given to nobody.
    """
    asking, (_, device, box) = _asking(database), _known(database)
    private = _private(asking)
    if asking.id is None:
        public_key = b64encode(bytes(private.public_key)).decode()
        noted = desk.ask_for_key(KeyQuestion(device, box, public_key))
        _keep(database, msgspec.structs.replace(asking, id=noted.id))
    else:
        noted = desk.key_answer(asking.id)
    if noted.state == OPEN:
        raise RecoveryOpen(code=code_to_read(database))
    if noted.state != APPROVED:
        _file(database).unlink()
        raise RecoveryRefused(state=noted.state)
    return _opened(private, noted if noted.answer else desk.key_answer(noted.id))


def begin_anew(database: Path, key: bytes, passphrase: str, strength: Strength | None = None) -> None:
    """Wrap the data key under a new passphrase, once it is known to open the file; the request is then over.

    :raises KeyRefused: when it does not open the file; nothing is changed.
    :raises PassphraseTooShort: nothing is changed.
    """
    open_database(database, key).close()
    change_passphrase(key_path(database), key, passphrase, strength)
    _file(database).unlink(missing_ok=True)


def _opened(private: PrivateKey, answer: KeyAnswer) -> bytes:
    try:
        return SealedBox(private).decrypt(b64decode(answer.answer or ""))
    except (CryptoError, ValueError, TypeError) as wrong:
        raise KeyRefused("the answer is not for this device") from wrong


def _known(database: Path) -> tuple[str, str, str]:
    """Return address, device and sealed data key of a key file."""
    held: KeyFile = read_key_file(key_path(database))
    if held.centre is None or held.server_url is None or held.device is None:
        raise NotRecoverable
    return held.server_url, held.device, held.centre.box


def _file(database: Path) -> Path:
    return database.with_suffix(ASKING)


def _asking(database: Path) -> Asking:
    """Return the request under way, or begin one: its key is on disk before anybody hears of it."""
    try:
        return msgspec.json.decode(_file(database).read_bytes(), type=Asking)
    except (FileNotFoundError, msgspec.MsgspecError):
        begun = Asking(1, b64encode(bytes(PrivateKey.generate())).decode())
        _keep(database, begun)
        return begun


def _keep(database: Path, asking: Asking) -> None:
    write_whole(_file(database), iter([msgspec.json.encode(asking)]))


def _private(asking: Asking) -> PrivateKey:
    return PrivateKey(b64decode(asking.private_key))
