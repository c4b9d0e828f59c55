"""Begin the store: the commit clock at zero, and the first epoch."""

import sqlalchemy as sa
from alembic import op

from server.clock import now
from server.ids import new_id
from sync.instants import rfc3339

revision = "0002"
down_revision = "0001"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Write the two rows without which nothing can be committed."""
    clock = sa.table("sync_clock", sa.column("id"), sa.column("value"))
    epoch = sa.table("sync_epoch", *map(sa.column, ("position", "id", "restored_to", "started_at")))
    op.bulk_insert(clock, [{"id": 1, "value": 0}])
    first = {"position": 1, "id": new_id(), "restored_to": 0, "started_at": rfc3339(now())}
    op.bulk_insert(epoch, [first])


def downgrade() -> None:
    """Take the two rows away."""
    op.execute("DELETE FROM sync_epoch")
    op.execute("DELETE FROM sync_clock")
