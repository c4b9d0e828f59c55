"""When a passphrase was forgotten: the data key bound to its device, and the code read out on the telephone.

The code is a fingerprint of the key that asks.
"""

from hashlib import sha256

from schemas import reference_number

KEY_BYTES = 32

DEVICE_BYTES = 36
"""A device's id as ASCII, in its written form with four hyphens."""

PREFIX = b"husec-key-recovery-1"


def bound(data_key: bytes, device: str) -> bytes:
    """Return what a device seals to the centre: the key, then its own id. Nobody gets the key for another device."""
    return data_key + device.encode("ascii")


def key_of(inside: bytes, device: str) -> bytes | None:
    """Return the data key of an opened box; nothing when the box is another device's or none at all."""
    data_key, owner = inside[:KEY_BYTES], inside[KEY_BYTES:]
    return data_key if len(inside) == KEY_BYTES + DEVICE_BYTES and owner == device.encode() else None


def code_of(device: str, public_key: bytes) -> str:
    """Return the code of a request, such as ``3K7M-20XP-48RWY``: 51 bits and a check character.

    It is the reference number that 64 bits of a SHA-256 make, so it is heard and typed as those are.
    """
    digest = sha256(PREFIX + device.encode() + public_key).digest()
    return reference_number.mint(int.from_bytes(digest[:8], "big"))
