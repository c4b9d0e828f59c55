"""Records that are one, in the store: who holds them then, chains, late work, and taking them apart again."""

from typing import Any

import pytest

from server.ids import new_id
from sync.instants import rfc3339
from sync.mutation import Mutation, Op
from tests.server.protocol_client import Centre, Phone
from tests.server.test_store import case, made_case, names, visit


@pytest.fixture
def in_54(bare_centre: Centre) -> Phone:
    """Give a social worker of one district of Phrae."""
    return bare_centre.enrol("social_worker", "district:5401", districts=("5401",))


@pytest.fixture
def in_56(bare_centre: Centre) -> Phone:
    """Give another, of another province, who holds nothing of the first."""
    return bare_centre.enrol("social_worker", "district:5601", districts=("5601",))


def staff(centre: Centre, op: Op, kind: str, record: str, **parts: Any) -> Mutation:
    at = rfc3339(centre.now)
    return Mutation(seq=0, id=new_id(), op=op, type=kind, record=record, recorded_at=at, reason="เรื่องเดียวกัน", **parts)


def join(centre: Centre, record: str, into: str, kind: str = "case") -> str:
    """Merge as a member of staff who sees both; return the merge's id."""
    merge = staff(centre, Op.MERGE, kind, record, into=into)
    assert names(centre.store.write([[merge]], centre.now, user="staff")) == ["applied"]
    return merge.id


def take_apart(centre: Centre, record: str, merge: str, *moves: str, kind: str = "case") -> None:
    undone = staff(centre, Op.UNMERGE, kind, record, undoes=merge, moves=list(moves))
    assert names(centre.store.write([[undone]], centre.now, user="staff")) == ["applied"]


def elsewhere(phone: Phone, **data: Any) -> str:
    return made_case(phone, area="560101", intake_district="5601", **data)


def test_whoever_holds_one_of_two_merged_cases_holds_both_and_what_hangs_on_them(
    bare_centre: Centre, in_54: Phone, in_56: Phone
) -> None:
    a, d = made_case(in_54), elsewhere(in_56)
    [outcome] = in_54.push([seen := visit(in_54, a)])
    assert outcome.outcome == "applied"
    join(bare_centre, a, d)
    assert {a, d, seen["record"]} <= in_56.pull().rows.keys()
    assert {a, d} <= in_54.pull().rows.keys()
    assert (in_54.data(a)["merged_into"], "merged_into" in in_54.data(d)) == (d, False)


def test_an_unmerge_takes_away_what_the_merge_brought(bare_centre: Centre, in_54: Phone, in_56: Phone) -> None:
    a, d = made_case(in_54), elsewhere(in_56)
    in_54.push([visit(in_54, a)])
    before = in_54.pull().rows.keys() | set(), in_56.pull().rows.keys() | set()
    merge = join(bare_centre, a, d)
    in_54.pull(), in_56.pull()
    take_apart(bare_centre, a, merge)
    assert (in_54.pull().rows.keys() | set(), in_56.pull().rows.keys() | set()) == before
    assert "merged_into" not in in_54.data(a)


def test_an_unmerge_takes_away_what_the_merge_brought_also_when_a_value_goes_back_with_it(
    bare_centre: Centre, in_54: Phone, in_56: Phone
) -> None:
    a, d = made_case(in_54, summary="ของ ก"), elsewhere(in_56)
    in_54.push([visit(in_54, a)])
    before = in_56.pull().rows.keys() | set()
    merge = staff(bare_centre, Op.MERGE, "case", a, into=d)
    taken = staff(bare_centre, Op.UPDATE, "case", d, base=in_56.version(d), set={"summary": (None, "ของ ก")})
    assert names(bare_centre.store.write([[merge, taken]], bare_centre.now, user="staff")) == ["applied", "applied"]
    in_56.pull()
    take_apart(bare_centre, a, merge.id)
    assert (in_56.pull().rows.keys() | set(), "summary" in in_56.data(d)) == (before, False)


def test_a_late_visit_of_a_case_merged_through_a_chain_reaches_everybody_who_holds_its_end(
    bare_centre: Centre, in_54: Phone, in_56: Phone
) -> None:
    a, b, c, d = (made_case(in_54) for _ in range(4))
    e = elsewhere(in_56)
    for record, into in ((a, d), (b, d), (c, e), (d, e)):
        join(bare_centre, record, into)
    late = visit(in_54, a, narrative="ไปถึงแล้ว")
    assert names(in_54.push([late])) == ["applied"]
    in_56.pull()
    assert in_56.data(late["record"])["case"] == a
    assert [in_56.data(each).get("merged_into") for each in (a, b, c, d, e)] == [d, d, e, e, None]


def test_a_case_that_moves_takes_its_family_along(bare_centre: Centre, in_54: Phone, in_56: Phone) -> None:
    a, d = made_case(in_54), made_case(in_54)
    in_54.push([seen := visit(in_54, a)])
    join(bare_centre, a, d)
    in_54.pull()
    in_54.push([in_54.update("case", d, in_54.version(d), set={"area": ["540101", "560101"]})])
    assert {a, d, seen["record"]} <= in_56.pull().rows.keys()


def test_a_late_edit_of_a_merged_case_is_applied_where_it_goes_on(bare_centre: Centre, in_54: Phone) -> None:
    a, d = made_case(in_54, urgency="normal"), made_case(in_54, urgency="normal")
    base = in_54.version(a)
    join(bare_centre, a, d)
    assert names(in_54.push([in_54.update("case", a, base, set={"urgency": ["normal", "urgent"]})])) == ["merged"]
    in_54.pull()
    assert (in_54.data(a)["urgency"], in_54.data(d)["urgency"]) == ("normal", "urgent")


def test_a_redirected_edit_sent_again_is_taken_once(bare_centre: Centre, in_54: Phone) -> None:
    a, d = made_case(in_54, urgency="normal"), made_case(in_54, urgency="normal")
    base = in_54.version(a)
    join(bare_centre, a, d)
    request = in_54.request([in_54.update("case", a, base, set={"urgency": ["normal", "urgent"]})])
    assert in_54.send(request).outcomes == in_54.send(request).outcomes


def test_edits_that_belong_to_the_merged_case_go_back_with_it(bare_centre: Centre, in_54: Phone) -> None:
    a, d = made_case(in_54, urgency="normal"), made_case(in_54, urgency="normal")
    base = in_54.version(a)
    merge = join(bare_centre, a, d)
    in_54.push([edit := in_54.update("case", a, base, set={"urgency": ["normal", "urgent"]})])
    joint = bare_centre.store.joint(a)
    assert joint is not None
    assert (joint.merge, joint.goes_on_in, joint.named_it()) == (merge, d, [edit["id"]])
    take_apart(bare_centre, a, merge, *joint.named_it())
    in_54.pull()
    assert (in_54.data(a)["urgency"], in_54.data(d)["urgency"]) == ("urgent", "normal")


def test_what_a_volunteer_filed_is_merged_without_showing_them_the_other(bare_centre: Centre, in_54: Phone) -> None:
    volunteer = bare_centre.enrol("volunteer", "village:54010103", districts=("5401",))
    person = volunteer.create("person", first_name="สมชาย")
    volunteer.push([person])
    a = person["record"]
    d = in_54.create("person", first_name="สมชาย", health_notes="เบาหวาน")
    in_54.push([d, case(in_54, affected_person=d["record"])])
    join(bare_centre, a, d["record"], "person")
    volunteer.pull()
    assert volunteer.data(a)["merged_into"] == d["record"]
    assert d["record"] not in volunteer.rows


def test_a_device_merges_what_it_holds(bare_centre: Centre, in_54: Phone) -> None:
    a, d = made_case(in_54), made_case(in_54)
    merge = in_54.mutation(op="merge", type="case", record=a, into=d, reason="เหตุเดียวกัน")
    assert names(in_54.push([merge])) == ["applied"]
    in_54.pull()
    assert in_54.data(a)["merged_into"] == d


def test_the_history_of_the_one_that_goes_on_has_that_of_both(bare_centre: Centre, in_54: Phone) -> None:
    from schemas.privacy import ALL_CLASSES
    from server.store.views import Scope

    a, d = made_case(in_54), made_case(in_54)
    join(bare_centre, a, d)
    rows = bare_centre.store.history(Scope(ALL_CLASSES, None), d)
    assert [(row["op"], row["record"]) for row in rows] == [("create", a), ("create", d), ("merge", a)]


def test_a_merge_that_had_waited_is_undone_by_the_id_under_which_it_was_sent(bare_centre: Centre, in_54: Phone) -> None:
    a, new = made_case(in_54), case(in_54)
    merge = in_54.mutation(op="merge", type="case", record=a, into=new["record"], reason="เหตุเดียวกัน")
    assert names(in_54.push([merge])) == ["held"]
    in_54.push([new])
    in_54.pull()
    assert in_54.data(a)["merged_into"] == new["record"]
    joint = bare_centre.store.joint(a)
    assert joint is not None
    assert joint.merge == merge["id"]
    undone = in_54.mutation(op="unmerge", type="case", record=a, undoes=merge["id"], moves=[])
    assert names(in_54.push([undone])) == ["applied"]
    assert "merged_into" not in in_54.pull().data(a)


def test_a_device_deletes_no_case_that_goes_on_for_another(bare_centre: Centre, in_54: Phone) -> None:
    a, d = made_case(in_54), made_case(in_54)
    join(bare_centre, a, d)
    in_54.pull()
    assert names(in_54.push([in_54.delete("case", d, in_54.version(d))])) == ["conflicted"]
    assert d in in_54.pull().rows
