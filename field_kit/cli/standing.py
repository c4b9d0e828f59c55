"""``field-kit status``, ``outbox``, ``conflicts`` and ``doctor``: how the work and the device stand."""

from collections.abc import Iterator, Sequence
from itertools import groupby
from typing import Any

import click

from field_kit.cli.display import Display, as_data, field_label, lately, moment, type_label
from field_kit.cli.exits import Exit
from field_kit.cli.layout import columns
from field_kit.cli.officer import Officer, for_officer
from field_kit.doctor import SKEW_MS_MAX
from field_kit.finding import short
from field_kit.kit import WORLD
from field_kit.log import Logged
from field_kit.standing import Standing
from field_kit.store import Record
from schemas.base import Risk
from schemas.messages import catalogue as common_catalogue
from schemas.messages import problem_text
from sync.erasing import ERASED
from sync.outgoing import URGENT_TYPES

COUNTS = (
    "files_waiting",
    "carried",
    "returned",
    "rejected",
    "held",
    "conflicts_open",
    "awaiting_pull",
    "files_arrived",
    "records",
)
"""What ``status`` counts beside the edits that wait, in the order in which it is said; a zero is not."""

ATTENTION = frozenset({"returned", "rejected", "held", "conflicts_open"})
"""Counts that a person should look into."""

EMERGENCY = "emergency"
RETURNED = "returned"
SETTLED = ("corrected", "dismissed")
"""What staff did about a refused edit: its code in the log."""

SECTIONS = (EMERGENCY, "returned", "rejected", "held", "conflicted", "corrected", "dismissed", "pending")
"""How the outbox is ordered: what needs somebody first. The rest follows."""


@click.command()
@for_officer
def status(officer: Officer) -> None:
    """สรุปว่ามีอะไรรอส่ง ติดต่อล่าสุดเมื่อใด · Say what waits and when the centre was last heard."""
    with officer.kit() as kit:
        found = kit.status()
    officer.emit(found.as_dict())
    if not officer.json:
        officer.print(_status_lines(officer, found))


def _status_lines(officer: Officer, found: Standing) -> Iterator[str]:
    """Yield what waits and the last contact; then, if there is any, what is urgent, what is wrong, what is here."""
    now = WORLD.now()
    last = lately(found.last_contact, now, officer.language) if found.last_contact else None
    strip = "screen.strip" if last else "screen.strip_never"
    yield click.style(officer.text(strip, waiting=found.waiting, last_contact=last), bold=True)
    if found.cancelled:
        yield from officer.lines(officer.text("kit.error.device_revoked"), fg="red", bold=True)
    if found.urgent_waiting:
        said = officer.text("kit.status.urgent_waiting", count=found.urgent_waiting)
        yield from officer.lines(f"{said} · {officer.text('screen.emergency_unsent')}", fg="red", bold=True)
    for name in COUNTS:
        if count := getattr(found, name):
            said = officer.text(f"kit.status.{name}", count=f"{count:,}")
            yield from officer.lines(said, fg="yellow" if name in ATTENTION else None)
    if found.last_contact and not found.last_complete:
        yield from officer.lines(officer.text("kit.status.incomplete"), fg="yellow")
    if abs(found.clock_offset_ms or 0) > SKEW_MS_MAX:
        yield from officer.lines(_skew(officer, found.clock_offset_ms or 0), fg="yellow")
    device = f"{found.device_name} ({short(found.device)})" if found.device_name else short(found.device)
    yield from officer.lines(
        officer.text("kit.status.whose", user=found.user, device=device, centre=found.server_url), dim=True
    )


def _skew(officer: Officer, offset_ms: int) -> str:
    """Return how wrong the clock is, in its two largest units."""
    minutes = round(abs(offset_ms) / 60_000)
    parts = {"days": minutes // 1440, "hours": minutes // 60 % 24, "minutes": minutes % 60}
    said = [officer.text(f"kit.span.{unit}", count=count) for unit, count in parts.items() if count][:2]
    return officer.text("kit.status.clock_slow" if offset_ms > 0 else "kit.status.clock_fast", span=" ".join(said))


@click.command()
@click.option("--all", "everything", is_flag=True, help="ทั้งหมด รวมที่เสร็จแล้ว · the whole log")
@for_officer
def outbox(officer: Officer, *, everything: bool) -> None:
    """รายการรอส่ง และที่ศูนย์ ศรส. ไม่รับ · Show what waits and what was not accepted, with reasons."""
    with officer.kit() as kit:
        entries = kit.outbox(everything=everything)
        officer.emit([entry_data(entry) for entry in entries])
        if officer.json:
            return
        if not entries:
            officer.say("kit.nothing_waiting")
            return
        officer.print(_outbox_lines(officer, Display(kit, officer.language), entries))


def _outbox_lines(officer: Officer, display: Display, entries: Sequence[Logged]) -> Iterator[str]:
    """Yield the entries by what became of them, each with what it is about; oldest first."""
    for section, group in groupby(sorted(entries, key=_place), _section):
        found = list(group)
        urgent = section == EMERGENCY
        heading = _heading(officer, section, found)
        yield from officer.lines(f"{heading} ({len(found)})", bold=True, fg="red" if urgent else None)
        rows = [_entry_row(officer, display, entry) for entry in found]
        yield from columns(rows, officer.width, indent=2)


def _heading(officer: Officer, section: str, found: Sequence[Logged]) -> str:
    if section == EMERGENCY:
        return officer.text("screen.emergency_unsent")
    if section == RETURNED:
        return officer.text("screen.returned", count=sum(len(entry.detail.get("errors", {})) for entry in found))
    return officer.text(f"notice.{section}" if section in SETTLED else f"outcome.{section}")


def _section(entry: Logged) -> str:
    if entry.state == "pending" and entry.mutation.type in URGENT_TYPES:
        return EMERGENCY
    if entry.code == RETURNED or entry.code in SETTLED:
        return str(entry.code)
    return str(entry.outcome or "pending")


def _place(entry: Logged) -> tuple[int, str]:
    section = _section(entry)
    return (SECTIONS.index(section) if section in SECTIONS else len(SECTIONS), section)


def _entry_row(officer: Officer, display: Display, entry: Logged) -> list[str]:
    made = entry.mutation
    shown = display.kit.get(made.record) or Record(made.record, made.type, 0, dict(made.data or {}), True, False)
    known = officer.text("kit.sealed") if entry.sealed else display.summary(shown)
    about = "\n".join([known, *reasons(officer, entry)])
    what = f"{officer.text(f'kit.op.{made.op}')} {type_label(made.type, officer.language)}"
    return [moment(made.recorded_at, officer.language), what, short(made.record), about]


def reasons(officer: Officer, entry: Logged) -> list[str]:
    """Return why an edit was not accepted, field by field."""
    if entry.code == "out_of_scope":
        return [officer.text("screen.out_of_area")]
    lines = [
        f"{field_label(entry.mutation.type, name, officer.language)}: {problem_text(problem, officer.language)}"
        for name, problems in entry.detail.get("errors", {}).items()
        for problem in problems
    ]
    if said := entry.detail.get("reason"):
        lines.append(f"{officer.text('kit.column.reason')} {said}")
    if not lines and entry.code and (entry.outcome == "rejected" or entry.code == ERASED):
        key = f"error.{entry.code}.title"
        lines = [officer.text(key) if key in common_catalogue(officer.language) else entry.code]
    return lines


def refused_lines(officer: Officer, entries: Sequence[Logged]) -> Iterator[str]:
    """Yield what became of the edits of one record that were not taken, each with its reasons."""
    for entry in entries:
        yield from officer.lines(_heading(officer, _section(entry), [entry]), fg="yellow", bold=True)
        for reason in reasons(officer, entry):
            yield from officer.lines(f"  {reason}")


def entry_data(entry: Logged) -> dict[str, Any]:
    """Return an edit of the log for programs."""
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
        "sealed": bool(entry.sealed),
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
        found = sorted(kit.conflicts(resolved=resolved), key=_risk)
        officer.emit([as_data(record) for record in found])
        if officer.json:
            return
        if not found:
            officer.say("kit.no_conflicts")
            return
        officer.print(_conflict_lines(officer, Display(kit, officer.language), found, resolved=resolved))


def _conflict_lines(officer: Officer, display: Display, found: list[Record], *, resolved: bool) -> Iterator[str]:
    """Yield the contested answers of each record together; those with most at stake come first."""
    yield from officer.lines(officer.text("kit.conflicts_decided" if resolved else "screen.conflict"))
    yield ""
    yield from display.contested(found, officer.width)


def _risk(conflict: Record) -> int:
    said, order = conflict.data.get("risk"), list(Risk)
    return order.index(Risk(said)) if said in order else len(order)


@click.command()
@click.option("--repair", is_flag=True, help="ซ่อมที่ซ่อมได้ · mend what can be mended")
@click.option("--deep", is_flag=True, help="เทียบเนื้อข้อมูลกับศูนย์ ศรส. ด้วย · also sync and compare the contents")
@for_officer
def doctor(officer: Officer, *, repair: bool, deep: bool) -> None:
    """ตรวจไฟล์และข้อมูลในเครื่อง · Examine the file and what is in it; ends with code 10 when something is wrong."""
    with officer.kit() as kit:
        findings = [*kit.doctor(repair=repair), *([kit.check_contents()] if deep else [])]
    wrong = [finding for finding in findings if not finding.ok]
    officer.emit([finding._asdict() for finding in findings])
    if not officer.json:
        for finding in findings:
            said = f"{'✓' if finding.ok else '✗'} {officer.text(f'kit.doctor.{finding.code}')}"
            click.secho(f"{said} {'' if finding.ok else finding.detail}".rstrip(), fg=None if finding.ok else "red")
        officer.say("kit.doctor.ill" if wrong else "kit.doctor.well", count=len(wrong))
    if wrong:
        raise SystemExit(Exit.UNSOUND)
