"""``field-kit enrol``: make this computer somebody's."""

import click

from field_kit.cli.officer import Officer, for_officer
from field_kit.enrolling import read_address
from field_kit.keyfile import PASSPHRASE_LENGTH_MIN
from field_kit.keyring import keeper_for, unlock
from field_kit.kit import WORLD, FieldKit


@click.command()
@click.argument("centre")
@click.argument("code", required=False)
@click.option("--name", help="ชื่อเครื่อง · name of this computer")
@click.option("--keep-locked", is_flag=True, help="ไม่ปลดล็อกไว้ · do not leave it unlocked afterwards")
@for_officer
def enrol(officer: Officer, centre: str, code: str | None, name: str | None, *, keep_locked: bool) -> None:
    """ลงทะเบียนเครื่องด้วยรหัสใช้ครั้งเดียว · Enrol this computer with a one-use code.

    CENTRE is the address of the HuSEC centre, or all that the QR says (ADDRESS/enrol#CODE). Without CODE it is asked
    for. The passphrase you choose guards everything on this computer; write it nowhere near it.
    """
    address, scanned = read_address(centre)
    code = code or scanned or str(click.prompt(officer.text("kit.prompt.code"), err=True))
    passphrase = officer.passphrase("kit.prompt.new_passphrase", confirm=True, min=PASSPHRASE_LENGTH_MIN)
    with FieldKit.enrol(address, code, officer.home, passphrase, device_name=name, language=officer.language) as kit:
        identity = kit.identity
        if not keep_locked and not officer.passphrase_file:
            unlock(keeper_for(kit.database.path), kit.key, WORLD.now())
    officer.say("kit.enrolled", name=identity.user.get("display_name", identity.owner))
    officer.emit({"user": identity.user, "device": identity.device, "server_url": identity.server_url})
