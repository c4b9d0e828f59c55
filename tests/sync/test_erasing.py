"""What an erasure means for a mutation, without a store."""

import pytest

from schemas.records import RECORD_TYPES
from sync.erasing import belongs_to, names_erased, without_content
from sync.mutation import Mutation, Op
from tests.sync.desk import uuid

PERSON, PHOTO, CASE = uuid(1), uuid(2), uuid(3)


def edit(op: Op, kind: str, record: str, **parts: object) -> Mutation:
    return Mutation(1, uuid(9), op, kind, record, "", **parts)  # type: ignore[arg-type]


@pytest.mark.parametrize(
    ("mutation", "about"),
    [
        (edit(Op.CREATE, "person", PERSON, data={"first_name": "สมหญิง"}), True),
        (edit(Op.UPDATE, "person", PERSON, set={"first_name": (None, "ก")}), True),
        (edit(Op.DELETE, "person", PERSON), True),
        (edit(Op.MERGE, "person", PERSON, into=CASE), True),
        (edit(Op.UPDATE, "nobody_declared_it", PERSON), True),
        (edit(Op.CREATE, "attachment", PHOTO, data={"owner_record": PERSON}), True),
        (edit(Op.CREATE, "attachment", PHOTO, data={"owner_record": CASE}), False),
        (edit(Op.CREATE, "attachment", PHOTO, data={"owner_record": 5}), False),
        (edit(Op.UPDATE, "attachment", PHOTO, set={"owner_record": (CASE, PERSON)}), False),
        (edit(Op.CREATE, "case", CASE, data={"affected_person": PERSON}), False),
    ],
)
def test_which_mutations_are_about_an_erased_record(mutation: Mutation, about: bool) -> None:
    assert names_erased(RECORD_TYPES, mutation, {PERSON}) is about


def test_only_a_new_record_comes_to_belong_to_another() -> None:
    photo = {"owner_record": PERSON, "name": "หน้า.jpg"}
    assert belongs_to(RECORD_TYPES, edit(Op.CREATE, "attachment", PHOTO, data=photo)) == [PERSON]
    assert belongs_to(RECORD_TYPES, edit(Op.UPDATE, "attachment", PHOTO, data=photo)) == []
    assert belongs_to(RECORD_TYPES, edit(Op.CREATE, "unheard_of", PHOTO, data=photo)) == []


def test_of_a_create_only_the_ids_stay_to_which_it_belonged() -> None:
    photo = {"owner_record": PERSON, "name": "หน้า.jpg", "caption": "ที่บ้าน", "size": 3}
    assert without_content(RECORD_TYPES["attachment"], photo) == {"owner_record": PERSON}
    assert without_content(RECORD_TYPES["person"], {"first_name": "สมหญิง"}) == {}
    assert without_content(None, {"owner_record": PERSON}) == {}
