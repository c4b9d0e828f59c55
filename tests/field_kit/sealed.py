"""A centre's key pair, as a device and the centre hold it."""

from base64 import b64encode

from nacl.public import PrivateKey

from field_kit import FieldKit
from field_kit.identity import change_identity
from server.keys import CentreKeys

KEYS = CentreKeys(PrivateKey(bytes(range(32, 64))), b"\0" * 32)


def know_centre(kit: FieldKit, keys: CentreKeys = KEYS) -> None:
    """Let a device know the centre's public key, as enrolment does."""
    with kit.database.transaction():
        change_identity(kit.database, centre_public_key=b64encode(keys.public).decode())
