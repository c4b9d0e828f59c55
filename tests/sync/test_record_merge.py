"""Two records that are one: joined, edited through the joint, and taken apart."""

from dataclasses import replace

import pytest

from sync.mutation import Mutation, Outcome
from sync.state import STRANGER
from tests.sync.desk import Desk, Pen, resolving, uuid

A, B, C, D, E = (uuid(number) for number in range(1, 6))
VISIT = uuid(9)


@pytest.fixture
def desk() -> Desk:
    """Return a centre with five people of one name, made in commits 1 to 5."""
    desk = Desk()
    officer = desk.writer("officer")
    for number, person in enumerate((A, B, C, D, E)):
        officer.create("person", person, {"first_name": "สมชาย", "occupation": f"อาชีพ {number}"})
    return desk


@pytest.fixture
def staff(desk: Desk) -> Pen:
    return desk.writer("staff")


@pytest.fixture
def officer(desk: Desk) -> Pen:
    return desk.writer("officer")


def join(staff: Pen, record: str, into: str) -> Mutation:
    """Merge one person into another; return the merge."""
    merge = staff.merged("person", record, into)
    assert staff.push(merge) == ["applied"]
    return merge


def occupation(was: str, to: str) -> dict[str, dict[str, tuple[str, str]]]:
    return {"set": {"occupation": (was, to)}}


def test_a_merged_record_keeps_its_data_and_says_where_it_goes_on(desk: Desk, staff: Pen) -> None:
    join(staff, A, D)
    assert (desk.records[A].merged_into, desk.data(A)["occupation"]) == (D, "อาชีพ 0")
    assert (desk.records[D].merged_into, desk.data(D)["occupation"]) == (None, "อาชีพ 3")


def test_a_merge_goes_by_the_end_of_the_chain(desk: Desk, staff: Pen) -> None:
    join(staff, A, D)
    join(staff, B, D)
    join(staff, C, E)
    join(staff, D, E)
    assert staff.push(staff.merged("person", A, C)) == ["unchanged"]
    assert [desk.records[each].merged_into for each in (A, B, C, D, E)] == [D, D, E, E, None]


def test_a_chain_never_bites_its_tail(desk: Desk, staff: Pen) -> None:
    join(staff, A, D)
    decisions = staff.decide(staff.merged("person", D, A), staff.merged("person", B, B))
    assert [each.errors for each in decisions] == [{"into": [{"code": "merge_cycle"}]}] * 2
    assert (desk.records[D].merged_into, desk.records[B].merged_into) == (None, None)


def test_what_is_one_with_another_cannot_become_a_third_besides(staff: Pen) -> None:
    join(staff, A, D)
    assert [each.code for each in staff.decide(staff.merged("person", A, E))] == ["already_merged"]


def test_a_merge_into_a_record_still_unknown_waits(staff: Pen) -> None:
    [decision] = staff.decide(staff.merged("person", A, uuid(77)))
    assert (decision.outcome, decision.waits_for) == (Outcome.HELD, uuid(77))


def test_only_records_of_one_mergeable_type_are_merged(desk: Desk, staff: Pen) -> None:
    desk.writer("officer").create("household", B[:-1] + "8", {})
    errors = [each.errors for each in staff.decide(staff.merged("person", A, B[:-1] + "8"))]
    assert errors == [{"into": [{"code": "wrong_record_type"}]}]


@pytest.mark.parametrize("unheld", [A, D])
def test_nobody_merges_what_they_do_not_hold(desk: Desk, unheld: str) -> None:
    desk.standing["charlie", unheld] = STRANGER
    assert [each.code for each in desk.writer("charlie").decide(desk.writer("charlie").merged("person", A, D))] == [
        "not_permitted"
    ]


def test_an_edit_of_a_merged_record_is_applied_where_it_goes_on_if_its_author_saw_the_same(
    desk: Desk, staff: Pen, officer: Pen
) -> None:
    join(staff, A, D)
    join(staff, D, E)
    [decision] = officer.decide(officer.edited("person", A, 1, set={"first_name": ("สมชาย", "สมชัย")}))
    assert (decision.outcome, decision.redirected_to) == (Outcome.MERGED, E)
    assert [desk.data(each)["first_name"] for each in (A, D, E)] == ["สมชาย", "สมชาย", "สมชัย"]


def test_an_edit_of_a_merged_record_over_a_value_its_author_never_saw_is_a_conflict(
    desk: Desk, staff: Pen, officer: Pen
) -> None:
    join(staff, A, D)
    assert officer.edit("person", A, 1, **occupation("อาชีพ 0", "ทำนา")) == "conflicted"
    conflict = desk.the_conflict()
    assert (conflict["record"], conflict["central_value"]) == (D, "อาชีพ 3")
    assert [each["value"] for each in conflict["contenders"]] == ["ทำนา"]


@pytest.mark.parametrize("together", [True, False])
def test_a_redirected_edit_opens_the_surviving_record_for_nothing_else(desk: Desk, staff: Pen, together: bool) -> None:
    join(staff, A, D)
    volunteer = desk.writer("volunteer")
    desk.standing["volunteer", D] = STRANGER
    late = volunteer.edited("person", A, 1, set={"first_name": ("สมชาย", "สมชัย")})
    direct = volunteer.edited("person", D, 99, **occupation("อาชีพ 3", "ทำนา"))
    decisions = desk.push(volunteer.who, [[late, direct]] if together else [[late], [direct]])
    assert (decisions[-1].code, desk.data(D)["occupation"]) == ("not_permitted", "อาชีพ 3")
    assert desk.data(D)["first_name"] == "สมชาย"


def test_deleting_a_merged_record_asks_people_and_deletes_nothing(desk: Desk, staff: Pen, officer: Pen) -> None:
    join(staff, A, D)
    assert officer.delete("person", A, 1) == "conflicted"
    assert not desk.records[D].deleted
    assert desk.the_conflict()["record"] == D


def test_creating_a_merged_record_again_does_not_bring_it_back(desk: Desk, staff: Pen, officer: Pen) -> None:
    join(staff, A, D)
    assert officer.push(officer.created("person", A, {"first_name": "สมชาย"})) == ["unchanged"]
    assert desk.records[A].merged_into == D


def test_a_conflict_of_the_merged_record_is_still_decided_there(desk: Desk, staff: Pen, officer: Pen) -> None:
    other = desk.writer("other")
    other.edit("person", A, 1, **occupation("อาชีพ 0", "ค้าขาย"))
    late = officer.again().edited("person", A, 1, **occupation("อาชีพ 0", "ทำนา"))
    assert officer.again().push(late) == ["conflicted"]
    [conflict] = desk.conflicts()
    join(staff, A, D)
    decided = staff.edit(
        "person", A, desk.version(A), resolves=resolving(conflict, late.id), **occupation("ค้าขาย", "ทำนา")
    )
    assert (decided, desk.data(A)["occupation"], desk.data(D)["occupation"]) == ("applied", "ทำนา", "อาชีพ 3")


def test_an_unmerge_restores_both_as_they_were(desk: Desk, staff: Pen) -> None:
    before = [desk.data(A), desk.data(D)]
    merge = staff.merged("person", A, D)
    chosen = staff.edited("person", D, 4, **occupation("อาชีพ 3", "อาชีพ 0"))
    assert [each.outcome for each in staff.save(merge, chosen)] == ["applied", "applied"]
    assert desk.data(D)["occupation"] == "อาชีพ 0"
    assert staff.push(staff.unmerged("person", A, merge)) == ["applied"]
    assert [desk.data(A), desk.data(D)] == before
    assert desk.records[A].merged_into is None


def test_edits_made_since_change_sides_where_the_unmerge_says_so(desk: Desk, staff: Pen, officer: Pen) -> None:
    merge = join(staff, A, D)
    named = officer.edited("person", A, 1, set={"first_name": ("สมชาย", "สมชัย")}, add={"phones": ["0812345678"]})
    later = officer.edited("person", D, 7, **occupation("อาชีพ 3", "ทำนา"))
    assert officer.push(named, later) == ["merged", "applied"]
    assert staff.push(staff.unmerged("person", A, merge, named)) == ["applied"]
    assert desk.data(A) == {"first_name": "สมชัย", "occupation": "อาชีพ 0", "phones": ["0812345678"]}
    assert desk.data(D) == {"first_name": "สมชาย", "occupation": "ทำนา", "phones": ["0812345678"]}


def test_a_value_that_somebody_changed_since_does_not_go_back(desk: Desk, staff: Pen, officer: Pen) -> None:
    merge = join(staff, A, D)
    named = officer.edited("person", A, 1, set={"first_name": ("สมชาย", "สมชัย")})
    officer.push(named)
    staff.edit("person", D, desk.version(D), set={"first_name": ("สมชัย", "สมศักดิ์")})
    assert staff.push(staff.unmerged("person", A, merge, named)) == ["applied"]
    assert [desk.data(each)["first_name"] for each in (A, D)] == ["สมชัย", "สมศักดิ์"]


def test_an_unmerge_in_the_middle_of_a_chain_takes_its_branch_along(desk: Desk, staff: Pen) -> None:
    join(staff, A, D)
    merge = join(staff, D, E)
    assert staff.push(staff.unmerged("person", D, merge)) == ["applied"]
    assert [desk.records[each].merged_into for each in (A, D, E)] == [D, None, None]


def test_an_unmerge_names_the_merge_in_force(desk: Desk, staff: Pen) -> None:
    first = join(staff, A, D)
    assert staff.push(staff.unmerged("person", A, first)) == ["applied"]
    join(staff, A, E)
    assert [each.code for each in staff.decide(staff.unmerged("person", A, first))] == ["not_merged"]
    assert desk.records[A].merged_into == E


def test_an_edit_from_before_the_merge_does_not_change_sides(staff: Pen, officer: Pen) -> None:
    early = officer.edited("person", D, 4, **occupation("อาชีพ 3", "ทำนา"))
    officer.push(early)
    merge = join(staff, A, D)
    [decision] = staff.decide(staff.unmerged("person", A, merge, early))
    assert decision.errors == {"moves": [{"code": "not_since_merge"}]}


def test_no_edit_sets_where_a_record_goes_on(desk: Desk, officer: Pen) -> None:
    pointing = officer.edited("person", A, 1, set={"merged_into": (None, D)})
    newer = replace_schema(officer.edited("person", A, 1, set={"merged_into": (None, D)}), 99)
    assert officer.push(pointing, newer) == ["rejected", "rejected"]
    assert "merged_into" not in desk.data(A)


def replace_schema(mutation: Mutation, schema: int) -> Mutation:
    return Mutation(**{name: getattr(mutation, name) for name in mutation.__struct_fields__} | {"schema": schema})


def test_who_left_the_record_makes_a_contender_where_it_goes_on(desk: Desk, staff: Pen) -> None:
    away = desk.writer("away")
    join(staff, A, D)
    left = replace(STRANGER, left=5)
    desk.standing["away", A], desk.standing["away", D] = left, STRANGER
    [decision] = away.decide(away.edited("person", A, 1, **occupation("อาชีพ 0", "ทำนา")))
    assert (decision.outcome, decision.code, desk.the_conflict()["record"]) == (Outcome.CONFLICTED, "out_of_scope", D)


def test_an_edit_that_comes_back_overwrites_nothing_its_author_had_not_seen(
    desk: Desk, staff: Pen, officer: Pen
) -> None:
    colleague = desk.writer("colleague")
    colleague.edit("person", A, 1, **occupation("อาชีพ 0", "ค้าขาย"))
    merge = join(staff, A, D)
    late = officer.edited("person", A, 1, **occupation("อาชีพ 3", "ทำนา"))  # what D says happens to be what they saw
    assert officer.push(late) == ["merged"]
    [decision] = staff.decide(staff.unmerged("person", A, merge, late))
    assert (decision.outcome, desk.data(A)["occupation"], desk.data(D)["occupation"]) == (
        Outcome.CONFLICTED, "ค้าขาย", "อาชีพ 3",
    )  # fmt: skip
    conflict = desk.the_conflict()
    assert (conflict["record"], conflict["central_value"]) == (A, "ค้าขาย")
    assert [(each["user"], each["value"]) for each in conflict["contenders"]] == [("officer", "ทำนา")]


def test_deleting_a_record_that_goes_on_for_others_is_for_people_to_decide(desk: Desk, staff: Pen) -> None:
    join(staff, A, D)
    assert staff.delete("person", D, desk.version(D)) == "conflicted"
    [conflict] = desk.conflicts()
    [contender] = desk.the_conflict()["contenders"]
    decided = staff.delete("person", D, desk.version(D), resolves=resolving(conflict, contender["mutation"]))
    assert (decided, desk.records[D].deleted) == ("applied", True)


def test_an_edit_from_before_the_chain_grew_goes_back_all_the_same(desk: Desk, staff: Pen, officer: Pen) -> None:
    first = join(staff, A, D)
    late = officer.edited("person", A, 1, set={"first_name": ("สมชาย", "สมชัย")})
    officer.push(late)
    join(staff, D, E)
    after = officer.edited("person", A, 1, set={"last_name": (None, "ใจดี")})
    officer.push(after)
    assert [desk.data(each).get("last_name") for each in (A, D, E)] == [None, None, "ใจดี"]
    assert staff.push(staff.unmerged("person", A, first, late, after)) == ["applied"]
    names = [(desk.data(each)["first_name"], desk.data(each).get("last_name")) for each in (A, D, E)]
    assert names == [("สมชัย", "ใจดี"), ("สมชาย", None), ("สมชาย", None)]


@pytest.mark.parametrize("guess", ["อาชีพ 3", "อย่างอื่น"])
def test_who_does_not_hold_the_survivor_learns_nothing_of_it_by_guessing(desk: Desk, staff: Pen, guess: str) -> None:
    join(staff, A, D)
    desk.standing["volunteer", D] = STRANGER
    volunteer = desk.writer("volunteer")
    [decision] = volunteer.decide(volunteer.edited("person", A, 1, **occupation("อาชีพ 0", guess)))
    assert (decision.outcome, decision.code) == (Outcome.CONFLICTED, "out_of_scope")
    [decision] = volunteer.decide(volunteer.edited("person", A, 1, **occupation(guess, "ทำนา")))
    assert (decision.outcome, desk.data(D)["occupation"]) == (Outcome.CONFLICTED, "อาชีพ 3")
