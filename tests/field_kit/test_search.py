"""Search by parts of words: one, two, three and more characters, whatever way ำ was typed."""

import pytest

from field_kit import FieldKit
from schemas.thai import search_text
from tests.field_kit.centre import Centre, page, table
from tests.field_kit.device import CASE, DISTRICT


@pytest.fixture
def people(kit: FieldKit) -> dict[str, str]:
    """Give three people by first name."""
    return {
        name: kit.create("person", first_name=name, last_name=last, phones=phones).record
        for name, last, phones in (
            ("สมชาย", "น้ำทิพย์", ["0812345678"]),
            ("สมหญิง", "แก้วคำ", []),
            ("Anong", "Srisuk", []),
        )
    }


def names(kit: FieldKit, sought: str, **options) -> set[str]:
    return {record.data["first_name"] for record in kit.search(sought, **options)}


@pytest.mark.parametrize(
    ("sought", "found"),
    [
        ("ส", {"สมชาย", "สมหญิง"}),
        ("สม", {"สมชาย", "สมหญิง"}),
        ("สมช", {"สมชาย"}),
        ("หญิง", {"สมหญิง"}),
        ("น้ำ", {"สมชาย"}),
        ("น\u0e49\u0e4d\u0e32ทิพ", {"สมชาย"}),
        ("ค\u0e4d\u0e32", {"สมหญิง"}),
        ("เเก้ว", {"สมหญิง"}),
        ("๐๘๑๒", {"สมชาย"}),
        ("ANONG", {"Anong"}),
        ("สม ทิพย์", {"สมชาย"}),
        ("สม ว", {"สมหญิง"}),
        ("ไม่มีเลย", set()),
        ("   ", set()),
    ],
)
def test_parts_of_words_are_found(kit: FieldKit, people, sought: str, found: set[str]) -> None:
    assert names(kit, sought) == found


def test_marks_of_the_query_language_are_only_characters(kit: FieldKit, people) -> None:
    for sought in ('"', 'สม"ชาย', "สม* OR", "text:สม", "(((", "'; --"):
        assert names(kit, sought) == set()


def test_a_match_needs_the_characters_in_their_order(kit: FieldKit) -> None:
    kit.create("person", first_name="กขคง ขคงจ")

    assert names(kit, "กขคงจ") == set()


def test_an_edit_is_found_at_once_and_what_it_replaced_is_not(kit: FieldKit, people) -> None:
    kit.update(people["สมชาย"], first_name="ประเสริฐ")

    assert (names(kit, "เสริฐ"), names(kit, "สมช")) == ({"ประเสริฐ"}, set())


def test_a_deleted_record_is_not_found(kit: FieldKit, people) -> None:
    names(kit, "สมช")

    kit.delete(people["สมชาย"])

    assert names(kit, "สมช") == set()


def test_areas_are_found_only_when_asked_for(kit: FieldKit, outside) -> None:
    row = (outside.new_id(), 3, ["reference"], ["540501", "เด่นชัย", "tambon"])
    kit.sync(transport=Centre(pulls=[page({"reference": (3, None)}, table("area", ["code", "name_th", "level"], row))]))

    assert [record.data["code"] for record in kit.search("เด่น", ["area"])] == ["540501"]
    assert kit.search("เด่น") == []


def test_a_case_is_found_by_its_reference_number(kit: FieldKit) -> None:
    case = kit.create("case", CASE, reference_number="4WHX-6416-6RH3Y").record

    assert [record.id for record in kit.search("4whx-6416")] == [case]


def test_the_index_is_rewritten_when_something_left_it(kit: FieldKit, people, outside) -> None:
    record = outside.new_id()
    rows = table("person", ["first_name"], (record, 3, [DISTRICT], ["ลับเฉพาะ"]))
    kit.sync(transport=Centre(pulls=[page({DISTRICT: (3, None)}, rows)]))
    assert names(kit, "ลับเฉพาะ") == {"ลับเฉพาะ"}

    kit.sync(transport=Centre(pulls=[page({}, drop=[DISTRICT])]))

    blocks = kit.database.rows("SELECT block FROM search_data")
    assert not kit.identity.search_unclean
    assert not any(search_text("ลับ").encode() in block for (block,) in blocks)
