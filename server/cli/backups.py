"""``husec backup`` and ``husec restore``."""

from pathlib import Path
from typing import NoReturn

import click

from server.backup.checking import Tried, try_backup
from server.backup.problem import BackupProblem
from server.backup.restoring import Restored, is_empty
from server.backup.restoring import restore as restore_backup
from server.backup.taking import Taken, mark_verified, take
from server.cli.saying import fail, opened, ready, say
from server.config import BadSetting

FOLDER = click.Path(file_okay=False, path_type=Path)
CONFIRMATION = "replace"


@click.command()
@click.argument("directory", type=FOLDER)
@click.option("--no-verify", is_flag=True, help="ไม่ลองกู้คืน · do not try to restore it; devices keep everything")
def backup(directory: Path, *, no_verify: bool) -> None:
    """สำรองข้อมูลแล้วลองกู้คืน · Back everything up into a new folder inside DIRECTORY, and try it by restoring it.

    The centre may go on serving. Only a backup that was restored and found whole lets devices forget what they sent.
    """
    centre = ready()
    try:
        taken = take(centre, directory, centre.now())
        _say_taken(taken)
        if no_verify:
            say("ยังไม่ได้ลองกู้คืน เครื่องจึงยังเก็บงานไว้ทั้งหมด", "not tried by restoring: devices keep everything")
            return
        tried = try_backup(taken.place, centre.settings.backup_key, beside=centre.engine)
    except BackupProblem as problem:
        refuse(problem)
    except BadSetting as wrong:
        wrong_setting(wrong)
    moved = mark_verified(centre, taken, centre.now())
    _say_tried(tried, moved, postgres=centre.engine.dialect.name == "postgresql")


@click.command()
@click.argument("place", type=click.Path(exists=True, path_type=Path))
@click.option("--replace", is_flag=True, help="แทนที่ข้อมูลที่มีอยู่ · put it in the place of the data that is there")
@click.option("--yes", is_flag=True, help="ไม่ถามยืนยัน · do not ask")
def restore(place: Path, *, replace: bool, yes: bool) -> None:
    """กู้คืนจากข้อมูลสำรอง · Restore a backup: its folder, or the folder of backups for the newest one.

    Stop the centre first. Everything is checked before anything is replaced.
    """
    centre = opened()
    if replace and not yes and not is_empty(centre.engine):
        _confirm()
    try:
        _say_restored(restore_backup(centre, place, centre.now(), replace=replace))
    except BackupProblem as problem:
        refuse(problem)
    except BadSetting as wrong:
        wrong_setting(wrong)


def refuse(problem: BackupProblem) -> NoReturn:
    """Print why, and end with exit code 1."""
    fail(problem.text("th"), problem.text("en"))


def wrong_setting(wrong: BadSetting) -> NoReturn:
    """Name the setting, and end with exit code 1."""
    fail(f"ค่าตั้งไม่ถูกต้อง: {wrong}", f"A setting is wrong: {wrong}")


def _confirm() -> None:
    say("ข้อมูลที่มีอยู่จะถูกแทนที่", "the data that is there will be replaced")
    typed = click.prompt(f"พิมพ์ {CONFIRMATION} เพื่อยืนยัน · Type {CONFIRMATION} to confirm")
    if typed != CONFIRMATION:
        fail("ไม่ได้กู้คืน ไม่มีอะไรเปลี่ยน", "Not restored; nothing has changed.")


def _say_taken(taken: Taken) -> None:
    manifest = taken.manifest
    click.echo(taken.place)
    size = f"{manifest.size / 1_000_000:,.1f} MB"
    say(
        f"สำรองแล้ว ถึงครั้งที่ {manifest.commit:,} · {manifest.rows:,} แถว · {manifest.blobs:,} ไฟล์ · {size}",
        f"backed up through commit {manifest.commit:,}: {manifest.rows:,} rows, {manifest.blobs:,} files, {size}",
    )
    if not manifest.encrypted:
        say("ข้อมูลสำรองไม่ได้เข้ารหัส", "the backup is not encrypted (see HUSEC_BACKUP_KEY_FILE)")


def _say_tried(tried: Tried, moved: int, *, postgres: bool) -> None:
    say(
        f"ลองกู้คืนแล้ว ครบถ้วน: {tried.rows:,} แถว · {tried.mutations:,} รายการในบัญชี · {tried.blobs:,} ไฟล์",
        f"restored and found whole: {tried.rows:,} rows, {tried.mutations:,} mutations of {tried.commits:,} commits, "
        f"{tried.blobs:,} files",
    )
    if postgres and "postgresql" not in tried.places:
        say("ลองใน SQLite เท่านั้น เพราะสร้าง schema ไม่ได้", "tried in SQLite alone: the role may not make a schema")
    say(f"เครื่องลบงานเก่าได้เพิ่มใน {moved:,} ช่อง", f"{moved:,} lanes may forget more than before")


def _say_restored(done: Restored) -> None:
    manifest, opened_ = done.manifest, done.opened
    say(
        f"กู้คืนถึงครั้งที่ {manifest.commit:,} ซึ่งสำรองไว้เมื่อ {manifest.taken_at}",
        f"restored through commit {manifest.commit:,}, as backed up at {manifest.taken_at}",
    )
    say(
        f"ยกเลิกเครื่องอีกครั้ง {opened_.revocations:,} เครื่อง · ลบถาวรอีกครั้ง {opened_.erasures:,} รายการ",
        f"cancelled again: {opened_.revocations:,} devices; erased again: {opened_.erasures:,} records",
    )
    if not done.register_here:
        say(
            "ไม่พบทะเบียนของศูนย์ ใช้เท่าที่อยู่ในข้อมูลสำรอง ต้องยกเลิกเครื่องและลบถาวรซ้ำเองหากทำไว้หลังจากนั้น",
            "the register was not there and only the backup's copy was used: repeat by hand what was erased or "
            "cancelled since",
        )
    if done.newer is not None:
        say(
            f"มีข้อมูลสำรองใหม่กว่านี้ ถึงครั้งที่ {done.newer:,} เครื่องอาจลบงานระหว่างนั้นแล้ว ถ้ายังอยู่ ให้กู้คืนจากอันนั้น",
            f"a newer verified backup goes through commit {done.newer:,}: devices may have forgotten what lies "
            "between. If you still have it, restore that one",
        )
    for path in done.kept:
        say(f"ของเดิมเก็บไว้ที่ {path}", f"what was there before is kept at {path}")
    say(
        "ตรวจบทบาทผู้ใช้ที่เปลี่ยนหลังสำรอง แล้วเปิดศูนย์ เครื่องจะส่งงานมาเองเมื่อติดต่อครั้งถัดไป",
        "check roles that were changed since the backup, then start the centre; devices send their work again by "
        "themselves",
    )
