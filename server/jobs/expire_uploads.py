"""End uploads that ran out of time, and remove files that belong to none."""

from datetime import datetime, timedelta

from sqlalchemy import select

from server import uploads
from server.centre import Centre
from server.models.engine import reading, writing
from server.models.files import upload


def run(centre: Centre, now: datetime) -> str:
    """Remove what will not be finished."""
    with writing(centre.engine) as connection:
        unfinished = uploads.expire(connection, centre.blobs, now)
    with reading(centre.engine) as connection:
        known = set(connection.execute(select(upload.c.id)).scalars())
    before = now - timedelta(hours=centre.settings.upload_hours)
    return f"{unfinished} uploads expired, {centre.blobs.drop_strays(known, before)} stray files removed"
