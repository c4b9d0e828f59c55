"""New identifiers of the centre."""

import uuid_utils


def new_id() -> str:
    """Return a UUIDv7: unique, and sorted by when it was made, which keeps indexes dense."""
    return str(uuid_utils.uuid7())
