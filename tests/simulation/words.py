"""Programs of two schemas in one process: today's declarations as the second one, and a kit that knows only the first.

The first schema is the made-up one of ``tests/schemas/old_version.py``. While a device of it runs, the kit's modules
see its declarations; everything else sees today's, with the step between the two in their history. People type and
read the same on both: ``OldKit`` says it to the old program in its words.
"""

import sys
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from pathlib import Path
from types import ModuleType
from typing import Any

from field_kit import app_update, witnesses  # noqa: F401  # so that they are among the kit's modules below
from field_kit.export import Exported
from field_kit.kit import FieldKit
from field_kit.saving import Save
from field_kit.store import Record
from schemas.base import RecordType
from schemas.ending import Ending
from schemas.fields import Line, Lines
from schemas.history import HISTORY, Declarations, History
from schemas.privacy import Privacy
from schemas.records import RECORD_TYPES
from schemas.records.case import Case
from schemas.records.household import Household
from sync.upcasting import shown_to
from tests.schemas.old_version import HISTORY as STEPS

OLD = 1
"""The number of the older schema; today's is 2 in these schedules."""
BEFORE = History()


class OldCase(Case):
    """A case as the older schema knew it."""

    ending = Ending(
        "status", "closed", along=("closed_on", "outcome"), against={"priority": frozenset({"most_urgent"})}
    )
    priority = Line("ความเร่งด่วน", "Urgency")
    problems = Lines("ปัญหา", "Problems", privacy=Privacy.SENSITIVE)  # a program hides by the classes that it knows
    place_name = Line("สถานที่", "Place", privacy=Privacy.PERSONAL)
    landmark = Line("จุดสังเกต", "Landmark", privacy=Privacy.PERSONAL)
    ward_note = Line("หมายเหตุ", "Note")


class OldHousehold(Household):
    """A household as the older schema knew it."""

    record_rules = ()
    gps = Line("พิกัด", "Position", privacy=Privacy.PERSONAL)


for _schema, _names in ((OldCase, ("urgency", "place_text", "danger_notes")),
                        (OldHousehold, ("latitude", "longitude", "accuracy_m"))):  # fmt: skip
    for _name in _names:
        del _schema._declared_fields[_name]

_TYPES = {**RECORD_TYPES, "case": RecordType(OldCase), "household": RecordType(OldHousehold)}
_TYPES.pop("contact")
OLD_TYPES = Declarations(_TYPES, BEFORE)


def speak(*, mixed: bool) -> None:
    """Let this process's centre and its new programs be of the second schema, or of the first and only one."""
    steps = STEPS.steps if mixed else ()
    if HISTORY.steps is not steps:
        object.__setattr__(HISTORY, "steps", steps)
        HISTORY._turns.clear()
    for module in _modules("SCHEMA_VERSION", ("server", "sync", "field_kit")):
        module.SCHEMA_VERSION = HISTORY.current  # type: ignore[attr-defined]


@contextmanager
def old_program() -> Iterator[None]:
    """Let the kit's modules be of the older schema for as long as a device of it runs."""
    before = [(module, name, getattr(module, name)) for module, name, _ in _OF_THE_KIT]
    for module, name, value in _OF_THE_KIT:
        setattr(module, name, value)
    try:
        yield
    finally:
        for module, name, value in before:
            setattr(module, name, value)


def _modules(name: str, packages: Sequence[str]) -> list[ModuleType]:
    found = [module for key, module in sys.modules.items() if key.partition(".")[0] in packages]
    return [module for module in found if name in vars(module)]


_OF_THE_KIT = [
    *((module, "RECORD_TYPES", OLD_TYPES) for module in _modules("RECORD_TYPES", ("field_kit",))),
    *((module, "SCHEMA_VERSION", OLD) for module in _modules("SCHEMA_VERSION", ("field_kit",))),
]


class OldSave(Save):
    """One press of Save on an old program."""

    def create(self, record_type: str, /, data: Mapping[str, Any] | None = None, **fields: Any) -> str:
        with old_program():
            return super().create(record_type, typed_on_old(record_type, {**(data or {}), **fields}))

    def update(self, record: str, /, data: Mapping[str, Any] | None = None, **fields: Any) -> None:
        with old_program():
            rows = "SELECT type FROM record WHERE id = ? UNION SELECT type FROM mutation WHERE record = ?"
            kind = str(self.database.value(rows, (record, record)))
            super().update(record, typed_on_old(kind, {**(data or {}), **fields}))

    def attach(self, record: str, path: Path | str, /, **fields: Any) -> str:
        with old_program():
            return super().attach(record, path, **fields)

    def __exit__(self, *about: Any) -> None:
        with old_program():
            super().__exit__(*about)


class OldKit(FieldKit):
    """The kit of the older schema, for people who speak in today's words."""

    def save(self) -> Save:
        return OldSave(self.database, self.surroundings)

    def get(self, record: str) -> Record | None:
        with old_program():
            found = super().get(record)
        return _up(found) if found else None

    def list(self, record_type: str, **equal: Any) -> Iterator[Record]:
        with old_program():
            found = [*super().list(record_type, **equal)] if record_type in OLD_TYPES else []
        yield from map(_up, found)

    def export(self, path: Path | str, *, everything: bool = False) -> Exported:
        with old_program():
            return super().export(path, everything=everything)


def in_old_words(rows: Mapping[str, tuple[int, dict[str, Any]]], kinds: Mapping[str, str]) -> Any:
    """Return rows as a device of the older schema has them."""
    return {
        record: (version, dict(shown_to(HISTORY, RECORD_TYPES, kinds[record], data, OLD)))
        for record, (version, data) in rows.items()
    }


def typed_on_old(kind: str, values: Mapping[str, Any]) -> dict[str, Any]:
    """Return what somebody who speaks in today's words types on an old program."""
    return dict(STEPS.downcast(kind, values, OLD, partial=True))


def _up(record: Record) -> Record:
    return record._replace(data=dict(STEPS.upcast(record.type, record.data, OLD)))
