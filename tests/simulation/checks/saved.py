"""What was typed before a Save is what lies in the log after it: promises 1 and 21, told apart from the log itself."""

from typing import Any, NamedTuple

import msgspec

from schemas.records import RECORD_TYPES
from tests.simulation.checks.wanted import FACT_DATES, Wanted, going_again, wanted_of
from tests.simulation.fleet import Fleet, Violation
from tests.simulation.journal import Promise
from tests.simulation.pressing import Press

WHOLE, TYPED = "21 groups are whole", "1 nothing is lost"
PARTS = ("data", "set", "add", "remove", "into", "reason")
BESIDE = ("assumed", "contacted_at", "schema")
"""What the kit says of an edit, and nobody types."""


_REFERENCES = {
    each.name for each in RECORD_TYPES["emergency"].fields.values() if each.kind in ("reference", "references")
}


class Logged(NamedTuple):
    """One row that a press of Save left in the log."""

    id: str
    lane: str
    save: str
    op: str
    type: str
    record: str
    payload: str
    base: int

    @property
    def said(self) -> dict[str, Any]:
        return dict(msgspec.json.decode(self.payload))


class Saved:
    """A Save that returned is in the log whole, a refused one not at all, one over which a device died either way."""

    def pressed(self, fleet: Fleet, press: Press, rows: list[Any]) -> None:
        logged = [Logged(*row) for row in rows]
        if press.refused and logged:
            raise Violation(WHOLE, f"{press.phone.name} refuses a Save and keeps {_names(logged)} of it")
        if not (logged or press.returned):
            return
        wanted = wanted_of(fleet, press)
        promise = TYPED if press.returned else WHOLE
        for want, row in zip(wanted, logged, strict=False):
            _compare(promise, press, want, row)
        if missing := wanted[len(logged) :]:
            raise Violation(promise, f"{press.phone.name} does not log {_names(missing)}")
        _sent_again(fleet, promise, press, logged[len(wanted) :])
        _one_group(press, logged)


def _compare(promise: str, press: Press, want: Wanted, row: Logged) -> None:
    if (row.op, row.type, row.record) != (want.op, want.type, want.record or row.record):
        raise Violation(promise, f"{press.phone.name} logs {_names([row])} in the place of {_names([want])}")
    said = row.said
    if beside := said.keys() - {*PARTS, *BESIDE}:
        raise Violation(promise, f"a {row.op} of {row.type} says {sorted(beside)}, which nobody typed")
    parts = _in_order({name: said[name] for name in PARTS if said.get(name)})
    filled, assumed = want.filled & parts.get("data", {}).keys(), set(said.get("assumed", ()))
    if assumed != filled & FACT_DATES | want.untyped:
        raise Violation(promise, f"a {row.op} of {row.type} calls {sorted(assumed)} assumed, filled in is {filled}")
    if filled:
        parts["data"] = {name: value for name, value in parts["data"].items() if name not in filled}
    if parts != _in_order(dict(want.parts)):
        what = f"{press.phone.name} logs {parts} of a {row.op} of {row.type}, typed was {dict(want.parts)}"
        raise Violation(promise, what)


def _in_order(parts: dict[str, Any]) -> dict[str, Any]:
    """Return parts of an edit with the elements that come and go in one order."""
    lists = {
        name: {key: sorted(each) for key, each in parts[name].items()} for name in ("add", "remove") if name in parts
    }
    return {**parts, **lists}


def _sent_again(fleet: Fleet, promise: str, press: Press, rows: list[Logged]) -> None:
    """What goes again with a corrected creation is what was refused with it, as it was typed then."""
    parts = 3 if press.phone.updated else 4  # a newer program says the old words in its own
    mates = {_key(mate)[:parts]: must for mate, must in going_again(fleet, press)}
    found = {_key(row)[:parts] for row in rows}
    if strange := [row for row in rows if _key(row)[:parts] not in mates]:
        raise Violation(promise, f"{press.phone.name} logs {_names(strange)}, which nobody typed")
    if left := [key for key, must in mates.items() if must and key not in found]:
        raise Violation(promise, f"{press.phone.name} does not send {left[0][:2]} again, refused with its creation")


def _key(one: Logged | Promise) -> tuple[str, str, str, str]:
    """Return what an edit is, and what it says where no newer program has read it into its own words."""
    said = one.said if isinstance(one, Logged) else one.payload
    parts = _in_order({name: said[name] for name in PARTS if said.get(name)})
    return one.op, one.type, one.record, msgspec.json.encode(parts, order="sorted").decode()


def _one_group(press: Press, rows: list[Logged]) -> None:
    """21: all of a Save is one group; an emergency that names nothing goes ahead of it, each alone."""
    for row in rows:
        alone = row.op == "create" and row.type == "emergency" and not _REFERENCES & row.said["data"].keys()
        if alone != (row.lane == "urgent"):
            raise Violation(WHOLE, f"a {row.op} of {row.type} is in the {row.lane} lane")
    urgent = [row.save for row in rows if row.lane == "urgent"]
    others = {row.save for row in rows if row.lane != "urgent"}
    if len(others) > 1 or len({*urgent, *others}) != len(urgent) + len(others):
        raise Violation(WHOLE, f"one Save of {press.phone.name} is {len({*urgent, *others})} groups")


def _names(some: list[Any]) -> str:
    return ", ".join(f"{each.op} {each.type} {(each.record or 'new')[-6:]}" for each in some)
