"""The command line: every command documented, every ending with its meaning, both languages."""

import json
import re
from collections.abc import Callable
from pathlib import Path
from unittest.mock import Mock

import click
import pytest
from click.testing import CliRunner, Result

from field_kit import FieldKit
from field_kit.cli import COMMANDS, main
from field_kit.cli.exits import CODES, MEANINGS, Exit
from field_kit.cli.officer import OPTIONS
from field_kit.errors import KitError
from field_kit.identity import change_identity
from field_kit.keyfile import Strength
from field_kit.messages import catalogue
from sync.errors import TokenExpired, Unauthenticated
from tests.field_kit.centre import Centre, Welcoming, answered, page, table
from tests.field_kit.device import CASE, DISTRICT, PASSPHRASE, QUICK, USER

DOCUMENT = (Path(__file__).parents[2] / "docs" / "field-kit.md").read_text("utf-8")
SHARED = {
    option for parameter in (each(lambda: None) for each in OPTIONS) for option in parameter.__click_params__[0].opts
}  # type: ignore[attr-defined]

Run = Callable[..., Result]


@pytest.fixture
def run(kit: FieldKit, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Run:
    """Give a function that runs ``field-kit`` on the test's device."""
    monkeypatch.setenv("FIELD_KIT_KEYRING", "file")
    monkeypatch.delenv("XDG_RUNTIME_DIR", raising=False)
    monkeypatch.setenv("LANG", "th_TH.UTF-8")
    monkeypatch.delenv("LC_ALL", raising=False)
    passphrase = tmp_path / "passphrase"
    passphrase.write_text(f"{PASSPHRASE}\n", "utf-8")

    def command(*arguments: str, stdin: str | None = None, unlocked: bool = True) -> Result:
        given = ["--passphrase-file", str(passphrase)] if unlocked else []
        return CliRunner().invoke(main, [*arguments, "--home", str(kit.database.path.parent), *given], input=stdin)

    return command


def as_json(result: Result):
    assert result.exit_code == 0, result.output
    return json.loads(result.stdout)


# --- documents


@pytest.mark.parametrize("command", COMMANDS, ids=lambda command: command.name)
def test_every_command_and_option_is_documented(command: click.Command) -> None:
    section = next(
        (part for part in DOCUMENT.split("\n### ")[1:] if f"`field-kit {command.name}" in part.split("\n")[0]), None
    )

    assert section is not None, f"docs/field-kit.md has no section on field-kit {command.name}"
    own = [option for parameter in command.params if isinstance(parameter, click.Option) for option in parameter.opts]
    assert [
        option for option in own if option.startswith("--") and option not in SHARED and f"`{option}" not in section
    ] == []
    assert " · " in (command.help or ""), "a command explains itself in Thai and in English"


def test_the_shared_options_are_documented() -> None:
    assert [option for option in SHARED if f"`{option}" not in DOCUMENT] == []


def test_every_exit_code_is_documented_with_its_meaning() -> None:
    assert re.findall(r"^\| (\d+) \| (.+) \|$", DOCUMENT, re.MULTILINE) == [
        (str(int(code)), meaning) for code, meaning in MEANINGS.items()
    ]
    assert set(MEANINGS) == set(Exit)


def all_errors(base: type[KitError] = KitError) -> list[type[KitError]]:
    return [each for error in base.__subclasses__() for each in (error, *all_errors(error))]


@pytest.mark.parametrize("error", all_errors(), ids=lambda error: error.code)
def test_every_error_has_an_exit_code_and_a_text(error: type[KitError]) -> None:
    assert error.code in CODES
    assert f"kit.error.{error.code}" in catalogue("th")


# --- writing


def test_a_case_by_labels_and_buddhist_dates(run: Run, kit: FieldKit) -> None:
    result = run(
        "new", "case", "area=540101", "intake_district=5401", "intake_channel=มาด้วยตนเอง", "urgency=ด่วน",
        "problems=ปัญหาความรุนแรง,other", "received_on=๒๑/๑๑/๒๕๖๙",
    )  # fmt: skip

    assert result.exit_code == 0, result.output
    [case] = kit.list("case")
    assert case.data | {"reference_number": ""} == {
        "area": "540101", "intake_district": "5401", "intake_channel": "walk_in", "urgency": "urgent",
        "problems": ["other", "violence"], "received_on": "2026-11-21", "reference_number": "",
    }  # fmt: skip
    assert f"เลขอ้างอิง {case.data['reference_number']}" in result.output
    assert "บันทึกในเครื่องแล้ว ยังไม่ได้ส่ง" in result.output


@pytest.mark.parametrize(
    ("typed", "stored"),
    [
        ("birth_date=2510", {"birth_date": "1967-01-01", "birth_date_precision": "year"}),
        ("birth_date=5/2510", {"birth_date": "1967-05-01", "birth_date_precision": "month"}),
        ("birth_date=1/5/2510", {"birth_date": "1967-05-01", "birth_date_precision": "day"}),
        ("has_disability=ใช่", {"has_disability": True}),
        ("phones=081-234-5678, 054 123456", {"phones": ["054123456", "0812345678"]}),
        ("sex=ชาย", {"sex": "male"}),
        ("health_notes=ก=ข", {"health_notes": "ก=ข"}),
    ],
)
def test_how_values_are_written(run: Run, kit: FieldKit, typed: str, stored: dict[str, object]) -> None:
    assert run("new", "person", typed).exit_code == 0

    assert [person.data for person in kit.list("person")] == [stored]


def test_amounts_are_written_in_baht(run: Run, kit: FieldKit) -> None:
    case = kit.create("case", CASE).record

    assert run("new", "assistance", f"case={case}", "kind=money", "amount=1,500.50").exit_code == 0
    assert run("new", "assistance", f"case={case}", "kind=money", "amount_satang=300").exit_code == 0

    assert [given.data["amount_satang"] for given in kit.list("assistance")] == [300, 150050]


def test_an_area_by_its_name(run: Run, kit: FieldKit, outside) -> None:
    row = (outside.new_id(), 3, ["reference"], ["540501", "เด่นชัย", "tambon"])
    kit.sync(transport=Centre(pulls=[page({"reference": (3, None)}, table("area", ["code", "name_th", "level"], row))]))

    assert run("new", "help_request", "area=เด่นชัย").exit_code == 0

    assert [request.data["area"] for request in kit.list("help_request")] == ["540501"]


def test_several_records_from_standard_input_are_one_group(run: Run, kit: FieldKit) -> None:
    group = [
        {"type": "person", "as": "p", "data": {"first_name": "สมชาย"}},
        {"type": "case", "as": "c", "data": {**CASE, "affected_person": "@p", "people": ["@p"]}},
        {"type": "visit", "data": {"case": "@c"}},
    ]

    saved = as_json(run("new", "--input", "-", "--json", stdin=json.dumps(group)))

    person, case, visit = saved["records"]
    assert kit.get(case).data["affected_person"] == person  # type: ignore[union-attr]
    assert kit.get(visit).data["case"] == case  # type: ignore[union-attr]
    assert len({entry.save for entry in kit.outbox()}) == 1


def test_edit_by_reference_number_adds_takes_away_and_empties(run: Run, kit: FieldKit) -> None:
    case = kit.create("case", CASE, problems=["violence"], place_text="ตลาด").record
    number = kit.get(case).data["reference_number"]  # type: ignore[union-attr]

    assert run("edit", number, "problems+=other", "place_text=").exit_code == 0
    assert run("edit", case[-8:], "problems-=violence").exit_code == 0

    shown = kit.get(case)
    assert shown is not None
    assert (shown.data["problems"], shown.data.get("place_text")) == (["other"], None)


def test_a_wrong_id_number_warns_and_saves(run: Run, kit: FieldKit) -> None:
    result = run("new", "person", "first_name=สมชาย", "id_type=national_id", "id_number=9123456789012")

    assert result.exit_code == 0
    assert "โปรดตรวจ" in result.output
    assert len(list(kit.list("person"))) == 1


def test_an_emergency_says_that_nobody_has_it_yet(run: Run) -> None:
    assert "โทรเดี๋ยวนี้ 191 · 1669 · 1300" in run("new", "emergency", "causes=threat_or_assault", "area=5401").output


def test_a_photo_is_attached(run: Run, kit: FieldKit, tmp_path: Path) -> None:
    (tmp_path / "house.jpg").write_bytes(b"photo")
    case = kit.create("case", CASE).record

    assert run("attach", case, str(tmp_path / "house.jpg"), "kind=นอกบ้าน").exit_code == 0

    [attachment] = kit.list("attachment", owner_record=case)
    assert (attachment.data["kind"], kit.file(attachment.id)) == ("house_outside", b"photo")


def test_delete(run: Run, kit: FieldKit) -> None:
    person = kit.create("person", first_name="สมชาย").record

    assert run("delete", person).exit_code == 0
    assert kit.get(person) is None


# --- reading


def test_list_show_and_search_in_both_languages(run: Run, kit: FieldKit) -> None:
    person = kit.create("person", first_name="สมชาย", birth_date="1967-05-01", birth_date_precision="day").record
    kit.create("case", CASE, status="received", danger_notes="สุนัขดุ", affected_person=person)

    assert "ยังไม่ได้ส่ง" in run("list", "case").output
    assert "not sent" in run("list", "case", "--lang", "en").output
    assert "1/5/2510" in run("show", person).output
    assert "1967-05-01" in run("show", person, "--lang", "en").output
    for sought in ("สม", "สมช"):
        assert [found["id"] for found in as_json(run("search", sought, "--json"))] == [person]
    assert as_json(run("list", "case", "status=รับเรื่องแล้ว", "--json"))[0]["data"]["danger_notes"] == "สุนัขดุ"
    assert as_json(run("list", "case", "status=closed", "--json")) == []


def test_dangers_come_first(run: Run, kit: FieldKit) -> None:
    case = kit.create("case", CASE, danger_notes="สุนัขดุ").record

    lines = run("show", case).output.splitlines()

    assert "สุนัขดุ" in lines[1]


def test_fields_of_a_type(run: Run) -> None:
    assert "ผู้ประสบปัญหา" in run("fields", "case").output
    assert "case" in run("fields").output


# --- standing


def test_status_outbox_and_conflicts(run: Run, kit: FieldKit, outside) -> None:
    kit.create("person", first_name="สมชาย")
    conflict = outside.new_id()
    fields = ["record", "record_type", "field", "privacy", "status", "central_value", "contenders"]
    values = [outside.new_id(), "case", "urgency", "normal", "open", "urgent", [{"value": "most_urgent"}]]
    refused = {"first_name": [{"code": "too_long", "max": 200}]}
    kit.sync(
        transport=Centre(
            pushes=[lambda request: answered(request, outcome="rejected", code="validation_failed", errors=refused)],
            pulls=[page({DISTRICT: (5, None)}, table("conflict", fields, (conflict, 5, [DISTRICT], values)))],
        )
    )
    kit.create("person", first_name="สมหญิง")

    assert (as_json(run("status", "--json"))["waiting"], as_json(run("status", "--json"))["rejected"]) == (1, 1)
    assert "รอส่ง" in run("status").output
    assert [entry["outcome"] for entry in as_json(run("outbox", "--json"))] == ["rejected", None]
    assert "ยาวเกินไป" in run("outbox").output
    assert [found["data"]["field"] for found in as_json(run("conflicts", "--json"))] == ["urgency"]
    assert "ด่วนที่สุด" in run("conflicts").output


def test_status_says_what_waits_and_leaves_out_what_is_nothing(run: Run, kit: FieldKit, outside, monkeypatch) -> None:
    monkeypatch.setattr("field_kit.cli.standing.WORLD", outside.surroundings)
    assert run("status").output.splitlines() == [
        "รอส่ง 0 รายการ · ติดต่อล่าสุด วันนี้ 10:00 น.",
        "ยังรับข้อมูลไม่ครบ สั่ง field-kit sync อีกครั้ง",
        "อลิซ · เครื่อง 0000dddd · http://centre.invalid",
    ]
    kit.sync(transport=Centre())
    kit.create("emergency", causes=["threat_or_assault"], area="5401")

    lines = run("status", "--lang", "en").output.splitlines()

    assert lines[0].startswith("1 waiting · Last contact ")
    assert lines[1].startswith("Emergencies waiting: 1 · Nobody has received this yet.")
    assert not [line for line in lines if ": 0" in line or "slow" in line or "fetched" in line]


@pytest.mark.parametrize(
    ("offset_ms", "said"),
    [
        (299_000, None),
        (7_500_000, "This clock is 2 h 5 min slow."),
        (-360_000, "This clock is 6 min fast."),
        (-31_622_400_000, "This clock is 366 d fast."),
    ],
)
def test_a_clock_is_mentioned_when_it_is_wrong_by_minutes(run: Run, kit: FieldKit, offset_ms: int, said) -> None:
    with kit.database.transaction():
        change_identity(kit.database, clock_offset_ms=offset_ms)

    lines = run("status", "--lang", "en").output.splitlines()

    assert [line.split(" Set")[0] for line in lines if "clock" in line] == ([said] if said else [])


def test_the_outbox_puts_emergencies_then_refusals_first(run: Run, kit: FieldKit) -> None:
    refused = {"first_name": [{"code": "too_long", "max": 200}]}
    kit.create("person", first_name="ก")
    refusing = Centre(
        pushes=[lambda asked: answered(asked, outcome="rejected", code="validation_failed", errors=refused)]
    )
    kit.sync(transport=refusing)
    person = kit.create("person", first_name="สมหญิง").record
    kit.create("emergency", causes=["threat_or_assault"], area="5401")

    lines = run("outbox").output.splitlines()

    headings = [line for line in lines if not line.startswith(" ")]
    assert headings == [
        "ยังไม่มีใครได้รับเรื่องนี้ โทรเดี๋ยวนี้ 191 · 1669 · 1300 (1)",
        "ข้อมูลนี้ยังใช้ไม่ได้ ที่เขียนไว้ยังอยู่ (1)",
        "ยังไม่ได้ส่ง (1)",
    ]
    assert lines[4].strip() == "ชื่อ: ยาวเกินไป ได้ไม่เกิน 200"
    assert lines[-1].split() == ["23/11/2569", "10:00", "เพิ่ม", "บุคคล", person[-8:], "สมหญิง"]


def test_people_and_areas_are_shown_by_name_and_dangers_first(run: Run, kit: FieldKit, outside) -> None:
    names = [("540101", "ในเวียง", "tambon"), ("5401", "เมืองแพร่", "district"), ("54", "แพร่", "province")]
    rows = [(outside.new_id(), 3, ["reference"], list(each)) for each in names]
    kit.sync(
        transport=Centre(pulls=[page({"reference": (3, None)}, table("area", ["code", "name_th", "level"], *rows))])
    )
    person = kit.create("person", first_name="สมชาย", birth_date="1967-05-01", birth_date_precision="month").record
    stranger = outside.new_id()
    case = kit.create("case", CASE, affected_person=person, people=[person, stranger], danger_notes="สุนัขดุ").record

    shown = run("show", case).output.splitlines()

    assert shown[:2] == [f"กรณี {case[-8:]}  ยังไม่ได้ส่ง", "⚠ ข้อควรระวัง: สุนัขดุ"]
    assert [line.split(maxsplit=1)[1] for line in shown if line.startswith(("พื้นที่", "อำเภอ"))] == [
        "อ.เมืองแพร่ จ.แพร่",
        "ต.ในเวียง อ.เมืองแพร่ จ.แพร่",
    ]
    assert [line.split()[-1] for line in shown if "สมชาย" in line or stranger[-8:] in line] == [
        "สมชาย", "สมชาย", stranger[-8:],
    ]  # fmt: skip
    assert ("⚠" in run("list", "case").output, "⚠" in run("list", "person").output) == (True, False)
    assert run("show", person).output.splitlines()[1:] == ["ชื่อ     สมชาย", "วันเกิด  พฤษภาคม 2510"]


def test_a_conflict_shows_whose_each_value_is(run: Run, kit: FieldKit, outside) -> None:
    case = kit.create("case", CASE).record
    names = "record record_type field privacy status risk central_value contenders resolution"
    mine, theirs = {"user": USER, "value": "most_urgent"}, {"user": outside.new_id(), "value": "normal"}
    urgency = [case, "case", "urgency", "normal", "open", "ordinary", "urgent", [mine, theirs], None]
    danger = [case, "case", "danger_notes", "normal", "open", "safety", None, [{"value": "สุนัขดุ"}], None]
    decided = {"value": "urgent", "reason": "ดูรูปแล้ว"}
    settled = [case, "case", "urgency", "normal", "resolved", "ordinary", "urgent", [mine], decided]
    rows = [(outside.new_id(), 5, [DISTRICT], each) for each in (urgency, danger, settled)]
    kit.sync(
        transport=Centre(
            pushes=[], pulls=[page({DISTRICT: (4, None)}, table("conflict", names.split(), *rows), commit=4)]
        )
    )
    about = f"กรณี {case[-8:]} {kit.get(case).data['reference_number']} 23/11/2569"  # type: ignore[union-attr]

    assert [" ".join(line.split()) for line in run("conflicts").output.splitlines()] == [
        "มีคนแก้ข้อเดียวกัน เก็บไว้ทั้งสองแบบ รอเจ้าหน้าที่ตรวจ", "",
        about,
        "ข้อควรระวัง", "ที่ศูนย์ ศรส. –", "อีกคนบันทึก สุนัขดุ",
        "ความเร่งด่วน", "ที่ศูนย์ ศรส. ด่วน", "คุณบันทึก ด่วนที่สุด", "อีกคนบันทึก ปกติ",
    ]  # fmt: skip
    assert [" ".join(line.split()) for line in run("conflicts", "--resolved").output.splitlines()][-2:] == [
        "เจ้าหน้าที่ใช้ ด่วน",
        "เพราะ ดูรูปแล้ว",
    ]


def test_doctor_ends_with_its_own_code_when_something_is_wrong(run: Run) -> None:
    result = run("doctor", "--json")

    assert result.exit_code == Exit.UNSOUND  # this device has no copy of its key at a centre
    assert {finding["code"] for finding in json.loads(result.stdout) if not finding["ok"]} >= {"key_recoverable"}


# --- endings


@pytest.mark.parametrize(
    ("arguments", "code", "said"),
    [
        (["new", "case", "area=540101"], Exit.NOT_VALID, "(intake_channel)"),
        (["new", "case", "urgency=nonsense"], Exit.NOT_VALID, "ด่วนที่สุด"),
        (["new", "case", "nonsense=1"], Exit.NOT_VALID, "nonsense"),
        (["new", "case", "received_on=31/2/2569"], Exit.NOT_VALID, "23/11/2569"),
        (["new", "ghost"], Exit.NOT_FOUND, "ghost"),
        (["show", "01a00000-0000-7000-8000-000000000001"], Exit.NOT_FOUND, "search"),
        (["show", "abc"], Exit.NOT_FOUND, "«abc»"),
        (["edit", "abcdef", "summary=x"], Exit.NOT_FOUND, "6 ตัวขึ้นไป"),
        (["sync"], Exit.UNREACHABLE, "ไม่มีสัญญาณ"),
        (["list"], Exit.USAGE, "TYPE"),
    ],
)
def test_errors_say_what_to_do_and_end_with_their_code(
    run: Run, kit: FieldKit, monkeypatch, arguments, code, said
) -> None:
    monkeypatch.setattr("field_kit.patience.FIRST_DELAY_MS", 1)

    result = run(*arguments)

    assert (result.exit_code, said in result.output) == (code, True), result.output
    assert kit.status().waiting == 0


def test_an_end_that_several_records_share_lists_them(run: Run, kit: FieldKit) -> None:
    first, second = "01a00000-0000-7000-8000-000000abcdef", "01a00000-0000-7000-8000-111111abcdef"
    rows = [(each, 3, [DISTRICT], [name]) for each, name in ((first, "สมชาย"), (second, "สมหญิง"))]
    kit.sync(transport=Centre(pulls=[page({DISTRICT: (3, None)}, table("person", ["first_name"], *rows))]))

    for language, said in (("th", "มีหลายเรื่องที่ลงท้ายด้วย «abcdef»"), ("en", 'Several records end in "abcdef"')):
        result = run("edit", "abcdef", "first_name=ก", "--lang", language)
        assert (result.exit_code, said in result.output) == (Exit.NOT_FOUND, True)
        assert [line.split()[0] for line in result.stderr.splitlines()[1:]] == [first, second]
        assert "สมหญิง" in result.stderr.splitlines()[2]
    assert kit.status().waiting == 0


def test_watching_goes_on_without_a_signal_and_stops_when_told(run: Run, kit: FieldKit, monkeypatch) -> None:
    class Stopping:
        monotonic = staticmethod(lambda: 0.0)

        @staticmethod
        def sleep(seconds: float) -> None:
            raise KeyboardInterrupt

    monkeypatch.setattr("field_kit.patience.FIRST_DELAY_MS", 1)
    monkeypatch.setattr("field_kit.cli.syncing.WORLD", Stopping)

    result = run("sync", "--watch")

    assert (result.exit_code, "Ctrl-C" in result.output, "ไม่มีสัญญาณ" in result.output) == (Exit.DONE, True, True)


def test_errors_as_json_have_a_stable_code(run: Run) -> None:
    result = run("new", "case", "--json")

    assert result.exit_code == Exit.NOT_VALID
    error = json.loads(result.stdout)
    assert error["error"] == "validation_failed"
    [wrong] = error["errors"].values()
    assert wrong["area"] == [{"code": "required"}]


def test_locked_until_unlocked_and_again_after_lock(run: Run, kit: FieldKit) -> None:
    assert run("list", "case", unlocked=False).exit_code == Exit.LOCKED

    assert "ปลดล็อกแล้ว ถึง" in run("unlock").output
    assert run("list", "case", unlocked=False).exit_code == Exit.DONE
    run("lock")

    assert run("list", "case", unlocked=False).exit_code == Exit.LOCKED


def test_a_wrong_passphrase_says_that_the_work_is_safe(run: Run, kit: FieldKit, tmp_path: Path) -> None:
    (tmp_path / "passphrase").write_text("ไม่ใช่รหัสนี้")

    result = run("list", "case")

    assert (result.exit_code, "งานในเครื่องไม่หาย" in result.output) == (Exit.LOCKED, True)


def test_without_a_device_the_next_step_is_said(tmp_path: Path) -> None:
    result = CliRunner().invoke(main, ["status", "--home", str(tmp_path), "--lang", "en"])

    assert (result.exit_code, "field-kit enrol" in result.output) == (Exit.NOT_ENROLLED, True)


# --- enrolling


@pytest.fixture
def enrolling(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> Run:
    """Give a function that runs ``field-kit enrol`` towards a centre that welcomes everybody."""
    monkeypatch.setenv("FIELD_KIT_KEYRING", "file")
    monkeypatch.delenv("XDG_RUNTIME_DIR", raising=False)
    monkeypatch.setattr("field_kit.transport.HttpTransport", lambda url, **_: Welcoming(url))
    monkeypatch.setattr("field_kit.keyfile.Strength", lambda *said: Strength(*said) if said else QUICK)
    (tmp_path / "pw").write_text(PASSPHRASE, "utf-8")

    def command(*arguments: str, home: str = "laptop", **environment: str) -> Result:
        line = ["enrol", "https://centre.test", "CODE", "--home", str(tmp_path / home), "--lang", "en", *arguments]
        return CliRunner().invoke(main, line, env=environment)

    return command


def test_after_enrolling_the_next_step_is_one_that_works(enrolling: Run, monkeypatch, tmp_path: Path) -> None:
    file = str(tmp_path / "pw")
    assert enrolling("--passphrase-file", file, home="a").output.splitlines() == [
        f"Enrolled: {USER}.",
        "It is locked. Next, run field-kit unlock, then field-kit sync (or give --passphrase-file with every command).",
    ]
    assert enrolling(home="b", FIELD_KIT_PASSPHRASE_FILE=file).output.endswith("Next, run field-kit sync.\n")

    monkeypatch.setattr("field_kit.cli.officer.Officer.passphrase", lambda *_, **__: PASSPHRASE)
    assert "field-kit unlock" in enrolling("--keep-locked", home="c").output
    typed = enrolling(home="d").output
    assert re.search(r"Unlocked until .*\nNext, run field-kit sync\.$", typed.strip()), typed
    listed = CliRunner().invoke(main, ["list", "case", "--home", str(tmp_path / "d")])
    assert listed.exit_code == Exit.DONE


def test_enrolling_where_somebody_is_enrolled_renews_unless_it_is_for_another(enrolling: Run, tmp_path: Path) -> None:
    file = ("--passphrase-file", str(tmp_path / "pw"))
    enrolling(*file)

    again = enrolling(*file)
    assert (again.exit_code, "Enrolled again" in again.stdout, "--another" in again.stderr) == (Exit.DONE, True, True)
    assert enrolling(*file, "--another").exit_code == Exit.NOT_ENROLLED  # the same person: their file is not touched

    (tmp_path / "pw").write_text("another one", "utf-8")
    assert enrolling(*file).exit_code == Exit.LOCKED


@pytest.mark.parametrize("code", ["token_expired", "unauthenticated"])
def test_a_sign_in_that_ended_names_the_next_step(run: Run, monkeypatch, code: str) -> None:
    ended = {"token_expired": TokenExpired, "unauthenticated": Unauthenticated}[code]
    monkeypatch.setattr("field_kit.kit.synchronize", Mock(side_effect=ended))

    for language, said in (
        ("th", "field-kit enrol http://centre.invalid รหัส"),
        ("en", "enrol http://centre.invalid CODE"),
    ):
        result = run("sync", "--lang", language)
        assert (result.exit_code, said in result.output) == (Exit.REFUSED, True), result.output
