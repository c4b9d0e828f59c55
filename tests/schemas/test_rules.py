"""The closed list of validators, by the vectors that the phone's twins pass too."""

import json
from pathlib import Path
from typing import Any

import pytest

from schemas.records import RECORD_TYPES
from schemas.rules import Check, Length, Pattern, Range, RequiredIf

VECTORS = json.loads((Path(__file__).parent / "vectors/rules.json").read_text("utf-8"))
RULES: dict[str, Any] = {
    "length": Length,
    "range": Range,
    "pattern": Pattern,
    "required_if": RequiredIf,
    "check": Check,
}


def made_of(declared: dict[str, Any]) -> Any:
    said = {
        name: tuple(value) if isinstance(value, list) else value for name, value in declared.items() if name != "rule"
    }
    return RULES[declared["rule"]](**said)


@pytest.mark.parametrize(("declared", "value", "problem"), VECTORS["values"])
def test_a_value_keeps_or_breaks_a_rule(declared: dict[str, Any], value: Any, problem: Any) -> None:
    assert made_of(declared).problem(value) == problem


@pytest.mark.parametrize(("declared", "record", "problem"), VECTORS["records"])
def test_a_record_keeps_or_breaks_a_rule(declared: dict[str, Any], record: Any, problem: Any) -> None:
    rule = made_of(declared)

    assert (rule.holds(record), list(rule(record))) == (problem is None, [tuple(problem)] if problem else [])


@pytest.mark.parametrize("declared", [vector[0] for part in ("values", "records") for vector in VECTORS[part]])
def test_a_rule_is_the_data_it_is_told_as(declared: dict[str, Any]) -> None:
    assert made_of(declared).declaration() == declared


def test_every_rule_in_use_has_vectors() -> None:
    used = {rule["rule"] for kind in RECORD_TYPES.values() for spec in kind.fields.values() for rule in spec.rules}
    used |= {
        rule.declaration()["rule"]
        for kind in RECORD_TYPES.values()
        for rule in (*kind.schema.record_rules, *kind.schema.record_warnings)
    }

    assert used <= {vector[0]["rule"] for part in ("values", "records") for vector in VECTORS[part]}
