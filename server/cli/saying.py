"""What commands print: Thai first, English under it, and errors that end with one next step."""

import os
from typing import NoReturn

import click
from sqlalchemy.exc import SQLAlchemyError

from schemas import messages
from server import holding, migrations
from server.centre import Centre, open_centre
from server.config import BadSetting, settings_from
from sync.errors import ProtocolError


def say(th: str, en: str) -> None:
    """Print a line in both languages."""
    click.echo(f"{th} · {en}")


def fail(th: str, en: str) -> NoReturn:
    """Print an error in both languages and end with exit code 1."""
    click.secho(f"✗ {th}", err=True, fg="red")
    click.secho(f"✗ {en}", err=True, fg="red")
    raise SystemExit(1)


def refuse(error: ProtocolError) -> NoReturn:
    """Print a refusal from the message catalogue and end with exit code 1."""
    lines = [
        " ".join(messages.text(f"error.{error.code}.{part}", each) for part in ("title", "detail"))
        for each in ("th", "en")
    ]
    fail(*lines)


def opened() -> Centre:
    """Return the centre of the environment's settings, without looking whether it is migrated.

    Its connections are closed when the command ends.
    """
    try:
        centre = open_centre(settings_from())
    except BadSetting as wrong:
        fail(f"ค่าตั้งไม่ถูกต้อง: {wrong}", f"A setting is wrong: {wrong}")
    click.get_current_context().call_on_close(centre.engine.dispose)
    return centre


def ready() -> Centre:
    """Return the centre, once it is known to be set up."""
    centre = opened()
    try:
        found = migrations.current(centre.engine)
    except SQLAlchemyError as wrong:
        fail("เปิดฐานข้อมูลไม่ได้", f"The database cannot be opened ({type(wrong).__name__}). Check HUSEC_DATABASE_URL.")
    if found is None:
        fail("ยังไม่ได้ตั้งศูนย์ สั่ง husec init ก่อน", "The centre is not set up. Run husec init first.")
    if found != migrations.newest():
        fail("ฐานข้อมูลยังเป็นรุ่นเก่า สั่ง husec db upgrade ก่อน", "The database is of an older version. Run husec db upgrade.")
    hold(centre)
    return centre


def hold(centre: Centre) -> None:
    """Keep restores away until the command ends."""
    try:
        shared = holding.share(centre.settings.data_dir)
    except holding.StoreHeld:
        fail(
            "กำลังกู้คืนข้อมูล หรือกู้คืนไม่เสร็จ ถ้าไม่มีใครกู้คืนอยู่ ให้สั่ง husec restore อีกครั้ง",
            "The store is being restored, or a restore was cut off. If nobody does now, run husec restore again.",
        )
    click.get_current_context().call_on_close(lambda: os.close(shared))
