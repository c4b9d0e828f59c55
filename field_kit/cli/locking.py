"""``field-kit unlock`` and ``lock``: enter the passphrase once per shift."""

from datetime import timedelta

import click

from field_kit.cli.display import moment
from field_kit.cli.officer import Officer, for_officer
from field_kit.home import find_database, key_path
from field_kit.keyfile import PASSPHRASE_LENGTH_MIN, change_passphrase, read_key
from field_kit.keyring import keeper_for, unlock
from field_kit.kit import WORLD
from sync.instants import rfc3339


@click.command("unlock")
@click.option("--hours", type=click.FloatRange(0.1, 24), default=8, show_default=True, help="นานเท่าใด · for how long")
@click.option("--new-passphrase", is_flag=True, help="เปลี่ยนรหัสผ่าน · choose another passphrase")
@for_officer
def unlock_(officer: Officer, hours: float, *, new_passphrase: bool) -> None:
    """ปลดล็อกไว้ใช้ทั้งกะ · Unlock for a shift.

    The key is kept in the system's keyring, or where there is none in a file that only you can read and that expires.
    """
    path = find_database(officer.home, officer.user)
    key = read_key(key_path(path), officer.passphrase())
    if new_passphrase:
        chosen = click.prompt(
            officer.text("kit.prompt.new_passphrase", min=PASSPHRASE_LENGTH_MIN),
            hide_input=True,
            confirmation_prompt=officer.text("kit.prompt.again"),
            err=True,
        )
        change_passphrase(key_path(path), key, str(chosen))
    until = rfc3339(unlock(keeper_for(path), key, WORLD.now(), timedelta(hours=hours)))
    officer.say("kit.unlocked", time=moment(until, officer.language))
    officer.emit({"unlocked_until": until})


@click.command()
@for_officer
def lock(officer: Officer) -> None:
    """ล็อกเครื่อง · Lock; the passphrase is needed again."""
    keeper_for(find_database(officer.home, officer.user)).delete()
    officer.say("kit.locked_now")
    officer.emit({"unlocked_until": None})
