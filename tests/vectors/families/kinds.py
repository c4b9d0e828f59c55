"""Each kind of field and each rule by itself, apart from any record type that declares it."""

import json
from collections.abc import Iterator
from typing import Any

from marshmallow import ValidationError

from schemas import fields
from schemas.rules import Check, Length, Pattern, Range, RequiredIf
from tests.vectors import twin
from tests.vectors.dice import Dice
from tests.vectors.family import Drawn, Family, Json, agree
from tests.vectors.values import KINDS_OF_VALUES, WRONG_TYPES

MADE: dict[str, Json] = {
    "code": {"vocabulary": "sex"}, "codes": {"vocabulary": "problem"}, "reference": {"refers_to": ("case",)},
    "references": {"refers_to": ("person",)},
    **{kind: {"of": {"note": fields.Line("ก", "a", required=True)}} for kind in ("log", "objects", "object")},
}  # fmt: skip
"""Those that want to know more than a label."""

KINDS = {kind.kind: kind("ไทย", "English", **MADE.get(kind.kind, {})) for kind in fields.KINDS}
NOTE = {"name": "note", "kind": "line", "required": True, "rules": [{"rule": "length", "min": 0, "max": 200}]}
IDENTIFIER = {"name": "id", "kind": "id", "required": True}

BY_HAND: dict[str, tuple[Any, ...]] = {
    "line": ('  สมชาย  ', 'น\u0e4dา', 'น\u0e4d้า', 'น้\u0e4dา', 'cafe\u0301', 'สอง\nบรรทัด', '\u3000ก\xa0', '',
        ' \t\n', 'a\x00b', 'a\ud800b', 12, True, ['a'],),
    "text": ('หนึ่ง\r\nสอง\rสาม\n', 'a  b', '\u200bก',),
    "integer": (0, -3, 9007199254740991, 9007199254740992, True, '1',),
    "number": (1.5, 18.0, 18, False, '1.5',),
    "money": (300000, 0, -1, 1.5, 1000000000001,),
    "flag": (True, False, 1, 'true',),
    "date": ('2024-02-29', '2023-02-29', '2567-08-28', '2024-8-28', '20240828', '2024-W35-3', '๒๐๒๔-๐๘-๒๘', 20240828,),
    "instant": ('2026-11-23T10:02:11.000Z', '2026-11-23T10:02:11Z', '2026-11-23T17:02:11.123456+07:00',
        '2024-10-01T00:00:00+07:00', '2026-11-23T10:02:11', '2026-11-23', '2026-02-30T00:00:00Z',
        '0001-01-01T00:00:00+07:00', '2569-11-23T10:02:11Z',),
    "area": ('54', '5401', '540101', '54010100', '54010103', '๕๔๐๑', '540', 'เมืองแพร่', 5401,),
    "phone": ('081-234-5678', '+66 81 234 5678', '+66 (0)81 234 5678', '0066812345678', '๐๘๑๒๓๔๕๖๗๘', '054-511-234',
        '02 123 4567', '1300', '191', '+95 9 123 456 78', '0112345678', '081234567', 'ไม่มี', '',),
    "phones": (['0898765432', '081-234-5678', '0812345678'], ['', '191'], [], ['x'], '0812345678',),
    "lines": (['1300-67-1', ' 1300-67-1 ', 'A'], [1],),
    "identifier": ('9-1234-56789-01-2', '๙๑๒๓๔๕๖๗๘๙๐๑๒', 'g 12345',),
    "id": ('0192F0C4-7B7A-7CC1-8A11-000000000001', '0192f0c47b7a7cc18a11000000000001', '', 7,),
    "sha256": ('E3B0C44298FC1C149AFBF4C8996FB92427AE41E4649B934CA495991B7852B855', 'e3b0',),
    "reference_number": ('0000-0000-00000', 'oooo oooo ooooo', '0000-0000-00001', '0000-0000-0000',),
    "raw": ({'a': [1, None, 'ก', True, 1.5]}, {'a': '\x00'},),
}  # fmt: skip
ID = "0192f0c4-7b7a-7cc1-8a11-000000000001"
OTHER_ID = "0192f0c4-7b7a-7cc1-8a11-000000000002"
MORE: dict[str, tuple[Any, ...]] = {
    "code": ("male", "m", ["male"], "Male"),
    "codes": (["violence", "income_livelihood", "violence"], ["x"], "violence"),
    "references": ([OTHER_ID.upper(), ID, OTHER_ID], [1]),
    "log": (
        [{"id": OTHER_ID, "note": " ข "}, {"id": ID, "note": "ก"}],
        [{"id": ID, "note": "ก"}, {"id": ID.upper(), "note": "ข"}],
        [{"id": ID, "note": "ก"}, {"id": "x", "more": 1}], [{"id": ID}],
    ),
    "objects": ([{"note": " ก "}, {"note": "ก"}], [{"note": "ก"}, {"more": 1}], [{}], [{"note": ""}],
        [{"note": "ก"}] * 1001),
    "object": ({"note": " ก "}, {"note": "ก"}, {"note": ""}, {"note": 5, "more": 1}, {}),
}  # fmt: skip


def draw_kinds(dice: Dice) -> Iterator[Drawn]:
    for kind in KINDS:
        for value in (*BY_HAND.get(kind, ()), *MORE.get(kind, ()), *KINDS_OF_VALUES[kind], *WRONG_TYPES):
            yield kind, {"kind": kind, "value": value}


def declared(kind: str) -> Json:
    """Return a field of this kind as the schema document tells of it."""
    spec = KINDS[kind].spec("x")
    element = {"objects": [NOTE], "object": [NOTE], "log": [IDENTIFIER, NOTE]}.get(kind)
    return {
        "name": "x", "kind": kind, "rules": [dict(rule) for rule in spec.rules], "digits": list(spec.digits),
        "vocabulary": spec.vocabulary, "element": element,
    }  # fmt: skip


def run_kind(given: Json) -> Json:
    try:
        return {"stored": KINDS[given["kind"]].deserialize(given["value"])}
    except ValidationError as invalid:
        return {"codes": sorted(set(codes_in(invalid.messages)))}


def codes_in(messages: Any) -> Iterator[str]:
    """Yield the codes of problems, however deep they lie."""
    if isinstance(messages, dict) and isinstance(messages.get("code"), str):
        yield messages["code"]
    elif isinstance(messages, dict | list):
        for inner in messages.values() if isinstance(messages, dict) else messages:
            yield from codes_in(inner)


def check_kind(given: Json, expect: Json) -> None:
    try:
        found: Json = {"stored": twin.stored(declared(given["kind"]), given["value"])}
    except twin.Refused as refused:
        found = {"codes": sorted({problem["code"] for problem in refused.problems})}
    agree(expect, found)
    if expect.get("stored") is not None:
        agree(run_kind({**given, "value": expect["stored"]}), expect)


def sorts_kind(given: Json, expect: Json) -> Iterator[str]:
    if "codes" in expect:
        yield f"{given['kind']} refused"
        yield from expect["codes"]
    else:
        changed = json.dumps(expect["stored"]) != json.dumps(given["value"])
        yield f"{given['kind']} stored" + (" otherwise" if changed else "")


KINDS_FAMILY = Family(
    name="kinds",
    side="client",
    function="schemas.fields",
    about="Each kind of field by itself, with the limits that it has of its own. `stored`: the form in which the "
    "value is kept, null "
    "when there is none; or `codes`: the codes of the problems, sorted, each once. `code` has the vocabulary sex, "
    "`codes` the "
    "vocabulary problem; `log`, `objects` and `object` have one field, a required line called note.",
    draw=draw_kinds,
    run=run_kind,
    sorts=sorts_kind,
    check=check_kind,
    classes=frozenset({f"{kind} stored" for kind in KINDS} | {f"{kind} refused" for kind in KINDS if kind != "raw"}),
)

# --- rules

RULES: dict[str, Any] = {
    "length": Length,
    "range": Range,
    "pattern": Pattern,
    "required_if": RequiredIf,
    "check": Check,
}
VALUES: tuple[tuple[Json, Any], ...] = (
    ({'rule': 'length', 'min': 2, 'max': 4}, 'กข'),
    ({'rule': 'length', 'min': 2, 'max': 4}, 'ก'),
    ({'rule': 'length', 'min': 2, 'max': 4}, 'abcde'),
    ({'rule': 'length', 'min': 0, 'max': 1}, '😀'),
    ({'rule': 'length', 'min': 0, 'max': 1}, ['a', 'b']),
    ({'rule': 'range', 'min': -90, 'max': 90}, 90),
    ({'rule': 'range', 'min': -90, 'max': 90}, 90.0001),
    ({'rule': 'pattern', 'regex': '[0-9]{11}'}, '54012345678'),
    ({'rule': 'pattern', 'regex': '[0-9]{11}'}, '540123456789'),
    ({'rule': 'pattern', 'regex': '[0-9]{11}'}, '54012345678\n'),
)  # fmt: skip
RECORDS: tuple[tuple[Json, Json], ...] = (
    ({'rule': 'required_if', 'field': 'b', 'when': 'a', 'has': ['x']}, {'a': 'x'}),
    ({'rule': 'required_if', 'field': 'b', 'when': 'a', 'has': ['x']}, {'a': 'x', 'b': 0}),
    ({'rule': 'required_if', 'field': 'b', 'when': 'a', 'has': ['x']}, {'a': 'y'}),
    ({'rule': 'required_if', 'field': 'b', 'when': 'a', 'has': ['x']}, {}),
    ({'rule': 'required_if', 'field': 'b', 'when': 'a', 'has': []}, {'a': 0}),
    ({'rule': 'required_if', 'field': 'b', 'when': 'a', 'has': []}, {'a': []}),
    ({'rule': 'required_if', 'field': 'b', 'when': 'a', 'has': []}, {'a': 1, 'b': ''}),
    ({'rule': 'check', 'check': 'national_id', 'field': 'n', 'code': 'wrong_national_id'}, {'n': '9123456789010'}),
    ({'rule': 'check', 'check': 'national_id', 'field': 'n', 'code': 'wrong_national_id'}, {'n': '9123456789011'}),
    ({'rule': 'check', 'check': 'national_id', 'field': 'n', 'code': 'wrong_national_id'}, {}),
    ({'rule': 'check', 'check': 'national_id', 'field': 'n', 'code': 'c', 'when': 't', 'has': ['national_id']},
        {'n': '1', 't': 'passport'}),
    ({'rule': 'check', 'check': 'national_id', 'field': 'n', 'code': 'c', 'when': 't', 'has': ['national_id']},
        {'n': '1', 't': 'national_id'}),
    ({'rule': 'check', 'check': 'house_code', 'field': 'n', 'code': 'c'}, {'n': '1234567890'}),
)  # fmt: skip


def draw_rules(dice: Dice) -> Iterator[Drawn]:
    for rule, value in VALUES:
        yield "by hand", {"rule": rule, "value": value}
    for rule, data in RECORDS:
        yield "by hand", {"rule": rule, "record": data}
    for _ in range(40):
        least, most = dice.between(0, 3), dice.between(3, 6)
        value = dice.text(("ก", "😀", "é", "e\u0301", "a", " "), 0, 7)
        yield (
            "length",
            {"rule": {"rule": "length", "min": least, "max": most}, "value": value if dice.chance(70) else list(value)},
        )
        number = dice.between(-12, 12) / dice.pick((1, 2, 4))
        yield (
            "range",
            {
                "rule": {"rule": "range", "min": -least, "max": most},
                "value": int(number) if number % 1 == 0 else number,
            },
        )
        regex = dice.pick(("[0-9]{3}", "[a-z]+/[a-z0-9.+-]+", "[0-9]{11}", "a|bc"))
        yield (
            "pattern",
            {
                "rule": {"rule": "pattern", "regex": regex},
                "value": dice.pick(("123", "12", "1234", "a/b", "a/", "a", "bc", "abc", "๑๒๓", "123\n", "")),
            },
        )
    for _ in range(50):
        has = dice.some(("x", "y", True, 0), 0, 2)
        record = {
            name: dice.pick(("x", "y", "", None, [], 0, True, ["x"], "z")) for name in dice.some(("a", "b"), 0, 2)
        }
        yield "required_if", {"rule": {"rule": "required_if", "field": "b", "when": "a", "has": has}, "record": record}


def made_of(said: Json) -> Any:
    parts = {name: tuple(value) if isinstance(value, list) else value for name, value in said.items() if name != "rule"}
    return RULES[said["rule"]](**parts)


def run_rule(given: Json) -> Json:
    rule = made_of(given["rule"])
    if "value" in given:
        return {"problem": rule.problem(given["value"])}
    [*found] = rule(given["record"])
    return {"problem": dict(found[0][1]) if found else None, "field": found[0][0] if found else None}


def check_rule(given: Json, expect: Json) -> None:
    rule = given["rule"]
    agree(made_of(rule).declaration(), rule)
    if "value" in given:
        agree(expect["problem"], twin.broken(rule, given["value"]))
    else:
        problem = twin.of_record(rule, given["record"])
        agree(expect, {"problem": problem, "field": rule["field"] if problem else None})


RULES_FAMILY = Family(
    name="rules",
    side="client",
    function="schemas.rules",
    about="Each rule of the closed list, as the schema document says it, on one `value` or on a `record`: the "
    "`problem`, null when "
    "the rule is kept, and of a record's rule the `field` that breaks it.",
    draw=draw_rules,
    run=run_rule,
    sorts=lambda given, expect: [f"{given['rule']['rule']} {'broken' if expect['problem'] else 'kept'}"],
    check=check_rule,
    classes=frozenset({f"{rule} {end}" for rule in RULES for end in ("kept", "broken")}),
)
