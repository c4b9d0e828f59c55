"""What the kit takes from the outside world: time, ids, chance. A simulation passes its own."""

import os
import random
import secrets
import time
from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, datetime


def now_utc() -> datetime:
    """Return the device's clock, which may be wrong and orders nothing."""
    return datetime.now(UTC)


def uuid7(now: Callable[[], datetime] = now_utc, random_bytes: Callable[[int], bytes] = os.urandom) -> str:
    """Return a UUIDv7: milliseconds, then 74 bits from the operating system each time.

    Libraries keep a counter in the process, which two clones of one machine would share.
    """
    milliseconds = max(0, int(now().timestamp() * 1000)) & ((1 << 48) - 1)
    bits = int.from_bytes(random_bytes(10), "big")
    value = milliseconds << 80 | 0x7 << 76 | (bits >> 68) << 64 | 0b10 << 62 | bits & ((1 << 62) - 1)
    text = f"{value:032x}"
    return f"{text[:8]}-{text[8:12]}-{text[12:16]}-{text[16:20]}-{text[20:]}"


@dataclass(frozen=True)
class Surroundings:
    """Clock, ids, randomness and patience, all replaceable."""

    now: Callable[[], datetime] = now_utc
    new_id: Callable[[], str] = uuid7
    random_bits: Callable[[int], int] = secrets.randbits
    jitter: Callable[[], float] = random.random
    """A number from 0 up to 1, for waiting times only."""
    sleep: Callable[[float], None] = time.sleep
    monotonic: Callable[[], float] = time.monotonic
