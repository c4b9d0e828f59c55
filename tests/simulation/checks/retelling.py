"""The centre's records are what the ledger tells of them: promises 2, 14 to 19, 29 and 30, after every commit."""

from copy import deepcopy
from itertools import groupby
from typing import Any

from tests.simulation.fleet import Backup, Fleet, Violation
from tests.simulation.sight import Row, Stored
from tests.simulation.telling.tale import Tale
from tests.simulation.telling.told import TRACES, Told


class Retelling:
    """Tells every record anew from the ledger, and compares."""

    def __init__(self) -> None:
        self._tale = Tale()
        self._kept: dict[str, Tale] = {}
        self._commits = -1

    def began(self, fleet: Fleet) -> None:
        self.check(fleet)

    def backed_up(self, fleet: Fleet, made: Backup) -> None:
        """Remember how it stood when a backup was taken."""
        self._catch_up(fleet)
        self._kept[made.id] = deepcopy(self._tale)

    def restored(self, fleet: Fleet, made: Backup) -> None:
        """Go back with the centre."""
        self._tale = deepcopy(self._kept[made.id])
        self._commits = -1

    def check(self, fleet: Fleet) -> None:
        if self._commits != fleet.headquarters.commits:
            self._commits = fleet.headquarters.commits
            self._catch_up(fleet)
            self._compare(fleet)

    def at_peace(self, fleet: Fleet) -> None:
        self.check(fleet)

    def _catch_up(self, fleet: Fleet) -> None:
        ledger, tale = fleet.sight.ledger, self._tale
        for _, rows in groupby(ledger[tale.length :], key=_save_of):
            group = list(rows)
            for row in group:
                tale.tell(row, group)
        for record in sorted(tale.adopt):
            _believe(tale, fleet.sight.records.get(record))
        tale.adopt.clear()

    def _compare(self, fleet: Fleet) -> None:
        records, tale = fleet.sight.records, self._tale
        for record, real in records.items():
            if real.type == "conflict":
                _compare_dispute(tale, real)
            elif record not in tale.records:
                raise Violation(TRACES, f"{real.type} {record[-6:]} comes from nowhere")
            else:
                _compare_record(tale, tale.records[record], real)
        if lost := sorted(tale.records.keys() - records.keys()):
            raise Violation(TRACES, f"{tale.records[lost[0]].type} {lost[0][-6:]} is not there any more")


def _save_of(row: Row) -> tuple[int, int]:
    return row.commit, row.group


def _compare_record(tale: Tale, told: Told, real: Stored) -> None:
    name = f"{real.type} {real.id[-6:]}"
    if real.id in tale.erased and (real.data or not real.deleted):
        raise Violation("17 what was erased is gone", f"{name} says {sorted(real.data)}, deleted {real.deleted}")
    if told.fields != real.data:
        differ = sorted(n for n in {*told.fields, *real.data} if told.fields.get(n) != real.data.get(n))
        says, wanted = [real.data.get(n) for n in differ], [told.fields.get(n) for n in differ]
        raise Violation(TRACES, f"{differ} of {name} says {says}, and the ledger {wanted}")
    if (told.deleted, told.merged_into, told.owner) != (real.deleted, real.merged_into, real.owner):
        raise Violation(TRACES, f"{name} is deleted {real.deleted}, merged {real.merged_into}, of {real.owner[-6:]}")
    moved = real.id in tale.kin and real.version > told.version
    if told.version != real.version and not moved:
        raise Violation(TRACES, f"{name} has version {real.version}, last changed by {told.version}")
    told.version = real.version
    for field in {*told.versions, *real.field_versions}:
        if told.version_of(field) != real.field_versions.get(field, told.created):
            what = f"{real.field_versions.get(field)}, last changed by {told.version_of(field)}"
            raise Violation(TRACES, f"{field} of {name} has version {what}")
    if told.by_others != real.by_others:
        raise Violation(TRACES, f"{name} counts {sorted(told.by_others ^ real.by_others)} as another's, or not")


def _compare_dispute(tale: Tale, real: Stored) -> None:
    """14: nothing leaves a conflict, and nothing but a decision closes it."""
    dispute, data = tale.disputes.get(real.id), real.data
    if real.id in tale.erased:
        return
    if dispute is None:
        raise Violation(TRACES, f"a conflict {real.id[-6:]} comes from nowhere")
    name = f"{dispute.unit} of {data['record_type']} {dispute.record[-6:]}"
    if (data["record"], data["field"]) != (dispute.record, dispute.unit) or real.deleted:
        raise Violation("14 nothing leaves a conflict", f"the conflict of {name} is about {data['field']}")
    status = "resolved" if dispute.resolved_by else "open"
    if data["status"] != status or (data.get("resolution") or {}).get("mutation") != dispute.resolved_by:
        raise Violation("14 closed by a resolution", f"{name} is {data['status']}, and should be {status}")
    found = _contenders(data["contenders"])
    if found.keys() != dispute.contenders.keys():
        lost, more = dispute.contenders.keys() - found.keys(), found.keys() - dispute.contenders.keys()
        raise Violation("14 nothing leaves a conflict", f"{name}: lost {sorted(lost)}, not told {sorted(more)}")
    for mutation, wanted in dispute.contenders.items():
        if wanted is not None and found[mutation] != wanted and tale.past[mutation].payload is not None:
            raise Violation("14 nothing leaves a conflict", f"{name}: {found[mutation]!r} and not {wanted!r}")


def _contenders(entries: list[dict[str, Any]]) -> dict[str, Any]:
    """Return mutation -> value of all contenders, with those that a later one took the place of."""
    return {each["mutation"]: each["value"] for entry in entries for each in (entry, *entry["earlier"])}


def _believe(tale: Tale, real: Stored | None) -> None:
    """Take a record as it is."""
    if real is None:
        return
    if real.type == "conflict":
        if dispute := tale.disputes.get(real.id):
            dispute.contenders = dict.fromkeys(_contenders(real.data.get("contenders", [])))
        return
    told = tale.records.get(real.id)
    created = told.created if told else real.version
    tale.records[real.id] = Told(
        real.id, real.type, real.owner, real.version, dict(real.data), dict(real.field_versions), created,
        set(real.by_others), real.deleted, real.merged_into, told.changes if told else [],
    )  # fmt: skip
