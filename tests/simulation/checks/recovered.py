"""After a restore nothing that a device shows is lost: promise 25, for rows."""

import sys
from collections.abc import Iterator
from typing import Any

import msgspec

from schemas.base import MERGED_INTO
from schemas.history import HISTORY
from schemas.records import RECORD_TYPES
from sync.upcasting import row_upcast
from tests.simulation.enrolling_again import is_stranded
from tests.simulation.fleet import Backup, Fleet, Violation
from tests.simulation.phone import Phone

PROMISE = "25 a restore loses nothing"
Key = tuple[str, int]
"""A record and its version."""


class Recovered:
    """A row newer than the backup becomes a witness, and the centre keeps a witness of what it does not have."""

    def __init__(self) -> None:
        self._begun: dict[str, tuple[str, int]] = {}
        """Epoch -> the epoch in which its backup was taken, and the backup's commit."""
        self._rows: dict[str, tuple[str, set[Key]]] = {}
        """Device -> the epoch in which it last was, and its rows then."""
        self._due: dict[str, dict[Key, dict[str, Any]]] = {}
        """Device -> what it has to offer."""
        self._began: dict[int, int] = {}

    def restored(self, fleet: Fleet, made: Backup) -> None:
        self._begun[fleet.sight.epoch] = made.epoch, made.commit
        for phone in fleet.phones:
            self._rows.setdefault(phone.name, _rows_of(phone))

    def replaced(self, fleet: Fleet, phone: Phone) -> None:
        self._due.pop(phone.name, None)
        if self._begun:  # before the first restore nobody's rows are followed
            self._rows[phone.name] = _rows_of(phone)

    def went_on(self, fleet: Fleet, sync: Any, exchange: Any, answer: Any) -> None:
        if not self._begun or sync.phone.gone:
            return
        phone = sync.phone
        if exchange is None:
            self._began[id(sync)] = fleet.number
        witnesses = _witnesses_of(phone)
        self._enters(fleet, phone, witnesses)
        self._rows[phone.name] = _rows_of(phone)
        due = self._due.setdefault(phone.name, {})
        # at once: a receipt was good when it came, and may be worth nothing after the next restore
        for key in due.keys() - witnesses.keys():
            if self._began.get(id(sync)) == fleet.number and not _is_kept(fleet, key, due[key]):
                raise Violation(PROMISE, f"{phone.name} gave up its row of {key[0][-6:]}, which nobody has")
        self._due[phone.name] = witnesses

    def at_peace(self, fleet: Fleet) -> None:
        """28: nothing that was to be offered waits for ever."""
        for phone in fleet.phones:
            waiting = len(_witnesses_of(phone))
            if waiting and not is_stranded(fleet, phone):
                raise Violation("28 queues drain", f"{phone.name} has yet to offer {waiting} rows")

    def _enters(self, fleet: Fleet, phone: Phone, witnesses: dict[Key, dict[str, Any]]) -> None:
        """A device that enters a new epoch keeps every row that is newer than what its last one has in common."""
        epoch, rows = self._rows.get(phone.name, ("", set()))
        now = phone.kit.identity.epoch
        if not epoch or now == epoch:
            return
        common, erased = self._common(epoch, now), fleet.sight.erased
        for record, version in rows:
            if version > common and (record, version) not in witnesses and record not in erased:
                raise Violation(PROMISE, f"{phone.name} forgets its row {record[-6:]} of commit {version}")

    def _common(self, one: str, other: str) -> int:
        """Return the last commit that two epochs share. Epochs are a tree: see the protocol, section 2."""
        up = dict(self._way_up(other))
        return next(min(commit, up[epoch]) for epoch, commit in self._way_up(one) if epoch in up)

    def _way_up(self, epoch: str) -> Iterator[tuple[str, int]]:
        """Yield an epoch and those before it, each with the last commit that the one we come from has of it."""
        commit = sys.maxsize
        yield epoch, commit
        while epoch in self._begun:
            epoch, commit = self._begun[epoch]
            yield epoch, commit


def _rows_of(phone: Phone) -> tuple[str, set[Key]]:
    return phone.kit.identity.epoch, set(phone.rows("SELECT id, version FROM record"))


def _witnesses_of(phone: Phone) -> dict[Key, dict[str, Any]]:
    rows, schema = phone.rows("SELECT id, version, type, data FROM witness"), phone.kit.database.history.current
    return {(record, version): _today(kind, msgspec.json.decode(data), schema) for record, version, kind, data in rows}


def _today(kind: str, data: dict[str, Any], schema: int) -> dict[str, Any]:
    """Return a row in today's words."""
    return dict(row_upcast(HISTORY, RECORD_TYPES, kind, data, schema))


def _is_kept(fleet: Fleet, key: Key, data: dict[str, Any]) -> bool:
    """Tell whether the centre has all that a row says, or keeps the row itself; or must not have it any more."""
    said = {name: value for name, value in data.items() if name != MERGED_INTO}
    state = fleet.sight.records.get(key[0])
    if state is not None and all(state.data.get(name) == value for name, value in said.items()):
        return True
    if {key[0], *(value for value in said.values() if isinstance(value, str))} & fleet.sight.erased:
        return True
    kept = fleet.sight.once("witnesses", lambda: _kept_by_centre(fleet))
    return any(each == data for each in kept.get(key[0], ()))


def _kept_by_centre(fleet: Fleet) -> dict[str, list[dict[str, Any]]]:
    found: dict[str, list[dict[str, Any]]] = {}
    for (content,) in fleet.headquarters.rows(
        "SELECT content FROM delivery WHERE kind = 'witness' AND length(content)"
    ):
        kept = msgspec.json.decode(content)
        found.setdefault(kept["record"], []).append(_today(kept["type"], kept["data"], kept["schema"]))
    return found
