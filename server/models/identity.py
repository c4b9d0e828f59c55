"""Who uses the system: people, their roles, devices and tokens. Only ``server.auth`` writes them.

Instants are text, RFC 3339 UTC with milliseconds (``2026-11-23T10:02:11.000Z``), so they sort and compare as text.
Secrets are kept as SHA-256 of a random value, never as they are.
"""

from sqlalchemy import (
    BigInteger,
    Boolean,
    CheckConstraint,
    Column,
    ForeignKey,
    Index,
    Integer,
    String,
    Table,
    Text,
    true,
)

from server.models.base import metadata

ID = String(36)
INSTANT = String(24)
SHA256 = String(64)

user = Table(
    "user",
    metadata,
    Column("id", ID, primary_key=True),
    Column("username", String(60), nullable=False, unique=True),
    Column("display_name", String(200), nullable=False),
    Column("password_hash", Text),
    Column("language", String(2), nullable=False, server_default="th"),
    Column("active", Boolean, nullable=False, server_default=true()),
    Column("created_at", INSTANT, nullable=False),
)
"""A person. Without a password they use devices only. Never deleted: the ledger names them."""

role_assignment = Table(
    "role_assignment",
    metadata,
    Column("user", ID, ForeignKey("user.id"), primary_key=True),
    Column("role", String(30), primary_key=True),
    Column("scope", String(60), primary_key=True),
    Column("granted_at", INSTANT, nullable=False),
    Column("granted_by", ID),
)
"""``scope``: ``nation``, ``province:54``, ``district:5401``, ``tambon:540101``, ``village:54010103``, ``team:<id>``."""

device = Table(
    "device",
    metadata,
    Column("id", ID, primary_key=True),
    Column("user", ID, ForeignKey("user.id"), nullable=False),
    Column("name", String(100), nullable=False),
    Column("platform", String(60), nullable=False),
    Column("client_version", String(60), nullable=False),
    Column("enrolled_at", INSTANT, nullable=False),
    Column("last_contact_at", INSTANT, nullable=False),
    Column("clock_offset_ms", BigInteger),
    Column("unsent_reported", Integer),
    Column("silent_since", INSTANT),
    Column("revoked_at", INSTANT),
    Column("revoked_order", String(4)),
    Column("wiped_at", INSTANT),
    CheckConstraint("(revoked_at IS NULL) = (revoked_order IS NULL)", name="revoked_with_order"),
)
"""``clock_offset_ms``: the device's clock minus the centre's. ``revoked_order``: ``lost`` or ``left``.

``wiped_at``: when the device said that it had deleted everything."""

Index("ix_device_user", device.c.user)

token = Table(
    "token",
    metadata,
    Column("sha256", SHA256, primary_key=True),
    Column("user", ID, ForeignKey("user.id"), nullable=False),
    Column("device", ID, ForeignKey("device.id")),
    Column("kind", String(6), nullable=False),
    Column("created_at", INSTANT, nullable=False),
    Column("expires_at", INSTANT, nullable=False),
    Column("revoked_at", INSTANT),
)
"""``kind``: ``device`` or ``staff``."""

Index("ix_token_user", token.c.user)
Index("ix_token_device", token.c.device)
Index("ix_token_expires_at", token.c.expires_at)

enrolment_code = Table(
    "enrolment_code",
    metadata,
    Column("id", ID, primary_key=True),
    Column("sha256", SHA256, nullable=False, unique=True),
    Column("user", ID, ForeignKey("user.id"), nullable=False),
    Column("created_at", INSTANT, nullable=False),
    Column("created_by", ID),
    Column("expires_at", INSTANT, nullable=False),
    Column("used_at", INSTANT),
    Column("device", ID, ForeignKey("device.id")),
)
"""One use, for one person; ``device`` is what it enrolled."""
