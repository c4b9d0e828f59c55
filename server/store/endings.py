"""Find in the ledger by what edit a record ended, where an edit that arrives may speak against that."""

from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime
from typing import Any

from sqlalchemy import Connection, Row, and_, or_, select

from schemas.base import RecordType
from schemas.ending import Ending
from schemas.history import History
from server.models.sync_tables import mutation
from server.store.loading import CHANGING
from sync.mutation import Mutation, read
from sync.state import Ended, Receipt, RecordState, Writer
from sync.upcasting import upcast


def ended_by(
    connection: Connection,
    history: History,
    types: Mapping[str, RecordType],
    records: Mapping[str, RecordState],
    mutations: Sequence[Mutation],
) -> dict[str, Ended]:
    """Return record -> what ended it, for records that mutations raise without having seen their end."""
    at = dict(_ended_unseen(types, records, mutations))
    if not at:
        return {}
    places = [and_(mutation.c.record == record, mutation.c.commit_number == commit) for record, commit in at.items()]
    query = select(mutation).where(or_(*places), mutation.c.outcome.in_(CHANGING), ~mutation.c.repeat)
    found: dict[str, Ended] = {}
    for row in connection.execute(query.order_by(mutation.c.commit_number, mutation.c.position)):
        ending = types[row.type].schema.ending
        edit = upcast(history, read(row.payload.encode()), row.schema) if row.payload else None
        if ending and isinstance(edit, Mutation) and _ends(ending, edit):
            found[row.record] = _ended(row, edit)
    return found


def _ended_unseen(
    types: Mapping[str, RecordType], records: Mapping[str, RecordState], mutations: Iterable[Mutation]
) -> Iterable[tuple[str, int]]:
    """Yield (record, commit of its end)."""
    for each in mutations:
        ending = types[each.type].schema.ending if each.type in types else None
        state = records.get(each.record)
        while state and state.merged_into and state.merged_into in records:
            state = records[state.merged_into]
        if not ending or not state or not _raises(ending, each):
            continue
        base = each.base if state.id == each.record else 0  # a late edit has seen nothing of where its record goes on
        if state.data.get(ending.field) == ending.value and state.version_of(ending.field) > base:
            yield state.id, state.version_of(ending.field)


def _raises(ending: Ending, edit: Mutation) -> bool:
    wanted: dict[str, Any] = {**edit.data, **{name: to for name, (_, to) in edit.set.items()}}
    return any(isinstance(wanted.get(name), str) and wanted[name] in values for name, values in ending.against.items())


def _ends(ending: Ending, edit: Mutation) -> bool:
    """Tell whether an edit ended a record; one that found it ended and says so once more did not."""
    seen, made = edit.set.get(ending.field, (None, None))
    return bool(made == ending.value != seen)


def _ended(row: Row[Any], edit: Mutation) -> Ended:
    writer = Writer(row.author, row.device, row.incarnation, lambda _type, _action: False)
    return Ended(edit, writer, Receipt(datetime.fromisoformat(row.received_at)))
