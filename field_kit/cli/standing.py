"""``field-kit status``, ``outbox``, ``conflicts`` and ``doctor``: how the work and the device stand."""

from collections.abc import Mapping
from typing import Any

import click
from rich.table import Table

from field_kit.cli.display import as_data, code_label, moment, shown_value, type_label
from field_kit.cli.exits import Exit, label_of
from field_kit.cli.officer import Officer, for_officer
from field_kit.finding import short
from field_kit.log import Logged
from schemas.messages import catalogue as common_catalogue
from schemas.messages import problem_text
from schemas.records import RECORD_TYPES

MOMENTS = frozenset({"last_contact", "last_complete"})


@click.command()
@for_officer
def status(officer: Officer) -> None:
    """สรุปว่ามีอะไรรอส่ง ติดต่อล่าสุดเมื่อใด · Say what waits and when the centre was last heard."""
    with officer.kit() as kit:
        numbers = kit.status().as_dict()
    officer.emit(numbers)
    if officer.json:
        return
    table = Table(box=None, show_header=False, padding=(0, 2, 0, 0))
    for name, value in numbers.items():
        if name in MOMENTS:
            value = moment(value, officer.language) if value else officer.text("kit.never")
        if value is not None:
            table.add_row(officer.text(f"kit.status.{name}"), str(value))
    officer.console.print(table)


@click.command()
@click.option("--all", "everything", is_flag=True, help="ทั้งหมด รวมที่เสร็จแล้ว · the whole log")
@for_officer
def outbox(officer: Officer, *, everything: bool) -> None:
    """รายการรอส่ง และที่ศูนย์ ศรส. ไม่รับ · Show what waits and what was not accepted, with reasons."""
    with officer.kit() as kit:
        entries = kit.outbox(everything=everything)
    officer.emit([_entry_data(entry) for entry in entries])
    if officer.json:
        return
    if not entries:
        officer.say("kit.nothing_waiting")
        return
    table = Table(box=None, padding=(0, 2, 0, 0))
    for column in ("time", "what", "record", "state", "reason"):
        table.add_column(officer.text(f"kit.column.{column}"), overflow="fold")
    for entry in entries:
        table.add_row(*_entry_row(officer, entry))
    officer.console.print(table)


def _entry_row(officer: Officer, entry: Logged) -> tuple[str, ...]:
    made = entry.mutation
    what = f"{officer.text(f'kit.op.{made.op}')} {type_label(made.type, officer.language)}"
    state = officer.text(f"outcome.{entry.outcome or 'pending'}")
    return moment(made.recorded_at, officer.language), what, short(made.record), state, _reason(officer, entry)


def _reason(officer: Officer, entry: Logged) -> str:
    """Return why an edit was not accepted, field by field."""
    if entry.code == "out_of_scope":
        return officer.text("screen.out_of_area")
    lines = [
        f"{label_of(name, officer.language)}: {problem_text(problem, officer.language)}"
        for name, problems in entry.detail.get("errors", {}).items()
        for problem in problems
    ]
    if not lines and entry.outcome == "rejected" and entry.code:
        key = f"error.{entry.code}.title"
        lines = [officer.text(key) if key in common_catalogue(officer.language) else entry.code]
    return "\n".join(lines)


def _entry_data(entry: Logged) -> dict[str, Any]:
    made = entry.mutation
    return {
        "id": made.id,
        "lane": entry.lane,
        "seq": made.seq,
        "save": entry.save,
        "op": made.op,
        "type": made.type,
        "record": made.record,
        "base": made.base,
        "recorded_at": made.recorded_at,
        "state": entry.state,
        "outcome": entry.outcome,
        "code": entry.code,
        "commit": entry.commit,
        "data": made.data,
        "set": made.set,
        "add": made.add,
        "remove": made.remove,
        **entry.detail,
    }


@click.command()
@click.option("--resolved", is_flag=True, help="ที่ตัดสินแล้ว · those that were decided")
@for_officer
def conflicts(officer: Officer, *, resolved: bool) -> None:
    """ข้อที่มีคนแก้ต่างกัน รอเจ้าหน้าที่ตรวจ · Show where two people changed the same answer."""
    with officer.kit() as kit:
        found = kit.conflicts(resolved=resolved)
    officer.emit([as_data(record) for record in found])
    if officer.json:
        return
    if not found:
        officer.say("kit.no_conflicts")
        return
    table = Table(box=None, padding=(0, 2, 0, 0))
    for column in ("record", "field", "centre", "others", "state"):
        table.add_column(officer.text(f"kit.column.{column}"), overflow="fold")
    for record in found:
        data = record.data
        others = "\n".join(_contested(data, each.get("value"), officer.language) for each in data.get("contenders", ()))
        table.add_row(
            f"{type_label(str(data['record_type']), officer.language)} {short(str(data['record']))}",
            label_of(str(data["field"]), officer.language),
            _contested(data, data.get("central_value"), officer.language),
            others,
            code_label("conflict_status", str(data["status"]), officer.language),
        )
    officer.console.print(table)


def _contested(conflict: Mapping[str, Any], value: Any, language: str) -> str:
    """Return one side of a conflict as its field shows values."""
    kind = RECORD_TYPES.get(str(conflict["record_type"]))
    spec = kind.fields.get(str(conflict["field"])) if kind else None
    return "–" if value is None else shown_value(spec, value, language, {})


@click.command()
@click.option("--repair", is_flag=True, help="ซ่อมที่ซ่อมได้ · mend what can be mended")
@for_officer
def doctor(officer: Officer, *, repair: bool) -> None:
    """ตรวจไฟล์และข้อมูลในเครื่อง · Examine the file and what is in it; ends with code 10 when something is wrong."""
    with officer.kit() as kit:
        findings = kit.doctor(repair=repair)
    wrong = [finding for finding in findings if not finding.ok]
    officer.emit([finding._asdict() for finding in findings])
    if not officer.json:
        for finding in findings:
            said = f"{'✓' if finding.ok else '✗'} {officer.text(f'kit.doctor.{finding.code}')}"
            click.secho(f"{said} {'' if finding.ok else finding.detail}".rstrip(), fg=None if finding.ok else "red")
        officer.say("kit.doctor.ill" if wrong else "kit.doctor.well", count=len(wrong))
    if wrong:
        raise SystemExit(Exit.UNSOUND)
