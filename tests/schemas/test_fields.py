"""What each kind of field makes of a value, and idempotence. The vectors of every kind are in ``tests/vectors``."""

import json
import math
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from marshmallow import ValidationError

from schemas import fields
from schemas.base import Label, Merge
from tests.schemas.strategies import json_values, rough_texts

MADE = {
    "code": {"vocabulary": "sex"},
    "codes": {"vocabulary": "problem"},
    "reference": {"refers_to": ("case",)},
    "references": {"refers_to": ("person",)},
    "log": {"of": {"note": fields.Line("ก", "a", required=True)}},
    "objects": {"of": {"note": fields.Line("ก", "a", required=True)}},
    "object": {"of": {"note": fields.Line("ก", "a", required=True)}},
}
KINDS = {kind.kind: kind("ไทย", "English", **MADE.get(kind.kind, {})) for kind in fields.KINDS}
ID = "0192f0c4-7b7a-7cc1-8a11-000000000001"
OTHER_ID = "0192f0c4-7b7a-7cc1-8a11-000000000002"


def outcome(kind: str, value: Any) -> dict[str, Any]:
    try:
        return {"stored": KINDS[kind].deserialize(value)}
    except ValidationError as invalid:
        return {"problem": invalid.messages[0]["code"] if isinstance(invalid.messages, list) else "inside"}


def test_a_code_is_one_of_its_list() -> None:
    assert outcome("code", "male") == {"stored": "male"}
    assert outcome("code", "m") == {"problem": "unknown_code"}
    assert outcome("code", ["male"]) == {"problem": "wrong_type"}


def test_codes_are_a_sorted_set() -> None:
    assert outcome("codes", ["violence", "income_livelihood", "violence"]) == {
        "stored": ["income_livelihood", "violence"]
    }
    assert outcome("codes", ["x"]) == {"problem": "unknown_code"}
    assert outcome("codes", "violence") == {"problem": "wrong_type"}


def test_references_are_a_sorted_set_of_lower_case_ids() -> None:
    assert outcome("references", [OTHER_ID.upper(), ID, OTHER_ID]) == {"stored": [ID, OTHER_ID]}
    assert outcome("references", [1]) == {"problem": "wrong_type"}


def test_a_log_keeps_its_order() -> None:
    log = [{"id": OTHER_ID, "note": " ข "}, {"id": ID, "note": "ก"}]

    assert outcome("log", log) == {"stored": [{"id": OTHER_ID, "note": "ข"}, {"id": ID, "note": "ก"}]}


def test_a_log_has_each_id_once() -> None:
    assert outcome("log", [{"id": ID, "note": "ก"}, {"id": ID.upper(), "note": "ข"}]) == {"problem": "repeated_id"}


def test_an_entry_says_where_it_is_wrong() -> None:
    with pytest.raises(ValidationError) as caught:
        KINDS["log"].deserialize([{"id": ID, "note": "ก"}, {"id": "x", "more": 1}])

    assert caught.value.messages == {
        1: {
            "id": [{"code": "wrong_id"}],
            "note": [{"code": "required"}],
            "more": [{"code": "unknown_field"}],
        }
    }


@pytest.mark.parametrize("value", [math.nan, math.inf, -math.inf])
def test_numbers_are_finite(value: float) -> None:
    assert outcome("number", value) == {"problem": "not_finite"}
    assert outcome("raw", [value]) == {"problem": "not_finite"}


def test_raw_values_have_a_depth() -> None:
    deep: Any = []
    for _ in range(30):
        deep = [deep]

    assert outcome("raw", deep) == {"problem": "too_deep"}


def test_long_texts_are_refused_with_the_limit() -> None:
    with pytest.raises(ValidationError) as caught:
        KINDS["line"].deserialize("ก" * 201)

    assert caught.value.messages == [{"code": "too_long", "max": 200}]


def test_a_hint_is_declared_in_both_languages() -> None:
    field = fields.Line("ก", "a", hint=Label("ข", "b"))

    assert field.spec("x").hint == Label("ข", "b")


@pytest.mark.parametrize(("kind", "value"), [("identifier", "-"), ("identifier", "( )"), ("line", "\u0085")])
def test_a_text_of_which_nothing_is_left_is_no_text(kind: str, value: str) -> None:
    required = {"line": fields.Line, "identifier": fields.IdentityNumber}[kind]("ไทย", "English", required=True)

    assert outcome(kind, value) == {"stored": None}
    with pytest.raises(ValidationError) as caught:
        required.deserialize(value)
    assert caught.value.messages == [{"code": "required"}]


def test_every_kind_has_its_usual_merge_rule() -> None:
    unusual = {kind.kind: kind.default_merge for kind in fields.KINDS if kind.default_merge is not Merge.REGISTER}

    assert unusual == {
        "text": Merge.TEXT,
        "codes": Merge.SET,
        "phones": Merge.SET,
        "lines": Merge.SET,
        "references": Merge.SET,
        "log": Merge.APPEND,
    }


@given(kind=st.sampled_from(sorted(KINDS)), value=st.one_of(rough_texts(), json_values()))
def test_what_is_stored_is_stored_unchanged_again(kind: str, value: Any) -> None:
    first = outcome(kind, value)

    if first.get("stored") is not None:
        assert json.dumps(outcome(kind, first["stored"])) == json.dumps(first)


@given(value=st.one_of(rough_texts(), json_values()))
def test_no_kind_lets_unstorable_text_through(value: Any) -> None:
    for kind in KINDS:
        found = outcome(kind, value)
        json.dumps(found, ensure_ascii=False).encode()
        assert "\\u0000" not in json.dumps(found.get("stored"))
