"""Protocol and schema versions, their history, and the oldest still accepted."""

from schemas.history import HISTORY

PROTOCOL_VERSION = 1
"""1 (2026-11): first published version."""

OLDEST_PROTOCOL = 1

SCHEMA_VERSION = HISTORY.current
"""Of the record declarations; every mutation carries the one it was written under. Its steps: schemas/history.py."""

OLDEST_SCHEMA = HISTORY.oldest
