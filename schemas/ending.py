"""When a record may not end: what somebody else has said of it meanwhile."""

from collections.abc import Mapping
from dataclasses import dataclass


@dataclass(frozen=True)
class Ending:
    """``field`` set to ``value`` ends a record, unless one of ``against`` was set meanwhile, unseen by who ends it.

    ``along``: fields that belong to the ending and go with it.
    """

    field: str
    value: str
    along: tuple[str, ...]
    against: Mapping[str, frozenset[str]]

    @property
    def fields(self) -> tuple[str, ...]:
        """All that an ending sets."""
        return (self.field, *self.along)
