"""The code that is read out on the telephone when a passphrase was forgotten: a fingerprint of the key that asks."""

from hashlib import sha256

from schemas import reference_number

KEY_BYTES = 32

PREFIX = b"husec-key-recovery-1"


def code_of(device: str, public_key: bytes) -> str:
    """Return the code of a request, such as ``3K7M-20XP-48RWY``: 51 bits and a check character.

    It is the reference number that 64 bits of a SHA-256 make, so it is heard and typed as those are.
    """
    digest = sha256(PREFIX + device.encode() + public_key).digest()
    return reference_number.mint(int.from_bytes(digest[:8], "big"))
