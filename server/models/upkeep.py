"""What keeps the promises over the years: backups that were tried, and what was erased for ever."""

from sqlalchemy import BigInteger, Column, Index, Integer, String, Table, Text

from server.models.base import metadata
from server.models.identity import ID, INSTANT, SHA256

backup = Table(
    "backup",
    metadata,
    Column("id", ID, primary_key=True),
    Column("epoch", ID, nullable=False),
    Column("commit_number", BigInteger, nullable=False),
    Column("taken_at", INSTANT, nullable=False),
    Column("verified_at", INSTANT),
    Column("sha256", SHA256, nullable=False),
    Column("bytes", BigInteger, nullable=False),
    Column("place", Text, nullable=False),
)
"""One backup. ``verified_at``: when it was restored and found whole; only such a one lets devices prune."""

erasure = Table(
    "erasure",
    metadata,
    Column("record", ID, primary_key=True),
    Column("type", String(40), nullable=False),
    Column("erased_at", INSTANT, nullable=False),
    Column("by", ID, nullable=False),
    Column("reason", Text, nullable=False),
    Column("commit_number", BigInteger, nullable=False),
)
"""A record whose content was erased on its subject's demand. Whatever names it later is refused and not kept."""

match_key = Table(
    "match_key",
    metadata,
    Column("key", String(80), primary_key=True),
    Column("record", ID, primary_key=True),
)
"""By what people may be found to be one and the same: ``sound:…``, ``id:…``, ``phone:…``, ``house:…`` of a person."""

Index("ix_match_key_record", match_key.c.record)

kept_apart = Table(
    "kept_apart",
    metadata,
    Column("first", ID, primary_key=True),
    Column("second", ID, primary_key=True),
    Column("decided_at", INSTANT, nullable=False),
    Column("by", ID, nullable=False),
    Column("reason", Text, nullable=False),
)
"""Two records that staff looked at and found to be two; ``first`` sorts before ``second``. Not suggested again."""

access = Table(
    "access",
    metadata,
    Column("number", BigInteger().with_variant(Integer(), "sqlite"), primary_key=True, autoincrement=False),
    Column("at", INSTANT, nullable=False),
    Column("user", ID, nullable=False),
    Column("device", ID),
    Column("action", String(20), nullable=False),
    Column("subject", String(40), nullable=False),
    Column("records", Integer, nullable=False),
    Column("records_hash", SHA256, nullable=False),
    Column("detail", Text, nullable=False),
    Column("link", SHA256, nullable=False),
)
"""The read log: who saw, searched, fetched or took away what. One hash chain; ``records_hash`` covers the ids."""

Index("ix_access_user", access.c.user, access.c.number)
Index("ix_access_device", access.c.device, access.c.number)

access_record = Table(
    "access_record",
    metadata,
    Column("record", ID, primary_key=True),
    Column("access", BigInteger().with_variant(Integer(), "sqlite"), primary_key=True),
    sqlite_with_rowid=False,
)
"""Which records an access showed."""

Index("ix_access_record_access", access_record.c.access)
