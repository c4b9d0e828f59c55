"""Numbers with a check digit, ids, and the code that is read out on the telephone."""

import re
from base64 import b64decode, b64encode
from collections.abc import Iterator
from hashlib import sha256

import msgspec

from field_kit.surroundings import uuid7
from schemas.checks import identity_number, is_national_id, phone_number, read_back_national_id
from schemas.reference_number import is_valid, mint, normalise
from sync.key_code import bound, code_of, key_of
from sync.mutation import Uuid
from tests.vectors.dice import Dice
from tests.vectors.family import Drawn, Family, Json, agree

ALPHABET = "0123456789FHKMPRWXY"


def check_digit(twelve: str) -> str:
    total = sum(int(digit) * weight for digit, weight in zip(twelve, range(13, 1, -1), strict=True))
    return str((11 - total % 11) % 10)


# --- identity numbers


def synthetic(dice: Dice) -> str:
    """Return a national ID of nobody: it begins with 9."""
    twelve = "9" + "".join(str(dice.below(10)) for _ in range(11))
    return twelve + check_digit(twelve)


def draw_ids(dice: Dice) -> Iterator[Drawn]:
    for text in ("", "9", "9" * 12, "9" * 13, "9" * 14, "abc", "AA1234567", " 9 ", "9-0000-00000-00-0", "๙" * 13):
        yield "by hand", {"text": text}
    for _ in range(55):
        number = synthetic(dice)
        yield "right", {"text": number}
        at, other = dice.below(13), str(dice.below(10))
        yield "one digit off", {"text": number[:at] + other + number[at + 1 :]}
        at = dice.below(12)
        yield "two changed places", {"text": number[:at] + number[at + 1] + number[at] + number[at + 2 :]}
        yield "as it is read", {"text": f"{number[0]}-{number[1:5]}-{number[5:10]}-{number[10:12]} {number[12]}"}
    for _ in range(20):
        number = synthetic(dice)
        digits = str.maketrans("0123456789", "๐๑๒๓๔๕๖๗๘๙")
        yield "Thai digits", {"text": number.translate(digits)}
        yield "one missing", {"text": number[: dice.below(13)]}
        yield "a passport", {"text": f"{dice.pick('abXY')}{dice.below(10**8)}"}


def run_ids(given: Json) -> Json:
    stored = identity_number(given["text"])
    return {"stored": stored, "is_national_id": is_national_id(stored), "shown": read_back_national_id(stored)}


def check_ids(given: Json, expect: Json) -> None:
    stored = expect["stored"]
    right = re.fullmatch("[0-9]{13}", stored) is not None and check_digit(stored[:12]) == stored[12]
    agree(expect["is_national_id"], right)
    assert expect["shown"].replace("-", "") == stored.replace("-", "")
    if re.fullmatch("[0-9]{13}", stored):
        assert [len(part) for part in expect["shown"].split("-")] == [1, 4, 5, 2, 1]


NATIONAL_ID = Family(
    name="national_id",
    side="client",
    function="schemas.checks: identity_number, is_national_id, read_back_national_id",
    about="A number of an identity document as typed. `stored`: without separators, Arabic digits, capitals. "
    "`is_national_id`: thirteen digits whose last is the check digit (multiply the first twelve by 13, 12 … 2 and add; "
    "11 minus the remainder by 11 ends in the thirteenth). `shown`: thirteen characters in the groups in which they "
    "are "
    "read aloud, others as stored. All numbers begin with 9: they are nobody's.",
    draw=draw_ids,
    run=run_ids,
    sorts=lambda given, expect: [
        "right" if expect["is_national_id"] else "13 digits, wrong" if len(expect["stored"]) == 13 else "another form",
        "typed otherwise than stored" if given["text"] != expect["stored"] else "as stored",
    ],
    check=check_ids,
    classes=frozenset({"right", "13 digits, wrong", "another form", "typed otherwise than stored", "as stored"}),
)  # fmt: skip

# --- reference numbers


def draw_minted(dice: Dice) -> Iterator[Drawn]:
    for octets in (
        bytes(8),
        b"\xff" * 8,
        bytes(range(8)),
        (19**12 - 1).to_bytes(8, "big"),
        (19**12).to_bytes(8, "big"),
    ):
        yield "by hand", {"bytes": octets.hex()}
    for _ in range(75):
        yield "drawn", {"bytes": dice.bytes(8).hex()}


def minted_by_hand(octets: bytes) -> str:
    value, digits = int.from_bytes(octets, "big") % 19**12, []
    for _ in range(12):
        digits.append(value % 19)
        value //= 19
    digits.append(sum(place * digit for place, digit in enumerate(digits, start=1)) % 19)
    plain = "".join(ALPHABET[digit] for digit in digits)
    return f"{plain[:4]}-{plain[4:8]}-{plain[8:]}"


REFERENCE_NUMBERS_MINTED = Family(
    name="reference_numbers_minted",
    side="client",
    function="schemas.reference_number.mint",
    about="Eight random bytes (hexadecimal, big-endian) and the reference number that they make: n modulo 19^12 as "
    "twelve "
    "digits to the base 19, the lowest first, in 0123456789FHKMPRWXY; then the check digit.",
    draw=draw_minted,
    run=lambda given: {"number": mint(int(given["bytes"], 16))},
    sorts=lambda given, expect: ["a number"],
    check=lambda given, expect: agree(expect["number"], minted_by_hand(bytes.fromhex(given["bytes"]))),
    classes=frozenset({"a number"}),
)


def draw_references(dice: Dice) -> Iterator[Drawn]:
    for text in ("", "looo 0000 ooool", "1000-0000-00001", "1000000000001", "1000 0000 00001", "1000-0000-00002", "ABC",
                 "๑๐๐๐-๐๐๐๐-๐๐๐๐๑", "1000–0000–00001", "1000.0000.00001", "10-0000000-0001",
                 "1000\u00a00000\u00a000001",
                 "1000-0000-0000", "1000-0000-000011", "1OOO-OOOO-OOOOI", "ก000-0000-00001"):  # fmt: skip
        yield "by hand", {"text": text}
    for _ in range(45):
        number = minted_by_hand(dice.bytes(8))
        yield "as minted", {"text": number}
        yield "typed loosely", {"text": dice.pick((" ", "", "-", "\u2011", ". ")).join(number.lower().split("-"))}
        at = dice.pick([at for at in range(15) if number[at] != "-"])
        yield "one wrong", {"text": number[:at] + dice.pick(ALPHABET + "OILZSBDQG") + number[at + 1 :]}
        plain = number.replace("-", "")
        at = dice.below(12)
        yield "two changed places", {"text": plain[:at] + plain[at + 1] + plain[at] + plain[at + 2 :]}


def run_references(given: Json) -> Json:
    number = normalise(given["text"])
    return {"number": number, "valid": is_valid(number)}


def check_references(given: Json, expect: Json) -> None:
    plain = expect["number"].replace("-", "")
    digits = [ALPHABET.find(each) for each in plain]
    right = len(digits) == 13 and min(digits) >= 0
    right = right and sum(place * digit for place, digit in enumerate(digits[:12], 1)) % 19 == digits[12]
    agree(expect["valid"], right)
    assert normalise(expect["number"]) == expect["number"]
    if len(plain) == 13:
        assert [len(part) for part in expect["number"].split("-")] == [4, 4, 5]


REFERENCE_NUMBERS_TYPED = Family(
    name="reference_numbers_typed",
    side="client",
    function="schemas.reference_number: normalise, is_valid",
    about="A reference number as typed or heard, its one form (O and D are read as 0, I and L as 1, Z 2, S 5, G 6, B "
    "8, "
    "Q 0; separators go, hyphens come), and whether that is whole and carries its check digit.",
    draw=draw_references,
    run=run_references,
    sorts=lambda given, expect: (
        ["valid" if expect["valid"] else "refused"]
        + (["read as what it looks like"] if expect["valid"] and set(given["text"].upper()) & set("OILZSBDQG") else [])
    ),
    check=check_references,
    classes=frozenset({"valid", "refused", "read as what it looks like"}),
)

# --- telephone numbers and house codes

PHONES = (
    "0812345678", "081-234-5678", "+66812345678", "+66 81 234 5678", "66812345678", "+660812345678", "053123456",
    "053-123-456", "02-123-4567", "021234567", "191", "1300", "1669", "19", "19111", "0812345", "08123456789",
    "+4915112345678", "+1 (555) 010-0199", "004915112345678", "0066812345678", "+66", "+6681234567", "081.234.5678",
    "(081) 234 5678", "๐๘๑-๒๓๔-๕๖๗๘", "๑๓๐๐", "081 234 5678 ต่อ 5", "ไม่มี", "", "0712345678", "0112345678", "+0812345678",
    "081–234–5678", "081\u00a0234\u00a05678", "0812345678\n", "٠٨١٢٣٤٥٦٧٨", "+49", "+491511234567890123", "00491",
    "911",
)  # fmt: skip


def draw_phones(dice: Dice) -> Iterator[Drawn]:
    for text in PHONES:
        yield "by hand", {"text": text}
    for _ in range(60):
        digits = dice.pick(("08", "06", "09", "05", "02", "07", "01", "1", "+66 8", "+66 08", "0066 8", "+81"))
        digits += "".join(dice.pick("0123456789") for _ in range(dice.between(1, 10)))
        at = dice.between(1, len(digits))
        yield "drawn", {"text": digits[:at] + dice.pick(("", "-", " ", ".")) + digits[at:]}


def phone_by_hand(text: str) -> str | None:
    kept = "".join(each for each in text if not (each.isspace() or each in "-().‐‑‒–—―"))
    kept = "".join(str("๐๑๒๓๔๕๖๗๘๙".index(each)) if each in "๐๑๒๓๔๕๖๗๘๙" else each for each in kept)
    if kept[:2] == "00" and len(kept) > 10:
        kept = "+" + kept[2:]
    if kept[:3] == "+66":
        kept = "0" + (kept[4:] if kept[3:4] == "0" else kept[3:])
    if kept[:1] == "+":
        digits = kept[1:]
        fits = _are_digits(digits) and 7 <= len(digits) <= 15 and digits[0] != "0"
        return kept if fits else None
    if not _are_digits(kept):
        return None
    mobile = len(kept) == 10 and kept[:2] in ("06", "08", "09")
    landline = len(kept) == 9 and kept[0] == "0" and kept[1] in "234567"
    return kept if mobile or landline or (len(kept) in (3, 4) and kept[0] == "1") else None


def _are_digits(text: str) -> bool:
    return bool(text) and all(each in "0123456789" for each in text)


PHONE_NUMBERS = Family(
    name="phone_numbers",
    side="client",
    function="schemas.checks.phone_number",
    about="A telephone number as typed, and as stored: digits alone, +66 becomes 0; null where it has no known form "
    "(mobile 06 08 09 and 10 digits, landline 02 to 07 and 9 digits, hotline 1 and 3 or 4 digits, + and 7 to 15 "
    "digits).",
    draw=draw_phones,
    run=lambda given: {"stored": phone_number(given["text"])},
    sorts=lambda given, expect: [
        "refused" if expect["stored"] is None else "abroad" if expect["stored"][0] == "+" else
        {3: "hotline", 4: "hotline", 9: "landline", 10: "mobile"}[len(expect["stored"])]
    ],
    check=lambda given, expect: agree(expect["stored"], phone_by_hand(given["text"])),
    classes=frozenset({"refused", "abroad", "hotline", "landline", "mobile"}),
)  # fmt: skip

# --- ids


def draw_uuids(dice: Dice) -> Iterator[Drawn]:
    for milliseconds, octets in ((0, bytes(10)), ((1 << 48) - 1, b"\xff" * 10), (1_764_000_000_000, bytes(range(10)))):
        yield "by hand", {"milliseconds": milliseconds, "random": octets.hex()}
    for _ in range(60):
        yield "drawn", {"milliseconds": 1_767_225_600_000 + dice.below(10**11), "random": dice.bytes(10).hex()}


def run_uuids(given: Json) -> Json:
    class At:
        def timestamp(self) -> float:
            return float(given["milliseconds"]) / 1000

    made = uuid7(lambda: At(), lambda _: bytes.fromhex(given["random"]))  # type: ignore[arg-type,return-value]
    return {"id": made}


def check_uuids(given: Json, expect: Json) -> None:
    plain = expect["id"].replace("-", "")
    assert is_id(expect["id"])
    assert int(plain[:12], 16) == given["milliseconds"]
    bits = bin(int(given["random"], 16))[2:].zfill(80)
    made = bin(int(plain, 16))[2:].zfill(128)
    assert made[48:52] == "0111"
    assert made[64:66] == "10"
    assert made[52:64] == bits[:12]
    assert made[66:] == bits[-62:]


UUIDS_MINTED = Family(
    name="uuids_minted",
    side="client",
    function="field_kit.surroundings.uuid7",
    about="A UUIDv7 from milliseconds since 1970 (UTC) and ten random bytes (hexadecimal): 48 bits of time, the "
    "version 7, "
    "the first 12 random bits, the variant 10, the last 62 random bits. Six random bits are not used.",
    draw=draw_uuids,
    run=run_uuids,
    sorts=lambda given, expect: ["an id"],
    check=check_uuids,
    classes=frozenset({"an id"}),
)

GOOD = "0192f0c1-0000-7000-8000-000000000031"
IDS = (
    GOOD, GOOD.upper(), GOOD.replace("-", ""), GOOD[:-1], GOOD + "0", GOOD + "\n", " " + GOOD,
    GOOD.replace("0", "g", 1),
    "", "{" + GOOD + "}", "urn:uuid:" + GOOD, GOOD.replace("-", "_"), "00000000-0000-0000-0000-000000000000",
    "ffffffff-ffff-ffff-ffff-ffffffffffff", "6ba7b810-9dad-11d1-80b4-00c04fd430c8",
    "๐192f0c1-0000-7000-8000-000000000031",
    "0192f0c1-0000-7000-8000-00000000003①",
)  # fmt: skip


def is_id(text: str) -> bool:
    try:
        msgspec.convert(text, Uuid)
    except msgspec.ValidationError:
        return False
    return True


def id_by_hand(text: str) -> bool:
    parts = text.split("-")
    fits = [len(part) for part in parts] == [8, 4, 4, 4, 12]
    return fits and all(each in "0123456789abcdef" for part in parts for each in part)


def draw_id_forms(dice: Dice) -> Iterator[Drawn]:
    for text in IDS:
        yield "by hand", {"text": text}
    for _ in range(20):
        good = dice.uuid()
        yield "good", {"text": good}
        at = dice.below(36)
        yield "one character off", {"text": good[:at] + dice.pick("0aAgZ-. ") + good[at + 1 :]}


ID_FORMS = Family(
    name="id_forms",
    side="client",
    function="sync.mutation.Uuid",
    about="A text, and whether it may stand where the protocol wants an id: a UUID in lower-case hexadecimal with "
    "hyphens, of "
    "any version. (A field of kind reference, user or id takes capitals too and stores lower case: see field_values.)",
    draw=draw_id_forms,
    run=lambda given: {"is_id": is_id(given["text"])},
    sorts=lambda given, expect: ["an id" if expect["is_id"] else "none"],
    check=lambda given, expect: agree(expect["is_id"], id_by_hand(given["text"])),
    classes=frozenset({"an id", "none"}),
)

# --- the code of a forgotten passphrase


def draw_key_codes(dice: Dice) -> Iterator[Drawn]:
    for _ in range(50):
        key, data = b64encode(dice.bytes(32)).decode(), b64encode(dice.bytes(32)).decode()
        yield "drawn", {"device": dice.uuid(), "public_key": key, "data_key": data}


def run_key_codes(given: Json) -> Json:
    inside = bound(b64decode(given["data_key"]), given["device"])
    assert key_of(inside, given["device"]) == b64decode(given["data_key"])
    return {"code": code_of(given["device"], b64decode(given["public_key"])), "inside": b64encode(inside).decode()}


def check_key_codes(given: Json, expect: Json) -> None:
    hashed = sha256(b"husec-key-recovery-1" + given["device"].encode() + b64decode(given["public_key"])).digest()
    agree(expect["code"], minted_by_hand(hashed[:8]))
    inside = b64decode(expect["inside"])
    assert len(inside) == 68
    assert inside == b64decode(given["data_key"]) + given["device"].encode("ascii")


KEY_CODES = Family(
    name="key_codes",
    side="client",
    function="sync.key_code: code_of, bound",
    about="For a forgotten passphrase (docs/protocol.md section 12). `code`: what the person reads out, made from "
    "the device's "
    "id and the public key of the request (base64, 32 bytes). `inside`: the 68 bytes (base64) that are sealed to the "
    "centre: the data key, then the device's id.",
    draw=draw_key_codes,
    run=run_key_codes,
    sorts=lambda given, expect: ["a code"],
    check=check_key_codes,
    classes=frozenset({"a code"}),
)
