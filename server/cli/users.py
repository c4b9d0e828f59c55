"""``husec user``: people and their roles."""

from pathlib import Path

import click

from server.auth import people
from server.auth.roles import Assignment, fits
from server.cli.granting import refuse_scope
from server.cli.init import read_password
from server.cli.saying import fail, ready, refuse, say
from server.errors import UsernameTaken
from server.models.engine import reading, writing
from sync.errors import ProtocolError, ValidationFailed


@click.group()
def user() -> None:
    """ผู้ใช้และบทบาท · People and their roles."""


@user.command()
@click.argument("username")
@click.argument("display_name")
@click.option("--role", "roles", multiple=True, metavar="ROLE@SCOPE", help="เช่น rru_member@district:5401")
@click.option("--password-file", type=click.Path(exists=True, dir_okay=False, path_type=Path))
@click.option("--password", "ask", is_flag=True, help="ถามรหัสผ่าน · ask for a password (staff)")
def add(username: str, display_name: str, roles: tuple[str, ...], password_file: Path | None, *, ask: bool) -> None:
    """เพิ่มผู้ใช้ · Add a person. Without a password they use devices only."""
    centre = ready()
    given = [assignment(role) for role in roles]
    for held in given:
        if not fits(held.role, held.scope):
            refuse_scope(held)
    password = read_password(password_file) if ask or password_file else None
    try:
        with writing(centre.engine) as connection:
            person = people.create(connection, username, display_name, now=centre.now(), password=password)
            for held in given:
                people.give_role(connection, person, held, now=centre.now())
    except UsernameTaken:
        fail(
            f"มีผู้ใช้ {username} อยู่แล้ว ไม่มีอะไรเปลี่ยน",
            f"There is a user {username} already; nothing has changed. Take another name, or use husec grant.",
        )
    say(f"เพิ่มผู้ใช้ {username} แล้ว", f"{username} added")
    if not given:
        say(f"ยังไม่มีบทบาท สั่ง husec grant {username} บทบาท ขอบเขต", f"no role yet: husec grant {username} ROLE SCOPE")
    say(f"ให้ลงทะเบียนเครื่องด้วย husec enrol {username}", f"for a device of theirs: husec enrol {username}")


@user.command("list")
def list_() -> None:
    """แสดงผู้ใช้ทั้งหมด · List everybody."""
    with reading(ready().engine) as connection:
        after = ""
        while found := people.everybody(connection, after=after):
            for person in found:
                held = " ".join(f"{each.role}@{each.scope}" for each in person.roles)
                click.echo(f"{person.username}\t{person.display_name}\t{held}")
            after = found[-1].username


@user.command()
@click.argument("username")
@click.argument("role", metavar="ROLE@SCOPE")
@click.option("--remove", is_flag=True, help="ถอนบทบาท · take the role away")
def role(username: str, role: str, *, remove: bool) -> None:
    """ให้หรือถอนบทบาท · Give a role (or take it): rru_member@team:ID, social_worker@province:54."""
    centre = ready()
    held = assignment(role)
    try:
        with writing(centre.engine) as connection:
            person = people.find_by_name(connection, username)
            if remove:
                people.take_role(connection, person.id, held)
            else:
                people.give_role(connection, person.id, held, now=centre.now())
    except ValidationFailed:
        refuse_scope(held)
    except ProtocolError as refusal:
        refuse(refusal)
    say("บันทึกบทบาทแล้ว", "roles changed")


def assignment(text: str) -> Assignment:
    """Read ``role@scope``."""
    role, _, scope = text.partition("@")
    return Assignment(role, scope or "nation")
