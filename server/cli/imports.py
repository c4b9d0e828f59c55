"""``husec import``."""

import click

from server import starting_data
from server.cli.saying import ready, say


@click.group("import")
def import_() -> None:
    """นำเข้าข้อมูลตั้งต้น · Load starting data."""


@import_.command()
def areas() -> None:
    """โหลดพื้นที่ หลักเกณฑ์ หน่วยงาน · Load all areas, assistance rules and partner agencies. Safe to repeat."""
    centre = ready()
    for type_, added in starting_data.load_all(centre.store, centre.now()).items():
        label = centre.store.types[type_].label
        say(f"{label.th} เพิ่ม {added:,} รายการ", f"{label.en}: {added:,} added")
