"""The vectors hold, are what the generator makes, and leave nothing out that a client meets."""

import json
import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from schemas import fields
from schemas.base import Merge
from schemas.messages import catalogue
from schemas.placement import BUCKET_KINDS
from schemas.records import RECORD_TYPES
from schemas.rules import CHECKS
from sync.mutation import Op, Outcome
from tests.vectors.families import FAMILIES
from tests.vectors.families.messages import SHOWN
from tests.vectors.family import Family, Json, as_read, make, same
from tests.vectors.generate import BYTES_MAX
from tests.vectors.writing import FOLDER, file_of, path_of, read

NAMES = [family.name for family in FAMILIES]
BY_NAME = {family.name: family for family in FAMILIES}
SHOWN_AT_ONCE = 3
CODES = re.compile(r"""(?:"code":\s*|refused\()"([a-z_]+)\"""")

NEVER_FROM_JSON = frozenset({"not_finite"})
"""JSON has no such numbers."""
NO_VALIDATION = frozenset({"not_an_object", "invalid"})
"""Data that is no object is refused before (malformed); ``invalid`` stands in for what has no code of its own."""


def vectors_of(name: str) -> list[Json]:
    found: list[Json] = read(path_of(BY_NAME[name]))["vectors"]
    return found


def differing(family: Family) -> Iterator[str]:
    for vector in vectors_of(family.name):
        found = as_read(family.run(as_read(vector["given"])))
        if not same(found, vector["expect"]):
            yield f"{vector['name']}\n  given  {vector['given']}\n  expect {vector['expect']}\n  found  {found}"


@pytest.mark.parametrize("family", FAMILIES, ids=NAMES)
def test_every_vector_holds(family: Family) -> None:
    wrong = list(differing(family))

    assert not wrong, f"{len(wrong)} vectors of {family.name} differ:\n" + "\n".join(wrong[:SHOWN_AT_ONCE])


@pytest.mark.parametrize("family", FAMILIES, ids=NAMES)
def test_a_file_is_what_the_generator_makes_and_doubts(family: Family) -> None:
    made = make(family)

    assert made.missing == []
    assert path_of(family).read_text("utf-8") == file_of(family, made.vectors), "run make vectors"


def test_there_are_at_least_5000_in_files_that_can_be_read() -> None:
    files = [path_of(family) for family in FAMILIES]
    count = sum(len(vectors_of(name)) for name in NAMES)

    assert count >= 5_000
    assert sum(path.stat().st_size for path in files) <= BYTES_MAX


def test_no_file_is_left_over() -> None:
    assert sorted(FOLDER.glob("*/*.json")) == sorted(path_of(family) for family in FAMILIES)


@pytest.mark.parametrize("name", NAMES)
def test_a_vector_stands_on_a_line_of_its_own_and_has_a_name_of_its_own(name: str) -> None:
    lines = path_of(BY_NAME[name]).read_text("utf-8").split("\n")
    rows = [json.loads(line.rstrip(",")) for line in lines if line.startswith('{"expect"')]

    assert rows == vectors_of(name)
    assert len({row["name"] for row in rows}) == len(rows)


def test_the_readme_explains_every_family() -> None:
    said = set(re.findall(r"^\| `([a-z_]+)` \|", (FOLDER / "README.md").read_text("utf-8"), re.MULTILINE))

    assert said == set(NAMES)


# --- every rule has vectors


def test_every_record_type_and_field_has_vectors() -> None:
    declared = {(name, field) for name, kind in RECORD_TYPES.items() for field in kind.fields}

    assert {vector["given"]["type"] for vector in vectors_of("records")} == set(RECORD_TYPES)
    assert {(each["given"]["type"], each["given"]["field"]) for each in vectors_of("field_values")} == declared


def test_every_kind_of_field_has_vectors() -> None:
    assert {vector["given"]["kind"] for vector in vectors_of("kinds")} == {kind.kind for kind in fields.KINDS}


def test_every_rule_of_a_declaration_has_vectors() -> None:
    kinds = RECORD_TYPES.values()
    used = {rule["rule"] for kind in kinds for spec in kind.fields.values() for rule in spec.rules}
    schemas = [kind.schema for kind in kinds]
    used |= {rule.declaration()["rule"] for each in schemas for rule in (*each.record_rules, *each.record_warnings)}
    rules = [vector["given"]["rule"] for vector in vectors_of("rules")]

    assert used <= {rule["rule"] for rule in rules}
    assert {rule["check"] for rule in rules if rule["rule"] == "check"} == set(CHECKS)


def test_every_rule_of_every_record_type_is_kept_and_broken() -> None:
    vectors = vectors_of("records")
    for name, kind in RECORD_TYPES.items():
        of_type = [vector["expect"] for vector in vectors if vector["given"]["type"] == name]
        for part, rules in (("problems", kind.schema.record_rules), ("warnings", kind.schema.record_warnings)):
            for rule in rules:
                field, problem = rule.problem()
                broken = [problem in each[part].get(field, []) for each in of_type]
                assert set(broken) == {True, False}, (name, rule)


def test_every_merge_rule_has_vectors() -> None:
    assert {vector["given"]["rule"] for vector in vectors_of("merge_rules")} == {rule.value for rule in Merge}


def test_every_problem_of_validation_has_vectors() -> None:
    folder = Path(fields.__file__).parents[1]
    sources = [*folder.glob("fields/*.py"), *folder.glob("*.py")]
    codes = {code for path in sources for code in CODES.findall(path.read_text("utf-8"))}
    codes |= {rule.declaration().get("code") for kind in RECORD_TYPES.values() for rule in kind.schema.record_warnings}
    families = ("field_values", "records", "kinds", "rules")
    seen = {code for name in families for vector in vectors_of(name) for code in codes_in(vector["expect"])}

    assert codes - {None} - NEVER_FROM_JSON - NO_VALIDATION <= seen


def codes_in(value: Any) -> Iterator[str]:
    if isinstance(value, dict):
        yield from [value["code"]] if isinstance(value.get("code"), str) else value.get("codes", [])
    for inner in value.values() if isinstance(value, dict) else value if isinstance(value, list) else []:
        yield from codes_in(inner)


def test_every_text_that_a_client_shows_has_vectors() -> None:
    keys = {vector["given"]["key"] for vector in vectors_of("messages") if "key" in vector["given"]}

    assert keys == {key for key in catalogue("th") if key.partition(".")[0] in SHOWN}


def test_every_kind_of_bucket_has_vectors() -> None:
    given = [bucket for vector in vectors_of("bucket_classes") for bucket in vector["given"]["buckets"]]
    placed = [bucket for vector in vectors_of("buckets") for bucket in vector["expect"]["lies_in"]]

    assert {bucket.partition(":")[0] for bucket in given} >= set(BUCKET_KINDS)
    assert {bucket.partition(":")[0] for bucket in placed} == set(BUCKET_KINDS)


def test_every_outcome_of_every_operation_has_vectors() -> None:
    names = ("decide_updates", "decide_groups", "record_merges", "closing_against_raising")
    answers = [vector["expect"]["outcomes"] for name in names for vector in vectors_of(name)]
    pushed = [vector["given"]["groups"] for name in names for vector in vectors_of(name)]

    assert {each["outcome"] for groups in answers for group in groups for each in group} == {
        each.value for each in Outcome
    }
    assert {each["op"] for groups in pushed for group in groups for each in group if "op" in each} == {
        each.value for each in Op
    }
