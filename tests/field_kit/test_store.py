"""What is shown: the central rows, with what was typed here on top, marked."""

from field_kit import FieldKit
from tests.field_kit.centre import Centre, page, table
from tests.field_kit.device import CASE, DISTRICT, seen


def test_what_was_typed_shows_at_once_marked_unsent(kit: FieldKit) -> None:
    case = kit.create("case", CASE, status="received").record
    kit.update(case, status="assigned")

    assert (seen(kit, case).data["status"], seen(kit, case).unsent) == ("assigned", True)
    assert [record.id for record in kit.list("case")] == [case]


def test_central_rows_are_not_marked(kit: FieldKit, outside) -> None:
    record = outside.new_id()
    rows = table("person", ["first_name"], (record, 3, [DISTRICT], ["สมชาย"]))
    kit.sync(transport=Centre(pulls=[page({DISTRICT: (3, None)}, rows)]))

    assert not seen(kit, record).unsent
    kit.update(record, first_name="สมหญิง")
    assert (seen(kit, record).data, seen(kit, record).unsent) == ({"first_name": "สมหญิง"}, True)


def test_a_list_is_newest_first_and_keeps_only_equal_values(kit: FieldKit) -> None:
    cases = [kit.create("case", CASE, status=status).record for status in ("received", "assigned", "received")]

    assert [record.id for record in kit.list("case")] == cases[::-1]
    assert [record.id for record in kit.list("case", status="received")] == [cases[2], cases[0]]


def test_an_unknown_record_is_nothing(kit: FieldKit) -> None:
    assert kit.get("01a00000-0000-7000-8000-000000000001") is None
