"""Every merge rule by vectors: what two people did to one field, and what becomes of it."""

from collections.abc import Callable
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from schemas.base import Merge
from sync.merge import DELTAS, RULES, Meeting, Met, Verdict, joined_lines, unknown_delta

APPLIED, UNCHANGED, JOINED, CONTESTED = Verdict.APPLIED, Verdict.UNCHANGED, Verdict.JOINED, Verdict.CONTESTED

# what is compared: (sentence, current, version, seen, wanted, base) -> (verdict, value)
EDITS: dict[Merge, list[tuple[str, tuple[Any, int, Any, Any, int], tuple[Verdict, Any]]]] = {
    Merge.REGISTER: [
        ("nobody else wrote it", ("a", 5, "a", "b", 5), (APPLIED, "b")),
        ("an empty field is filled", (None, 0, None, "b", 5), (APPLIED, "b")),
        ("a field is emptied", ("a", 5, "a", None, 5), (APPLIED, None)),
        ("both wrote the same", ("b", 9, "a", "b", 5), (UNCHANGED, "b")),
        ("both emptied it", (None, 9, "a", None, 5), (UNCHANGED, None)),
        ("it is newer, and is what the author saw", ("a", 9, "a", "b", 5), (APPLIED, "b")),
        ("it is newer, and is not what the author saw", ("c", 9, "a", "b", 5), (CONTESTED, "c")),
        ("somebody emptied it meanwhile", (None, 9, "a", "b", 5), (CONTESTED, None)),
        ("it is older than the base, whatever the author says they saw", ("c", 5, "a", "b", 5), (APPLIED, "b")),
        ("a group is one value", ({"x": 1, "y": 2}, 9, {"x": 1, "y": 2}, {"x": 3, "y": 4}, 5),
         (APPLIED, {"x": 3, "y": 4})),
        ("half of a group is newer", ({"x": 1, "y": 9}, 9, {"x": 1, "y": 2}, {"x": 3, "y": 4}, 5),
         (CONTESTED, {"x": 1, "y": 9})),
    ],
    Merge.TEXT: [
        ("nobody else wrote it", ("ก\nข", 5, "ก\nข", "ก\nค", 5), (APPLIED, "ก\nค")),
        ("both wrote the same", ("ก\nค", 9, "ก\nข", "ก\nค", 5), (UNCHANGED, "ก\nค")),
        ("other lines are joined", ("1x\n2\n3", 9, "1\n2\n3", "1\n2\n3x", 5), (JOINED, "1x\n2\n3x")),
        ("from what the author saw to what they made of it: later edits rest on earlier ones",
         ("1x\n2\n3y", 9, "1\n2\n3y", "1\n2\n3z", 5), (JOINED, "1x\n2\n3z")),
        ("the same line is contested", ("1x\n2", 9, "1\n2", "1y\n2", 5), (CONTESTED, "1x\n2")),
        ("both wrote into an empty field", ("ก", 9, None, "ข", 5), (CONTESTED, "ก")),
        ("one deleted what the other left alone", ("1\n2", 9, "1\n2\n3\n4", "1x\n2\n3\n4", 5), (JOINED, "1x\n2")),
        ("all of it deleted, untouched elsewhere", ("1\n2", 9, "1\n2", None, 5), (APPLIED, None)),
        ("the change is there already", ("1x\n2\n3x", 9, "1\n2\n3", "1\n2\n3x", 5), (UNCHANGED, "1x\n2\n3x")),
        ("what the author says they saw is no text", ("1x", 9, 7, "1", 5), (CONTESTED, "1x")),
    ],
    Merge.LATEST: [
        ("whatever arrives last", ("c", 9, "a", "b", 5), (APPLIED, "b")),
        ("it is that already", ("b", 9, "a", "b", 5), (UNCHANGED, "b")),
        ("it is emptied", ("c", 9, "a", None, 5), (APPLIED, None)),
    ],
}  # fmt: skip

ENTRY, OTHER = {"id": "1", "status": "received"}, {"id": "2", "status": "assisted"}

# (sentence, current, add, remove) -> (verdict, value)
CHANGES: dict[Merge, list[tuple[str, tuple[Any, list[Any], list[Any]], tuple[Verdict, Any]]]] = {
    Merge.SET: [
        ("into an empty set", (None, ["b", "a"], []), (APPLIED, ["a", "b"])),
        ("beside what others added", (["c"], ["a"], []), (APPLIED, ["a", "c"])),
        ("it is there already", (["a"], ["a"], []), (UNCHANGED, ["a"])),
        ("one is removed", (["a", "b"], [], ["a"]), (APPLIED, ["b"])),
        ("the last one is removed", (["a"], [], ["a"]), (APPLIED, None)),
        ("what is not there is removed", (["a"], [], ["z"]), (UNCHANGED, ["a"])),
        ("one that both lists name stays", (["a"], ["a"], ["a"]), (UNCHANGED, ["a"])),
        ("nonsense is removed", (["a"], [], [{}, None, 3]), (UNCHANGED, ["a"])),
        ("nothing at all", (None, [], []), (UNCHANGED, None)),
    ],
    Merge.APPEND: [
        ("the first entry", (None, [ENTRY], []), (APPLIED, [ENTRY])),
        ("after what others appended", ([OTHER], [ENTRY], []), (APPLIED, [OTHER, ENTRY])),
        ("it is there already", ([ENTRY], [ENTRY], []), (UNCHANGED, [ENTRY])),
        ("an entry once written stays as it is", ([ENTRY], [{"id": "1", "status": "died"}], []), (UNCHANGED, [ENTRY])),
        ("nothing is ever removed", ([ENTRY], [], [ENTRY]), (UNCHANGED, [ENTRY])),
    ],
}  # fmt: skip


def flat(vectors: dict[Merge, list[Any]]) -> list[Any]:
    return [pytest.param(rule, *rest, id=f"{rule}: {says}") for rule, each in vectors.items() for says, *rest in each]


def test_every_rule_has_vectors() -> None:
    assert {*EDITS} == {*RULES}
    assert {*CHANGES} == {*DELTAS}
    assert {*EDITS, *CHANGES} == {*Merge}


@pytest.mark.parametrize(("rule", "meeting", "expected"), flat(EDITS))
def test_an_edit_meets_the_centre(rule: Merge, meeting: Any, expected: tuple[Verdict, Any]) -> None:
    assert RULES[rule](Meeting(*meeting)) == Met(*expected)


@pytest.mark.parametrize(("rule", "change", "expected"), flat(CHANGES))
def test_elements_meet_the_centre(rule: Merge, change: Any, expected: tuple[Verdict, Any]) -> None:
    assert DELTAS[rule](*change) == Met(*expected)


@pytest.mark.parametrize(
    ("change", "expected"),
    [
        ((None, [{}], []), (APPLIED, [{}])),
        (([3, "a"], [{}], ["a"]), (APPLIED, [3, {}])),
        (([3], [3], [3]), (UNCHANGED, [3])),
        ((None, [], [1]), (UNCHANGED, None)),
        (("not a list", [1], []), (CONTESTED, "not a list")),
    ],
)
def test_elements_of_a_field_unknown_here_may_be_anything(change: Any, expected: tuple[Verdict, Any]) -> None:
    assert unknown_delta(*change) == Met(*expected)


letters = st.sampled_from("abcd")
whole = st.none() | letters
texts = st.lists(letters, max_size=6).map("\n".join)
sets = st.frozensets(letters).map(sorted)


@given(st.builds(Meeting, current=whole, version=st.integers(0, 3), seen=whole, wanted=whole, base=st.integers(0, 3)))
def test_register_loses_no_value(meeting: Meeting) -> None:
    met = RULES[Merge.REGISTER](meeting)
    became_current = met.value == meeting.wanted
    kept_beside = met == Met(CONTESTED, meeting.current)
    assert became_current or kept_beside
    assert kept_beside or meeting.author_was_current or meeting.current == meeting.wanted


@pytest.mark.parametrize("rule", [RULES[Merge.REGISTER], RULES[Merge.LATEST]])
@given(data=st.data())
def test_an_edit_that_took_effect_changes_nothing_a_second_time(
    rule: Callable[[Meeting], Met], data: st.DataObject
) -> None:
    current, seen, wanted = (data.draw(whole) for _ in range(3))
    met = rule(Meeting(current, data.draw(st.integers(0, 3)), seen, wanted, 2))
    again = rule(Meeting(met.value, 9, seen, wanted, 2))
    assert again == (met if met.verdict is CONTESTED else Met(UNCHANGED, met.value))


@given(sets, sets, sets, sets, sets)
def test_set_deltas_commute_unless_they_contradict_each_other(
    start: list[str], add: list[str], remove: list[str], more: list[str], less: list[str]
) -> None:
    delta = DELTAS[Merge.SET]
    remove, less = [each for each in remove if each not in more], [each for each in less if each not in add]
    one_way = delta(delta(start, add, remove).value, more, less).value
    other_way = delta(delta(start, more, less).value, add, remove).value
    assert one_way == other_way


@given(sets, sets, sets)
def test_an_element_vanishes_only_by_its_removal(start: list[str], add: list[str], remove: list[str]) -> None:
    after = DELTAS[Merge.SET](start, add, remove).value or []
    assert {*start, *add} - {*after} == {*start} & {*remove} - {*add}
    assert DELTAS[Merge.SET](after, add, remove) == Met(UNCHANGED, after or None)


@given(st.lists(letters, unique=True), st.lists(letters, unique=True), st.lists(letters, unique=True))
def test_a_log_keeps_every_entry_once_and_in_place(start: list[str], mine: list[str], theirs: list[str]) -> None:
    def entries(ids: list[str]) -> list[dict[str, str]]:
        return [{"id": each} for each in ids]

    append = DELTAS[Merge.APPEND]
    both = append(append(entries(start), entries(mine), []).value, entries(theirs), []).value or []
    assert both[: len(start)] == entries(start)
    assert sorted(entry["id"] for entry in both) == sorted({*start, *mine, *theirs})


@given(texts, texts)
def test_a_text_that_only_one_side_changed_is_that_sides(base: str, edited: str) -> None:
    assert joined_lines(base, edited, base) == edited
    assert joined_lines(base, base, edited) == edited
    assert joined_lines(base, edited, edited) == edited


@given(texts, texts, texts)
def test_every_line_that_either_side_wrote_is_in_the_joined_text(base: str, ours: str, theirs: str) -> None:
    joined = joined_lines(base, ours, theirs)
    if joined is None:
        return
    lines = joined.split("\n")
    for side in (ours, theirs):
        written = set(side.split("\n")) - set(base.split("\n"))
        assert written <= set(lines)
    assert set(lines) <= {*base.split("\n"), *ours.split("\n"), *theirs.split("\n")}


@given(st.lists(letters, min_size=1, max_size=6), st.data())
def test_lines_inserted_at_different_places_all_survive(base: list[str], data: st.DataObject) -> None:
    numbered = [f"{number}{letter}" for number, letter in enumerate(base)]  # each line of the base is its own
    places = st.integers(0, len(numbered))
    mine, theirs = data.draw(places), data.draw(places)
    ours = [*numbered[:mine], "ours", *numbered[mine:]]
    also = [*numbered[:theirs], "theirs", *numbered[theirs:]]
    joined = joined_lines("\n".join(numbered), "\n".join(ours), "\n".join(also))
    if mine == theirs:
        assert joined is None
    else:
        assert sorted((joined or "").split("\n")) == sorted([*numbered, "ours", "theirs"])
