"""``husec init``."""

from pathlib import Path

import click

from server import migrations
from server.auth import people
from server.auth.passwords import PASSWORD_LENGTH_MIN
from server.auth.roles import Assignment
from server.centre import Centre
from server.cli.saying import fail, hold, opened, say
from server.errors import NotFound
from server.models.engine import reading, writing
from server.store.stored_schema import bring_up


@click.command()
@click.option("--admin", default="admin", show_default=True, help="ชื่อผู้ดูแลระบบ · username of the administrator")
@click.option(
    "--password-file",
    type=click.Path(exists=True, dir_okay=False, path_type=Path),
    help="ไฟล์รหัสผ่าน (ไม่ถาม) · file with the password, instead of asking",
)
def init(admin: str, password_file: Path | None) -> None:
    """ตั้งศูนย์: กุญแจ ตาราง ผู้ดูแลระบบ · Set a centre up: keys, tables, an administrator. Safe to repeat."""
    centre = opened()
    hold(centre)
    migrations.upgrade(centre.engine)
    bring_up(centre.engine, centre.store.types)
    say(f"ข้อมูลอยู่ที่ {centre.settings.data_dir}", f"data lies in {centre.settings.data_dir}")
    if _exists(centre, admin):
        say(f"มีผู้ใช้ {admin} อยู่แล้ว ไม่เปลี่ยนแปลง", f"user {admin} exists already and stays as it is")
        return
    password = read_password(password_file)
    with writing(centre.engine) as connection:
        person = people.create(connection, admin, admin, now=centre.now(), password=password)
        people.give_role(connection, person, Assignment("administrator", "nation"), now=centre.now())
    say(f"สร้างผู้ดูแลระบบ {admin} แล้ว", f"administrator {admin} created")


def _exists(centre: Centre, username: str) -> bool:
    try:
        with reading(centre.engine) as connection:
            people.find_by_name(connection, username)
    except NotFound:
        return False
    return True


def read_password(file: Path | None) -> str:
    """Return a password from a file, or ask for it twice."""
    if file is None:
        password = str(click.prompt("รหัสผ่าน · Password", hide_input=True, confirmation_prompt=True))
    else:
        password = file.read_text("utf-8").removesuffix("\n")
    if len(password) < PASSWORD_LENGTH_MIN:
        fail(
            f"รหัสผ่านสั้นเกินไป ต้องมีอย่างน้อย {PASSWORD_LENGTH_MIN} ตัว",
            f"The password is too short: at least {PASSWORD_LENGTH_MIN} characters.",
        )
    return password
