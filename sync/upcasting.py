"""Read across schema versions: mutations and stored records upwards, rows and what an author is told downwards.

Upcast then apply = apply then migrate (a property test holds it). Nothing here changes what was sent: the ledger and
a device's log keep every mutation as its author's program wrote it.
"""

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

import msgspec

from schemas.base import Errors, RecordType
from schemas.history import History, Turn
from sync.conflicts import VALUES, WHOLE_RECORD
from sync.decision import Decision
from sync.messages import ConflictReference
from sync.mutation import Malformed, Mutation
from sync.state import RecordState

Data = Mapping[str, Any]

CONFLICT = "conflict"
Types = Mapping[str, RecordType]

_DELTA = frozenset({"add", "remove"})
_ALONE = ("base_value", "central_value")
"""Values of a conflict that are left out where they are empty; those of a group never are."""


def upcast(history: History, mutation: Mutation | Malformed, schema: int) -> Mutation | Malformed:
    """Return a mutation as the current schema says it, with its schema named; ``schema`` holds where it names none.

    One that uses a name which its own schema does not have cannot be read: the name means something else by now.
    """
    if isinstance(mutation, Malformed):
        return mutation
    written = mutation.schema or schema
    if written >= history.current:
        return mutation if mutation.schema else msgspec.structs.replace(mutation, schema=schema)
    turn = history.up(mutation.type, written)
    if not turn:
        return msgspec.structs.replace(mutation, schema=history.current)
    if unknown := turn.unknown.intersection([*mutation.data, *mutation.touches]):
        return Malformed(mutation.seq, mutation.id, f"{sorted(unknown)} not in schema {written}")
    return msgspec.structs.replace(
        mutation,
        schema=history.current,
        data=turn.fields(mutation.data),
        set=_edits(turn, mutation.set),
        add=turn.fields(mutation.add, partial=True),
        remove=turn.fields(mutation.remove, partial=True),
        assumed=[new for old in mutation.assumed for new in turn.names(old)],
    )


def _edits(turn: Turn, edits: Mapping[str, Sequence[Any]]) -> dict[str, tuple[Any, Any]]:
    """Return [from, to] by field. A ``from`` that cannot be read counts as nothing seen."""
    seen = turn.fields({name: edit[0] for name, edit in edits.items()}, partial=True)
    wanted = turn.fields({name: edit[1] for name, edit in edits.items()}, partial=True)
    return {name: (seen.get(name), to) for name, to in wanted.items()}


def edit_upcast(turn: Turn, edit: Data) -> dict[str, Any]:
    """Return the parts of an edit as the ledger holds it, which nobody may ever have been able to read, turned."""
    parts = {part: found for part in ("data", "set", "add", "remove") if isinstance(found := edit.get(part), dict)}
    if not turn:
        return parts
    made: dict[str, Any] = {part: turn.fields(parts[part], partial=part != "data") for part in parts if part != "set"}
    pairs = {name: pair for name, pair in parts.get("set", {}).items() if isinstance(pair, list) and len(pair) == 2}
    return made | ({"set": _edits(turn, pairs)} if pairs else {})


# --- what the author is told


def told(history: History, mutation: Mutation | Malformed, schema: int, decision: Decision) -> Decision:
    """Return a decision with fields named as the mutation's own schema names them."""
    if isinstance(mutation, Malformed) or not (decision.errors or decision.conflicts):
        return decision
    written = mutation.schema or schema
    turn = history.down(mutation.type, written)
    if not turn:
        return decision
    references = tuple(
        ConflictReference(turn.unit(each.field) or each.field, each.record) for each in decision.conflicts
    )
    errors = errors_by(turn, decision.errors or {}, history.up(mutation.type, written).own)
    return replace(decision, errors=errors or decision.errors, conflicts=references)


def errors_by(turn: Turn, errors: Mapping[str, list[dict[str, Any]]], own: frozenset[str]) -> Errors:
    """Return errors by the names that fields have at the end of a turn, each problem once.

    ``own``: names that only the sender's schema has. Where one is still there, its value could not be read.
    """
    found: Errors = {}
    for name, problems in errors.items():
        if name in own:
            problems = [{"code": "invalid"} if each["code"] == "unknown_field" else each for each in problems]
        known = found.setdefault(name if name in own else turn.unit(name) or name, [])
        known += [each for each in problems if each not in known]
    return found


def detail_upcast(history: History, kind: str, detail: Data, written: int) -> dict[str, Any]:
    """Return what was told of a mutation (``errors``, ``conflicts``) with fields named as the current schema does."""
    turn = history.up(kind, written)
    if not turn:
        return dict(detail)
    made = dict(detail)
    if "errors" in detail:
        made["errors"] = errors_by(turn, detail["errors"], frozenset())
    if "conflicts" in detail:
        named = [(each, turn.unit(each["field"]) or each["field"]) for each in detail["conflicts"]]
        made["conflicts"] = [{**each, "field": name} for each, name in named]
    return made


# --- rows for readers of an older schema


def shown_to(history: History, types: Types, kind: str, data: Data, schema: int) -> Data:
    """Return a row of the current schema as a device of an older one knows it; of an unknown type, nothing."""
    if not history.knows(kind, schema):
        return {}
    if kind == CONFLICT:
        return _conflict(types, data, lambda about: history.down(about, schema), keeps_unknown=False)
    return history.downcast(kind, data, schema)


def fields_shown_to(history: History, kind: str, names: Iterable[str], schema: int) -> list[str]:
    """Return the field names that such rows may have, in order."""
    if not history.knows(kind, schema):
        return []
    turn = history.down(kind, schema)
    return list(dict.fromkeys(new for name in names for new in turn.names(name)))


# --- what is stored


def migrated(history: History, types: Types, state: RecordState, stored: int) -> RecordState:
    """Return a record that was stored under an older schema as the current one stores it. No version moves."""
    data = row_upcast(history, types, state.type, state.data, stored)
    turn = history.up(state.type, stored)
    versions: dict[str, int] = {}
    for name, version in state.field_versions.items():
        for new in turn.names(name):
            versions[new] = max(version, versions.get(new, 0))
    others = frozenset(new for name in state.by_others for new in turn.names(name))
    return replace(state, data=data, field_versions=versions, by_others=others)


def row_upcast(history: History, types: Types, kind: str, data: Data, stored: int) -> Data:
    """Return the fields of a row that was stored under an older schema."""
    if kind == CONFLICT:
        return _conflict(types, data, lambda about: history.up(about, stored), keeps_unknown=True)
    return history.upcast(kind, data, stored)


def _conflict(types: Types, data: Data, turn_of: Callable[[str], Turn], *, keeps_unknown: bool) -> Data:
    """Turn the contested field's name and every value of it. Of a field left out, the values go too or all stays."""
    about, unit = str(data.get("record_type")), str(data.get("field"))
    turn = turn_of(about)
    if not turn:
        return data
    new = WHOLE_RECORD if unit == WHOLE_RECORD else turn.unit(unit)
    if new is None:
        return data if keeps_unknown else {name: value for name, value in data.items() if name not in VALUES}
    groups = types[about].groups if about in types else {}
    known = turn.is_group(unit)
    value = _Contested(turn, unit, new, known if known is not None else new in groups or unit in groups)
    made = {name: found for name, found in data.items() if name not in _ALONE} | {"field": new}
    made |= {name: found for name in _ALONE if (found := value(data.get(name))) is not None}
    if "contenders" in data:
        made["contenders"] = [_contender(each, value) for each in data["contenders"]]
    if "resolution" in data:
        decided = data["resolution"]  # its value is null where the central one was let stand
        made["resolution"] = decided | {"value": value(found) if (found := decided.get("value")) is not None else None}
    return made


def _contender(contender: Data, value: Callable[[Any], Any]) -> dict[str, Any]:
    turned = {name: value(contender[name]) for name in ("from", "value") if name in contender}
    earlier = [_contender(each, value) for each in contender.get("earlier") or []]
    return {**contender, **turned, **({"earlier": earlier} if "earlier" in contender else {})}


@dataclass(frozen=True, slots=True)
class _Contested:
    """Turns one value of a contested unit: of one field, of a group by field, a delta, or an edit of a whole record."""

    turn: Turn
    unit: str
    new: str
    grouped: bool

    def __call__(self, given: Any) -> Any:
        if self.unit == WHOLE_RECORD:
            return self._whole(given) if isinstance(given, Mapping) else given
        if isinstance(given, Mapping) and given.keys() == _DELTA:
            return {part: self._of({self.unit: given[part]}) for part in given}
        return self._of(given if self.grouped and isinstance(given, Mapping) else {self.unit: given})

    def _of(self, fields: Data) -> Any:
        made = self.turn.fields(fields, partial=True)
        return made[self.new] if self.new in made else dict(made)

    def _whole(self, given: Data) -> dict[str, Any]:
        edits = _DELTA | {"set"}
        return {
            part: self.turn.fields(values, partial=True) if part in edits and isinstance(values, Mapping) else values
            for part, values in given.items()
        }
