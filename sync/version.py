"""Protocol and schema versions, their history, and the oldest still accepted."""

PROTOCOL_VERSION = 1
"""1 (2026-11): first published version."""

OLDEST_PROTOCOL = 1

SCHEMA_VERSION = 1
"""Of the record declarations; every mutation carries the one it was written under."""

OLDEST_SCHEMA = 1
