"""Bucket checksums: a count and a sum of hashes, so both sides keep them by adding and subtracting.

A hash is the first 8 bytes, big-endian, of SHA-256 over ``<record id>:<version>`` in ASCII; sums are modulo 2**64.
The deep check's hash covers the content as well, as one device may see it.
"""

import json
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from hashlib import sha256
from math import inf
from struct import pack
from typing import Any

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


WHOLE_MAX = 1 << 53
"""Up to here every whole number is the same in every language."""


def content_hash(record: str, version: int, data: Mapping[str, Any]) -> int:
    """Return the 64-bit hash of a record as a device sees it; see ``canonical``."""
    return int.from_bytes(sha256(canonical(record, version, data)).digest()[:8], "big")


def canonical(record: str, version: int, data: Mapping[str, Any]) -> bytes:
    """Return ``[id, version, {fields}]`` as JSON of which there is one form only (docs/protocol.md section 6).

    UTF-8 without spaces, keys sorted by code point, fields that are null left out, nothing escaped that need not be.
    """
    filled = {name: _plain(value) for name, value in data.items() if value is not None}
    whole = [record, version, filled]
    return json.dumps(whole, ensure_ascii=False, separators=(",", ":"), sort_keys=True).encode("utf-8", "surrogatepass")


def _plain(value: Any) -> Any:
    """Return a value whose numbers have one form: whole ones as digits, others as the bytes of their double."""
    if isinstance(value, str | bool) or value is None:
        return value
    if isinstance(value, dict):
        return {str(name): _plain(each) for name, each in value.items()}
    if isinstance(value, list | tuple):
        return [_plain(each) for each in value]
    if abs(value) <= WHOLE_MAX and value == int(value):
        return int(value)
    try:
        return f"double:{pack('>d', float(value)).hex()}"
    except OverflowError:
        return f"double:{pack('>d', inf if value > 0 else -inf).hex()}"


def content_checksum(records: Iterable[tuple[str, int, Mapping[str, Any]]]) -> Checksum:
    """Return how many records there are, and the sum of their content hashes."""
    count = total = 0
    for record, version, data in records:
        count += 1
        total += content_hash(record, version, data)
    return Checksum(count, total % MODULUS)
