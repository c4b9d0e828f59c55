"""How a record type judges data."""

from schemas.base import Label, RecordSchema, RecordType
from schemas.fields import Codes, Line, Log, Number
from schemas.records import RECORD_TYPES
from schemas.rules import Check, Length, Pattern, RequiredIf

ID = "0192f0c4-7b7a-7cc1-8a11-000000000001"


class Thing(RecordSchema):
    type_name = "thing"
    type_label = Label("สิ่งของ", "Thing")
    record_rules = (RequiredIf("reason", when="problems"), RequiredIf("code", when="name", has=("ก",)))
    record_warnings = (Check("code", "house_code", "wrong_house_code"),)

    name = Line("ชื่อ", "Name", required=True)
    code = Line("รหัส", "Code", rules=(Length(min=2, max=4), Pattern("[0-9]+")))
    problems = Codes("ปัญหา", "Problems", vocabulary="problem")
    reason = Line("เหตุผล", "Reason")
    latitude = Number("ละติจูด", "Latitude", group="position")
    longitude = Number("ลองจิจูด", "Longitude", group="position")
    log = Log("บันทึก", "Log", of={"note": Line("ข้อความ", "Note", required=True)})


THING = RecordType(Thing)


def test_a_type_may_have_a_field_called_name() -> None:
    assert (THING.name, THING.label.en, THING.fields["name"].label.en) == ("thing", "Thing", "Name")


def test_fields_keep_their_declared_order() -> None:
    assert list(THING.fields) == ["name", "code", "problems", "reason", "latitude", "longitude", "log"]


def test_fields_of_a_group_are_found_together() -> None:
    assert THING.groups == {"position": ("latitude", "longitude")}


def test_no_null_and_nothing_empty_is_stored() -> None:
    assert THING.load({"name": " ข ", "code": None, "reason": " ", "problems": [], "log": []}) == ({"name": "ข"}, {})


def test_a_required_text_of_spaces_is_missing() -> None:
    assert THING.load({"name": "  "})[1] == {"name": [{"code": "required"}]}


def test_a_required_list_is_not_empty() -> None:
    assert RECORD_TYPES["emergency"].load({"causes": []}) == ({}, {"causes": [{"code": "required"}]})


def test_every_problem_is_named_at_once() -> None:
    _, errors = THING.load({"code": "abcde", "problems": ["violence", "x"], "extra": 1, "log": [{"id": "x"}]})

    assert errors == {
        "name": [{"code": "required"}],
        "code": [{"code": "too_long", "max": 4}, {"code": "wrong_form"}],
        "problems": [{"code": "unknown_code", "vocabulary": "problem"}],
        "extra": [{"code": "unknown_field"}],
        "log": [{"code": "wrong_id", "at": "0"}, {"code": "required", "at": "0"}],
        "reason": [{"code": "required", "when": "problems"}],
    }


def test_a_field_may_be_required_by_the_value_of_another() -> None:
    assert THING.load({"name": "ก"})[1] == {"code": [{"code": "required", "when": "name"}]}
    assert THING.load({"name": "ข"})[1] == {}


def test_single_values_are_judged_alone_and_null_clears() -> None:
    clean, errors = THING.load_values(
        {"name": None, "code": "๑", "problems": [], "reason": "", "other": 1, "latitude": 18.0}
    )

    assert clean == {"name": None, "problems": [], "reason": None, "latitude": 18}
    assert errors == {
        "code": [{"code": "too_short", "min": 2}, {"code": "wrong_form"}],
        "other": [{"code": "unknown_field"}],
    }


def test_a_value_is_normalised_or_left_as_it_was() -> None:
    assert THING.fields["latitude"].normalise(18.0) == 18
    assert THING.fields["latitude"].normalise("x") == "x"
    assert THING.fields["reason"].normalise(" ") is None


def test_warnings_are_apart_from_errors() -> None:
    assert THING.load({"name": "ข", "code": "12"})[1] == {}
    assert THING.warnings({"name": "ข", "code": "12"}) == {"code": [{"code": "wrong_house_code"}]}


def test_names_that_clients_make_up_are_fit_to_be_stored() -> None:
    assert list(THING.load({"name": "ข", "a\x00b" + "c" * 200: 1})[1]) == ["a\ufffdb" + "c" * 97]
    assert list(THING.load_values({"\ud800": 1})[1]) == ["\ufffd"]
