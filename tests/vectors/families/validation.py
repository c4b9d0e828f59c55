"""Validation: one value of a declared field, and whole records with their messages in both languages."""

import json
from collections.abc import Iterator, Mapping
from typing import Any

from marshmallow import ValidationError

from schemas.messages import LANGUAGES, problem_text
from schemas.records import RECORD_TYPES
from tests.vectors import twin
from tests.vectors.dice import Dice
from tests.vectors.family import Drawn, Family, Json, agree
from tests.vectors.values import example, full_record, values_of, wrong_value

FULLY_TRIED = 2
"""Of how many fields of each kind every value is tried; of the others an example and two odd ones."""

FROM_CENTRE_ONLY = frozenset({"not_finite", "too_deep"})


def texts(problems: list[Mapping[str, Any]], language: str) -> list[str]:
    return [problem_text(problem, language) for problem in problems]


def draw_values(dice: Dice) -> Iterator[Drawn]:
    tried: dict[tuple[str, bool], int] = {}
    for kind in RECORD_TYPES.values():
        for spec in kind.fields.values():
            key = (spec.kind, spec.required)
            tried[key] = tried.get(key, 0) + 1
            values = values_of(spec)
            special = spec.digits not in ((), (2, 4, 6, 8)) or any(rule["rule"] == "pattern" for rule in spec.rules)
            if tried[key] > FULLY_TRIED and not special:
                values = [values[0], *dice.some(values[1:], 2, 2)]
            for value in values:
                yield f"{kind.name}.{spec.name}", {"type": kind.name, "field": spec.name, "value": value}


def run_value(given: Json) -> Json:
    clean, errors = RECORD_TYPES[given["type"]].load_values({given["field"]: given["value"]})
    if errors:
        [problems] = errors.values()
        return {"problems": problems, "messages": {language: texts(problems, language) for language in LANGUAGES}}
    return {"stored": clean[given["field"]]}


def check_value(given: Json, expect: Json) -> None:
    field = twin.FIELDS[given["type"]][given["field"]]
    try:
        found: Json = {"stored": twin.stored(field, given["value"]) if given["value"] is not None else None}
    except twin.Refused as refused:
        found = {"problems": refused.problems}
    agree({name: value for name, value in expect.items() if name != "messages"}, found)
    spec = RECORD_TYPES[given["type"]].fields[given["field"]]
    try:
        slow: Json = {"stored": spec.marshmallow.deserialize(given["value"]) if given["value"] is not None else None}
    except ValidationError:
        slow = {"problems": expect.get("problems")}
    agree({name: value for name, value in expect.items() if name != "messages"}, slow)
    if "stored" in expect and expect["stored"] is not None:
        agree(run_value({**given, "value": expect["stored"]}), expect)


def sorts_value(given: Json, expect: Json) -> Iterator[str]:
    kind = RECORD_TYPES[given["type"]].fields[given["field"]].kind
    if "problems" in expect:
        yield from {f"{kind}: {problem['code']}" for problem in expect["problems"]}
        yield from {f"problem {problem['code']}" for problem in expect["problems"]}
    else:
        changed = json.dumps(expect["stored"]) != json.dumps(given["value"])
        yield f"{kind}: " + ("empty" if expect["stored"] in (None, []) else "another form" if changed else "as typed")


KINDS = sorted({spec.kind for kind in RECORD_TYPES.values() for spec in kind.fields.values()})
NEVER_REWRITTEN = frozenset({"integer", "money", "flag", "code", "date", "number", "raw"})
CODES_OF_VALUES = (
    "out_of_range", "repeated_id", "required", "too_deep", "too_long", "unknown_code", "unknown_field",
    "unstorable_characters", "wrong_area", "wrong_date", "wrong_form", "wrong_id", "wrong_instant", "wrong_phone",
    "wrong_reference_number", "wrong_type", "year_out_of_range",
)  # fmt: skip

FIELD_VALUES = Family(
    name="field_values",
    side="client",
    function="schemas.base.RecordType.load_values (schemas.fields)",
    about="One value of a declared field (GET /api/v1/schema says what the field is). `stored`: the form in which it "
    "travels "
    "and is kept; null is an empty field. Or `problems`: what is wrong with it, with `messages` for people, in the "
    "same "
    "order. `at` is the entry or inner field that is wrong. Problems of one value compare without order.",
    draw=draw_values,
    run=run_value,
    sorts=sorts_value,
    check=check_value,
    classes=frozenset(
        {
            *(f"{kind}: as typed" for kind in KINDS),
            *(f"{kind}: another form" for kind in KINDS if kind not in NEVER_REWRITTEN),
            *(f"{kind}: wrong_type" for kind in KINDS if kind != "raw"),
            *(f"problem {code}" for code in CODES_OF_VALUES),
        }
    ),
)

# --- whole records


def draw_records(dice: Dice) -> Iterator[Drawn]:
    for kind in RECORD_TYPES.values():
        full = full_record(kind)
        required = [spec.name for spec in kind.fields.values() if spec.required]
        least = {name: full[name] for name in required}
        yield f"a full {kind.name}", {"type": kind.name, "data": full}
        yield f"the least {kind.name}", {"type": kind.name, "data": least}
        yield f"an empty {kind.name}", {"type": kind.name, "data": {}}
        yield f"{kind.name} with an unknown field", {"type": kind.name, "data": {**least, "no_such_field": 1}}
        for name in required:
            for empty in (None, "", [], "  "):
                yield f"{kind.name} without {name}", {"type": kind.name, "data": {**full, name: empty}}
        for rule in (*kind.schema.record_rules, *kind.schema.record_warnings):
            yield from around_rule(dice, kind.name, least, full, rule.declaration())
        for _ in range(12):
            yield f"a rough {kind.name}", {"type": kind.name, "data": rough(dice, kind.name, full, required)}


def around_rule(dice: Dice, kind: str, least: Json, full: Json, rule: dict[str, Any]) -> Iterator[Drawn]:
    """Yield records that keep a rule, break it, and to which it does not apply."""
    name, when = rule["field"], rule.get("when")
    others = [full.get(when), None] if when else [None]
    others += list(rule.get("has") or [])
    odd = ("9123456789012", "9123456789013", "9", "ก") if rule["rule"] == "check" else (full[name], None, "")
    for other in others:
        for value in odd:
            data = {**least, name: value} | ({when: other} if when else {})
            yield f"{kind}: {rule['rule']} {name}", {"type": kind, "data": data}
            if dice.chance(30) and least:
                wrong = {**data, dice.pick(sorted(least)): 7.5}
                yield f"{kind}: {rule['rule']} {name}, and another is wrong", {"type": kind, "data": wrong}


def rough(dice: Dice, name: str, full: Json, required: list[str]) -> Json:
    kind = RECORD_TYPES[name]
    data = {field: full[field] for field in full if field in required or dice.chance(15)}
    for field in dice.some(sorted(full), 1, 3):
        value = wrong_value(dice, kind.fields[field]) if dice.chance(80) else example(kind.fields[field])
        if len(json.dumps(value)) < 500:
            data[field] = value
    return data


def run_record(given: Json) -> Json:
    kind = RECORD_TYPES[given["type"]]
    clean, problems = kind.load(given["data"])
    warnings = {} if problems else kind.warnings(clean)
    return {
        "stored": None if problems else clean,
        "problems": problems,
        "warnings": warnings,
        "messages": {
            language: {name: texts(found, language) for name, found in {**warnings, **problems}.items()}
            for language in LANGUAGES
        },
    }


def check_record(given: Json, expect: Json) -> None:
    kind = RECORD_TYPES[given["type"]]
    made, problems = twin.record(given["type"], given["data"])
    agree(_in_order(expect["problems"]), _in_order(problems))
    agree(expect["stored"], None if problems else made)
    agree(expect["warnings"], {} if problems else twin.warnings(given["type"], made))
    slow, errors = kind.examine(given["data"])
    agree([expect["stored"], expect["problems"]], [None if errors else slow, errors])
    if expect["stored"] is not None:
        agree(run_record({**given, "data": expect["stored"]}), expect)


def _in_order(problems: Json) -> Json:
    return {name: sorted(found, key=lambda each: json.dumps(each, sort_keys=True)) for name, found in problems.items()}


def sorts_record(given: Json, expect: Json) -> Iterator[str]:
    name = given["type"]
    if expect["problems"]:
        yield f"{name}: refused"
    else:
        yield f"{name}: accepted"
    for part in ("problems", "warnings"):
        for found in expect[part].values():
            yield from (f"{part[:-1]} {problem['code']}" for problem in found)
            yield from (f"{part[:-1]} {problem['code']} when" for problem in found if "when" in problem)


RECORDS = Family(
    name="records",
    side="client",
    function="schemas.base.RecordType: load, warnings",
    about="A whole record as typed (null is an empty field). `stored`: as it travels and is kept, without nulls and "
    "empty lists; "
    "null when it is refused. `problems` by field: codes with their bounds. `warnings` by field: shown, and saved "
    "all the "
    "same. `messages`: the text of each problem and warning, in the same order. Rules over several fields look at the "
    "stored form; where any field is wrong by itself they look at the values as they came, and a required list that is "
    "empty is then not named yet.",
    draw=draw_records,
    run=run_record,
    sorts=sorts_record,
    check=check_record,
    classes=frozenset(
        {
            *(f"{name}: accepted" for name in RECORD_TYPES),
            *(f"{name}: refused" for name in RECORD_TYPES),
            *(
                f"problem {code}"
                for code in ("required", "required when", "unknown_field", "wrong_type", "unknown_code")
            ),
            "warning wrong_national_id",
            "warning required when",
        }
    ),
)
