"""Checksums of buckets and of contents: hashed here again with plain integers, from the protocol's words alone."""

import hashlib
import json
import struct
from collections.abc import Iterator
from typing import Any

from schemas.records import RECORD_TYPES
from sync.checksum import Checksum, canonical, checksum, content_checksum, content_hash, entry_hash
from tests.vectors.dice import Dice
from tests.vectors.family import Drawn, Family, Json, agree
from tests.vectors.values import full_record

MODULUS = 2**64


def eight_bytes(text: bytes) -> int:
    return int(hashlib.sha256(text).hexdigest()[:16], 16)


# --- buckets


def draw_buckets(dice: Dice) -> Iterator[Drawn]:
    yield "empty", {"entries": [], "then": []}
    for count in (1, 2, 3, 5, 8, 20):
        for _ in range(14):
            entries = [[dice.uuid(), dice.below(10 ** dice.between(1, 9))] for _ in range(count)]
            leaving = [["minus", *entry] for entry in dice.some(entries, 0, 3)]
            coming = [["plus", dice.uuid(), dice.below(10**6)] for _ in range(dice.below(4))]
            moving = [step for entry in dice.some(entries, 0, 2) if ["minus", *entry] not in leaving
                      for step in (["minus", *entry], ["plus", entry[0], entry[1] + 1])]  # fmt: skip
            yield f"{count} records", {"entries": entries, "then": dice.shuffled(leaving + coming) + moving}
    yield "the largest version", {"entries": [[dice.uuid(), (1 << 53) - 1]], "then": []}
    one = dice.uuid()
    yield "all of it leaves", {"entries": [[one, 7]], "then": [["minus", one, 7]]}


def run_bucket(given: Json) -> Json:
    before = checksum((record, version) for record, version in given["entries"])
    after = before
    for step, record, version in given["then"]:
        after = after.plus(record, version) if step == "plus" else after.minus(record, version)
    return {
        "hashes": [f"{entry_hash(record, version):016x}" for record, version in given["entries"]],
        "before": _said(before),
        "after": _said(after),
    }


def _said(found: Checksum) -> Json:
    return {"count": found.count, "sum": found.hex}


def check_bucket(given: Json, expect: Json) -> None:
    live = [(record, version) for record, version in given["entries"]]
    agree(expect["hashes"], [f"{eight_bytes(f'{record}:{version}'.encode()):016x}" for record, version in live])
    agree(expect["before"], _counted(live))
    for step, record, version in given["then"]:
        if step == "plus":
            live.append((record, version))
        else:
            live.remove((record, version))
    agree(expect["after"], _counted(live))


def _counted(live: list[tuple[str, int]]) -> Json:
    total = sum(eight_bytes(f"{record}:{version}".encode()) for record, version in live)
    return {"count": len(live), "sum": hex(total % MODULUS)[2:].rjust(16, "0")}


BUCKET_CHECKSUMS = Family(
    name="bucket_checksums",
    side="client",
    function="sync.checksum: entry_hash, checksum, Checksum.plus, Checksum.minus",
    about="`entries`: the live records of a bucket, [id, version]. `hashes`: of each, 16 hexadecimal digits. "
    "`before`: count and "
    "sum (modulo 2^64) of the bucket. `then`: entries that come (plus) and go (minus), in order; `after`: the "
    "checksum then.",
    draw=draw_buckets,
    run=run_bucket,
    sorts=lambda given, expect: [
        *(step for step, _, _ in given["then"]),
        "the sum overflowed" if sum(int(each, 16) for each in expect["hashes"]) >= MODULUS else "it fits",
        "empty at last" if not expect["after"]["count"] else "not empty",
    ],
    check=check_bucket,
    classes=frozenset({"plus", "minus", "the sum overflowed", "it fits", "empty at last"}),
)

# --- contents

ODD_DATA: tuple[Json, ...] = (
    {}, {"a": None}, {"a": ""}, {"a": []}, {"a": {}}, {"a": [None]}, {"a": {"b": None}}, {"a": False}, {"a": True},
    {"a": 0}, {"a": -0.0}, {"a": 18.0}, {"a": 18}, {"a": 0.1}, {"a": -0.1}, {"a": 1e-7}, {"a": 1.5e300}, {"a": 5e-324},
    {"a": 9007199254740991}, {"a": 9007199254740992}, {"a": 9007199254740994.0}, {"a": -9007199254740992},
    {"a": 1e16}, {"a": 1e15},
    {"a": 100.25}, {"a": 1.7976931348623157e308}, {"a": 123456789.123456789},
    {"a": "\"\\/\b\f\n\r\t"}, {"a": "\u0000\u0001\u001f\u007f\u0080"}, {"a": "\u2028\u2029"}, {"a": "<>&'"},
    {"a": "😀ก"},
    {"😀": 1, "\uffff": 2, "z": 3, "ก": 4}, {"a": {"\U00010000": 1, "\ufb01": 2}},
    {"b": 1, "a": 2, "B": 3, "aa": 4, "": 5},
    {"a": {"z": [3, {"y": 1, "x": None}], "c": 2}}, {"a": [[1.0, [2.5]], {"k": 3.0}]}, {"10": 1, "9": 2, "1": 3},
    {"name": "มะลิ \"ลี\"", "last_seen": None}, {"a": "\u00e9", "b": "e\u0301"}, {"a": "\u200b"},
    {"true": True, "null": "null", "one": "1"}, {"merged_into": "0192f0c1-0000-7000-8000-000000000031"},
)  # fmt: skip
NAMES = ("a", "b", "ก", "name", "z_9", "😀", "\uffee")


def draw_contents(dice: Dice) -> Iterator[Drawn]:
    for data in ODD_DATA:
        yield "by hand", {"records": [[dice.uuid(), dice.below(100_000), data]]}
    for kind in RECORD_TYPES.values():
        yield f"a full {kind.name}", {"records": [[dice.uuid(), dice.below(100_000), full_record(kind)]]}
    for _ in range(90):
        count = dice.pick((1, 1, 1, 2, 3))
        yield "drawn", {"records": [[dice.uuid(), dice.below(10**6), drawn_object(dice, 3)] for _ in range(count)]}


def drawn_object(dice: Dice, depth: int) -> Json:
    return {dice.text(NAMES, 1, 2): drawn_value(dice, depth - 1) for _ in range(dice.between(0, 4))}


def drawn_value(dice: Dice, depth: int) -> Any:
    match dice.below(9 if depth else 6):
        case 0:
            return dice.pick((None, True, False, 0, -1))
        case 1:
            return dice.between(-(10**6), 10**6) / dice.pick((1, 2, 8, 10, 3, 7))
        case 2:
            return dice.between(-(2**54), 2**54)
        case 3:
            return float(dice.between(-(10**7), 10**7))
        case 4 | 5:
            return dice.text(("ก", "น้ำ", '"', "\\", "\n", "\x1f", "a", " ", "😀", "/", "\x7f"), 0, 6)
        case 6:
            return [drawn_value(dice, depth - 1) for _ in range(dice.below(4))]
        case _:
            return drawn_object(dice, depth)


def run_contents(given: Json) -> Json:
    records = [(record, version, data) for record, version, data in given["records"]]
    total = content_checksum(records)
    texts = [canonical(*each).decode() for each in records]
    return {"texts": texts, "hashes": [f"{content_hash(*each):016x}" for each in records], "bucket": _said(total)}


def written(value: Any) -> str:
    """Write JSON by hand, so that only the protocol's words decide."""
    if value is None or isinstance(value, bool):
        return {None: "null", True: "true", False: "false"}[value]
    if isinstance(value, str):
        return '"' + "".join(_escaped(each) for each in value) + '"'
    if isinstance(value, list):
        return "[" + ",".join(written(each) for each in value) + "]"
    if isinstance(value, dict):
        keys = sorted(value, key=lambda key: [ord(each) for each in key])
        return "{" + ",".join(f"{written(key)}:{written(value[key])}" for key in keys) + "}"
    if -(2**53) <= value <= 2**53 and value % 1 == 0:
        return str(int(value))
    return '"double:' + struct.pack(">d", value).hex() + '"'


def _escaped(each: str) -> str:
    short = {'"': '\\"', "\\": "\\\\", "\b": "\\b", "\f": "\\f", "\n": "\\n", "\r": "\\r", "\t": "\\t"}
    return short.get(each) or (each if each >= " " else f"\\u{ord(each):04x}")


def check_contents(given: Json, expect: Json) -> None:
    texts = []
    for record, version, data in given["records"]:
        kept = {name: value for name, value in data.items() if value is not None}
        texts.append(f"[{written(record)},{version},{written(kept)}]")
    agree(expect["texts"], texts)
    hashes = [eight_bytes(text.encode()) for text in texts]
    agree(expect["hashes"], [f"{each:016x}" for each in hashes])
    agree(expect["bucket"], {"count": len(hashes), "sum": f"{sum(hashes) % MODULUS:016x}"})
    for text in texts:
        json.loads(text)


CONTENT_HASHES = Family(
    name="content_hashes",
    side="client",
    function="sync.checksum: canonical, content_hash, content_checksum",
    about="For the deep check (docs/protocol.md section 6). `records`: [id, version, data] as this device sees them. "
    "`texts`: the "
    "one JSON text of each; `hashes`: the first eight bytes of SHA-256 over its UTF-8, 16 hexadecimal digits; "
    "`bucket`: "
    "how many, and the sum modulo 2^64. A number of the input that is whole may be written 18 or 18.0: it is the same.",
    draw=draw_contents,
    run=run_contents,
    sorts=lambda given, expect: [
        "a double" if any('"double:' in text for text in expect["texts"]) else "no double",
        "an escape" if any("\\" in text for text in expect["texts"]) else "no escape",
        "a null is left out" if any(None in data.values() for _, _, data in given["records"]) else "no null",
        "several records" if len(expect["texts"]) > 1 else "one record",
    ],
    check=check_contents,
    classes=frozenset({"a double", "no double", "an escape", "a null is left out", "several records", "one record"}),
)
