"""Every record type: listed, labelled, placed, and valid when full."""

from pathlib import Path
from typing import Any

import pytest

import schemas.records
from schemas.base import Carry, Merge, Origin, RecordType
from schemas.placement import kind_of
from schemas.privacy import Privacy
from schemas.records import RECORD_TYPES
from schemas.records.help_request import status_of, unanswered_returns
from schemas.starting_rules import STARTING_RULES
from tests.schemas.strategies import ID, full_record

TYPES = pytest.mark.parametrize("kind", RECORD_TYPES.values(), ids=lambda kind: kind.name)


def test_every_file_is_a_listed_type() -> None:
    files = {path.stem for path in Path(str(schemas.records.__file__)).parent.glob("*.py")} - {"__init__"}

    assert files == set(RECORD_TYPES)


@TYPES
def test_a_record_with_every_field_is_valid(kind: RecordType) -> None:
    assert kind.examine(full_record(kind)) == (full_record(kind), {})


@TYPES
def test_everything_has_both_labels(kind: RecordType) -> None:
    labels = [kind.label, *(spec.label for spec in kind.fields.values())]
    labels += [inner.label for spec in kind.fields.values() for inner in (spec.element or {}).values()]

    assert all(label.th.strip() and label.en.strip() for label in labels)


@TYPES
def test_no_two_fields_have_one_label(kind: RecordType) -> None:
    assert len({spec.label.th for spec in kind.fields.values()}) == len(kind.fields)
    assert len({spec.label.en for spec in kind.fields.values()}) == len(kind.fields)


@TYPES
def test_references_name_types_that_exist(kind: RecordType) -> None:
    named = {name for spec in kind.fields.values() for name in spec.refers_to}

    assert named <= {*RECORD_TYPES, "*"}


@TYPES
def test_the_summary_names_its_fields(kind: RecordType) -> None:
    assert kind.summary
    assert set(kind.summary) <= set(kind.fields)


@TYPES
def test_a_field_group_has_one_merge_rule_and_one_class(kind: RecordType) -> None:
    for names in kind.groups.values():
        assert {kind.fields[name].merge for name in names} == {Merge.REGISTER}
        assert len({kind.fields[name].privacy for name in names}) == 1


@TYPES
def test_rules_and_classes_name_their_own_fields(kind: RecordType) -> None:
    named = {
        rule.declaration().get(part)
        for rule in (*kind.schema.record_rules, *kind.schema.record_warnings)
        for part in ("field", "when")
    }
    named |= {spec.privacy_from for spec in kind.fields.values()}

    assert named - {None} <= set(kind.fields)


@TYPES
def test_every_type_lies_somewhere(kind: RecordType) -> None:
    hangs_on = {Carry.BY, Carry.WITH} & {spec.carry for spec in kind.references}
    is_named = any(
        spec.carry is Carry.ALONG and kind.name in spec.refers_to
        for other in RECORD_TYPES.values()
        for spec in other.references
    )

    assert kind.schema.places or hangs_on or is_named


@TYPES
def test_a_required_field_may_travel_everywhere(kind: RecordType) -> None:
    required = [spec for spec in kind.fields.values() if spec.required]

    assert all(spec.privacy is Privacy.NORMAL for spec in required)


def test_danger_notes_reach_everybody() -> None:
    classes = {kind.fields["danger_notes"].privacy for kind in RECORD_TYPES.values() if "danger_notes" in kind.fields}

    assert classes == {Privacy.NORMAL}


def test_whereabouts_and_reporters_are_protected() -> None:
    protected = {
        f"{kind.name}.{spec.name}"
        for kind in RECORD_TYPES.values()
        for spec in kind.fields.values()
        if spec.privacy is Privacy.PROTECTED
    }

    assert protected == {
        "person.whereabouts",
        "case.reporter_name",
        "case.reporter_phone",
        "case.reporter_relation",
        "contact.caller_name",
        "contact.caller_phone",
        "contact.raw",
        "emergency.reporter_name",
        "emergency.reporter_phone",
    }


def test_names_and_numbers_of_people_are_never_normal() -> None:
    person = RECORD_TYPES["person"].fields

    assert {
        person[name].privacy for name in ("title", "first_name", "last_name", "id_number", "birth_date", "phones")
    } == {Privacy.PERSONAL}


def test_what_the_centre_makes_devices_do_not() -> None:
    made = {kind.name for kind in RECORD_TYPES.values() if kind.origin is Origin.CENTRE}

    assert made == {"conflict", "notice", "area", "team", "agency", "assistance_rule"}


def test_a_case_lies_with_its_district_village_team_and_officer() -> None:
    case = RECORD_TYPES["case"]
    data = {"area": "54010103", "team": ID % 1, "assigned_to": ID % 2}

    assert case.own_buckets(data, "owner") == {
        "district:5401",
        "duty:5401",
        "tambon:540101",
        "village:54010103",
        f"team:{ID % 1}",
        f"assigned:{ID % 2}",
    }
    assert case.own_buckets({"area": "54"}, "owner") == {"district:5400", "duty:5400", "user:owner", "assigned:owner"}


def test_a_case_carries_its_people_and_household() -> None:
    case = RECORD_TYPES["case"]
    data: dict[str, Any] = {"affected_person": ID % 1, "people": [ID % 2, ID % 3], "household": ID % 4, "team": ID % 5}

    assert list(case.named(data, Carry.ALONG)) == [ID % 1, ID % 2, ID % 3, ID % 4]


def test_the_team_that_accepts_an_emergency_may_call_its_reporter() -> None:
    buckets = RECORD_TYPES["emergency"].own_buckets({"area": "5401", "accepted_by_team": "t"}, "owner")
    assert "team:t" in buckets
    assert Privacy.PROTECTED in kind_of("team:t").classes


def test_people_and_households_lie_nowhere_of_themselves() -> None:
    assert RECORD_TYPES["person"].own_buckets({"address_area": "540101"}, "owner") == frozenset()
    assert RECORD_TYPES["household"].own_buckets({"area": "540101"}, "owner") == frozenset()


def test_a_wrong_national_id_warns_and_saves() -> None:
    person = RECORD_TYPES["person"]
    data = {"id_type": "national_id", "id_number": "9123456789012"}

    assert person.load(data) == (data, {})
    assert person.warnings(data) == {"id_number": [{"code": "wrong_national_id"}]}
    assert person.warnings({**data, "id_number": "9123456789010"}) == {}
    assert person.warnings({**data, "id_type": "passport"}) == {}


def test_nobody_is_asked_for_what_capture_cannot_know() -> None:
    required = {
        kind.name: [spec.name for spec in kind.fields.values() if spec.required] for kind in RECORD_TYPES.values()
    }

    assert required["person"] == []
    assert required["visit"] == required["assistance"] == required["referral"] == ["case"]
    assert required["case"] == ["reference_number", "received_on", "intake_channel", "intake_district", "area"]
    assert required["emergency"] == ["causes"]


def test_money_needs_an_amount() -> None:
    _, errors = RECORD_TYPES["assistance"].load({"case": ID % 1, "kind": "money"})

    assert errors == {"amount_satang": [{"code": "required", "when": "kind"}]}


def test_a_birth_date_needs_its_precision() -> None:
    _, errors = RECORD_TYPES["person"].load({"birth_date": "1960-01-01"})

    assert errors == {"birth_date_precision": [{"code": "required", "when": "birth_date"}]}


def test_the_latest_row_of_the_log_is_the_status() -> None:
    assert status_of({}) == "submitted"
    assert status_of({"status_log": [{"status": "received"}, {"status": "returned"}]}) == "returned"


def test_returned_fields_wait_for_an_answer() -> None:
    data = {"returned_fields": [{"id": ID % 1}, {"id": ID % 2}], "return_answers": [{"id": ID % 3, "returned": ID % 1}]}

    assert unanswered_returns(data) == [{"id": ID % 2}]


@pytest.mark.parametrize("rule", STARTING_RULES, ids=lambda rule: rule["fund"])
def test_the_starting_rules_are_valid_and_unverified(rule: dict[str, Any]) -> None:
    clean, errors = RECORD_TYPES["assistance_rule"].load(rule)

    assert (clean, errors) == (rule, {})
    assert rule["verified"] is False
