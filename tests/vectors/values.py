"""Values of every kind of field: good ones, and those that hands, other programs and old phones make."""

from typing import Any

from schemas.base import FieldSpec
from schemas.vocabulary import VOCABULARIES
from tests.schemas.strategies import example, full_record
from tests.vectors.dice import Dice

__all__ = ["KINDS_OF_VALUES", "example", "full_record", "values_of", "wrong_value"]

ID = "0192f0c4-7b7a-7cc1-8a11-%012d"
SHA = "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855"
WRONG_TYPES: tuple[Any, ...] = (12, 1.5, True, ["a"], {"a": 1}, "ข้อความ", [])
LINES: tuple[Any, ...] = (
    "  สมชาย  ", "น\u0e4d\u0e32", "น\u0e4d\u0e49\u0e32", "น\u0e49\u0e4d\u0e32", "cafe\u0301", "สอง\nบรรทัด",
    "ก\r\n\t\vข", "\u3000ก\u00a0", "",
    " \t\n", "\u200b", "\ufeff", "a\u0000b", "a\ud800b", "\udfff", "ก\u2028ข", "ก\u0085ข", "  a  b  ", "๑๒๓", "😀",
    "<script>", "'; --",
    "\u200bก", "เเม่", "ฯลฯ", "0", "null",
)  # fmt: skip
KINDS_OF_VALUES: dict[str, tuple[Any, ...]] = {
    "line": (*LINES, "ก" * 200, "ก" * 201, "😀" * 200, "😀" * 201, " " + "ก" * 200 + " ", "น\u0e4d\u0e32" * 100),
    "text": (
        *LINES, "หนึ่ง\r\nสอง\rสาม\n", "\n\nก\n\n", "a  b", "ก\tข", "ก\u2028ข", "\r", "ก \nข ", "ก\n\n\nข", "\n ก",
        "ก\r\n\r\nข",
    ),
    "integer": (0, 1, -3, 3, 130, 131, 99, 100, 101, 9007199254740991, 9007199254740992, -9007199254740991, 1.5, "1",
        "๑"),
    "number": (0, 18, 18.5, -90, 90, 90.0001, 180, 180.5, -180.000001, 1e-7, 0.1, 1e15, 1000001, "1.5", -0.5),
    "money": (0, 1, 300000, -1, 10**12, 10**12 + 1, 0.5, "300000", 1500),
    "flag": (True, False, 0, 1, "true", "yes"),
    "code": ("", " ", "no_such_code", "URGENT", "urgent "),
    "codes": ([], ["no_such_code"], "violence", [["violence"]], [None], [1], {}),
    "date": (
        "2024-08-28", "2024-02-29", "2023-02-29", "2567-08-28", "1800-01-01", "1799-12-31", "2300-12-31", "2301-01-01",
        "2024-8-28", "28/8/2567", "2024-08-28T00:00:00Z", " 2024-08-28", "2024-08-28\n", "๒๐๒๔-๐๘-๒๘", "0000-01-01",
        "2024-13-01", "2024-00-10", "2024-04-31", "20240828", "", "2024-W35-3", "٢٠٢٤-٠٨-٢٨", "1900-02-29",
        "2000-02-29",
    ),
    "instant": (
        "2024-08-28T03:00:00.000Z", "2024-08-28T03:00:00Z", "2024-08-28t03:00:00z", "2024-08-28T10:00:00+07:00",
        "2024-08-28T03:00:00.123456789Z", "2024-08-28T03:00:00.9999Z", "2024-08-28T03:00:00.5Z", "2024-08-28T03:00Z",
        "2024-08-28 03:00:00Z", "2024-08-28T03:00:00", "2024-08-28", "2024-02-29T23:59:59-01:00",
        "2024-12-31T23:30:00-01:00",
        "2023-02-29T00:00:00Z", "2024-08-28T24:00:00Z", "2024-08-28T23:60:00Z", "2024-08-28T23:59:60Z",
        "1800-01-01T00:00:00Z",
        "1800-01-01T00:00:00+07:00", "2300-12-31T23:59:59-01:00", "2567-08-28T03:00:00Z", "2024-08-28T03:00:00+24:00",
        "2024-08-28T03:00:00+07:60", "2024-08-28T03:00:00.Z", "2024-08-28T03:00:00.1234567890Z",
        "9999-12-31T23:59:59-12:00",
        "", "2024-08-28T03:00:00+0700", "0001-01-01T00:00:00+07:00", "2024-08-28T03:00:00.001+07:00",
    ),
    "area": (
        "54", "5401", "540101", "54010100", "54010101", "540", "54010", " 5401 ", "๕๔๐๑", "54-01", "54 01", "", "5401x",
        "54010100\n", "٥٤٠١", "00", "540100", "54000000", "5401\u00a0",
    ),
    "phone": (
        "081-234-5678", "+66812345678", "๐๘๑๒๓๔๕๖๗๘", "053123456", "191", "1300", "12", "0812345", "", " ", "ไม่มี",
        "+49 151 12345678", "004915112345678", "0812345678 ต่อ 1", "(02) 123-4567",
    ),
    "phones": (
        ["081-234-5678", "053-123-456"], ["0812345678", "+66812345678"], [], [""], ["", "191"], ["ไม่มี"], [191], "191",
        ["191", "1300", "191"], [None], [["191"]], ["0812345678", "x"],
    ),
    "lines": (
        ["ไม้เท้า", "แว่น  ตา", "ไม้เท้า"], [], [""], [" "], ["ก\nข"], ["ก" * 100], ["ก" * 101], ["😀" * 100], [1],
        "ก", [None],
        ["\ufb01", "\U0001f600", "z"], ["\U00010000", "\uffff"], ["a\u0000"], ["น\u0e4d\u0e32", "นำ"], ["ก\u0085ข"],
        ["ก\ufeffข"],
        ["ก\u001cข"], ["a", "B", "ก", "0"], ["\u200b"],
    ),
    "identifier": (
        "9-1234-56789-01-2", "๙๑๒๓๔๕๖๗๘๙๐๑๒", "aa1234567", " AA 123.4567 ", "", "-", "9" * 30, "9" * 31, "ß1", "(9)1",
        "ก1",
        "9\u00a01", "a\u0000", "น\u0e4d\u0e32",
    ),
    "reference": (ID % 1, (ID % 1).upper(), "", "x", ID % 1 + "\n", (ID % 1)[:-1], "{" + ID % 1 + "}", 7),
    "references": (
        [ID % 2, ID % 1], [(ID % 1).upper(), ID % 1], [], ["x"], ID % 1, [None], [[ID % 1]], [ID % 1 + "\n"],
    ),
    "user": (ID % 3, (ID % 3).upper(), "", "alice"),
    "id": (ID % 4, (ID % 4).upper(), "", "4"),
    "log": (
        [], [{}], [1], {}, [{"id": ID % 1, "unknown": 1}], [{"id": "x"}], [None], [{"id": ID % 1, "at": None}], [[]],
    ),
    "objects": ([], [{}], [1], {}, [{"unknown": 1}], [None], [{"id": "x"}]),
    "object": ({}, [], 1, {"unknown": 1}, {"value": None}, {"reason": 7, "by": "x"}),
    "raw": (
        None, 0, "", [], {}, {"b": [1, None, "ก"]}, "a\u0000", ["\ud800"], {"a\u0000": 1}, 1.5, True, [[[[1]]]],
    ),
    "sha256": (SHA, SHA.upper(), f" {SHA}\n", SHA[:-1], SHA + "0", "g" + SHA[1:], "", "๐" + SHA[1:]),
    "reference_number": (
        "looo 0000 ooool", "1000-0000-00001", "1000-0000-00002", "๑๐๐๐๐๐๐๐๐๐๐๐๑", "", "-", "1000",
        "1000\u00a00000\u00a000001",
        "ก000-0000-00001", "1000-0000-00001\n",
    ),
}  # fmt: skip
OF_DECLARED = {
    "house_code": ("54012345678", "5401234567", "540123456789", "๕๔๐๑๒๓๔๕๖๗๘", "5401234567x", "54012345678\n"),
    "media_type": ("image/jpeg", "image/svg+xml", "IMAGE/JPEG", "image", "image/", "image/jpeg\n", "image/jp g"),
}


def deep(levels: int) -> Any:
    made: Any = 1
    for _ in range(levels):
        made = [made]
    return made


def values_of(spec: FieldSpec) -> list[Any]:
    """Return every value that is tried on a field of this kind, its own example first."""
    values = [example(spec), *KINDS_OF_VALUES[spec.kind], *OF_DECLARED.get(spec.name, ()), *WRONG_TYPES]
    if spec.vocabulary:
        codes = list(VOCABULARIES[spec.vocabulary].codes)
        values += [codes, [*codes[:2], codes[0]], list(reversed(codes))] if spec.kind == "codes" else codes
    if spec.kind in ("log", "objects"):
        values += of_entries(spec)
    if spec.kind == "raw":
        values += [deep(20), deep(21)]
    values += [limit for rule in spec.rules for limit in at_limits(spec, rule)]
    return values


def of_entries(spec: FieldSpec) -> list[Any]:
    """Return lists of entries: in another form, twice the same, two, one of them wrong."""
    [entry] = example(spec)
    inner = spec.element or {}
    ids = [name for name in inner if inner[name].kind in ("id", "user")]
    texts = [name for name in inner if inner[name].kind in ("line", "text")]
    loud = entry | {name: entry[name].upper() for name in ids} | {name: f" {entry[name]} " for name in texts}
    if not ids:
        return [[loud], [entry, entry], [{**entry, "unknown": 1, texts[0]: 5}]]
    other = {**entry, ids[0]: ID % 77}
    return [
        [loud],
        [entry, loud],
        [other, entry],
        [entry, {**other, ids[0]: "x"}],
        [{**entry, "unknown": 1, ids[0]: 5}],
    ]


def at_limits(spec: FieldSpec, rule: Any) -> list[Any]:
    """Return values at the edges of a rule, on both sides."""
    if rule["rule"] == "range":
        return [rule["min"], rule["max"], rule["min"] - 1, rule["max"] + 1]
    if rule["rule"] == "length" and spec.kind in ("line", "text") and rule["max"] <= 1000:
        return ["ก" * rule["max"], "ก" * (rule["max"] + 1)]
    return []


def wrong_value(dice: Dice, spec: FieldSpec) -> Any:
    """Return one of the values above, more often an odd one."""
    return dice.pick(values_of(spec))
