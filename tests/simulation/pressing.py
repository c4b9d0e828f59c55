"""What somebody types before they press Save, heard at the kit's own door, before the kit makes anything of it.

The kit is asked for nothing but what is on the screen. Of a creation that goes again its file says which one it was.
"""

import hashlib
from collections.abc import Iterator, Mapping
from contextlib import contextmanager, nullcontext
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from field_kit.kit import FieldKit
from tests.simulation.phone import Phone
from tests.simulation.words import old_program, typed_on_old

Values = Mapping[str, Any]


@dataclass(frozen=True)
class Screen:
    """A record as it stood before the eyes of whoever typed."""

    record: str
    type: str
    data: Values


@dataclass
class Typed:
    """One thing that was asked of a Save. ``record``: ``None`` until the kit has said it."""

    op: str
    record: str | None
    type: str = ""
    values: Values = field(default_factory=dict)
    screen: Screen | None = None
    refused: str | None = None
    """The refused creation of the record that stands last in the log."""


@dataclass
class Press:
    """One press of Save. ``end_of_log``: the last row of the log before it."""

    phone: Phone
    end_of_log: int
    typed: list[Typed] = field(default_factory=list)
    returned: bool = False
    """The kit says that all of it is kept."""
    refused: bool = False
    """The kit says that none of it is."""


class HeardKit:
    """A device's kit, of which a press of Save hears what is typed into it; whatever else is asked of it, it does."""

    def __init__(self, kit: FieldKit, press: Press) -> None:
        self._kit, self._press = kit, press

    def __getattr__(self, name: str) -> Any:
        return getattr(self._kit, name)

    def save(self) -> "HeardSave":
        return HeardSave(self._kit.save(), self._press)

    def create(self, record_type: str, /, data: Values | None = None, **fields: Any) -> Any:
        one = _new(self._press, record_type, {**(data or {}), **fields})
        done = self._kit.create(record_type, data, **fields)
        one.record = done.record
        return done

    def update(self, record: str, /, data: Values | None = None, **fields: Any) -> Any:
        _changed(self._press, record, {**(data or {}), **fields})
        return self._kit.update(record, data, **fields)

    def delete(self, record: str, /) -> Any:
        _seen(self._press, "delete", record)
        return self._kit.delete(record)

    def merge(self, record: str, /, into: str, reason: str) -> Any:
        _seen(self._press, "merge", record, {"into": into, "reason": reason})
        return self._kit.merge(record, into, reason)

    def attach(self, record: str, path: Path | str, /, **fields: Any) -> Any:
        one = _attached(self._press, record, Path(path), fields)
        done = self._kit.attach(record, path, **fields)
        one.record = done.record
        return done


class HeardSave:
    """One press of Save with several edits, heard."""

    def __init__(self, save: Any, press: Press) -> None:
        self._save, self._press = save, press

    def __getattr__(self, name: str) -> Any:
        return getattr(self._save, name)

    def __enter__(self) -> "HeardSave":
        self._save.__enter__()
        return self

    def __exit__(self, *about: Any) -> Any:
        return self._save.__exit__(*about)

    def create(self, record_type: str, /, data: Values | None = None, **fields: Any) -> str:
        one = _new(self._press, record_type, {**(data or {}), **fields})
        one.record = record = str(self._save.create(record_type, data, **fields))
        return record

    def update(self, record: str, /, data: Values | None = None, **fields: Any) -> None:
        _changed(self._press, record, {**(data or {}), **fields})
        self._save.update(record, data, **fields)

    def delete(self, record: str, /) -> None:
        _seen(self._press, "delete", record)
        self._save.delete(record)

    def merge(self, record: str, /, into: str, reason: str) -> None:
        _seen(self._press, "merge", record, {"into": into, "reason": reason})
        self._save.merge(record, into, reason)

    def attach(self, record: str, path: Path | str, /, **fields: Any) -> str:
        one = _attached(self._press, record, Path(path), fields)
        one.record = attachment = str(self._save.attach(record, path, **fields))
        return attachment


@contextmanager
def heard(press: Press) -> Iterator[None]:
    """Hear what is typed on a device while a block runs."""
    phone = press.phone
    kit, phone.kit = phone.kit, HeardKit(phone.kit, press)  # type: ignore[assignment]
    try:
        yield
    finally:
        phone.kit = kit


def _new(press: Press, kind: str, values: Values) -> Typed:
    said = typed_on_old(kind, values) if press.phone.old else values
    one = Typed("create", None, kind, dict(said))
    press.typed.append(one)
    return one


def _attached(press: Press, record: str, path: Path, fields: Values) -> Typed:
    content = path.read_bytes()
    file = {"sha256": hashlib.sha256(content).hexdigest(), "size": len(content), "name": path.name}
    values = {"owner_record": record, "media_type": "image/jpeg", **file, **fields}
    one = Typed("create", None, "attachment", values)
    press.typed.append(one)
    return one


def _changed(press: Press, record: str, values: Values) -> None:
    """Note a change; of a record that was merged into another, whoever types means that other one."""
    with _past_accidents(press.phone):
        screen, refused = _screen(press.phone, record), _refused_creation(press.phone, record)
        passed = set()
        while screen and (into := screen.data.get("merged_into")) and into not in passed:
            passed.add(into)
            screen = _screen(press.phone, into) or screen
        kind = screen.type if screen else str(press.phone.rows(_KIND, (record,))[0][0]) if refused else ""
    said = typed_on_old(kind, values) if press.phone.old and kind else values
    target = screen.record if screen else record
    press.typed.append(Typed("update", target, kind, dict(said), screen, refused))


def _seen(press: Press, op: str, record: str, values: Values | None = None) -> None:
    with _past_accidents(press.phone):
        screen, refused = _screen(press.phone, record), _refused_creation(press.phone, record)
    press.typed.append(Typed(op, record, screen.type if screen else "", dict(values or {}), screen, refused))


_KIND = "SELECT type FROM mutation WHERE record = ?"
_LAST_CREATION = """SELECT id, outcome, code FROM mutation WHERE record = ? AND op = 'create'
    ORDER BY rowid DESC LIMIT 1"""


def _screen(phone: Phone, record: str) -> Screen | None:
    """Return a record as the device shows it, in the words of its program."""
    with old_program() if phone.old else nullcontext():
        shown = FieldKit.get(phone.kit, record)
    return Screen(record, shown.type, shown.data) if shown else None


def _refused_creation(phone: Phone, record: str) -> str | None:
    found = phone.rows(_LAST_CREATION, (record,))
    refused = [id_ for id_, outcome, code in found if outcome == "rejected" and code != "erased"]
    return refused[0] if refused else None


@contextmanager
def _past_accidents(phone: Phone) -> Iterator[None]:
    """Look at a device's file without a part in its accidents: who looks at the screen does not kill it."""
    database = phone.kit.database
    connection = database.connection
    database.connection = getattr(connection, "_connection", connection)
    try:
        yield
    finally:
        database.connection = connection
