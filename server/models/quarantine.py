"""What came by other ways than a push, and waits for staff: sealed outboxes, hand-carried files, witnesses."""

from sqlalchemy import Column, Index, LargeBinary, String, Table, Text, UniqueConstraint, text

from server.models.base import Json, metadata
from server.models.identity import ID, INSTANT, SHA256

delivery = Table(
    "delivery",
    metadata,
    Column("id", ID, primary_key=True),
    Column("kind", String(10), nullable=False),
    Column("device", ID),
    Column("user", ID),
    Column("brought_by", ID),
    Column("received_at", INSTANT, nullable=False),
    Column("sha256", SHA256, nullable=False),
    Column("content", LargeBinary, nullable=False),
    Column("state", String(10), nullable=False),
    Column("decided_at", INSTANT),
    Column("decided_by", ID),
    Column("reason", Text),
    Column("detail", Json, nullable=False),
    UniqueConstraint("kind", "sha256"),
)
"""One delivery, kept as it came. ``kind``: ``outbox`` (posted by a lost device), ``export`` (an unsent-work file),
``witness`` (a row that a restored centre no longer has). ``state``: ``open``, ``applied``, ``dismissed``.
"""

Index(
    "ix_delivery_open",
    delivery.c.received_at,
    sqlite_where=text("state = 'open'"),
    postgresql_where=text("state = 'open'"),
)

key_recovery = Table(
    "key_recovery",
    metadata,
    Column("id", ID, primary_key=True),
    Column("device", ID, nullable=False),
    Column("user", ID, nullable=False),
    Column("public_key", String(44), nullable=False),
    Column("box", Text, nullable=False),
    Column("requested_at", INSTANT, nullable=False),
    Column("expires_at", INSTANT, nullable=False),
    Column("state", String(10), nullable=False),
    Column("decided_at", INSTANT),
    Column("decided_by", ID),
    Column("answer", Text),
)
"""Somebody who forgot a passphrase asks for the data key. ``public_key``: to which the answer is sealed once staff have
approved. ``state``: ``open``, ``approved``, ``refused``."""

Index("ix_key_recovery_device", key_recovery.c.device)

settlement = Table(
    "settlement",
    metadata,
    Column("mutation", ID, primary_key=True),
    Column("how", String(10), nullable=False),
    Column("at", INSTANT, nullable=False),
    Column("by", ID, nullable=False),
    Column("reason", Text, nullable=False),
    Column("applied_as", ID),
)
"""What staff did about a rejected or held mutation: ``applied`` (corrected, on the author's behalf; ``applied_as`` is
the mutation that took effect), ``returned`` (for the author to correct) or ``dismissed``."""

Index("ix_settlement_applied_as", settlement.c.applied_as)
