"""Files: what is being uploaded and what has arrived whole. The bytes lie beside the database, see ``server.blobs``."""

from sqlalchemy import BigInteger, Column, ForeignKey, Index, Table

from server.models.base import metadata
from server.models.identity import ID, INSTANT, SHA256

upload = Table(
    "upload",
    metadata,
    Column("id", ID, primary_key=True),
    Column("device", ID, ForeignKey("device.id"), nullable=False),
    Column("attachment", ID, nullable=False),
    Column("sha256", SHA256, nullable=False),
    Column("size", BigInteger, nullable=False),
    Column("created_at", INSTANT, nullable=False),
    Column("expires_at", INSTANT, nullable=False),
    Column("finished_at", INSTANT),
)
"""One tus upload. How much of it has arrived is the length of its file, so that the two never disagree.

A finished one stays: it says that whoever recorded the attachment had the bytes, and did not only name their hash.
"""

Index("ix_upload_expires_at", upload.c.expires_at)
Index("ix_upload_attachment", upload.c.attachment)

blob = Table(
    "blob",
    metadata,
    Column("sha256", SHA256, primary_key=True),
    Column("size", BigInteger, nullable=False),
    Column("stored_at", INSTANT, nullable=False),
)
"""A file that arrived whole and whose hash was checked; one row however many attachments show it."""
