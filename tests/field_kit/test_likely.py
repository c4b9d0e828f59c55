"""Who on this device may be the person about to be saved: found, explained, never in the way, gone with its row."""

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner, Result

from field_kit import FieldKit
from field_kit.cli import main
from field_kit.cli.officer import Officer
from field_kit.likely import index_many_due
from field_kit.migrations import migrations
from tests.field_kit.centre import Centre, answered, page, table
from tests.field_kit.device import DISTRICT, PASSPHRASE, seen

MALI = {"title": "นาง", "first_name": "มะลิ", "last_name": "ศรีสุข", "id_number": "9540100000011", "sex": "female"}
CENTRAL = "01a00000-0000-7000-8000-00000000cccc"


def found(kit: FieldKit, **person: Any) -> list[tuple[str, int, tuple[str, ...]]]:
    return [(each.record.id, each.score, each.reasons) for each in kit.likely("person", person)]


def keys(kit: FieldKit) -> int:
    return int(kit.database.value("SELECT count(*) FROM match_key"))


def arrived(kit: FieldKit, **person: Any) -> None:
    """Let a pull bring a person, in the district's bucket."""
    row = (CENTRAL, 5, [DISTRICT], list(person.values()))
    brought = page({DISTRICT: (5, None)}, table("person", list(person), row), add=[DISTRICT])
    kit.sync(transport=Centre(pulls=[brought]))


# --- found


def test_a_slip_in_the_id_number_is_found_and_explained(kit: FieldKit) -> None:
    mali = kit.create("person", MALI).record
    kit.create("person", first_name="ทองดี", last_name="มีสุข")
    slipped = {"first_name": "มลิ", "id_number": "9-5401-00000-01-2"}
    assert found(kit, **slipped) == [(mali, 63, ("id_one_digit", "first_name_alike"))]


def test_people_that_a_pull_brought_are_found_until_they_leave(kit: FieldKit) -> None:
    arrived(kit, **MALI)
    assert [record for record, *_ in found(kit, **MALI)] == [CENTRAL]
    gone = table("person", [], gone=[(CENTRAL, 6, DISTRICT, "moved")])
    kit.sync(transport=Centre(pulls=[page({DISTRICT: (6, None)}, gone, commit=6)]))
    assert keys(kit) == 0
    assert found(kit, **MALI) == []


def test_edits_made_here_count_at_once(kit: FieldKit) -> None:
    arrived(kit, **MALI)
    kit.update(CENTRAL, id_number="9540100777777", first_name="บัว", last_name="ทองคำ")
    assert found(kit, **MALI) == []
    assert [record for record, *_ in found(kit, id_number="9540100777778", first_name="บัว")] == [CENTRAL]


def test_a_person_of_a_refused_save_is_no_person_here(kit: FieldKit) -> None:
    kit.create("person", MALI)
    refuse = lambda request: answered(request, outcome="rejected", code="not_permitted")  # noqa: E731
    kit.sync(transport=Centre(pushes=[refuse]))
    assert found(kit, **MALI) == []


def test_of_merged_people_only_the_one_that_goes_on_is_found(kit: FieldKit) -> None:
    kept = "01a00000-0000-7000-8000-00000000cccd"
    arrived(kit, **MALI, merged_into=kept)
    assert found(kit, **MALI) == []
    kept = kit.create("person", MALI).record
    assert [record for record, *_ in found(kit, **MALI)] == [kept]


def test_unnamed_people_and_other_types_are_like_nobody(kit: FieldKit) -> None:
    kit.create("person", first_name="ชายไม่ทราบชื่อ", nickname_or_mark="เสื้อแดง")
    assert found(kit, first_name="ชายไม่ทราบชื่อ", nickname_or_mark="เสื้อแดง") == []
    assert kit.likely("case", first_name="มะลิ") == []


def test_a_first_syncs_worth_of_people_is_made_ready_ahead(kit: FieldKit) -> None:
    with kit.save() as save:
        for number in range(400):
            save.create("person", first_name="มะลิ", id_number=f"9540100{number:06}")
    index_many_due(kit.database)
    assert keys(kit) == 0
    with kit.save() as save:
        for number in range(400, 800):
            save.create("person", first_name="มะลิ", id_number=f"9540100{number:06}")
    kit.finish_index()
    assert kit.database.value("SELECT count(DISTINCT record) FROM match_key") == 800
    [first, *_] = found(kit, id_number="9540100000417", first_name="มะลิ")
    assert first[1:] == (82, ("id_same", "first_name_same"))


def test_a_file_from_before_learns_whom_it_holds() -> None:
    """The last migration meets people who are there already."""
    import sqlite_utils

    old = sqlite_utils.Database(memory=True)
    last = "m007_people_alike"
    earlier = [each for each in migrations.pending(old) if each.name < last]
    for each in earlier:
        each.fn(old)
    old.execute("INSERT INTO record VALUES ('a', 'person', 1, '{}'), ('b', 'case', 1, '{}')")
    next(each for each in migrations.pending(old) if each.name == last).fn(old)
    assert old.execute("SELECT record FROM match_due").fetchall() == [("a",)]


# --- on the command line

Run = Callable[..., Result]


@pytest.fixture
def run(kit: FieldKit, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Run:
    monkeypatch.setenv("FIELD_KIT_KEYRING", "file")
    monkeypatch.setenv("LANG", "th_TH.UTF-8")
    monkeypatch.delenv("LC_ALL", raising=False)
    passphrase = tmp_path / "passphrase"
    passphrase.write_text(f"{PASSPHRASE}\n", "utf-8")

    def command(*arguments: str, stdin: str | None = None) -> Result:
        given = ["--home", str(kit.database.path.parent), "--passphrase-file", str(passphrase)]
        return CliRunner().invoke(main, [*arguments, *given], input=stdin)

    return command


@pytest.fixture
def mali(kit: FieldKit) -> str:
    return kit.create("person", MALI).record


SLIPPED = ("first_name=มะลิ", "last_name=ศรีสุกข์", "id_number=9540100000012", "phones=0812345678")


def others(kit: FieldKit, besides: str) -> list[dict[str, Any]]:
    return [each.data for each in kit.list("person") if each.id != besides]


def test_without_a_terminal_it_saves_and_says_who_may_be_the_same(run: Run, kit: FieldKit, mali: str) -> None:
    result = run("new", "person", *SLIPPED)
    assert result.exit_code == 0, result.output
    assert len(others(kit, mali)) == 1
    assert "อาจเป็นคนเดียวกับที่มีอยู่แล้ว: คนเดียวกัน · คนละคน · ไม่แน่ใจ ให้เจ้าหน้าที่ดู" in result.output
    assert "เลขบัตรต่างกันหนึ่งตัว · ชื่อตรงกัน · นามสกุลคล้ายกัน" in result.output
    assert f"maybe_same_as+={mali[-8:]}" in result.output


def test_the_same_person_gets_what_is_new_and_keeps_what_differs(run: Run, kit: FieldKit, mali: str) -> None:
    result = run("new", "person", *SLIPPED, "--same-as", mali, "--json")
    assert result.exit_code == 0, result.output
    assert others(kit, mali) == []
    assert seen(kit, mali).data == {**MALI, "phones": ["0812345678"]}
    [told] = json.loads(result.stdout)["people"]
    assert (told["record"], told["answer"], told["kept"]) == (mali, "same", ["id_number", "last_name"])


def test_what_was_not_taken_over_is_said(run: Run, mali: str) -> None:
    result = run("new", "person", *SLIPPED, "--same-as", mali[-8:])
    assert "ยังไม่ได้เปลี่ยน: เลขประจำตัว «9540100000012»" in result.output


def test_a_different_person_is_saved_without_more_words(run: Run, kit: FieldKit, mali: str) -> None:
    result = run("new", "person", *SLIPPED, "--different")
    assert "อาจเป็นคนเดียวกับ" not in result.output
    assert [each.get("maybe_same_as") for each in others(kit, mali)] == [None]


def test_staff_are_asked_to_look(run: Run, kit: FieldKit, mali: str) -> None:
    result = run("new", "person", *SLIPPED, "--let-staff-look", "--json")
    assert [each["maybe_same_as"] for each in others(kit, mali)] == [[mali]]
    [told] = json.loads(result.stdout)["people"]
    [likely] = told["likely"]
    assert (likely["record"], likely["reasons"]) == (mali, ["id_one_digit", "first_name_same", "last_name_alike"])


def test_in_a_list_the_name_stands_for_whoever_it_is(run: Run, kit: FieldKit, mali: str) -> None:
    steps = [
        {"type": "person", "as": "p", "data": {"first_name": "มะลิ", "phones": ["0812345678"]}},
        {"type": "case", "data": {"intake_channel": "walk_in", "intake_district": "5401", "area": "540101",
                                  "affected_person": "@p"}},
    ]  # fmt: skip
    result = run("new", "--input", "-", "--same-as", mali, stdin=json.dumps(steps))
    assert result.exit_code == 0, result.output
    assert [case.data["affected_person"] for case in kit.list("case")] == [mali]
    assert seen(kit, mali).data["phones"] == ["0812345678"]


@pytest.mark.parametrize(
    ("typed", "people", "asked"),
    [("1\n", 0, None), ("2\n", 1, None), ("3\n", 1, True), ("\n", 1, True)],
    ids=["same", "different", "let staff look", "just enter"],
)
def test_who_sits_there_is_asked(
    run: Run, kit: FieldKit, mali: str, monkeypatch: pytest.MonkeyPatch, typed: str, people: int, asked: bool | None
) -> None:
    monkeypatch.setattr(Officer, "interactive", True)
    result = run("new", "person", *SLIPPED, stdin=typed)
    assert result.exit_code == 0, result.output
    saved = others(kit, mali)
    assert (len(saved), [each.get("maybe_same_as") for each in saved]) == (people, [[mali] if asked else None] * people)
    assert "1 คนเดียวกัน · 2 คนละคน · 3 ไม่แน่ใจ ให้เจ้าหน้าที่ดู" in result.output


@pytest.mark.parametrize(
    "arguments",
    [
        ("person", "first_name=มะลิ", "--different", "--let-staff-look"),
        ("case", "area=540101", "--different"),
        ("person", "first_name=มะลิ", "--same-as", CENTRAL),
    ],
)
def test_answers_that_make_no_sense_save_nothing(run: Run, kit: FieldKit, arguments: tuple[str, ...]) -> None:
    result = run("new", *arguments)
    assert result.exit_code != 0
    assert list(kit.list("person")) + list(kit.list("case")) == []
