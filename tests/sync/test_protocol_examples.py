"""docs/protocol.md is true: its examples decode, follow from each other, and its tables are the code's."""

import dataclasses
import json
import re
from pathlib import Path
from typing import Any

import msgspec
import pytest

from field_kit.notices import KINDS
from schemas import fields
from schemas.base import Merge
from schemas.declaration import declaration
from schemas.messages import catalogue
from schemas.placement import BUCKET_KINDS
from schemas.records import RECORD_TYPES
from schemas.reference_number import mint
from server import errors as server_errors
from server.api.attachments import ASKED_MAX, Statuses
from server.api.conflicts import Decision as DecisionBody
from server.api.devices import Enrolled, NewDevice
from server.auth.roles import ROLES
from server.bodies import Problem
from server.config import Settings
from server.problems import problem_body
from server.resource import Body
from server.store.checking import DIFFERS, EQUAL, MOVED_ON
from server.store.pull import BYTES_MAX, ROWS_MAX
from server.witnesses import WITNESSES_MAX
from sync import errors
from sync.checksum import canonical, checksum, content_hash, entry_hash
from sync.decision import Decision
from sync.messages import (
    CheckReply,
    CheckRequest,
    Limits,
    MutationOutcome,
    PageLimit,
    PullReply,
    PullRequest,
    PushReply,
    PushRequest,
    WitnessReply,
    WitnessRequest,
)
from sync.mutation import Mutation, Outcome, read
from sync.urgent import BYTES_MAX as URGENT_BYTES_MAX
from tests.sync.desk import Desk

DOCUMENT = Path(__file__).parents[2].joinpath("docs/protocol.md").read_text("utf-8")
BLOCKS = {name: (kind, text) for name, kind, text in re.findall(r"```json (\w+) (\w+)\n(.*?)```", DOCUMENT, re.DOTALL)}
MESSAGES: dict[str, Any] = {
    each.__name__: each
    for each in (
        PushRequest, PushReply, PullRequest, PullReply, Mutation,
        CheckRequest, CheckReply, WitnessRequest, WitnessReply, Problem, Enrolled, Statuses,
    )
}  # fmt: skip

OF_SEALING = ("Delivery", "KeyBox", "KeyCode", "Sealed", "UnsentWork")
"""Examples of section 12; ``test_protocol_sealing`` opens them."""


BODIES: dict[str, type[Body]] = {"NewDevice": NewDevice, "Decision": DecisionBody}
"""What a route reads by itself."""

KINDS_OF_FIELDS = {
    "code": fields.Code("ก", "A", vocabulary="urgency"),
    "codes": fields.Codes("ก", "A", vocabulary="problem"),
    "reference": fields.Reference("ก", "A", refers_to=("case",)),
    "references": fields.References("ก", "A", refers_to=("case",)),
    **{
        kind.kind: kind("ก", "A", of={"text": fields.Line("ก", "A")})
        for kind in (fields.Object, fields.Objects, fields.Log)
    },
}
"""Those that want to know more than a label."""


def block(name: str) -> Any:
    return json.loads(BLOCKS[name][1])


def table(header: str) -> list[list[str]]:
    """Return the rows below a table's header, cell by cell, without the backquotes around a whole cell."""
    lines = DOCUMENT.partition(f"\n| {header} |")[2].split("\n")[2:]
    rows = []
    for line in lines:
        if not line.startswith("|"):
            break
        rows.append([cell.strip().strip("`") for cell in line.strip("|").split(" | ")])
    return rows


@pytest.mark.parametrize("name", [name for name, (kind, _) in BLOCKS.items() if kind in MESSAGES])
def test_an_example_says_what_its_message_says_and_no_more(name: str) -> None:
    kind, text = BLOCKS[name]
    message = msgspec.json.decode(text, type=MESSAGES[kind])
    written = msgspec.json.decode(msgspec.json.encode(message))
    assert set(block(name)) <= set(written)
    assert {key: written[key] for key in block(name)} == block(name)


def test_every_example_is_checked() -> None:
    assert {kind for kind, _ in BLOCKS.values()} == {
        *MESSAGES,
        *OF_SEALING,
        "Conflict",
        "Notice",
        "Checksum",
        "Content",
        "ReferenceNumber",
        *BODIES,
    }
    assert len(BLOCKS) == DOCUMENT.count("```json")


def test_the_push_of_the_document_is_answered_as_it_says() -> None:
    request = msgspec.json.decode(BLOCKS["push"][1], type=PushRequest)
    expected = msgspec.json.decode(BLOCKS["reply"][1], type=PushReply)
    desk, conflict = centre_before_the_push(), expected.outcomes[2].conflicts[0].record
    desk.commit, desk.new_id = expected.commit - 1, lambda: conflict  # type: ignore[method-assign]
    author = desk.writer("somchai").who
    decisions = desk.push(author, [[read(raw) for raw in group] for group in request.groups])
    ids = [read(raw).id for group in request.groups for raw in group]
    assert [as_outcome(*each, expected.commit) for each in zip(ids, decisions, strict=True)] == expected.outcomes
    assert expected.applied_through == request.after.seq + len(ids)
    shown = {**desk.data(conflict), "contenders": []}
    assert shown == {**block("conflict"), "contenders": []}


def centre_before_the_push() -> Desk:
    """Return a centre that holds the case at version 10233, with a severity that somebody set at 10240."""
    desk = Desk(commit=10232)
    case, colleague = block("resolution")["record"], desk.writer("colleague")
    intake = {"reference_number": mint(1), "received_on": "2026-11-20", "intake_channel": "walk_in",
              "intake_district": "5401", "area": "5401", "urgency": "normal", "severity": "level_1"}  # fmt: skip
    base = colleague.create("case", case, intake)
    desk.commit = 10239
    colleague.edit("case", case, base, set={"severity": ("level_1", "level_2")})
    return desk


def as_outcome(identifier: str, decision: Decision, commit: int) -> MutationOutcome:
    return MutationOutcome(
        identifier,
        decision.outcome.value,
        commit,
        decision.code,
        dict(decision.errors or {}),
        list(decision.conflicts),
        decision.waits_for,
    )


def test_the_resolution_of_the_document_decides_its_conflict() -> None:
    conflict, resolution = block("conflict"), block("resolution")
    assert resolution["record"] == conflict["record"]
    assert resolution["resolves"][0]["contenders"] == [each["mutation"] for each in conflict["contenders"]]
    assert resolution["resolves"][0]["conflict"] == block("reply")["outcomes"][2]["conflicts"][0]["record"]


@pytest.mark.parametrize("name", [name for name, (kind, _) in BLOCKS.items() if kind in ("Conflict", "Notice")])
def test_a_record_of_the_document_is_valid(name: str) -> None:
    assert RECORD_TYPES[BLOCKS[name][0].lower()].load(block(name))[1] == {}


def test_the_table_of_notices_is_what_a_device_knows() -> None:
    kinds = [row[0] for row in table("Kind of notice | What staff did | What the client does with the edit in its log")]
    assert set(kinds) == KINDS.keys()
    assert {f"notice.{kind}" for kind in kinds} <= catalogue("th").keys()


def test_the_worked_content_hash_is_right() -> None:
    worked = block("content")
    made = canonical(worked["record"], worked["version"], worked["data"])
    assert made.decode() == worked["text"]
    assert f"{content_hash(worked['record'], worked['version'], worked['data']):016x}" == worked["hash"]


def test_the_answers_of_the_deep_check_are_the_codes() -> None:
    rows = table("Answer | Meaning | What the device does")
    assert {row[0] for row in rows} == {EQUAL, DIFFERS, MOVED_ON}


def test_the_page_of_the_document_adds_up() -> None:
    page = msgspec.json.decode(BLOCKS["page"][1], type=PullReply)
    puts = [put for each in page.tables for put in each.put]
    for key, (_, count, total) in page.checksums.items():
        held = checksum((record, version) for record, version, buckets, _ in puts if key in buckets)
        assert (key, held.count, held.hex) == (key, count, total)
    for each in page.tables:
        assert set(each.fields) <= RECORD_TYPES[each.type].fields.keys()
        assert all(len(values) == len(each.fields) for *_, values in each.put)
    assert page.checkpoint.keys() == page.checksums.keys()


def test_the_worked_checksum_is_right() -> None:
    worked = block("checksum")
    assert [f"{entry_hash(*each):016x}" for each in worked["entries"]] == worked["hashes"]
    whole = checksum(map(tuple, worked["entries"]))
    assert (whole.count, whole.hex) == (worked["count"], worked["sum"])


def test_the_tables_of_errors_are_the_codes() -> None:
    every = [*vars(errors).values(), *vars(server_errors).values()]
    declared = {(each.code, str(each.status)) for each in every if isinstance(each, type) and hasattr(each, "status")}
    of_devices = [tuple(row[:2]) for row in table("Code | Status | Meaning and what a device does")]
    staff = [(row[0], row[1].partition(":")[0]) for row in table("Status | Codes that only staff meet")]
    at_a_desk = [(code, status) for status, codes in staff for code in re.findall(r"\w+", codes)]
    assert sorted([*of_devices, *at_a_desk]) == sorted(declared)


def test_a_refusal_of_the_document_reads_as_the_centre_says_it() -> None:
    shown = block("epoch_changed")
    refusal = errors.EpochChanged(epoch=shown["epoch"], restored_to=shown["restored_to"])
    assert problem_body(refusal, "th") == shown


def test_every_member_of_a_refusal_is_explained() -> None:
    of_errors, of_the_desk = (DOCUMENT.partition(f"\n## {each}")[2].partition("\n## ")[0] for each in ("9. ", "15. "))
    assert {*Problem.__struct_fields__} - {*re.findall("`([a-z_]+)`", of_errors + of_the_desk)} == set()


@pytest.mark.parametrize("name", [name for name, (kind, _) in BLOCKS.items() if kind in BODIES])
def test_a_body_of_the_document_is_one_that_its_route_reads(name: str) -> None:
    assert BODIES[BLOCKS[name][0]]().load(block(name)) == block(name)


@pytest.mark.parametrize("row", table("Kind | Its stored form | Typed | Stored"), ids=lambda row: row[0])
def test_a_value_is_stored_as_the_document_says(row: list[str]) -> None:
    declared = {kind.kind: kind for kind in fields.KINDS}[row[0]]
    field = KINDS_OF_FIELDS.get(row[0]) or declared("ก", "A")
    assert field.deserialize(json.loads(row[2])) == json.loads(row[3])
    assert field.deserialize(json.loads(row[3])) == json.loads(row[3])


def test_every_kind_of_field_has_its_stored_form() -> None:
    rows = table("Kind | Its stored form | Typed | Stored")
    assert sorted(row[0] for row in rows) == sorted(kind.kind for kind in fields.KINDS)


def test_the_worked_reference_number_is_right() -> None:
    worked = block("number")
    number = int.from_bytes(bytes.fromhex(worked["bytes"]), "big")
    assert (number, number % 19**12, mint(number)) == (worked["n"], worked["modulo"], worked["number"])


def test_every_key_of_the_schema_document_is_explained() -> None:
    rows = table("Key | Of | Meaning")
    explained = {(of, key) for row in rows for of in row[1].split(", ") for key in re.findall(r"\w+", row[0])}
    assert explained == keys_of_the_schema_document()


def keys_of_the_schema_document() -> set[tuple[str, str]]:
    document = {"protocol": 1, "schema": 1, **declaration()}
    types, lists = document["types"].values(), document["vocabularies"].values()
    declared = [field for kind in types for field in kind["fields"]]
    declared += [field for each in declared for field in each.get("element", ())]
    parts = {
        "document": [document],
        "type": types,
        "field": declared,
        "list": lists,
        "code": [code for each in lists for code in each["codes"]],
        "bucket": document["buckets"].values(),
    }
    return {(of, key) for of, found in parts.items() for each in found for key in each}


def test_every_rule_and_place_of_the_schema_document_is_explained() -> None:
    document = declaration()
    types = document["types"].values()
    declared = [field for kind in types for field in kind["fields"]]
    declared += [field for each in declared for field in each.get("element", ())]
    said = {("field", rule["rule"]) for each in declared for rule in each.get("rules", ())}
    said |= {("type", rule["rule"]) for kind in types for rule in (*kind["rules"], *kind["warnings"])}
    assert {(row[1], row[0]) for row in table("Rule | Of | It is kept when")} == said
    places = {place["place"] for kind in types for place in kind["places"]}
    assert {row[0] for row in table("Place | The record lies in")} == places


def test_the_values_of_a_contested_group_have_all_of_its_fields() -> None:
    shown = block("conflict_of_group")
    of_group = {*RECORD_TYPES[shown["record_type"]].groups[shown["field"]]}
    values = [shown["base_value"], shown["central_value"], *(each["value"] for each in shown["contenders"])]
    assert [{*value} for value in values] == [of_group] * 3


def test_the_table_of_what_roles_may_besides_is_the_codes() -> None:
    besides = {
        (action, on, role)
        for actions, types, roles in table("May besides | On | Roles")
        for action in re.findall(r"\w+", actions)
        for on in re.findall(r"\w+", types)
        for role in re.findall(r"\w+", roles)
    }
    told = {
        (action, on, role.name)
        for role in ROLES.values()
        for on, actions in role.may.items()
        for action in actions & {"assign", "merge", "unmerge", "resolve"}
    }
    assert besides == told


def test_the_codes_of_refused_mutations_have_a_text() -> None:
    codes = [row[0] for row in table("Code | Why")]
    assert {f"error.{code}.title" for code in codes} <= catalogue("th").keys()


def test_the_table_of_outcomes_is_the_codes() -> None:
    rows = table("Outcome | Meaning | Final")
    assert [row[0] for row in rows] == list(Outcome)
    assert [row[0] for row in rows if row[2] == "no"] == ["held"]


def test_the_table_of_rules_is_the_codes() -> None:
    assert {row[0] for row in table("Rule | How two edits meet")} == {*Merge}


def test_the_table_of_buckets_is_the_codes() -> None:
    assert [row[:3] for row in table("Kind | Field classes | Carried records come along | Holds")] == [
        [kind.name, ", ".join(sorted(kind.classes)), "yes" if kind.with_carried else "no"]
        for kind in BUCKET_KINDS.values()
    ]


def usual(setting: str) -> int:
    """Return what a setting of the centre is unless somebody changes it."""
    return int(next(each.default for each in dataclasses.fields(Settings) if each.name == setting))


def test_the_table_of_limits_is_the_codes() -> None:
    limits, page = Limits(), PageLimit()
    assert [int(row[1]) for row in table("Limit | Value")] == [
        limits.mutations, limits.bytes, page.rows, page.bytes, ROWS_MAX, BYTES_MAX, URGENT_BYTES_MAX, WITNESSES_MAX,
        ASKED_MAX, usual("upload_bytes_max"), usual("upload_hours"),
    ]  # fmt: skip


def test_every_part_of_a_mutation_is_explained() -> None:
    explained = {name for row in table("Part | In | Meaning") for name in re.findall(r"\w+", row[0])}
    assert explained == {*Mutation.__struct_fields__}
