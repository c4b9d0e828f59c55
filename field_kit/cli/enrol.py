"""``field-kit enrol``: make this computer somebody's, or theirs again after it was away too long."""

import click
from click.core import ParameterSource

from field_kit.cli.display import moment
from field_kit.cli.officer import Officer, for_officer
from field_kit.enrolling import read_address
from field_kit.errors import CentreNotReached, Offline
from field_kit.home import find_database, holds_somebody, key_path
from field_kit.keyfile import PASSPHRASE_LENGTH_MIN, read_key
from field_kit.keyring import keeper_for, unlock
from field_kit.kit import WORLD, FieldKit
from sync.instants import rfc3339


@click.command()
@click.argument("centre")
@click.argument("code", required=False)
@click.option("--name", help="ชื่อเครื่อง · name of this computer")
@click.option("--another", is_flag=True, help="ผู้ใช้อีกคนในเครื่องนี้ · one more person shares this computer")
@click.option("--keep-locked", is_flag=True, help="ไม่ปลดล็อกไว้ · do not leave it unlocked afterwards")
@for_officer
def enrol(
    officer: Officer, centre: str, code: str | None, name: str | None, *, another: bool, keep_locked: bool
) -> None:
    """ลงทะเบียนเครื่องด้วยรหัสใช้ครั้งเดียว · Enrol this computer with a one-use code.

    CENTRE is the address of the HuSEC centre, or all that the QR says (ADDRESS/enrol#CODE). Without CODE it is asked
    for. The passphrase you choose guards everything on this computer; write it nowhere near it.

    Where a device is enrolled already, it is enrolled again with its own passphrase, and everything in it stays.
    """
    address, scanned = read_address(centre)
    code = code or scanned or str(click.prompt(officer.text("kit.prompt.code"), err=True))
    again = holds_somebody(officer.home) and not another
    try:
        ours = _renewed(officer, address, code, name) if again else _enrolled(officer, address, code, name)
    except Offline as silent:
        raise CentreNotReached(address=address) from silent
    with ours as kit:
        identity, waiting = kit.identity, kit.status().waiting
        until = (
            None
            if keep_locked or officer.passphrase_file
            else unlock(keeper_for(kit.database.path), kit.key, WORLD.now())
        )
    person = identity.user.get("display_name", identity.owner)
    officer.say("kit.renewed" if again else "kit.enrolled", name=person, waiting=waiting)
    if until:
        officer.say("kit.unlocked", time=moment(rfc3339(until), officer.language))
    officer.say("kit.next_sync" if until or _always_unlocked() else "kit.next_unlock")
    officer.emit({"user": identity.user, "device": identity.device, "server_url": identity.server_url})


def _enrolled(officer: Officer, address: str, code: str, name: str | None) -> FieldKit:
    passphrase = officer.passphrase("kit.prompt.new_passphrase", confirm=True, min=PASSPHRASE_LENGTH_MIN)
    return FieldKit.enrol(address, code, officer.home, passphrase, device_name=name, language=officer.language)


def _renewed(officer: Officer, address: str, code: str, name: str | None) -> FieldKit:
    """Open the device that is here by its passphrase, before the code goes out, and renew it."""
    path = find_database(officer.home, officer.user)
    if not officer.json:
        click.echo(officer.text("kit.renewing"), err=True)
    kit = FieldKit.open_with_key(path, read_key(key_path(path), officer.passphrase()), language=officer.language)
    try:
        kit.renew(code, server_url=address, device_name=name)
    except BaseException:
        kit.close()
        raise
    return kit


def _always_unlocked() -> bool:
    """Tell whether every command finds the passphrase by itself: its file is named in the environment."""
    return click.get_current_context().get_parameter_source("passphrase_file") is ParameterSource.ENVIRONMENT
