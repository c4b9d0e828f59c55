"""The command ``field-kit``: parse and print only. One file per group of commands; each is a line in ``COMMANDS``."""

import click

from field_kit.cli import enrol, forgotten, handing, locking, merging, reading, standing, syncing, writing
from field_kit.enrolling import client_version

COMMANDS: tuple[click.Command, ...] = (
    enrol.enrol,
    locking.unlock_,
    locking.lock,
    forgotten.forgot,
    writing.new,
    writing.edit,
    writing.delete,
    merging.merge,
    writing.attach,
    reading.list_,
    reading.show,
    reading.search,
    reading.fields,
    syncing.sync,
    handing.export,
    handing.import_,
    handing.leave,
    standing.status,
    standing.outbox,
    standing.conflicts,
    standing.doctor,
)


@click.group(context_settings={"help_option_names": ["-h", "--help"], "max_content_width": 100})
@click.version_option(client_version(), prog_name="field-kit")
def main() -> None:
    """บันทึกงานภาคสนาม ศรส. ได้แม้ไม่มีสัญญาณ · Record HuSEC field work offline; send it when there is signal."""


for command in COMMANDS:
    main.add_command(command)
