"""One record that a commit writes."""

from dataclasses import dataclass

from sync.state import RecordState


@dataclass(frozen=True, slots=True)
class Change:
    """Before (``None`` when new) and now, stamped with the commit number."""

    before: RecordState | None
    now: RecordState
