"""What the demo prints: each act, the outcome, and where to look around afterwards."""

from collections.abc import Mapping
from itertools import count

import click

from schemas.records import RECORD_TYPES
from server.demo.centre import PASSWORD
from server.demo.lossy_link import Fate, LossyLink
from server.demo.outcome import Outcome
from server.demo.published import Published
from server.demo.roster import ADMINISTRATOR, DESKS
from server.demo.tables import Compared, cells, lines, width

TITLES = {
    "district": "ตารางที่ 1 จำแนกตามอำเภอ",
    "channel": "ตารางที่ 2 จำแนกตามช่องทาง",
    "target_group": "ตารางที่ 3 จำแนกตามกลุ่มเป้าหมาย",
    "sex": "จำแนกตามเพศ",
    "problem": "สภาพปัญหา (นับเป็นครั้ง หนึ่งกรณีอาจมีหลายปัญหา)",
}

FATES = {
    Fate.DELIVERED: "ผ่านปกติ",
    Fate.DROPPED: "หายขาไป",
    Fate.REPLY_LOST: "คำตอบหาย",
    Fate.TRUNCATED: "คำตอบขาดกลาง",
    Fate.DUPLICATED: "ส่งซ้ำ",
}

_steps = count(1)


def step(th: str, en: str) -> None:
    """Print the heading of an act."""
    click.secho(f"\n{next(_steps)}. {th}", bold=True)
    click.secho(f"   {en}", dim=True)


def faults(link: LossyLink) -> None:
    """Print what the link did to requests so far."""
    told = " · ".join(f"{label} {link.counts[fate]}" for fate, label in FATES.items())
    click.echo(f"    สัญญาณ: {told}")


def outcome(found: Outcome, checks: Mapping[str, bool], published: Published) -> None:
    """Print what was captured and arrived, what waits, and every table beside the published one."""
    step("สิ่งที่บันทึก เทียบกับสิ่งที่ถึงศูนย์", "What was captured, beside what arrived")
    records(found)
    click.echo(f"\n    ขาดหาย {found.missing} รายการ · รูปตรงกันทุกไบต์ {found.photos_matching} จาก {found.photos} รูป")
    click.echo(f"    ข้อที่มีคนแก้ต่างกัน รอเจ้าหน้าที่ตรวจ {len(found.conflicts)} ข้อ")
    for conflict in found.conflicts:
        values = " / ".join(str(side["value"]) for side in conflict["contenders"])
        click.echo(f"      {conflict['label']['th']}: ศูนย์ «{conflict['central']}» เครื่อง «{values}»")
    for check, right in checks.items():
        mark(check, right=right)
    step("ตารางเทียบกับรายงานที่เผยแพร่", "The tables beside the published report")
    click.echo(f"    {published.source}\n")
    for name, rows in found.tables.items():
        table(TITLES[name], rows)
    mark("ทุกตารางเท่ากับที่เผยแพร่ · every table equals the published one", right=found.equal)


def records(found: Outcome) -> None:
    """Print the counts of each type."""
    labels = {type_: RECORD_TYPES[type_].label.th for type_ in found.captured}
    widths = (max(width(label) for label in labels.values()), 10, 10)
    click.echo("  " + cells(("", "บันทึก", "ถึงศูนย์"), widths))
    for type_, label in labels.items():
        figures = (str(found.captured[type_]), str(found.arrived.get(type_, 0)))
        click.echo("  " + cells((label, *figures), widths))


def table(title: str, rows: list[Compared]) -> None:
    """Print one table."""
    for line in lines(title, rows):
        click.echo(f"    {line}")
    click.echo()


def mark(what: str, *, right: bool) -> None:
    """Print whether something is as it should be."""
    click.secho(f"    {'✓' if right else '✗'} {what}", fg="green" if right else "red")


def took(seconds: float) -> None:
    """Print how long the story was."""
    click.echo(f"\n    ใช้เวลา {seconds:.0f} วินาที · took {seconds:.0f} s")


def serving(url: str) -> None:
    """Print where the centre is, and who may sign in."""
    step(f"ศูนย์เปิดอยู่ที่ {url} (Ctrl-C เพื่อปิด)", f"The centre is at {url}; Ctrl-C ends it")
    click.echo(f"    เอกสาร API {url}/api/v1/docs\n    รหัสผ่านของทุกคน · everybody's password: {PASSWORD}")
    for username, name in ((ADMINISTRATOR, "ผู้ดูแลระบบ"), *((desk.username, desk.display_name) for desk in DESKS)):
        click.echo(f"      {username:<14} {name}")
