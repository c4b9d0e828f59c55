"""An edit takes effect only on a record that its author holds: promise 10, for writing."""

from tests.simulation.fleet import Backup, Fleet, Violation
from tests.simulation.sight import Row

TAKES_EFFECT = ("applied", "merged")

_HELD = """SELECT 1 FROM record WHERE id = ? AND created >= ? UNION ALL
    SELECT 1 FROM bucket_grant JOIN bucket_entry ON bucket_entry.bucket = bucket_grant.bucket
    WHERE bucket_grant."user" = ? AND (bucket_grant.until IS NULL OR bucket_grant.until >= ?)
    AND bucket_entry.record = ? AND (bucket_entry.live OR bucket_entry.commit_number >= ?)"""
"""Made in that commit; or in a bucket that its author still had then, and that it left then at the earliest."""


class Borrowed:
    """What somebody typed on a record that has gone to others, or goes on in one of theirs, waits for those others."""

    def __init__(self) -> None:
        self._judged = 0

    def began(self, fleet: Fleet) -> None:
        self._judged = len(fleet.sight.ledger)

    def restored(self, fleet: Fleet, made: Backup) -> None:
        """What a backup brings back was judged before."""
        self._judged = len(fleet.sight.ledger)

    def check(self, fleet: Fleet) -> None:
        ledger = fleet.sight.ledger
        for row in ledger[self._judged :]:
            if _writes_on_what_is_there(row) and not _is_held(fleet, row):
                what = f"{row.op} of {row.type} {row.record[-6:]} took effect, which its author does not hold"
                raise Violation("10 nobody writes on what is not theirs", what)
        self._judged = len(ledger)


def _writes_on_what_is_there(row: Row) -> bool:
    """Tell whether an edit from a device changed a record that it did not make."""
    if row.device == "centre" or row.repeat or row.outcome not in TAKES_EFFECT:
        return False
    return row.op != "create" or row.said.get("record", row.record) != row.record


def _is_held(fleet: Fleet, row: Row) -> bool:
    if fleet.sight.feed.get(row.record, frozenset()) & fleet.sight.grants.get(row.author, frozenset()):
        return True
    facts = (row.record, row.commit, row.author, row.commit, row.record, row.commit)
    return bool(fleet.headquarters.rows(_HELD, facts))
