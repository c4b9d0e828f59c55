"""The tables, all on one metadata, and the engine under them."""

from server.models import files, identity, lease, sync_tables
from server.models.base import metadata

__all__ = ["files", "identity", "lease", "metadata", "sync_tables"]
