"""``field-kit merge``: two records that are one."""

import click

from field_kit.cli.officer import Officer, for_officer
from field_kit.finding import find


@click.command()
@click.argument("record")
@click.argument("into")
@click.option("--reason", required=True, help="เหตุผล · why they are one")
@for_officer
def merge(officer: Officer, record: str, into: str, reason: str) -> None:
    """รวมเรื่องที่เป็นเรื่องเดียวกัน · Merge RECORD into INTO: the same person, household or incident.

    Both keep what they say, and staff can take them apart again. Later edits of RECORD go to INTO.
    """
    with officer.kit() as kit:
        saved = kit.merge(find(kit.database, record), find(kit.database, into), reason)
    officer.emit({"records": saved.records, "mutations": saved.mutations, "warnings": saved.warnings})
    officer.say("kit.merged")
    officer.say("screen.saved_on_device")
