"""The tables, all on one metadata, and the engine under them."""

from server.models import files, identity, lease, quarantine, sync_tables, upkeep
from server.models.base import metadata

__all__ = ["files", "identity", "lease", "metadata", "quarantine", "sync_tables", "upkeep"]
