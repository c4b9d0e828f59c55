"""Make the tables (written by ``husec db revision``)."""

import sqlalchemy as sa
from alembic import op
from sqlalchemy import Text
from sqlalchemy.dialects import postgresql

revision = "0001"
down_revision = None
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Bring the tables to this version."""
    op.create_table(
        "access",
        sa.Column("number", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), autoincrement=False, nullable=False),
        sa.Column("at", sa.String(length=24), nullable=False),
        sa.Column("user", sa.String(length=36), nullable=False),
        sa.Column("device", sa.String(length=36), nullable=True),
        sa.Column("action", sa.String(length=20), nullable=False),
        sa.Column("subject", sa.String(length=40), nullable=False),
        sa.Column("records", sa.Integer(), nullable=False),
        sa.Column("records_hash", sa.String(length=64), nullable=False),
        sa.Column("detail", sa.Text(), nullable=False),
        sa.Column("link", sa.String(length=64), nullable=False),
        sa.PrimaryKeyConstraint("number", name=op.f("pk_access")),
    )
    op.create_index("ix_access_device", "access", ["device", "number"], unique=False)
    op.create_index("ix_access_user", "access", ["user", "number"], unique=False)
    op.create_table(
        "access_record",
        sa.Column("record", sa.String(length=36), nullable=False),
        sa.Column("access", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.PrimaryKeyConstraint("record", "access", name=op.f("pk_access_record")),
        sqlite_with_rowid=False,
    )
    op.create_index("ix_access_record_access", "access_record", ["access"], unique=False)
    op.create_table(
        "backup",
        sa.Column("id", sa.String(length=36), nullable=False),
        sa.Column("epoch", sa.String(length=36), nullable=False),
        sa.Column("commit_number", sa.BigInteger(), nullable=False),
        sa.Column("taken_at", sa.String(length=24), nullable=False),
        sa.Column("verified_at", sa.String(length=24), nullable=True),
        sa.Column("sha256", sa.String(length=64), nullable=False),
        sa.Column("bytes", sa.BigInteger(), nullable=False),
        sa.Column("place", sa.Text(), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_backup")),
    )
    op.create_table(
        "blob",
        sa.Column("sha256", sa.String(length=64), nullable=False),
        sa.Column("size", sa.BigInteger(), nullable=False),
        sa.Column("stored_at", sa.String(length=24), nullable=False),
        sa.PrimaryKeyConstraint("sha256", name=op.f("pk_blob")),
    )
    op.create_table(
        "bucket",
        sa.Column("key", sa.String(length=60), nullable=False),
        sa.Column("last_commit", sa.BigInteger(), nullable=False),
        sa.Column("live", sa.BigInteger(), nullable=False),
        sa.Column("checksum", sa.String(length=16), nullable=False),
        sa.PrimaryKeyConstraint("key", name=op.f("pk_bucket")),
    )
    op.create_table(
        "bucket_entry",
        sa.Column("bucket", sa.String(length=60), nullable=False),
        sa.Column("record", sa.String(length=36), nullable=False),
        sa.Column("commit_number", sa.BigInteger(), nullable=False),
        sa.Column("since", sa.BigInteger(), nullable=False),
        sa.Column("live", sa.Boolean(), nullable=False),
        sa.Column("why", sa.String(length=10), nullable=True),
        sa.Column(
            "reasons", sa.JSON().with_variant(postgresql.JSONB(astext_type=Text()), "postgresql"), nullable=False
        ),
        sa.PrimaryKeyConstraint("bucket", "record", name=op.f("pk_bucket_entry")),
        sqlite_with_rowid=False,
    )
    op.create_index("ix_bucket_entry_record", "bucket_entry", ["record"], unique=False)
    op.create_index("uq_bucket_entry_feed", "bucket_entry", ["bucket", "commit_number", "record"], unique=True)
    op.create_table(
        "bucket_grant",
        sa.Column("user", sa.String(length=36), nullable=False),
        sa.Column("bucket", sa.String(length=60), nullable=False),
        sa.Column("since", sa.BigInteger(), nullable=False),
        sa.Column("until", sa.BigInteger(), nullable=True),
        sa.PrimaryKeyConstraint("user", "bucket", "since", name=op.f("pk_bucket_grant")),
    )
    op.create_table(
        "carry",
        sa.Column("carrier", sa.String(length=36), nullable=False),
        sa.Column("carried", sa.String(length=36), nullable=False),
        sa.Column("whole", sa.Boolean(), nullable=False),
        sa.Column("granted", sa.Boolean(), nullable=False),
        sa.PrimaryKeyConstraint("carrier", "carried", name=op.f("pk_carry")),
    )
    op.create_index("ix_carry_carried", "carry", ["carried"], unique=False)
    op.create_table(
        "delivery",
        sa.Column("id", sa.String(length=36), nullable=False),
        sa.Column("kind", sa.String(length=10), nullable=False),
        sa.Column("device", sa.String(length=36), nullable=True),
        sa.Column("user", sa.String(length=36), nullable=True),
        sa.Column("brought_by", sa.String(length=36), nullable=True),
        sa.Column("received_at", sa.String(length=24), nullable=False),
        sa.Column("sha256", sa.String(length=64), nullable=False),
        sa.Column("content", sa.LargeBinary(), nullable=False),
        sa.Column("state", sa.String(length=10), nullable=False),
        sa.Column("decided_at", sa.String(length=24), nullable=True),
        sa.Column("decided_by", sa.String(length=36), nullable=True),
        sa.Column("reason", sa.Text(), nullable=True),
        sa.Column("detail", sa.JSON().with_variant(postgresql.JSONB(astext_type=Text()), "postgresql"), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_delivery")),
        sa.UniqueConstraint("kind", "sha256", name=op.f("uq_delivery_kind_sha256")),
    )
    op.create_index(
        "ix_delivery_open",
        "delivery",
        ["received_at"],
        unique=False,
        sqlite_where=sa.text("state = 'open'"),
        postgresql_where=sa.text("state = 'open'"),
    )
    op.create_table(
        "device_lane",
        sa.Column("device", sa.String(length=36), nullable=False),
        sa.Column("incarnation", sa.String(length=36), nullable=False),
        sa.Column("lane", sa.String(length=8), nullable=False),
        sa.Column("last_seq", sa.BigInteger(), nullable=False),
        sa.Column("last_id", sa.String(length=36), nullable=True),
        sa.Column("safe_seq", sa.BigInteger(), server_default=sa.text("0"), nullable=False),
        sa.PrimaryKeyConstraint("device", "incarnation", "lane", name=op.f("pk_device_lane")),
    )
    op.create_table(
        "erasure",
        sa.Column("record", sa.String(length=36), nullable=False),
        sa.Column("type", sa.String(length=40), nullable=False),
        sa.Column("erased_at", sa.String(length=24), nullable=False),
        sa.Column("by", sa.String(length=36), nullable=False),
        sa.Column("reason", sa.Text(), nullable=False),
        sa.Column("commit_number", sa.BigInteger(), nullable=False),
        sa.PrimaryKeyConstraint("record", name=op.f("pk_erasure")),
    )
    op.create_table(
        "job_lease",
        sa.Column("name", sa.String(length=60), nullable=False),
        sa.Column("holder", sa.String(length=36), nullable=False),
        sa.Column("until", sa.String(length=24), nullable=False),
        sa.PrimaryKeyConstraint("name", name=op.f("pk_job_lease")),
    )
    op.create_table(
        "kept_apart",
        sa.Column("first", sa.String(length=36), nullable=False),
        sa.Column("second", sa.String(length=36), nullable=False),
        sa.Column("decided_at", sa.String(length=24), nullable=False),
        sa.Column("by", sa.String(length=36), nullable=False),
        sa.Column("reason", sa.Text(), nullable=False),
        sa.PrimaryKeyConstraint("first", "second", name=op.f("pk_kept_apart")),
    )
    op.create_table(
        "key_recovery",
        sa.Column("id", sa.String(length=36), nullable=False),
        sa.Column("device", sa.String(length=36), nullable=False),
        sa.Column("user", sa.String(length=36), nullable=False),
        sa.Column("public_key", sa.String(length=44), nullable=False),
        sa.Column("box", sa.Text(), nullable=False),
        sa.Column("requested_at", sa.String(length=24), nullable=False),
        sa.Column("expires_at", sa.String(length=24), nullable=False),
        sa.Column("state", sa.String(length=10), nullable=False),
        sa.Column("decided_at", sa.String(length=24), nullable=True),
        sa.Column("decided_by", sa.String(length=36), nullable=True),
        sa.Column("answer", sa.Text(), nullable=True),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_key_recovery")),
    )
    op.create_index("ix_key_recovery_device", "key_recovery", ["device"], unique=False)
    op.create_table(
        "ledger_chain",
        sa.Column("commit_number", sa.BigInteger(), nullable=False),
        sa.Column("link", sa.String(length=64), nullable=False),
        sa.PrimaryKeyConstraint("commit_number", name=op.f("pk_ledger_chain")),
    )
    op.create_table(
        "match_key",
        sa.Column("key", sa.String(length=80), nullable=False),
        sa.Column("record", sa.String(length=36), nullable=False),
        sa.PrimaryKeyConstraint("key", "record", name=op.f("pk_match_key")),
    )
    op.create_index("ix_match_key_record", "match_key", ["record"], unique=False)
    op.create_table(
        "mutation",
        sa.Column("commit_number", sa.BigInteger(), nullable=False),
        sa.Column("position", sa.Integer(), nullable=False),
        sa.Column("group_position", sa.Integer(), nullable=False),
        sa.Column("id", sa.String(length=36), nullable=False),
        sa.Column("repeat", sa.Boolean(), server_default=sa.false(), nullable=False),
        sa.Column("device", sa.String(length=36), nullable=False),
        sa.Column("incarnation", sa.String(length=36), nullable=False),
        sa.Column("lane", sa.String(length=8), nullable=False),
        sa.Column("seq", sa.BigInteger(), nullable=True),
        sa.Column("author", sa.String(length=36), nullable=False),
        sa.Column("schema", sa.Integer(), nullable=False),
        sa.Column("op", sa.String(length=10), nullable=False),
        sa.Column("type", sa.String(length=40), nullable=False),
        sa.Column("record", sa.String(length=36), nullable=False),
        sa.Column("base", sa.BigInteger(), nullable=False),
        sa.Column("recorded_at", sa.String(length=40), nullable=False),
        sa.Column("received_at", sa.String(length=24), nullable=False),
        sa.Column("clock_offset_ms", sa.BigInteger(), nullable=True),
        sa.Column("outcome", sa.String(length=10), nullable=False),
        sa.Column("code", sa.String(length=40), nullable=True),
        sa.Column("detail", sa.JSON().with_variant(postgresql.JSONB(astext_type=Text()), "postgresql"), nullable=False),
        sa.Column("waits_for", sa.String(length=36), nullable=True),
        sa.Column("releases", sa.String(length=36), nullable=True),
        sa.Column("payload", sa.Text(), nullable=True),
        sa.Column("salt", sa.String(length=32), nullable=True),
        sa.Column("payload_hash", sa.String(length=64), nullable=False),
        sa.PrimaryKeyConstraint("commit_number", "position", name=op.f("pk_mutation")),
        sa.UniqueConstraint(
            "device", "incarnation", "lane", "seq", name=op.f("uq_mutation_device_incarnation_lane_seq")
        ),
    )
    op.create_index("ix_mutation_record", "mutation", ["record", "commit_number"], unique=False)
    op.create_index(
        "ix_mutation_releases",
        "mutation",
        ["releases"],
        unique=False,
        sqlite_where=sa.text("releases IS NOT NULL"),
        postgresql_where=sa.text("releases IS NOT NULL"),
    )
    op.create_index(
        "ix_mutation_unfinished",
        "mutation",
        ["outcome", "commit_number"],
        unique=False,
        sqlite_where=sa.text("outcome IN ('rejected', 'held')"),
        postgresql_where=sa.text("outcome IN ('rejected', 'held')"),
    )
    op.create_index(
        "ix_mutation_waits_for",
        "mutation",
        ["waits_for"],
        unique=False,
        sqlite_where=sa.text("waits_for IS NOT NULL"),
        postgresql_where=sa.text("waits_for IS NOT NULL"),
    )
    op.create_index(
        "uq_mutation_id_first",
        "mutation",
        ["id"],
        unique=True,
        sqlite_where=sa.text("repeat = 0"),
        postgresql_where=sa.text("NOT repeat"),
    )
    op.create_table(
        "record",
        sa.Column("id", sa.String(length=36), nullable=False),
        sa.Column("type", sa.String(length=40), nullable=False),
        sa.Column("version", sa.BigInteger(), nullable=False),
        sa.Column("created", sa.BigInteger(), nullable=False),
        sa.Column("owner", sa.String(length=36), nullable=False),
        sa.Column("data", sa.JSON().with_variant(postgresql.JSONB(astext_type=Text()), "postgresql"), nullable=False),
        sa.Column(
            "field_versions", sa.JSON().with_variant(postgresql.JSONB(astext_type=Text()), "postgresql"), nullable=False
        ),
        sa.Column(
            "own_buckets", sa.JSON().with_variant(postgresql.JSONB(astext_type=Text()), "postgresql"), nullable=False
        ),
        sa.Column(
            "by_others", sa.JSON().with_variant(postgresql.JSONB(astext_type=Text()), "postgresql"), nullable=False
        ),
        sa.Column("deleted", sa.Boolean(), server_default=sa.false(), nullable=False),
        sa.Column("merged_into", sa.String(length=36), nullable=True),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_record")),
    )
    op.create_index(
        "ix_record_merged_into",
        "record",
        ["merged_into"],
        unique=False,
        sqlite_where=sa.text("merged_into IS NOT NULL"),
        postgresql_where=sa.text("merged_into IS NOT NULL"),
    )
    op.create_index("ix_record_type_version", "record", ["type", "version"], unique=False)
    op.create_table(
        "settlement",
        sa.Column("mutation", sa.String(length=36), nullable=False),
        sa.Column("how", sa.String(length=10), nullable=False),
        sa.Column("at", sa.String(length=24), nullable=False),
        sa.Column("by", sa.String(length=36), nullable=False),
        sa.Column("reason", sa.Text(), nullable=False),
        sa.Column("applied_as", sa.String(length=36), nullable=True),
        sa.PrimaryKeyConstraint("mutation", name=op.f("pk_settlement")),
    )
    op.create_index("ix_settlement_applied_as", "settlement", ["applied_as"], unique=False)
    op.create_table(
        "sync_clock",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("value", sa.BigInteger(), nullable=False),
        sa.Column("schema", sa.Integer(), server_default=sa.text("1"), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_sync_clock")),
    )
    op.create_table(
        "sync_epoch",
        sa.Column("position", sa.Integer(), nullable=False),
        sa.Column("id", sa.String(length=36), nullable=False),
        sa.Column("parent", sa.String(length=36), nullable=True),
        sa.Column("restored_to", sa.BigInteger(), nullable=False),
        sa.Column("started_at", sa.String(length=24), nullable=False),
        sa.PrimaryKeyConstraint("position", name=op.f("pk_sync_epoch")),
        sa.UniqueConstraint("id", name=op.f("uq_sync_epoch_id")),
    )
    op.create_table(
        "user",
        sa.Column("id", sa.String(length=36), nullable=False),
        sa.Column("username", sa.String(length=60), nullable=False),
        sa.Column("display_name", sa.String(length=200), nullable=False),
        sa.Column("password_hash", sa.Text(), nullable=True),
        sa.Column("language", sa.String(length=2), server_default="th", nullable=False),
        sa.Column("active", sa.Boolean(), server_default=sa.true(), nullable=False),
        sa.Column("created_at", sa.String(length=24), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_user")),
        sa.UniqueConstraint("username", name=op.f("uq_user_username")),
    )
    op.create_table(
        "device",
        sa.Column("id", sa.String(length=36), nullable=False),
        sa.Column("user", sa.String(length=36), nullable=False),
        sa.Column("name", sa.String(length=100), nullable=False),
        sa.Column("platform", sa.String(length=60), nullable=False),
        sa.Column("client_version", sa.String(length=60), nullable=False),
        sa.Column("enrolled_at", sa.String(length=24), nullable=False),
        sa.Column("last_contact_at", sa.String(length=24), nullable=False),
        sa.Column("clock_offset_ms", sa.BigInteger(), nullable=True),
        sa.Column("unsent_reported", sa.Integer(), nullable=True),
        sa.Column("silent_since", sa.String(length=24), nullable=True),
        sa.Column("revoked_at", sa.String(length=24), nullable=True),
        sa.Column("revoked_order", sa.String(length=4), nullable=True),
        sa.Column("wiped_at", sa.String(length=24), nullable=True),
        sa.CheckConstraint("(revoked_at IS NULL) = (revoked_order IS NULL)", name=op.f("ck_device_revoked_with_order")),
        sa.ForeignKeyConstraint(["user"], ["user.id"], name=op.f("fk_device_user_user")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_device")),
    )
    op.create_index("ix_device_user", "device", ["user"], unique=False)
    op.create_table(
        "role_assignment",
        sa.Column("user", sa.String(length=36), nullable=False),
        sa.Column("role", sa.String(length=30), nullable=False),
        sa.Column("scope", sa.String(length=60), nullable=False),
        sa.Column("granted_at", sa.String(length=24), nullable=False),
        sa.Column("granted_by", sa.String(length=36), nullable=True),
        sa.ForeignKeyConstraint(["user"], ["user.id"], name=op.f("fk_role_assignment_user_user")),
        sa.PrimaryKeyConstraint("user", "role", "scope", name=op.f("pk_role_assignment")),
    )
    op.create_table(
        "enrolment_code",
        sa.Column("id", sa.String(length=36), nullable=False),
        sa.Column("sha256", sa.String(length=64), nullable=False),
        sa.Column("user", sa.String(length=36), nullable=False),
        sa.Column("created_at", sa.String(length=24), nullable=False),
        sa.Column("created_by", sa.String(length=36), nullable=True),
        sa.Column("expires_at", sa.String(length=24), nullable=False),
        sa.Column("used_at", sa.String(length=24), nullable=True),
        sa.Column("device", sa.String(length=36), nullable=True),
        sa.ForeignKeyConstraint(["device"], ["device.id"], name=op.f("fk_enrolment_code_device_device")),
        sa.ForeignKeyConstraint(["user"], ["user.id"], name=op.f("fk_enrolment_code_user_user")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_enrolment_code")),
        sa.UniqueConstraint("sha256", name=op.f("uq_enrolment_code_sha256")),
    )
    op.create_table(
        "token",
        sa.Column("sha256", sa.String(length=64), nullable=False),
        sa.Column("user", sa.String(length=36), nullable=False),
        sa.Column("device", sa.String(length=36), nullable=True),
        sa.Column("kind", sa.String(length=6), nullable=False),
        sa.Column("created_at", sa.String(length=24), nullable=False),
        sa.Column("expires_at", sa.String(length=24), nullable=False),
        sa.Column("revoked_at", sa.String(length=24), nullable=True),
        sa.ForeignKeyConstraint(["device"], ["device.id"], name=op.f("fk_token_device_device")),
        sa.ForeignKeyConstraint(["user"], ["user.id"], name=op.f("fk_token_user_user")),
        sa.PrimaryKeyConstraint("sha256", name=op.f("pk_token")),
    )
    op.create_index("ix_token_device", "token", ["device"], unique=False)
    op.create_index("ix_token_expires_at", "token", ["expires_at"], unique=False)
    op.create_index("ix_token_user", "token", ["user"], unique=False)
    op.create_table(
        "upload",
        sa.Column("id", sa.String(length=36), nullable=False),
        sa.Column("device", sa.String(length=36), nullable=False),
        sa.Column("attachment", sa.String(length=36), nullable=False),
        sa.Column("sha256", sa.String(length=64), nullable=False),
        sa.Column("size", sa.BigInteger(), nullable=False),
        sa.Column("created_at", sa.String(length=24), nullable=False),
        sa.Column("expires_at", sa.String(length=24), nullable=False),
        sa.Column("finished_at", sa.String(length=24), nullable=True),
        sa.ForeignKeyConstraint(["device"], ["device.id"], name=op.f("fk_upload_device_device")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_upload")),
    )
    op.create_index("ix_upload_attachment", "upload", ["attachment"], unique=False)
    op.create_index("ix_upload_expires_at", "upload", ["expires_at"], unique=False)


def downgrade() -> None:
    """Take the tables away."""
    for table in (
        "upload",
        "token",
        "enrolment_code",
        "role_assignment",
        "device",
        "user",
        "sync_epoch",
        "sync_clock",
        "settlement",
        "record",
        "mutation",
        "match_key",
        "ledger_chain",
        "key_recovery",
        "kept_apart",
        "job_lease",
        "erasure",
        "device_lane",
        "delivery",
        "carry",
        "bucket_grant",
        "bucket_entry",
        "bucket",
        "blob",
        "backup",
        "access_record",
        "access",
    ):
        op.drop_table(table)
