"""Which refused and waiting edits somebody at a desk may see and settle, and what they see of each.

An edit is theirs by its record if that exists; else by the records that it names; else by the area that it says; else
by the area of its author's roles.
"""

from collections.abc import Collection, Iterable, Mapping, Sequence
from typing import Any

import msgspec
from sqlalchemy import Connection, Row, select

from schemas.base import RecordType
from schemas.history import HISTORY
from schemas.placement import InDistrict, InVillage
from schemas.privacy import Privacy
from server.auth import people
from server.auth.reach import within_reach
from server.auth.roles import ROLES, Assignment, allows
from server.auth.scope import scopes_of_role
from server.auth.viewer import Viewer
from server.ids import could_be_id
from server.models.sync_tables import record
from server.parts import EDITS
from server.store import Scope, views
from server.store.among import among
from sync.upcasting import edit_upcast

SUBJECT = "unfinished"

Seen = Mapping[str, frozenset[Privacy]]
"""Mutation id -> the field classes in which the viewer sees it. What is not theirs is absent."""


def seen_by(
    connection: Connection, types: Mapping[str, RecordType], viewer: Viewer, rows: Sequence[Row[Any]], action: str
) -> Seen:
    """Return those of some ledger rows on which the viewer may do ``action``."""
    held = [each for each in viewer.roles if allows(each.role, SUBJECT, action)]
    scopes = [scope for each in held for scope in scopes_of_role(each, viewer.user)]
    anchors = {row.id: _anchors(types, row) for row in rows}
    named = {each for found in anchors.values() for each in found}
    existing = _existing(connection, named)
    visible = [(scope, _visible(connection, scope, existing)) for scope in scopes]
    near = _near(connection, viewer, rows, action)
    seen: dict[str, frozenset[Privacy]] = {}
    for row in rows:
        anchor = next((each for each in anchors[row.id] if each in existing), None)
        areas = [] if anchor else _places(types, row)
        if anchor or areas:
            found = [
                scope for scope, ids in visible if (anchor in ids if anchor else any(_covers(scope, b) for b in areas))
            ]
            classes = frozenset[Privacy]().union(*(scope.classes for scope in found))
        else:
            classes = _classes(held) if row.author in near else frozenset()
        if classes:
            seen[row.id] = classes
    return seen


def sent(row: Row[Any]) -> dict[str, Any]:
    """Return what a ledger row's mutation says in the words of today, as far as it can be read."""
    try:
        found = msgspec.json.decode(row.payload or b"{}")
    except msgspec.DecodeError:
        return {}
    if not isinstance(found, dict):
        return {}
    turn = HISTORY.up(row.type, row.schema)
    return found | edit_upcast(turn, found) if turn else found


def edits(said: Mapping[str, Any]) -> dict[str, dict[str, Any]]:
    """Return the parts of a mutation that hold what was typed."""
    return {name: part for name in EDITS if isinstance(part := said.get(name), dict)}


def type_of(row: Row[Any], said: Mapping[str, Any]) -> str:
    """Return of which type the record is, also where the mutation as a whole cannot be read."""
    return str(row.type or said.get("type"))


def _anchors(types: Mapping[str, RecordType], row: Row[Any]) -> list[str]:
    """Return the record and the records that it hangs on, in the order in which they decide whose an edit is."""
    said = sent(row)
    kind = types.get(type_of(row, said))
    names = [spec.name for spec in kind.references] if kind else []
    named = [row.record, *(value for name in names for value in _values(said, name))]
    return [each for each in named if could_be_id(each)]


def _values(said: Mapping[str, Any], name: str) -> Iterable[str]:
    """Yield the texts that an edit would put into a field, whatever else it says."""
    for part, values in edits(said).items():
        value = values.get(name)
        if part == "set":
            value = value[1] if isinstance(value, list) and len(value) == 2 else None
        yield from (each for each in (value if isinstance(value, list) else [value]) if isinstance(each, str))


def _places(types: Mapping[str, RecordType], row: Row[Any]) -> list[str]:
    """Return the buckets of the areas that an edit says."""
    said = sent(row)
    kind = types.get(type_of(row, said))
    if kind is None:
        return []
    codes = [code for spec in kind.fields.values() if spec.kind == "area" for code in _values(said, spec.name)]
    places = (InDistrict("area"), InVillage("area"))
    known = [code for code in codes if code.isascii() and code.isdigit() and len(code) in (2, 4, 6, 8)]
    return sorted({bucket for code in known for place in places for bucket in place({"area": code}, "")})


def _covers(scope: Scope, bucket: str) -> bool:
    return scope.buckets is None or bucket in scope.buckets or bucket.startswith(tuple(scope.prefixes))


def _existing(connection: Connection, ids: Collection[str]) -> set[str]:
    return set(connection.execute(select(record.c.id).where(among(record.c.id, ids))).scalars()) if ids else set()


def _visible(connection: Connection, scope: Scope, ids: Collection[str]) -> set[str]:
    if not ids:
        return set()
    query = views.visible(select(record.c.id).where(among(record.c.id, ids)), scope)
    return set(connection.execute(query).scalars())


def _near(connection: Connection, viewer: Viewer, rows: Sequence[Row[Any]], action: str) -> set[str]:
    roles = people.roles_of(connection, {row.author for row in rows})
    authors = {row.author: roles.get(row.author, ()) for row in rows}
    return within_reach(connection, viewer, SUBJECT, action, authors)


def _classes(held: Sequence[Assignment]) -> frozenset[Privacy]:
    return frozenset[Privacy]().union(*(ROLES[each.role].classes for each in held))
