"""Forms drawn from the declaration: asked one by one, asked again when an answer cannot be read."""

import click
from click.testing import CliRunner

from field_kit import FieldKit
from field_kit.cli.prompting import ask, asked_fields
from field_kit.cli.typed import Typing
from schemas.records import RECORD_TYPES


def answers(kit: FieldKit, record_type: str, typed: dict[str, list[str]], **options):
    """Answer a form: each field's lines, and nothing for the others; return the values and what was said."""
    kind, values = RECORD_TYPES[record_type], {}

    @click.command()
    def form() -> None:
        values.update(ask(Typing(kit, kind, "th"), **options))

    wanted = options.get("names") or [spec.name for spec in asked_fields(kind)]
    lines = [line for spec in asked_fields(kind) if spec.name in wanted for line in typed.get(spec.name, [""])]
    result = CliRunner().invoke(form, input="\n".join(lines) + "\n", catch_exceptions=False)
    return values, result.output


def test_a_form_asks_in_the_order_of_the_declaration_and_skips_what_is_not_answered(kit: FieldKit) -> None:
    values, said = answers(kit, "visit", {"visited_on": ["23/11/2569"], "kind": ["1"], "narrative": ["พบผู้ประสบปัญหา"]})

    assert values == {"visited_on": "2026-11-23", "kind": "field_visit", "narrative": "พบผู้ประสบปัญหา"}
    assert said.index("วันที่เยี่ยม") < said.index("ข้อเท็จจริงที่พบ")
    assert "1 ลงพื้นที่" in said


def test_an_answer_that_cannot_be_read_is_asked_again(kit: FieldKit) -> None:
    values, said = answers(kit, "visit", {"visited_on": ["เมื่อวาน", "22/11/2569"]}, names=["visited_on"])

    assert values == {"visited_on": "2026-11-22"}
    assert "เช่น 23/11/2569" in said


def test_several_choices_are_numbers_with_commas(kit: FieldKit) -> None:
    values, _ = answers(kit, "case", {"problems": ["5,1"]}, names=["problems"])

    assert values == {"problems": ["violence", "income_livelihood"]}


def test_amounts_are_asked_in_baht(kit: FieldKit) -> None:
    values, said = answers(kit, "assistance", {"amount_satang": ["3,000"]}, names=["amount_satang"])

    assert values == {"amount_satang": 300_000}
    assert "(บาท)" in said


def test_what_the_device_fills_in_or_only_the_centre_writes_is_not_asked(kit: FieldKit) -> None:
    names = {spec.name for kind in ("case", "assistance", "help_request") for spec in asked_fields(RECORD_TYPES[kind])}

    assert names.isdisjoint({"reference_number", "over_limit", "status_log"})
