"""The quick way through says yes only where marshmallow says the same."""

import json
import subprocess
import sys
from pathlib import Path
from types import MappingProxyType
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from schemas.fast import is_stored_line, is_stored_text
from schemas.fields import Line, Text
from schemas.records import RECORD_TYPES
from tests.schemas.strategies import full_record, records, rough_texts

ROOT = Path(__file__).parents[2]
KINDS = st.sampled_from(list(RECORD_TYPES.values()))


@given(drawn=KINDS.flatmap(lambda kind: st.tuples(st.just(kind), records(kind))))
def test_what_it_accepts_marshmallow_returns_unchanged(drawn: Any) -> None:
    kind, data = drawn

    if kind.accepts(data):
        clean, errors = kind.examine(data)
        assert (json.dumps(clean, sort_keys=True), errors) == (json.dumps(data, sort_keys=True), {})


@given(drawn=KINDS.flatmap(lambda kind: st.tuples(st.just(kind), records(kind))))
def test_what_marshmallow_stores_it_stores_unchanged_again(drawn: Any) -> None:
    kind, data = drawn
    clean, errors = kind.examine(data)

    if not errors:
        assert json.dumps(kind.examine(clean)) == json.dumps((clean, {}))


@given(text=rough_texts())
def test_a_text_it_knows_as_stored_is_stored_so(text: str) -> None:
    if text and is_stored_line(text):
        assert Line("ก", "a").deserialize(text) == text
    if text and is_stored_text(text):
        assert Text("ก", "a").deserialize(text) == text


@pytest.mark.parametrize("kind", RECORD_TYPES.values(), ids=lambda kind: kind.name)
def test_it_accepts_a_plain_full_record_of_every_type(kind: Any) -> None:
    assert kind.accepts(full_record(kind))


def test_it_accepts_a_record_that_is_a_read_only_mapping() -> None:
    kind = RECORD_TYPES["visit"]

    assert kind.load(MappingProxyType(full_record(kind))) == (full_record(kind), {})


@pytest.mark.parametrize("value", [None, [], "x", 1, [["case", "x"]]])
def test_it_accepts_nothing_but_records(value: Any) -> None:
    assert not RECORD_TYPES["visit"].accepts(value)


@given(drawn=KINDS.flatmap(lambda kind: st.tuples(st.just(kind), records(kind))))
def test_a_single_value_it_knows_as_stored_is_stored_so(drawn: Any) -> None:
    kind, data = drawn

    for name in kind.fields.keys() & data.keys():
        spec = kind.fields[name]
        if data[name] is not None and spec.is_stored_form(data[name]):
            assert json.dumps(spec.marshmallow.deserialize(data[name])) == json.dumps(data[name])


@pytest.mark.parametrize("text", ["2024-W35-3", "2024-241  ", "20240828  "])
def test_other_ways_to_write_a_day_are_no_date(text: str) -> None:
    kind = RECORD_TYPES["person"]

    assert kind.load_values({"birth_date": text}) == ({}, {"birth_date": [{"code": "wrong_date"}]})
    assert not kind.accepts({"birth_date": text, "birth_date_precision": "day"})


@pytest.mark.parametrize("kind", RECORD_TYPES.values(), ids=lambda kind: kind.name)
def test_it_leaves_nulls_to_marshmallow(kind: Any) -> None:
    assert not any(kind.accepts({**full_record(kind), name: None}) for name in kind.fields)


@pytest.mark.parametrize("kind", RECORD_TYPES.values(), ids=lambda kind: kind.name)
def test_it_knows_every_plain_value(kind: Any) -> None:
    assert all(kind.fields[name].is_stored_form(value) for name, value in full_record(kind).items())


def test_nothing_heavy_is_loaded_with_the_declarations() -> None:
    heavy = "{'pythainlp', 'flask', 'sqlalchemy'} & set(sys.modules)"
    program = f"import sys, schemas.records, schemas.declaration; print({heavy})"
    said = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, check=True, cwd=ROOT)

    assert said.stdout.strip() == "set()"
