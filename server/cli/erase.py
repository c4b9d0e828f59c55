"""``husec erase``: erase a record for ever, where somebody demands it and no desk can be reached."""

import click

from server import erasure
from server.auth import people
from server.auth.grants import assignments_of
from server.auth.roles import permits
from server.cli.saying import fail, ready, refuse, say
from server.errors import NotFound
from server.models.engine import reading
from server.store import CENTRE
from sync.errors import ProtocolError


@click.command()
@click.argument("record")
@click.option("--reason", type=click.Choice(erasure.REASONS), required=True, help="เหตุผล · why")
@click.option("--by", "username", help="ผู้สั่งลบ · who decided it; left out, the centre itself")
@click.option("--yes", is_flag=True, help="ไม่ต้องถาม · do not ask")
def erase(record: str, reason: str, username: str | None, *, yes: bool) -> None:
    """ลบข้อมูลถาวร · Erase a record and all that belongs to it, here and on every device. It cannot be undone.

    Backups made before hold it until they expire.
    """
    centre = ready()
    by = _id_of(username) if username else CENTRE
    if not yes:
        click.confirm("ลบเรื่องนี้และเรื่องที่รวมไว้ ถาวร · Erase it, and what is merged with it, for ever?", abort=True)
    try:
        done = erasure.erase(centre, record, by=by, reason=reason, now=centre.now())
    except NotFound:
        fail(f"ไม่พบ {record} หรือลบไปแล้ว", f"There is no record {record}, or it is erased already.")
    except ProtocolError as refusal:
        refuse(refusal)
    say(f"ลบถาวรแล้ว {len(done.traces)} รายการ", f"{len(done.traces)} records erased")
    for each in sorted(done.traces, key=lambda each: each.id):
        click.echo(f"{each.type}\t{each.id}")


def _id_of(username: str) -> str:
    """Return the id of whoever decided it, who must be somebody that may."""
    with reading(ready().engine) as connection:
        try:
            user = people.find_by_name(connection, username).id
        except NotFound:
            fail(f"ไม่มีผู้ใช้ {username} ยังไม่ได้ลบอะไร", f"There is no user {username}. Nothing was erased.")
        if not permits(assignments_of(connection, user), "record", "erase"):
            fail(
                f"{username} ไม่มีสิทธิ์สั่งลบถาวร ยังไม่ได้ลบอะไร",
                f"{username} may not decide an erasure. Nothing was erased.",
            )
    return user
