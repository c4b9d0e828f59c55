"""``field-kit export``, ``import`` and ``leave``: work that goes by hand, and a device that is given back."""

from pathlib import Path

import click

from field_kit.cli.officer import Officer, for_officer


@click.command("export")
@click.argument("path", metavar="FILE", type=click.Path(dir_okay=False, path_type=Path))
@click.option("--everything", is_flag=True, help="ทั้งหมด รวมที่ส่งแล้ว · the whole log")
@for_officer
def export(officer: Officer, path: Path, *, everything: bool) -> None:
    """เก็บงานที่ยังไม่ส่งเป็นไฟล์ · Save unsent work to a file that only the centre can open.

    Anybody may bring it: a colleague with signal (field-kit import), or on a USB stick.
    """
    with officer.kit() as kit:
        done = kit.export(path, everything=everything)
    if done.parts:
        officer.say("kit.exported", mutations=done.mutations, photos=done.files, name=path.name)
    else:
        officer.say("kit.nothing_waiting")
    officer.emit(done._asdict() | {"path": str(path) if done.parts else None})


@click.command("import")
@click.argument("path", metavar="FILE", type=click.Path(exists=True, dir_okay=False, path_type=Path))
@for_officer
def import_(officer: Officer, path: Path) -> None:
    """รับไฟล์งานของเพื่อนไปส่งแทน · Carry a colleague's file to the centre with the next sync.

    It is sealed: you cannot read it, and you learn nothing but that it arrived.
    """
    with officer.kit() as kit:
        new = kit.carry(path)
        waiting = kit.status().carried
    officer.say("kit.carried", count=waiting)
    officer.emit({"new": new, "waiting": waiting})


@click.command()
@click.option("--yes", is_flag=True, help="ไม่ต้องถาม · do not ask")
@for_officer
def leave(officer: Officer, *, yes: bool) -> None:
    """ออกและลบข้อมูลในเครื่องนี้ · Log out: delete everything on this computer. Refused while work waits here."""
    with officer.kit() as kit:
        if officer.interactive and not yes:
            click.confirm(officer.text("kit.leave_sure"), abort=True, err=True)
        done = kit.leave()
    officer.say("kit.left")
    if not done.facts["confirmed"]:
        officer.say("kit.left_untold")
    officer.emit({"wiped": True, "confirmed": done.facts["confirmed"]})
