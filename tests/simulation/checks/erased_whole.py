"""Whoever is erased goes whole: with what wholly belongs to the record, and with those it was merged with."""

from collections.abc import Mapping

from schemas.base import Carry
from schemas.records import RECORD_TYPES
from tests.simulation.fleet import Fleet, Violation
from tests.simulation.sight import Stored

PROMISE = "17 what was erased is gone"


class ErasedWhole:
    """Nothing hangs on an erased record any more, and none of its family is left."""

    def __init__(self) -> None:
        self._known: frozenset[str] = frozenset()
        self._records: Mapping[str, Stored] = {}
        self._commit = 0

    def restored(self, fleet: Fleet, made: object) -> None:
        """After a restore goes what the register names: who is merged in the backup may not have been one then."""
        self._known, self._records, self._commit = fleet.sight.erased, fleet.sight.records, fleet.sight.commit

    def check(self, fleet: Fleet) -> None:
        erased, records = fleet.sight.erased, fleet.sight.records
        if records is self._records:
            return
        if erased:
            _nothing_hangs_on(erased, records)
        for record in sorted(erased - self._known):
            self._whole_family(fleet, record, erased)
        self._known, self._records, self._commit = erased, records, fleet.sight.commit

    def _whole_family(self, fleet: Fleet, record: str, erased: frozenset[str]) -> None:
        """Who was one with it at the last look, and was not taken apart since, is erased as well."""
        apart = {row.record for row in fleet.sight.ledger if row.op == "unmerge" and row.commit > self._commit}
        for each in self._records.values():
            pair = {each.id, each.merged_into}
            if each.merged_into and record in pair and each.id not in apart and not pair <= erased:
                raise Violation(PROMISE, f"{each.type} {record[-6:]} is erased alone, and was merged with another")


def _nothing_hangs_on(erased: frozenset[str], records: Mapping[str, Stored]) -> None:
    for each in records.values():
        if each.id in erased:
            continue
        kind = RECORD_TYPES[each.type]
        named = {str(each.data.get(name)) for name in kind.names_by_carry[Carry.WITH]} | {each.merged_into}
        if left := named & erased:
            raise Violation(PROMISE, f"{each.type} {each.id[-6:]} hangs on {min(map(str, left))[-6:]}, which is erased")
