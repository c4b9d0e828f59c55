"""``field-kit list``, ``show``, ``search`` and ``fields``: what is on this device, unsent work marked."""

from collections.abc import Sequence
from itertools import islice

import click
from rich.table import Table

from field_kit.cli.display import Display, as_data, type_label
from field_kit.cli.officer import Officer, for_officer
from field_kit.cli.standing import entry_data, refused_lines
from field_kit.cli.typed import Typing
from field_kit.editing import type_named
from field_kit.errors import UnknownRecord
from field_kit.finding import find, short
from field_kit.kit import FieldKit
from field_kit.log import Logged
from field_kit.store import Record
from schemas.base import MERGED_INTO
from schemas.records import RECORD_TYPES
from sync.mutation import Op

LIMIT = click.option("--limit", type=click.IntRange(1), default=50, show_default=True, help="ไม่เกินกี่เรื่อง · at most")


@click.command("list")
@click.argument("record_type", metavar="TYPE")
@click.argument("assignments", metavar="[NAME=VALUE]...", nargs=-1)
@LIMIT
@for_officer
def list_(officer: Officer, record_type: str, assignments: tuple[str, ...], limit: int) -> None:
    """รายการเรื่องแต่ละประเภท ใหม่ก่อน · List the records of a type, newest first.

    NAME=VALUE keeps those whose field has that value, such as ``status=assigned`` or ``case=4WHX-6416-6RH3Y``.
    """
    kind = type_named(record_type)
    with officer.kit() as kit:
        equal = Typing(kit, kind, officer.language).fields(assignments, {})
        _print_records(officer, kit, list(islice(kit.list(kind.name, **equal), limit)))


@click.command()
@click.argument("record")
@for_officer
def show(officer: Officer, record: str) -> None:
    """แสดงเรื่องทั้งหมด ข้อควรระวังมาก่อน · Show one record, dangers first.

    RECORD is a reference number, an id, or the last six or more characters of one.
    """
    with officer.kit() as kit:
        meant = find(kit.database, record)
        refused = kit.refused(meant)
        shown = kit.get(meant) or _as_refused(refused)
        if shown is None:
            raise UnknownRecord(record=record)
        officer.emit(as_data(shown) | {"refused": [entry_data(entry) for entry in refused]})
        if not officer.json:
            display = Display(kit, officer.language)
            contested = shown.type == "conflict"
            officer.print(
                display.contested([shown], officer.width) if contested else display.record(shown, officer.width)
            )
            if into := shown.data.get(MERGED_INTO):
                officer.say("kit.goes_on", short=short(into))
            officer.print(refused_lines(officer, refused))


def _as_refused(refused: Sequence[Logged]) -> Record | None:
    """Return a record that never came to be, as its author wrote it."""
    made = next((entry.mutation for entry in refused if entry.mutation.op is Op.CREATE), None)
    return Record(made.record, made.type, 0, dict(made.data), unsent=False, awaiting=False) if made else None


@click.command()
@click.argument("words", nargs=-1, required=True)
@click.option("--type", "types", multiple=True, help="เฉพาะประเภท · only this type (may be repeated)")
@LIMIT
@for_officer
def search(officer: Officer, words: tuple[str, ...], types: tuple[str, ...], limit: int) -> None:
    """ค้นหาจากส่วนของคำ สองตัวอักษรก็ได้ · Find by parts of words; two characters are enough.

    Areas, teams and other lists of the centre are found with ``--type area``.
    """
    for kind in types:
        type_named(kind)
    with officer.kit() as kit:
        _print_records(officer, kit, list(kit.search(" ".join(words), types, limit)))


@click.command()
@click.argument("record_type", metavar="TYPE", required=False)
@for_officer
def fields(officer: Officer, record_type: str | None) -> None:
    """ประเภทและข้อที่กรอกได้ · Print the types, or the fields of one."""
    table = Table(box=None, show_header=False, padding=(0, 2, 0, 0))
    if record_type is None:
        for name in RECORD_TYPES:
            table.add_row(name, type_label(name, officer.language))
        officer.emit({name: kind.label for name, kind in RECORD_TYPES.items()})
    else:
        specs = type_named(record_type).fields.values()
        for spec in specs:
            needed = officer.text("kit.required") if spec.required else ""
            table.add_row(spec.name, str(getattr(spec.label, officer.language)), spec.vocabulary or spec.kind, needed)
        officer.emit([{"name": s.name, "label": s.label, "kind": s.kind, "required": s.required} for s in specs])
    if not officer.json:
        officer.console.print(table)


def _print_records(officer: Officer, kit: FieldKit, found: list[Record]) -> None:
    officer.emit([as_data(record) for record in found])
    if officer.json:
        return
    if not found:
        officer.say("kit.nothing_found")
        return
    officer.print(Display(kit, officer.language).records(found, officer.width))
