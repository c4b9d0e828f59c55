"""Bucket checksums: a count and a sum of hashes, so both sides keep them by adding and subtracting.

A hash is the first 8 bytes, big-endian, of SHA-256 over ``<record id>:<version>`` in ASCII; sums are modulo 2**64.
"""

from collections.abc import Iterable
from dataclasses import dataclass
from hashlib import sha256

MODULUS = 1 << 64


def entry_hash(record: str, version: int) -> int:
    """Return the 64-bit hash of one live entry."""
    return int.from_bytes(sha256(f"{record}:{version}".encode()).digest()[:8], "big")


@dataclass(frozen=True, slots=True)
class Checksum:
    """How many live records a bucket has, and the sum of their hashes."""

    count: int = 0
    total: int = 0

    def plus(self, record: str, version: int) -> "Checksum":
        """Return the checksum with one more entry."""
        return Checksum(self.count + 1, (self.total + entry_hash(record, version)) % MODULUS)

    def minus(self, record: str, version: int) -> "Checksum":
        """Return the checksum without one entry."""
        return Checksum(self.count - 1, (self.total - entry_hash(record, version)) % MODULUS)

    @property
    def hex(self) -> str:
        """The sum as 16 hexadecimal digits, as it travels."""
        return f"{self.total:016x}"


def checksum(entries: Iterable[tuple[str, int]]) -> Checksum:
    """Return the checksum of (record id, version) pairs."""
    count = total = 0
    for record, version in entries:
        count += 1
        total += entry_hash(record, version)
    return Checksum(count, total % MODULUS)
