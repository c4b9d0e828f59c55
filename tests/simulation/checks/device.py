"""What a device shows its user: promise 20, after every step in which something happened on it."""

from collections.abc import Mapping
from contextlib import nullcontext
from typing import Any

import msgspec

from field_kit import store
from schemas.base import Merge
from schemas.records import RECORD_TYPES
from tests.simulation.fleet import Fleet, Violation
from tests.simulation.headquarters import Answer
from tests.simulation.phone import Phone, Sync
from tests.simulation.words import old_program

SETTLED_ELSEWHERE = ("conflicted", "rejected", "held")
"""Outcomes after which a device may show something else than what was typed on it."""


class Device:
    """Its user sees what they typed until the centre's word on it has come back, and no row ever gets older."""

    def __init__(self) -> None:
        self._touched: list[Phone] = []
        self._versions: dict[str, dict[str, int]] = {}
        self._epochs: dict[str, str] = {}

    def saved(self, fleet: Fleet, phone: Phone, ids: list[str]) -> None:
        self._touch(phone)

    def went_on(self, fleet: Fleet, sync: Sync, exchange: Any, answer: Answer | None) -> None:
        self._touch(sync.phone)

    def restarted(self, fleet: Fleet, phone: Phone) -> None:
        self._touch(phone)

    def replaced(self, fleet: Fleet, phone: Phone) -> None:
        """An older copy of the file may show older rows."""
        self._versions.pop(phone.name, None)

    def check(self, fleet: Fleet) -> None:
        for phone in self._touched:
            if not phone.gone:
                self._never_back(phone)
                if not phone.updated:  # its log is in older words than what it shows
                    with old_program() if phone.old else nullcontext():
                        _own_writes_shown(phone)
        self._touched = []

    def _touch(self, phone: Phone) -> None:
        if phone not in self._touched and not phone.gone:
            self._touched.append(phone)

    def _never_back(self, phone: Phone) -> None:
        epoch = phone.kit.identity.epoch
        now = dict(phone.rows("SELECT id, version FROM record"))
        if self._epochs.get(phone.name) == epoch:
            before = self._versions.get(phone.name, {})
            older = sorted(record for record, version in now.items() if version < before.get(record, 0))
            if older:
                what = f"{phone.name}: {older[0][-6:]} from {before[older[0]]} to {now[older[0]]}"
                raise Violation("20 nothing gets older", what)
        self._versions[phone.name], self._epochs[phone.name] = now, epoch


def _own_writes_shown(phone: Phone) -> None:
    """20: a device reads its own writes. Only the last edit of each field counts; what it saw come back is past."""
    for record, fields in _expected(phone).items():
        shown = store.shown(phone.kit.database, record)
        if shown is None:
            if phone.rows("SELECT 1 FROM record WHERE id = ?", (record,)) or fields.pop("*created", False):
                raise Violation("20 own writes are read", f"{phone.name} does not show {record[-6:]}")
            continue  # it left this device; its edits wait sealed or unshown
        fields.pop("*created", None)
        for name, wanted in fields.items():
            if not _is_shown(shown.type, name, wanted, shown.data.get(name)):
                what = f"{phone.name}: {name} of {shown.type} is {shown.data.get(name)!r}, typed {wanted!r}"
                raise Violation("20 own writes are read", what)


def _expected(phone: Phone) -> dict[str, dict[str, Any]]:
    """Return record -> field -> what was typed last and is not settled; nothing of what was deleted or joined here."""
    complete = phone.kit.identity.last_commit
    found: dict[str, dict[str, Any]] = {}
    over: set[str] = set()
    for op, record, payload, outcome, commit, sealed, code in phone.rows(
        """SELECT op, record, payload, outcome, commit_number, sealed, code FROM mutation
        WHERE record IN (SELECT record FROM mutation WHERE unanswered = 1 OR commit_number > ?) ORDER BY rowid""",
        (complete,),
    ):
        if op in ("delete", "merge") or sealed or code == "erased" or outcome in SETTLED_ELSEWHERE:
            over.add(record)
            continue
        if commit is not None and commit <= complete:
            for name in _parts(payload):
                found.get(record, {}).pop(name, None)
            continue
        wanted = found.setdefault(record, {})
        wanted.update(_parts(payload))
        if op == "create":
            wanted["*created"] = True
    return {record: fields for record, fields in found.items() if record not in over}


def _parts(payload: str) -> Mapping[str, Any]:
    said = msgspec.json.decode(payload)
    parts = {name: ("value", None, value) for name, value in said.get("data", {}).items()}
    parts |= {name: ("value", seen, to) for name, (seen, to) in said.get("set", {}).items()}
    for name in {*said.get("add", {}), *said.get("remove", {})}:
        parts[name] = ("delta", said.get("remove", {}).get(name, []), said.get("add", {}).get(name, []))
    return parts


def _is_shown(kind: str, name: str, wanted: tuple[str, Any, Any], value: Any) -> bool:
    manner, before, after = wanted
    spec = RECORD_TYPES[kind].fields.get(name)
    if manner == "delta":
        return set(after) <= set(value or []) and not set(before) & (set(value or []) - set(after))
    if spec is not None and spec.merge is Merge.TEXT:
        new = set((after or "").split("\n")) - set((before or "").split("\n"))
        return new <= {*(value or "").split("\n"), ""}
    return bool(value == after)
