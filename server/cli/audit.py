"""``husec audit``: that the ledger and the read log are whole."""

import click

from server import access_log
from server.audit import verify_ledger
from server.cli.saying import fail, ready, say
from server.models.engine import reading

WHY = {
    "link": ("ลิงก์ไม่ตรงกัน", "its link does not follow from the one before"),
    "payload": ("เนื้อหาไม่ตรงกับลายนิ้วมือ", "a payload is not the one that was received"),
    "emptied": ("เนื้อหาหายไปโดยไม่มีการลบถาวร", "a payload is missing which no erasure took away"),
    "missing_link": ("ไม่มีลิงก์", "it has rows and no link"),
    "clock": ("อยู่หลังนาฬิกาของคลัง", "it lies beyond the store's clock"),
}


@click.group()
def audit() -> None:
    """ตรวจสอบบัญชี · Check what must never change."""


@audit.command()
@click.option("--from", "first", type=click.IntRange(min=0), default=0, help="เริ่มที่ครั้งที่ · begin with this commit")
def verify(first: int) -> None:
    """คำนวณลูกโซ่ของบัญชีและบันทึกการอ่านใหม่ · Recompute the chains of the ledger and of the read log.

    Ends with exit code 1 at the first commit that does not fit.
    """
    centre = ready()
    with reading(centre.engine) as connection:
        ledger = verify_ledger(connection, first)
        if ledger.broken is not None:
            th, en = WHY[str(ledger.why)]
            fail(f"บัญชีเสียที่ครั้งที่ {ledger.broken}: {th}", f"The ledger is broken at commit {ledger.broken}: {en}.")
        say(
            f"บัญชีครบถ้วน: {ledger.commits:,} ครั้ง · {ledger.mutations:,} รายการ (ลบถาวร {ledger.erased:,})",
            f"the ledger is whole: {ledger.commits:,} commits, {ledger.mutations:,} mutations, "
            f"{ledger.erased:,} of them erased",
        )
        reads = access_log.verify(connection)
    if reads.broken is not None:
        fail(f"บันทึกการอ่านเสียที่ลำดับ {reads.broken}", f"The read log is broken at entry {reads.broken}.")
    say(f"บันทึกการอ่านครบถ้วน: {reads.entries:,} รายการ", f"the read log is whole: {reads.entries:,} entries")
    click.echo(f"{ledger.link}  {reads.last}")
