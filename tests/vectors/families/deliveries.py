"""Sealed work: what stands inside a delivery, and a file of several."""

import json
from base64 import b64decode, b64encode
from collections.abc import Iterator
from hashlib import sha256
from typing import Any

from sync.unsent import NoSealedFile, as_file, is_authentic, mac_key, parts_of
from tests.vectors.dice import Dice
from tests.vectors.family import Drawn, Family, Json, agree


def draw_macs(dice: Dice) -> Iterator[Drawn]:
    for number in range(50):
        token = "hd_" + dice.text("abcdefghXYZ0123456789_-", 43, 43)
        body = json.dumps({"version": 1, "note": dice.text(("ก", "ข", "น้ำ", "😀", " "), 0, 12)}, ensure_ascii=False)
        mac = mac_by_hand(sha256(token.encode()).digest(), body.encode())
        if number % 3 == 1:
            mac = bytes([mac[0] ^ 1]) + mac[1:]
        if number % 3 == 2:
            body += " "
        yield "drawn", {"token": token, "inside": b64encode(mac + body.encode()).decode()}


def mac_by_hand(key: bytes, message: bytes) -> bytes:
    """Return HMAC-SHA-256 as RFC 2104 builds it."""
    padded = key.ljust(64, b"\0")
    inner = sha256(bytes(each ^ 0x36 for each in padded) + message).digest()
    return sha256(bytes(each ^ 0x5C for each in padded) + inner).digest()


def run_mac(given: Json) -> Json:
    key = mac_key(given["token"])
    inside = b64decode(given["inside"])
    return {"key": key.hex(), "authentic": is_authentic(inside, [b"another" * 4, key])}


def check_mac(given: Json, expect: Json) -> None:
    key, inside = sha256(given["token"].encode()).digest(), b64decode(given["inside"])
    agree(expect, {"key": key.hex(), "authentic": mac_by_hand(key, inside[32:]) == inside[:32]})


DELIVERY_MACS = Family(
    name="delivery_macs",
    side="client",
    function="sync.unsent: mac_key, is_authentic",
    about="What stands inside the sealed box of a delivery (base64): 32 bytes of HMAC-SHA-256, then the body. `key` "
    "(hexadecimal) "
    "is SHA-256 of the token; `authentic`: whether the first 32 bytes are the MAC of the rest under it.",
    draw=draw_macs,
    run=run_mac,
    sorts=lambda given, expect: ["authentic" if expect["authentic"] else "not authentic"],
    check=check_mac,
    classes=frozenset({"authentic", "not authentic"}),
)


def draw_files(dice: Dice) -> Iterator[Drawn]:
    magic = b"HUSEC-SEALED 1\n"
    for content in (
        b"",
        magic,
        magic[:-1],
        b"HUSEC-SEALED 2\n",
        magic + bytes(4),
        magic + b"\0\0\0",
        magic + b"\0\0\0\x05abcd",
    ):
        yield "by hand", {"file": b64encode(content).decode()}
    for _ in range(45):
        parts = [dice.bytes(dice.between(1, 40)) for _ in range(dice.between(1, 3))]
        content = magic + b"".join(len(part).to_bytes(4, "big") + part for part in parts)
        cut = content[: dice.between(0, len(content))] if dice.chance(40) else content
        yield "drawn", {"file": b64encode(cut).decode()}


def run_file(given: Json) -> Json:
    content = b64decode(given["file"])
    try:
        parts = parts_of(content)
    except NoSealedFile:
        return {"parts": None}
    assert b"".join(as_file(parts)) == content
    return {"parts": [b64encode(part).decode() for part in parts]}


def check_file(given: Json, expect: Json) -> None:
    agree(expect["parts"], _cut(b64decode(given["file"])))


def _cut(content: bytes) -> Any:
    head, rest = content[:15], content[15:]
    parts = []
    while head == b"HUSEC-SEALED 1\n" and rest:
        size = int(rest[:4].hex() or "0", 16) if len(rest) >= 4 else 0
        if not 0 < size <= len(rest) - 4:
            return None
        parts.append(b64encode(rest[4 : 4 + size]).decode())
        rest = rest[4 + size :]
    return parts if head == b"HUSEC-SEALED 1\n" else None


DELIVERY_FILES = Family(
    name="delivery_files",
    side="client",
    function="sync.unsent: parts_of, as_file",
    about="A file of sealed work (base64): a first line, then each part with its length before it (4 bytes, "
    "big-endian). `parts`: "
    "the parts (base64), null where it is no such file or is cut off.",
    draw=draw_files,
    run=run_file,
    sorts=lambda given, expect: ["refused" if expect["parts"] is None else f"{min(len(expect['parts']), 2)} parts"],
    check=check_file,
    classes=frozenset({"refused", "0 parts", "1 parts", "2 parts"}),
)
