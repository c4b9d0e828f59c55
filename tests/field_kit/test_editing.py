"""What was typed becomes an edit, or the centre's own words against it."""

import pytest

from field_kit import FieldKit
from field_kit.errors import Invalid, UnknownRecord, UnknownType
from schemas.records import RECORD_TYPES
from tests.field_kit.centre import Centre, page, table
from tests.field_kit.device import CASE, DUTY, log_of, seen


def errors_of(kit: FieldKit, record_type: str, /, **fields):
    with pytest.raises(Invalid) as refused:
        kit.create(record_type, **fields)
    [errors] = refused.value.errors.values()
    return errors


def test_validation_says_exactly_what_the_declaration_says(kit: FieldKit) -> None:
    typed = {
        "area": "54010",
        "problems": ["nonsense"],
        "urgency": 3,
        "received_on": "2026-11-23",
        "reference_number": "X",
    }

    assert errors_of(kit, "case", **typed) == RECORD_TYPES["case"].load(typed)[1]
    assert log_of(kit, "id") == []


def test_one_wrong_record_leaves_nothing_of_the_whole_save(kit: FieldKit) -> None:
    with pytest.raises(Invalid) as refused, kit.save() as save:
        save.create("person", first_name="สมชาย")
        wrong = save.create("case", area="540101")

    assert list(refused.value.errors) == [wrong]
    assert log_of(kit, "id") == []


def test_values_are_kept_as_they_are_stored(kit: FieldKit) -> None:
    person = kit.create("person", first_name="  น้ำ\u0e4d\u0e32 ", phones=["081-234-5678", "+66 2 123 4567"]).record

    assert seen(kit, person).data["phones"] == ["021234567", "0812345678"]
    assert seen(kit, person).data["first_name"] == "น้ำ\u0e33"


def test_a_failing_national_id_warns_and_saves(kit: FieldKit) -> None:
    saved = kit.create("person", first_name="สมชาย", id_type="national_id", id_number="9123456789012")

    assert saved.warnings == {saved.record: {"id_number": [{"code": "wrong_national_id"}]}}
    assert len(saved.mutations) == 1


def test_cases_and_requests_get_a_reference_number(kit: FieldKit) -> None:
    case = kit.create("case", CASE).record
    request = kit.create("help_request", area="540101").record
    person = kit.create("person", first_name="สมชาย").record

    assert RECORD_TYPES["case"].load_values({"reference_number": seen(kit, case).data["reference_number"]})[1] == {}
    assert seen(kit, request).data["reference_number"]
    assert "reference_number" not in seen(kit, person).data


def test_a_fact_date_not_typed_is_assumed_and_says_so(kit: FieldKit) -> None:
    kit.create("case", CASE)
    kit.create("case", CASE, received_on="2026-11-01")

    assumed = [(entry.mutation.data["received_on"], entry.mutation.assumed) for entry in kit.outbox()]

    assert assumed == [("2026-11-23", ["received_on"]), ("2026-11-01", [])]


def test_a_fact_date_in_the_future_of_this_clock_warns_only(kit: FieldKit) -> None:
    saved = kit.create("case", CASE, received_on="2026-11-24")

    assert list(saved.warnings[saved.record]) == ["received_on"]


def test_sets_travel_as_what_was_added_and_removed(kit: FieldKit) -> None:
    case = kit.create("case", CASE, problems=["violence", "other"]).record

    kit.update(case, problems=["other", "income_livelihood"])

    edit = kit.outbox()[-1].mutation
    assert (edit.set, edit.add, edit.remove) == ({}, {"problems": ["income_livelihood"]}, {"problems": ["violence"]})
    assert seen(kit, case).data["problems"] == ["income_livelihood", "other"]


def test_a_field_group_is_set_whole(kit: FieldKit) -> None:
    visit = kit.create(
        "visit", case=kit.create("case", CASE).record, latitude=18.1, longitude=100.1, accuracy_m=5
    ).record

    kit.update(visit, latitude=18.2)

    assert kit.outbox()[-1].mutation.set == {
        "latitude": (18.1, 18.2),
        "longitude": (100.1, 100.1),
        "accuracy_m": (5, 5),
    }


def test_a_log_only_grows_and_the_kit_fills_what_nobody_types(kit: FieldKit) -> None:
    request = kit.create("help_request", area="540101", status_log=[{"status": "submitted"}]).record

    kit.update(request, status_log=[{"status": "withdrawn", "reason": "ได้งานแล้ว"}])

    entries = seen(kit, request).data["status_log"]
    assert [entry["status"] for entry in entries] == ["submitted", "withdrawn"]
    assert all({"id", "at", "by"} <= entry.keys() for entry in entries)


def test_an_edit_that_changes_nothing_is_not_logged(kit: FieldKit) -> None:
    case = kit.create("case", CASE, status="received").record

    assert kit.update(case, status="received", area="540101").mutations == ()


def test_none_empties_a_field(kit: FieldKit) -> None:
    person = kit.create("person", first_name="สมชาย", nickname_or_mark="โต").record

    kit.update(person, nickname_or_mark=None)

    assert seen(kit, person).data == {"first_name": "สมชาย"}


def test_a_required_field_cannot_be_emptied(kit: FieldKit) -> None:
    case = kit.create("case", CASE).record

    with pytest.raises(Invalid) as refused:
        kit.update(case, area=None)

    assert refused.value.errors == {case: {"area": [{"code": "required"}]}}


def test_an_error_that_the_record_had_already_does_not_stand_in_the_way(kit: FieldKit, outside) -> None:
    record = outside.new_id()
    row = (record, 7, ["district:5401"], ["54010", "received"])  # no channel, no date: older than today's declaration
    kit.sync(transport=Centre(pulls=[page({"district:5401": (7, None)}, table("case", ["area", "status"], row))]))

    assert kit.update(record, status="assigned").mutations


def test_a_field_that_no_bucket_here_carries_cannot_be_edited(kit: FieldKit, outside) -> None:
    record = outside.new_id()
    row = (record, 7, [DUTY], ["540101", "received"])
    kit.sync(transport=Centre(pulls=[page({DUTY: (7, None)}, table("case", ["area", "status"], row))]))

    with pytest.raises(Invalid) as refused:
        kit.update(record, problems=["violence"])

    assert refused.value.errors == {record: {"problems": [{"code": "not_permitted"}]}}


def test_what_a_photo_is_made_of_is_not_edited(kit: FieldKit) -> None:
    case = kit.create("case", CASE).record
    photo = kit.create("attachment", owner_record=case, sha256="a" * 64, size=1, media_type="image/jpeg").record

    with pytest.raises(Invalid) as refused:
        kit.update(photo, sha256="b" * 64, size=1, caption="หลังคา")

    assert refused.value.errors == {photo: {"sha256": [{"code": "fixed"}]}}


def test_only_the_centre_writes_its_own_types_and_fields(kit: FieldKit) -> None:
    case = kit.create("case", CASE).record

    assert errors_of(kit, "team", name="ทีมกลางคืน", kind="night_team")["name"] == [{"code": "not_permitted"}]
    assert errors_of(kit, "assistance", case=case, over_limit=True)["over_limit"] == [{"code": "not_permitted"}]


def test_unknown_types_and_records_are_named(kit: FieldKit) -> None:
    with pytest.raises(UnknownType):
        kit.create("ghost", name="x")
    with pytest.raises(UnknownRecord):
        kit.update("01a00000-0000-7000-8000-000000000001", name="x")
    with pytest.raises(UnknownRecord):
        kit.delete("01a00000-0000-7000-8000-000000000001")


def test_a_deleted_record_is_gone_from_sight_at_once(kit: FieldKit) -> None:
    person = kit.create("person", first_name="สมชาย").record

    kit.delete(person)

    assert kit.get(person) is None
    assert list(kit.list("person")) == []
    assert log_of(kit, "op") == [("create",), ("delete",)]
