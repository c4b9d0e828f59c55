"""Identifiers: new ones of the centre, and what may be one."""

import uuid_utils

LENGTH = 36


def new_id() -> str:
    """Return a UUIDv7: unique, and sorted by when it was made, which keeps indexes dense."""
    return str(uuid_utils.uuid7())


def could_be_id(text: str) -> bool:
    """Tell whether a text may be asked for as an id; what nobody checked may hold what no database compares."""
    return len(text) == LENGTH and text.isascii() and text.isprintable()
