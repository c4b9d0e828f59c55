"""``husec db``: the tables and their versions."""

import click

from server import migrations
from server.cli.saying import hold, opened, say
from server.store.stored_schema import bring_up


@click.group()
def db() -> None:
    """ฐานข้อมูล · The database."""


@db.command()
def upgrade() -> None:
    """ปรับตารางให้เป็นรุ่นปัจจุบัน · Bring the tables to this version. Safe to repeat, and from several processes at once."""
    centre = opened()
    hold(centre)
    migrations.upgrade(centre.engine)
    bring_up(centre.engine, centre.store.types)
    say(f"ฐานข้อมูลเป็นรุ่น {migrations.newest()} แล้ว", f"the database is at version {migrations.newest()}")


@db.command()
def version() -> None:
    """แสดงรุ่นของตาราง · Show the version of the tables."""
    click.echo(migrations.current(opened().engine) or "-")


@db.command()
@click.argument("revision")
@click.argument("message")
def revision(revision: str, message: str) -> None:
    """เขียนไฟล์ปรับตาราง (สำหรับผู้พัฒนา) · Write the migration to the declared tables (for developers)."""
    click.echo(migrations.write_revision(opened().engine, message, revision))
