"""Uploads by tus 1.0, below HTTP: who may send which file, what has arrived, and when it counts.

How much has arrived is the length of the file itself, so no crash can make the two disagree.
"""

import base64
import hashlib
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import Connection, Row, delete, exists, insert, select, update
from sqlalchemy.dialects.postgresql import insert as insert_postgres
from sqlalchemy.dialects.sqlite import insert as insert_sqlite
from werkzeug.exceptions import ClientDisconnected

from server.blobs import Blobs, Source, pour
from server.centre import Centre
from server.errors import ChecksumMismatch, NotFound, OffsetMismatch, UploadMismatch
from server.ids import new_id
from server.models.engine import writing
from server.models.files import blob, upload
from server.models.sync_tables import record
from sync.errors import NotPermitted, ValidationFailed
from sync.instants import rfc3339

ALGORITHMS = ("sha1", "sha256")
"""Of ``Upload-Checksum``; sha1 is what the protocol asks every server to know."""


@dataclass(frozen=True, slots=True)
class Upload:
    """One upload and how much of it is here."""

    id: str
    attachment: str
    sha256: str
    size: int
    offset: int
    expires_at: str
    finished: bool


@dataclass(frozen=True, slots=True)
class Checksum:
    """What a client says the bytes of one request hash to."""

    algorithm: str
    digest: bytes


def create(
    connection: Connection,
    blobs: Blobs,
    device: str,
    user: str,
    meta: dict[str, str],
    size: int,
    *,
    now: datetime,
    lasts: timedelta,
) -> Upload:
    """Begin the upload of an attachment's bytes.

    :raises NotFound: when the attachment's record has not arrived: records go first.
    :raises NotPermitted: when somebody else recorded it.
    :raises ValidationFailed: when hash or size are not those that its record says.
    """
    data = _attachment_of(connection, meta.get("attachment", ""), user)
    wrong = {
        name: [{"code": "invalid"}]
        for name, said in (("sha256", meta.get("sha256")), ("size", size))
        if said != data.get(name)
    }
    if wrong:
        raise ValidationFailed(errors=wrong)
    made = Upload(new_id(), meta["attachment"], data["sha256"], size, 0, rfc3339(now + lasts), finished=False)
    row = {"id": made.id, "device": device, "attachment": made.attachment, "sha256": made.sha256, "size": size}
    connection.execute(insert(upload), [row | {"created_at": rfc3339(now), "expires_at": made.expires_at}])
    blobs.begin(made.id)
    return made


def find(connection: Connection, blobs: Blobs, id_: str, device: str, now: datetime) -> Upload:
    """Return an upload of a device.

    :raises NotFound: when it is unknown, another's, expired or ended.
    """
    row = connection.execute(select(upload).where(upload.c.id == id_, upload.c.device == device)).one_or_none()
    if row is None or (row.finished_at is None and row.expires_at <= rfc3339(now)):
        raise NotFound
    offset = row.size if row.finished_at else blobs.arrived(id_)
    if offset is None:
        raise NotFound
    return _upload(row, offset)


def receive(blobs: Blobs, this: Upload, source: Source, offset: int, checksum: Checksum | None) -> int:
    """Append a request's bytes and return the new offset; a cut connection leaves what arrived.

    With a checksum the bytes count together or not at all.

    :raises OffsetMismatch: when the client believes in another offset.
    :raises ChecksumMismatch: when they are not the bytes that were sent.
    :raises Busy: when another request is appending.
    """
    with blobs.writing(this.id) as file:
        start = file.tell()
        if start != offset:
            raise OffsetMismatch(offset=start)
        running = hashlib.new(checksum.algorithm, usedforsecurity=False) if checksum else None
        whole = True
        try:
            for piece in pour(source, file, this.size - start):
                if running:
                    running.update(piece)
        except (ClientDisconnected, ConnectionError, TimeoutError):
            whole = False
        file.flush()
        if checksum and running and not (whole and running.digest() == checksum.digest):
            file.truncate(start)
            raise ChecksumMismatch(offset=start)
        return file.tell()


def finish(centre: Centre, this: Upload, now: datetime) -> None:
    """Check the hash of an upload that is all here and keep it as a blob; doing it twice, or at once, does no harm.

    :raises UploadMismatch: when its bytes are not those that the record names; they are dropped, to be sent anew.
    """
    blobs = centre.blobs
    if blobs.digest(this.id) not in (this.sha256, None):
        with writing(centre.engine) as connection:
            terminate(connection, blobs, this.id)
        raise UploadMismatch
    if not blobs.keep(this.id, this.sha256):
        raise NotFound
    with writing(centre.engine) as connection:
        _store(connection, this, rfc3339(now))
        connection.execute(update(upload).where(upload.c.id == this.id).values(finished_at=rfc3339(now)))
    blobs.drop(this.id)


def terminate(connection: Connection, blobs: Blobs, id_: str) -> None:
    """End an upload and forget what arrived of it."""
    connection.execute(delete(upload).where(upload.c.id == id_))
    blobs.drop(id_)


def expire(connection: Connection, blobs: Blobs, now: datetime) -> int:
    """End every upload that ran out of time before it was finished; say how many."""
    over = (upload.c.expires_at <= rfc3339(now)) & upload.c.finished_at.is_(None)
    ended = connection.execute(delete(upload).where(over).returning(upload.c.id)).scalars().all()
    for identifier in ended:
        blobs.drop(identifier)
    return len(ended)


def arrived() -> Any:
    """Return the condition that the bytes of an attachment's record were sent for it.

    That a blob of this hash exists is not enough: naming the hash of another's photo must not bring the photo.
    """
    return exists().where(
        upload.c.attachment == record.c.id,
        upload.c.sha256 == record.c.data["sha256"].as_string(),
        upload.c.finished_at.is_not(None),
    )


def metadata_in(header: str) -> dict[str, str]:
    """Read ``Upload-Metadata``: pairs of a key and a base64 value.

    :raises ValidationFailed: when it cannot be read.
    """
    found: dict[str, str] = {}
    try:
        for pair in filter(None, (part.strip() for part in header.split(","))):
            key, _, value = pair.partition(" ")
            found[key] = base64.b64decode(value, validate=True).decode()
            if "\0" in found[key]:  # PostgreSQL cannot even compare with it
                raise ValueError
    except ValueError:  # no base64, no ASCII, no UTF-8
        raise ValidationFailed(errors={"Upload-Metadata": [{"code": "malformed"}]}) from None
    return found


def checksum_in(header: str | None) -> Checksum | None:
    """Read ``Upload-Checksum``: an algorithm and a base64 digest.

    :raises ValidationFailed: for another algorithm, or when it cannot be read.
    """
    if not header:
        return None
    algorithm, _, digest = header.partition(" ")
    try:
        if algorithm not in ALGORITHMS:
            raise ValueError
        return Checksum(algorithm, base64.b64decode(digest, validate=True))
    except ValueError:
        raise ValidationFailed(errors={"Upload-Checksum": [{"code": "malformed"}]}) from None


def _attachment_of(connection: Connection, id_: str, user: str) -> dict[str, Any]:
    mine = (record.c.id == id_) & (record.c.type == "attachment") & ~record.c.deleted
    row = connection.execute(select(record.c.data, record.c.owner).where(mine)).one_or_none()
    if row is None:
        raise NotFound
    if row.owner != user:
        raise NotPermitted
    return dict(row.data)


def _store(connection: Connection, this: Upload, at: str) -> None:
    insert_here = insert_postgres if connection.dialect.name == "postgresql" else insert_sqlite
    row = {"sha256": this.sha256, "size": this.size, "stored_at": at}
    connection.execute(insert_here(blob).values(row).on_conflict_do_nothing())


def _upload(row: Row[Any], offset: int) -> Upload:
    return Upload(row.id, row.attachment, row.sha256, row.size, offset, row.expires_at, row.finished_at is not None)
