"""``field-kit forgot``: a new passphrase, once staff have heard the code and approved."""

from pathlib import Path

import click

from field_kit import forgotten
from field_kit.cli.officer import Officer, for_officer
from field_kit.errors import RecoveryOpen, Unreachable
from field_kit.home import find_database
from field_kit.keyfile import PASSPHRASE_LENGTH_MIN
from field_kit.kit import SUPPORT_PHONE, WORLD
from sync.errors import ServerBusy, TooManyRequests

LOOK_EVERY_S = 15.0


@click.command()
@click.option("--wait", is_flag=True, help="รอจนเจ้าหน้าที่อนุมัติ · wait until staff decide")
@for_officer
def forgot(officer: Officer, *, wait: bool) -> None:
    """ลืมรหัสผ่าน · Forgot the passphrase: ask the centre, read a code out on the telephone, choose a new one.

    Run it again once staff have approved. Nothing that was typed is lost.
    """
    from field_kit.transport import HttpTransport  # slow to import

    officer.end_wipes()
    path = find_database(officer.home, officer.user)
    desk = HttpTransport(forgotten.server_of(path), language=officer.language)
    try:
        key = _key(officer, path, desk, wait=wait)
    finally:
        desk.close()
    passphrase = officer.passphrase("kit.prompt.new_passphrase", confirm=True, min=PASSPHRASE_LENGTH_MIN)
    forgotten.begin_anew(path, key, passphrase)
    officer.say("kit.recovered")
    officer.emit({"recovered": True})


def _key(officer: Officer, path: Path, desk: forgotten.HelpDesk, *, wait: bool) -> bytes:
    told = False
    while True:
        try:
            return forgotten.fetch_key(path, desk)
        except RecoveryOpen as still:
            still.facts = {**still.facts, "phone": SUPPORT_PHONE}
            if not wait:
                raise
            if not told:
                officer.say("kit.forgot", phone=SUPPORT_PHONE)
                officer.say("kit.forgot_code", code=still.facts["code"])
            told = True
        except (Unreachable, ServerBusy, TooManyRequests):
            if not told:
                raise
        WORLD.sleep(LOOK_EVERY_S)
