"""A second validator, written from docs/protocol.md and the schema document alone, as a stranger's client would be.

It knows no field class and no marshmallow: what a field may be it reads from ``declaration()``.
"""

import math
import re
from datetime import UTC, datetime, timedelta
from typing import Any

from schemas.declaration import declaration
from tests.vectors.families.dates import is_day
from tests.vectors.families.numbers import ALPHABET, check_digit, id_by_hand, phone_by_hand
from tests.vectors.families.thai_text import digits_by_hand, stored_by_hand

DOCUMENT = declaration()
TYPES: dict[str, Any] = DOCUMENT["types"]
FIELDS = {name: {field["name"]: field for field in kind["fields"]} for name, kind in TYPES.items()}
SEPARATORS = "-().‐‑‒–—―"
TEXTS = ("line", "text", "phone", "identifier", "reference_number", "sha256")

Problem = dict[str, Any]


class Refused(Exception):
    """The problems of one value."""

    def __init__(self, *problems: Problem) -> None:
        super().__init__()
        self.problems = list(problems)


def stored(field: dict[str, Any], value: Any) -> Any:
    """Return a value in stored form.

    :raises Refused: with its problems.
    """
    kind = field["kind"]
    if kind in TEXTS and isinstance(value, str) and not trimmed(value):
        value = None
    if value is None:
        if field.get("required"):
            raise Refused({"code": "required"})
        return None
    made = FORMS[kind](field, value)
    if made == "" and kind in TEXTS:
        return stored(field, None)
    if found := [problem for rule in field.get("rules", []) if (problem := broken(rule, made))]:
        raise Refused(*found)
    return made


def trimmed(text: str) -> str:
    """Take away white space around a text as JavaScript's ``trim`` does."""
    return re.sub("^[\t-\r \xa0\u1680\u2000-\u200a\u2028\u2029\u202f\u205f\u3000\ufeff]+|"
                  "[\t-\r \xa0\u1680\u2000-\u200a\u2028\u2029\u202f\u205f\u3000\ufeff]+(?!.|\n)", "", text)  # fmt: skip


def broken(rule: dict[str, Any], value: Any) -> Problem | None:
    match rule["rule"]:
        case "length":
            if len(value) < rule["min"]:
                return {"code": "too_short", "min": rule["min"]}
            return {"code": "too_long", "max": rule["max"]} if len(value) > rule["max"] else None
        case "range":
            inside = not (value < rule["min"] or value > rule["max"])
            return None if inside else {"code": "out_of_range", "min": rule["min"], "max": rule["max"]}
        case _:
            return None if re.compile(rf"\A(?:{rule['regex']})\Z").search(value) else {"code": "wrong_form"}


# --- one function for each kind


def typed(field: dict[str, Any], value: Any, *types: type) -> None:
    if type(value) not in types:
        raise Refused({"code": "wrong_type", "kind": field["kind"]})


def keepable(text: str) -> str:
    if any(each == "\0" or 0xD800 <= ord(each) <= 0xDFFF for each in text):
        raise Refused({"code": "unstorable_characters"})
    return text


def line(field: dict[str, Any], value: Any) -> str:
    typed(field, value, str)
    return stored_by_hand(re.sub("[\t-\r\x85\u2028\u2029]+", " ", keepable(value)))


def text(field: dict[str, Any], value: Any) -> str:
    typed(field, value, str)
    return stored_by_hand("\n".join(re.split("\r\n|\r|\n", keepable(value))))


def phone(field: dict[str, Any], value: Any) -> str:
    typed(field, value, str)
    if (found := phone_by_hand(keepable(value))) is None:
        raise Refused({"code": "wrong_phone"})
    return found


def identifier(field: dict[str, Any], value: Any) -> str:
    typed(field, value, str)
    plain = digits_by_hand(stored_by_hand(keepable(value)))
    return stored_by_hand("".join(each for each in plain if not each.isspace() and each not in SEPARATORS).upper())


LOOK_ALIKES = dict(zip("ODQILZSGB", "000112568", strict=True))


def reference_number(field: dict[str, Any], value: Any) -> str:
    typed(field, value, str)
    plain = "".join(each for each in digits_by_hand(keepable(value)) if each not in " -‐‑‒–—\xa0.")
    plain = "".join(LOOK_ALIKES.get(each, each) for each in plain.strip().upper())
    digits = [ALPHABET.find(each) for each in plain]
    whole = len(digits) == 13 and -1 not in digits
    if not whole or sum(place * digit for place, digit in enumerate(digits[:12], 1)) % 19 != digits[12]:
        raise Refused({"code": "wrong_reference_number"})
    return f"{plain[:4]}-{plain[4:8]}-{plain[8:]}"


def sha(field: dict[str, Any], value: Any) -> str:
    typed(field, value, str)
    digest = trimmed(keepable(value)).lower()
    if len(digest) != 64 or set(digest) - set("0123456789abcdef"):
        raise Refused({"code": "wrong_form"})
    return digest


def whole(field: dict[str, Any], value: Any) -> int:
    typed(field, value, int)
    return int(value)


def number(field: dict[str, Any], value: Any) -> int | float:
    typed(field, value, int, float)
    if not math.isfinite(value):
        raise Refused({"code": "not_finite"})
    return int(value) if value == math.floor(value) else value


def flag(field: dict[str, Any], value: Any) -> bool:
    typed(field, value, bool)
    return bool(value)


def code(field: dict[str, Any], value: Any) -> str:
    typed(field, value, str)
    if value not in [each["code"] for each in DOCUMENT["vocabularies"][field["vocabulary"]]["codes"]]:
        raise Refused({"code": "unknown_code", "vocabulary": field["vocabulary"]})
    return str(value)


def day(field: dict[str, Any], value: Any) -> str:
    typed(field, value, str)
    if not re.search(r"\A[0-9]{4}-[0-9]{2}-[0-9]{2}\Z", value) or not is_day(*map(int, value.split("-"))):
        raise Refused({"code": "wrong_date"})
    in_time(int(value[:4]))
    return str(value)


def in_time(year: int) -> None:
    if year < 1800 or year > 2300:
        raise Refused({"code": "year_out_of_range", "min": 1800, "max": 2300})


_INSTANT = re.compile(
    r"\A([0-9]{4})-([0-9]{2})-([0-9]{2})[Tt]([0-9]{2}):([0-9]{2}):([0-9]{2})(?:\.([0-9]{1,9}))?"
    r"(?:[Zz]|([+-])([0-9]{2}):([0-9]{2}))\Z"
)


def instant(field: dict[str, Any], value: Any) -> str:
    typed(field, value, str)
    found = _INSTANT.search(value)
    if not found:
        raise Refused({"code": "wrong_instant"})
    year, month, date, hour, minute, second = map(int, found.groups()[:6])
    fraction, sign, hours, minutes = found.groups()[6:]
    if not is_day(year, month, date) or hour > 23 or minute > 59 or second > 59:
        raise Refused({"code": "wrong_instant"})
    if int(hours or 0) > 23 or int(minutes or 0) > 59:
        raise Refused({"code": "wrong_instant"})
    offset = timedelta(hours=int(hours or 0), minutes=int(minutes or 0)) * (-1 if sign == "-" else 1)
    try:
        moment = datetime(year, month, date, hour, minute, second, tzinfo=UTC) - offset
    except OverflowError:
        raise Refused({"code": "wrong_instant"}) from None
    in_time(moment.year)
    return f"{moment:%Y-%m-%dT%H:%M:%S}.{((fraction or '') + '000')[:3]}Z"


def area(field: dict[str, Any], value: Any) -> str:
    typed(field, value, str)
    plain = digits_by_hand(value).strip()
    if re.search(r"\A[0-9]+\Z", plain) and len(plain) == 8 and plain[6:] == "00":
        plain = plain[:6]
    if set(plain) - set("0123456789") or len(plain) not in (2, 4, 6, 8) or len(plain) not in field["digits"]:
        raise Refused({"code": "wrong_area", "digits": field["digits"]})
    return plain


def identity(field: dict[str, Any], value: Any) -> str:
    typed(field, value, str)
    if not id_by_hand(value.lower()):
        raise Refused({"code": "wrong_id"})
    return str(value.lower())


def one_line(field: dict[str, Any], value: Any) -> str:
    typed(field, value, str)
    made = stored_by_hand(" ".join(keepable(value).split()))
    if len(made) > 100:
        raise Refused({"code": "too_long", "max": 100})
    if field["kind"] == "phones" and made:
        return phone(field, made)
    return made


def each_of(one: Any) -> Any:
    def several(field: dict[str, Any], value: Any) -> list[str]:
        typed(field, value, list)
        return sorted({made for each in value if (made := one(field, each))})

    return several


def thing(field: dict[str, Any], value: Any) -> dict[str, Any]:
    typed(field, value, dict)
    declared = {inner["name"]: inner for inner in field["element"]}
    problems = [{"code": "unknown_field", "at": name} for name in value if name not in declared]
    made = {}
    for name, inner in declared.items():
        try:
            found = stored(inner, value.get(name))
        except Refused as refused:
            problems += [{**problem, "at": name} for problem in refused.problems]
            continue
        if found is not None:
            made[name] = found
    if problems:
        raise Refused(*problems)
    return made


def things(field: dict[str, Any], value: Any) -> list[dict[str, Any]]:
    typed(field, value, list)
    if len(value) > 1000:
        raise Refused({"code": "too_long", "max": 1000})
    made, problems = [], []
    for at, each in enumerate(value):
        try:
            made.append(thing(field, each))
        except Refused as refused:
            problems += [{**problem, "at": str(at)} for problem in refused.problems]
    if problems:
        raise Refused(*problems)
    return made


def log(field: dict[str, Any], value: Any) -> list[dict[str, Any]]:
    made = things(field, value)
    if len({each["id"] for each in made}) != len(made):
        raise Refused({"code": "repeated_id"})
    return made


def raw(field: dict[str, Any], value: Any, depth: int = 0) -> Any:
    if depth > 20:
        raise Refused({"code": "too_deep", "max": 20})
    if isinstance(value, str):
        keepable(value)
    for each in value if isinstance(value, list) else [*value, *value.values()] if isinstance(value, dict) else []:
        raw(field, each, depth + 1)
    return value


FORMS: dict[str, Any] = {
    "line": line, "text": text, "integer": whole, "number": number, "money": whole, "flag": flag, "code": code,
    "codes": each_of(code), "date": day, "instant": instant, "area": area, "phone": phone, "phones": each_of(one_line),
    "lines": each_of(one_line), "identifier": identifier, "reference": identity, "references": each_of(identity),
    "user": identity, "id": identity, "log": log, "objects": things, "object": thing, "raw": raw, "sha256": sha,
    "reference_number": reference_number,
}  # fmt: skip


# --- a whole record


def record(kind: str, data: dict[str, Any]) -> tuple[dict[str, Any], dict[str, list[Problem]]]:
    """Return a record in stored form, or as it came beside what is wrong with it."""
    given = {name: value for name, value in data.items() if value is not None}
    made: dict[str, Any] = {}
    problems: dict[str, list[Problem]] = {}
    for name in given:
        if name not in FIELDS[kind]:
            problems[name] = [{"code": "unknown_field"}]
    for name, field in FIELDS[kind].items():
        try:
            found = stored(field, given.get(name))
        except Refused as refused:
            problems[name] = refused.problems
            continue
        if found not in (None, []):
            made[name] = found
    if not problems:
        lacking = [name for name, field in FIELDS[kind].items() if field.get("required") and name not in made]
        problems = {name: [{"code": "required"}] for name in lacking}
        judged = made
    else:
        judged = given
    for rule in TYPES[kind].get("rules", []):
        if found := of_record(rule, judged):
            problems.setdefault(rule["field"], []).append(found)
    return made, problems


def warnings(kind: str, data: dict[str, Any]) -> dict[str, list[Problem]]:
    found: dict[str, list[Problem]] = {}
    for rule in TYPES[kind].get("warnings", []):
        if problem := of_record(rule, data):
            found.setdefault(rule["field"], []).append(problem)
    return found


def of_record(rule: dict[str, Any], data: dict[str, Any]) -> Problem | None:
    """Return what is wrong with a record by one of its rules."""
    value, other = data.get(rule["field"]), data.get(rule.get("when", ""))
    if rule["rule"] == "required_if":
        asked = other in rule["has"] if rule["has"] else other not in (None, "", [])
        return {"code": "required", "when": rule["when"]} if asked and value in (None, "", []) else None
    if ("when" in rule and other not in rule["has"]) or not isinstance(value, str):
        return None
    digits = re.search(r"\A[0-9]+\Z", value) is not None
    if rule["check"] == "house_code":
        right = digits and len(value) == 11
    else:
        right = digits and len(value) == 13 and check_digit(value[:12]) == value[12]
    return None if right else {"code": rule["code"]}
