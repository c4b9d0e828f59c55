"""The tables of the sync protocol, which docs/protocol.md explains. Only ``server.store`` writes them."""

from sqlalchemy import BigInteger, Boolean, Column, Index, Integer, String, Table, Text, UniqueConstraint, false, text

from server.models.base import Json, metadata

ID = String(36)

clock = Table(
    "sync_clock",
    metadata,
    Column("id", Integer, primary_key=True),
    Column("value", BigInteger, nullable=False),
    Column("schema", Integer, nullable=False, server_default=text("1")),
)
"""One row. Its value is the last commit number; whoever raises it holds it until their commit.

``schema``: the one under which every ``record.data`` is stored; a program of another schema does not write here."""

epoch = Table(
    "sync_epoch",
    metadata,
    Column("position", Integer, primary_key=True),
    Column("id", ID, nullable=False, unique=True),
    Column("parent", ID),
    Column("restored_to", BigInteger, nullable=False),
    Column("started_at", String(24), nullable=False),
)
"""One row for each time the store began or was restored; the last one is current.

``parent``: the epoch in which the restored backup was taken; the two agree up to commit ``restored_to``."""

record = Table(
    "record",
    metadata,
    Column("id", ID, primary_key=True),
    Column("type", String(40), nullable=False),
    Column("version", BigInteger, nullable=False),
    Column("created", BigInteger, nullable=False),
    Column("owner", ID, nullable=False),
    Column("data", Json, nullable=False),
    Column("field_versions", Json, nullable=False),
    Column("own_buckets", Json, nullable=False),
    Column("by_others", Json, nullable=False),
    Column("deleted", Boolean, nullable=False, server_default=false()),
    Column("merged_into", ID),
)
"""``field_versions`` lists only fields changed since creation; every other field has version ``created``."""

Index("ix_record_type_version", record.c.type, record.c.version)
Index(
    "ix_record_merged_into",
    record.c.merged_into,
    sqlite_where=text("merged_into IS NOT NULL"),
    postgresql_where=text("merged_into IS NOT NULL"),
)

carry = Table(
    "carry",
    metadata,
    Column("carrier", ID, primary_key=True),
    Column("carried", ID, primary_key=True),
    Column("whole", Boolean, nullable=False),
    Column("granted", Boolean, nullable=False),
)
"""Who travels with whom. ``whole``: in every bucket of the carrier, not only in the carrier's own. ``granted`` is
false where the writer who named a record did not hold it: naming an id must not bring its content along."""

Index("ix_carry_carried", carry.c.carried)

mutation = Table(
    "mutation",
    metadata,
    Column("commit_number", BigInteger, primary_key=True),
    Column("position", Integer, primary_key=True),
    Column("group_position", Integer, nullable=False),
    Column("id", ID, nullable=False),
    Column("repeat", Boolean, nullable=False, server_default=false()),
    Column("device", ID, nullable=False),
    Column("incarnation", ID, nullable=False),
    Column("lane", String(8), nullable=False),
    Column("seq", BigInteger),
    Column("author", ID, nullable=False),
    Column("schema", Integer, nullable=False),
    Column("op", String(10), nullable=False),
    Column("type", String(40), nullable=False),
    Column("record", ID, nullable=False),
    Column("base", BigInteger, nullable=False),
    Column("recorded_at", String(40), nullable=False),
    Column("received_at", String(24), nullable=False),
    Column("clock_offset_ms", BigInteger),
    Column("outcome", String(10), nullable=False),
    Column("code", String(40)),
    Column("detail", Json, nullable=False),
    Column("waits_for", ID),
    Column("releases", ID),
    Column("payload", Text),
    Column("salt", String(32)),
    Column("payload_hash", String(64), nullable=False),
    UniqueConstraint("device", "incarnation", "lane", "seq"),
)
"""The ledger: everything ever received, raw, with its outcome. ``repeat``: the same mutation again after a recovery."""

Index(
    "uq_mutation_id_first",
    mutation.c.id,
    unique=True,
    sqlite_where=text("repeat = 0"),
    postgresql_where=text("NOT repeat"),
)
Index("ix_mutation_record", mutation.c.record, mutation.c.commit_number)
Index(
    "ix_mutation_waits_for",
    mutation.c.waits_for,
    sqlite_where=text("waits_for IS NOT NULL"),
    postgresql_where=text("waits_for IS NOT NULL"),
)
Index(
    "ix_mutation_releases",
    mutation.c.releases,
    sqlite_where=text("releases IS NOT NULL"),
    postgresql_where=text("releases IS NOT NULL"),
)
Index(
    "ix_mutation_unfinished",
    mutation.c.outcome,
    mutation.c.commit_number,
    sqlite_where=text("outcome IN ('rejected', 'held')"),
    postgresql_where=text("outcome IN ('rejected', 'held')"),
)

chain = Table(
    "ledger_chain",
    metadata,
    Column("commit_number", BigInteger, primary_key=True),
    Column("link", String(64), nullable=False),
)
"""One link per commit: SHA-256 over the previous link and the lines of this commit; see ``persist.line``."""

bucket_entry = Table(
    "bucket_entry",
    metadata,
    Column("bucket", String(60), primary_key=True),
    Column("record", ID, primary_key=True),
    Column("commit_number", BigInteger, nullable=False),
    Column("since", BigInteger, nullable=False),
    Column("live", Boolean, nullable=False),
    Column("why", String(10)),
    Column("reasons", Json, nullable=False),
    sqlite_with_rowid=False,
)
"""The feed: one row per (bucket, record), moved forward on change. ``gone`` rows (not live) stay for ever."""

Index("uq_bucket_entry_feed", bucket_entry.c.bucket, bucket_entry.c.commit_number, bucket_entry.c.record, unique=True)
Index("ix_bucket_entry_record", bucket_entry.c.record)

bucket = Table(
    "bucket",
    metadata,
    Column("key", String(60), primary_key=True),
    Column("last_commit", BigInteger, nullable=False),
    Column("live", BigInteger, nullable=False),
    Column("checksum", String(16), nullable=False),
)

device_lane = Table(
    "device_lane",
    metadata,
    Column("device", ID, primary_key=True),
    Column("incarnation", ID, primary_key=True),
    Column("lane", String(8), primary_key=True),
    Column("last_seq", BigInteger, nullable=False),
    Column("last_id", ID),
    Column("safe_seq", BigInteger, nullable=False, server_default=text("0")),
)
"""Where each lane ends. ``safe_seq``: up to where a verified backup covers it, so that the device may prune its log."""

bucket_grant = Table(
    "bucket_grant",
    metadata,
    Column("user", ID, primary_key=True),
    Column("bucket", String(60), primary_key=True),
    Column("since", BigInteger, primary_key=True),
    Column("until", BigInteger),
)
"""Which buckets a user may hold, and between which commits they might; ``until`` is null while they may."""
