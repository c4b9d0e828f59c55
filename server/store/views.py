"""Read records, their history and their conflicts for the centre's own views: by scope, masked by class."""

from collections.abc import Collection, Iterable, Iterator, Mapping
from dataclasses import dataclass, replace
from typing import Any

import msgspec
from sqlalchemy import Connection, Row, Select, and_, exists, false, func, or_, select, true

from schemas.base import RecordType
from schemas.history import History, history_of
from schemas.privacy import Privacy
from server.models.sync_tables import bucket_entry, mutation, record
from server.store.among import among
from server.store.chains import end_of_chain, merged_family
from server.store.loading import state_of
from server.store.unfinished import corrections_of
from sync.buckets import masked
from sync.erasing import ERASED
from sync.state import RecordState
from sync.upcasting import edit_upcast


@dataclass(frozen=True, slots=True)
class Scope:
    """What somebody at a desk may see: records that lie in these buckets, and of them these classes.

    ``buckets``: exact keys, and prefixes such as ``district:54``; ``None`` = the whole country.
    ``assigned``: buckets in whose records also ``protected`` fields may be seen.
    """

    classes: frozenset[Privacy]
    buckets: frozenset[str] | None
    prefixes: frozenset[str] = frozenset()
    assigned: frozenset[str] = frozenset()


@dataclass(frozen=True, slots=True)
class RecordView:
    """A record as somebody may see it."""

    id: str
    type: str
    version: int
    data: Mapping[str, Any]
    deleted: bool
    field_versions: Mapping[str, int]
    merged_into: str | None = None
    goes_on_in: str | None = None
    """Of a merged record: the end of its chain."""


def read(connection: Connection, types: Mapping[str, RecordType], scope: Scope, identifier: str) -> RecordView | None:
    """Return one record, or ``None`` where it does not exist or is not theirs to see: the two look alike."""
    row = connection.execute(visible(select(record), scope).where(record.c.id == identifier)).first()
    if row is None:
        return None
    view = _view(types, scope, row, assigned=_is_assigned(connection, scope, identifier))
    return replace(view, goes_on_in=end_of_chain(connection, row.id)) if row.merged_into else view


def read_among(
    connection: Connection, types: Mapping[str, RecordType], scope: Scope, ids: Collection[str]
) -> list[RecordView]:
    """Return those of some records that are theirs to see and neither deleted nor merged, in id order."""
    live = (~record.c.deleted, record.c.merged_into.is_(None), among(record.c.id, ids))
    rows = connection.execute(visible(select(record), scope).where(*live).order_by(record.c.id)).all()
    assigned = _assigned_among(connection, scope, ids)
    return [_view(types, scope, row, assigned=row.id in assigned) for row in rows]


def find(
    connection: Connection,
    types: Mapping[str, RecordType],
    scope: Scope,
    type_name: str,
    *,
    area: str | None = None,
    after: str | None = None,
    limit: int = 100,
    text: str | None = None,
    **equal: str,
) -> list[RecordView]:
    """Return live records of a type in id order, after an id; ``equal`` compares text fields of the data.

    What was merged into another record is not listed: that one is.

    ``area``: a code of any length. Below the district only types that have an area of their own can be told apart.
    ``text``: part of a summary field that the scope may see. Reads every visible record of the type: for desks only.
    """
    query = visible(select(record), scope).where(record.c.type == type_name, ~record.c.deleted)
    query = query.where(record.c.merged_into.is_(None))
    if area:
        query = query.where(_lies_in(types[type_name], area))
    for name, value in equal.items():
        query = query.where(record.c.data[name].as_string() == value)
    if text:
        query = query.where(_shows(types[type_name], scope, text))
    if after:
        query = query.where(record.c.id > after)
    rows = connection.execute(query.order_by(record.c.id).limit(limit)).all()
    return [_view(types, scope, row, assigned=False) for row in rows]


def history(
    connection: Connection, types: Mapping[str, RecordType], scope: Scope, identifier: str
) -> Iterator[dict[str, Any]]:
    """Yield the ledger rows of a record and of all merged into it, oldest first, as the scope may see them."""
    kind_name = connection.execute(select(record.c.type).where(record.c.id == identifier)).scalar()
    classes = scope.classes
    if _is_assigned(connection, scope, identifier):
        classes = classes | {Privacy.PROTECTED}
    rows = connection.execute(
        select(mutation)
        .where(among(mutation.c.record, merged_family(connection, identifier)), ~mutation.c.repeat)
        .order_by(mutation.c.commit_number, mutation.c.position)
    )
    found = rows.all()
    corrected = corrections_of(connection, [row.id for row in found])
    for row in found:
        yield _ledger_view(types.get(str(kind_name)), history_of(types), classes, row) | corrected.get(row.id, {})


def _ledger_view(kind: RecordType | None, steps: History, classes: frozenset[Privacy], row: Row[Any]) -> dict[str, Any]:
    edit = msgspec.json.decode(row.payload) if row.payload else {}
    view: dict[str, Any] = {
        "commit": row.commit_number,
        "id": row.id,
        "record": row.record,
        "op": row.op,
        "author": row.author,
        "device": row.device,
        "recorded_at": row.recorded_at,
        "received_at": row.received_at,
        "base": row.base,
        "outcome": row.outcome,
        "code": row.code,
    }
    view |= {part: edit[part] for part in ("into", "undoes", "moves", "reason") if edit.get(part)}
    said = edit_upcast(steps.up(row.type, row.schema), edit)
    for part in ("data", "set", "add", "remove"):
        values = said.get(part)
        if kind is not None and isinstance(values, dict) and values:
            view[part] = masked(kind, values, classes)
    return view


def _view(types: Mapping[str, RecordType], scope: Scope, row: Row[Any], *, assigned: bool) -> RecordView:
    state: RecordState = state_of(row)
    classes = scope.classes | {Privacy.PROTECTED} if assigned else scope.classes
    data = masked(types[state.type], state.data, classes)
    versions = {name: state.version_of(name) for name in data}
    return RecordView(state.id, state.type, state.version, data, state.deleted, versions, state.merged_into)


def _shows(kind: RecordType, scope: Scope, text: str) -> Any:
    """Compare with the fields shown in lists, of classes that the scope sees: a search must not probe the others."""
    names = [name for name in kind.schema.summary_fields if kind.fields[name].privacy in scope.classes]
    found = [func.lower(record.c.data[name].as_string()).contains(text.lower(), autoescape=True) for name in names]
    return or_(false(), *found)


def _lies_in(kind: RecordType, area: str) -> Any:
    """Compare with a province or district by bucket, and with what is smaller by the record's own area."""
    district = _in_buckets((), [f"district:{area[:4]}"])
    if len(area) <= 4 or "area" not in kind.fields:
        return district
    return and_(district, record.c.data["area"].as_string().startswith(area))


def visible(query: Select[Any], scope: Scope) -> Select[Any]:
    """Narrow a query of records to those that a scope may see."""
    if scope.buckets is None:
        return query
    return query.where(_in_buckets(scope.buckets, scope.prefixes))


def _in_buckets(keys: Collection[str], prefixes: Collection[str]) -> Any:
    alternatives: list[Any] = [bucket_entry.c.bucket.in_(sorted(keys))]
    alternatives += [bucket_entry.c.bucket.startswith(prefix, autoescape=True) for prefix in sorted(prefixes)]
    return exists().where(
        bucket_entry.c.record == record.c.id,
        or_(bucket_entry.c.live, bucket_entry.c.why == "deleted", _lay_until_erased()),
        or_(*alternatives),
    )


def _lay_until_erased() -> Any:
    """Compare with the places where an erased record lay to the last; see ``erasing``."""
    return and_(bucket_entry.c.why == ERASED, bucket_entry.c.since < bucket_entry.c.commit_number)


def visible_to(scopes: Iterable[Scope]) -> Any:
    """Return the condition that any of some scopes sees a record."""
    given = list(scopes)
    if any(scope.buckets is None for scope in given):
        return true()
    return or_(false(), *(_in_buckets(scope.buckets or (), scope.prefixes) for scope in given))


def _assigned_among(connection: Connection, scope: Scope, ids: Collection[str]) -> set[str]:
    if not scope.assigned:
        return set()
    query = select(bucket_entry.c.record).where(
        among(bucket_entry.c.record, ids), bucket_entry.c.live, bucket_entry.c.bucket.in_(sorted(scope.assigned))
    )
    return set(connection.execute(query).scalars())


def _is_assigned(connection: Connection, scope: Scope, identifier: str) -> bool:
    if not scope.assigned:
        return False
    query = select(bucket_entry.c.bucket).where(
        bucket_entry.c.record == identifier, bucket_entry.c.live, bucket_entry.c.bucket.in_(sorted(scope.assigned))
    )
    return connection.execute(query).first() is not None
