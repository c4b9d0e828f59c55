"""Records that were merged, on the device: followed to where they go on, and merged here."""

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from field_kit import FieldKit
from field_kit.errors import Invalid
from tests.field_kit.centre import Centre, flat, page, sums, table
from tests.field_kit.device import DISTRICT, KEY, Outside, begin, seen

A, D = "01a00000-0000-7000-8000-0000000000a1", "01a00000-0000-7000-8000-0000000000d1"
FIELDS = ["first_name", "occupation", "merged_into"]


@pytest.fixture
def outside() -> Outside:
    return Outside()


@pytest.fixture
def kit(tmp_path: Path, outside: Outside) -> Iterator[FieldKit]:
    with FieldKit.open_with_key(begin(tmp_path, outside), KEY, outside.surroundings) as kit:
        yield kit


def holding(kit: FieldKit, *rows: tuple[str, list[Any]], commit: int = 5) -> Centre:
    """Let the device receive persons; return the centre that it speaks with."""
    puts = [(record, commit, [DISTRICT], values) for record, values in rows]
    total = sums(commit, DISTRICT, *((record, commit) for record, _ in rows))
    add = [] if commit > 5 else [DISTRICT]
    centre = Centre(
        pulls=[
            page({DISTRICT: (commit, None)}, table("person", FIELDS, *puts), commit=commit, checksums=total, add=add)
        ]
    )
    kit.sync(transport=centre)
    return centre


def test_an_edit_of_a_merged_record_is_made_where_it_goes_on(kit: FieldKit) -> None:
    centre = holding(kit, (A, ["สมชาย", "ทำนา", D]), (D, ["สมชาย", None, None]))
    saved = kit.update(A, occupation="ค้าขาย")
    kit.sync(transport=centre)
    [sent] = flat(centre.pushed[-1])
    assert (saved.mutations, sent.record, sent.set, sent.base) == ((sent.id,), D, {"occupation": (None, "ค้าขาย")}, 5)


def test_an_edit_of_a_merged_record_whose_other_is_not_here_goes_up_as_it_is(kit: FieldKit) -> None:
    centre = holding(kit, (A, ["สมชาย", "ทำนา", D]))
    kit.update(A, occupation="ค้าขาย")
    kit.sync(transport=centre)
    [sent] = flat(centre.pushed[-1])
    assert (sent.record, sent.set) == (A, {"occupation": ("ทำนา", "ค้าขาย")})


def test_a_merged_record_is_not_listed_and_its_name_finds_the_other(kit: FieldKit) -> None:
    holding(kit, (A, ["สมชาย", "ทำนา", D]), (D, ["สมศักดิ์", None, None]))
    assert [record.id for record in kit.list("person")] == [D]
    assert [record.id for record in kit.search("สมชาย")] == [D]


def test_a_merge_made_here_shows_at_once_and_travels(kit: FieldKit) -> None:
    centre = holding(kit, (A, ["สมชาย", "ทำนา", None]), (D, ["สมชาย", None, None]))
    kit.merge(A, D, "คนเดียวกัน")
    assert seen(kit, A).data["merged_into"] == D
    kit.sync(transport=centre)
    [sent] = flat(centre.pushed[-1])
    assert (sent.op, sent.record, sent.into, sent.reason, sent.base) == ("merge", A, D, "คนเดียวกัน", 5)


@pytest.mark.parametrize(("into", "code"), [(A, "merge_cycle"), ("case", "wrong_record_type")])
def test_what_cannot_be_one_is_refused_at_save(kit: FieldKit, into: str, code: str) -> None:
    holding(kit, (A, ["สมชาย", "ทำนา", None]))
    if into == "case":
        into = kit.create("case", intake_channel="walk_in", intake_district="5401", area="540101").record
    with pytest.raises(Invalid) as refused:
        kit.merge(A, into, "คนเดียวกัน")
    assert refused.value.errors == {A: {"into": [{"code": code}]}}
