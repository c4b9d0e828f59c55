"""The command ``husec``: set up, look after and serve a centre. One file per group of commands."""

import click

from server.cli import audit, backups, database, docs, doctor, enrol, erase, granting, imports, init, serve, users

COMMANDS: tuple[click.Command, ...] = (
    init.init,
    database.db,
    users.user,
    enrol.enrol,
    granting.grant,
    granting.revoke_grant,
    imports.import_,
    backups.backup,
    backups.restore,
    audit.audit,
    erase.erase,
    doctor.doctor,
    serve.serve,
    docs.docs,
)


@click.group(context_settings={"help_option_names": ["-h", "--help"]})
def main() -> None:
    """ศูนย์ ศรส. · The HuSEC centre: set it up, look after it, serve it."""


for command in COMMANDS:
    main.add_command(command)
