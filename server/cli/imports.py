"""``husec import``."""

from dataclasses import asdict
from pathlib import Path

import click

from server import starting_data, unsent_work
from server.centre import Centre
from server.cli.saying import fail, ready, say
from sync.unsent import NoSealedFile, parts_of


@click.group("import")
def import_() -> None:
    """นำเข้าข้อมูลตั้งต้น หรือไฟล์งานที่มีคนถือมา · Load starting data, or a file of unsent work."""


@import_.command()
def areas() -> None:
    """โหลดพื้นที่ หลักเกณฑ์ หน่วยงาน · Load all areas, assistance rules and partner agencies. Safe to repeat."""
    centre = ready()
    for type_, added in starting_data.load_all(centre.store, centre.now()).items():
        label = centre.store.types[type_].label
        say(f"{label.th} เพิ่ม {added:,} รายการ", f"{label.en}: {added:,} added")


@import_.command()
@click.argument("path", metavar="FILE", type=click.Path(exists=True, dir_okay=False, path_type=Path))
def unsent(path: Path) -> None:
    """นำเข้างานที่ยังไม่ได้ส่ง · Take in a file that field-kit export wrote. Safe to repeat: nothing doubles.

    What cannot be shown to be a device's own waits for staff among the deliveries.
    """
    centre = ready()
    try:
        parts = parts_of(path.read_bytes())
    except NoSealedFile:
        fail("ไฟล์นี้ไม่ใช่งานที่ปิดผนึก หรือมาไม่ครบ", "This is no file of sealed work, or part of it is missing.")
    for sealed in parts:
        _say(centre, unsent_work.receive(centre, sealed, now=centre.now(), brought_by=None, device=None))


def _say(centre: Centre, received: unsent_work.Received) -> None:
    """Say whose a part is and what it added."""
    person = unsent_work.whose(centre, received.delivery) or "–"
    if received.added is None:
        state = received.delivery.state
        say(f"{person}: รอเจ้าหน้าที่ดู ({state})", f"{person}: waits for staff ({state}), {received.delivery.id}")
        return
    told = asdict(received.added)
    outcomes = told.pop("outcomes")
    counts = ", ".join(f"{name} {count}" for name, count in {**outcomes, **told}.items() if count) or "0"
    say(f"{person}: {counts}", f"{received.delivery.kind} {received.delivery.id}")
