"""What the store says of a record elsewhere: under one that it was merged with for a time, or where nobody could read.

While two are still merged, both are erased; this is for those that were taken apart before.
"""

from collections.abc import Collection, Iterable, Mapping
from typing import Any

from sqlalchemy import Connection, Row, Select, select

from server.models.sync_tables import mutation, record
from server.store.among import among
from server.store.change import Change
from server.store.loading import CHANGING, state_of
from sync.mutation import Mutation, Op, read
from sync.state import RecordState

CONFLICT = "conflict"


def astray(connection: Connection, ids: Collection[str]) -> set[str]:
    """Return the mutations that say something of these records and stand in the ledger under others, or under none."""
    merges, unmerges = _joints(connection, ids)
    found = {*_unread(connection, ids), *_taken(connection, [merge for merge, _ in merges])}
    moved = {name for row, edit in unmerges if row.outcome in CHANGING for name in edit.moves}
    others = _gone_on_in(connection, {edit.into for _, edit in merges if edit.into}) - set(ids)
    for row in connection.execute(_kept().where(among(mutation.c.record, others))):
        edit = read(row.payload.encode())
        # What waited or was corrected has another id in the ledger; in ``moves`` it goes by the one it was sent with.
        if isinstance(edit, Mutation) and (edit.record in ids or moved & {row.id, edit.id}):
            found.add(row.id)
    return found


def conflicts_without(
    connection: Connection, ids: Collection[str], mutations: Collection[str], commit: int
) -> list[Change]:
    """Return the conflicts of other records in which some mutations contend, without what those said.

    The entries stay, so that whoever decides names the same contenders as before.
    """
    if not mutations:
        return []
    about = select(mutation.c.record).where(among(mutation.c.id, mutations), ~among(mutation.c.record, ids))
    contested = (record.c.type == CONFLICT) & record.c.data["record"].as_string().in_(about.distinct())
    rows = connection.execute(select(record).where(contested).order_by(record.c.id).with_for_update())
    states = [state_of(row) for row in rows]
    commits = _commits(connection, mutations)
    emptied = ((state, _emptied(state, mutations, commits)) for state in states)
    return [Change(state, state.with_values(values).stamped(commit)) for state, values in emptied if values]


def _kept() -> Select[Any]:
    columns = (mutation.c.id, mutation.c.payload, mutation.c.outcome)
    return select(*columns, mutation.c.commit_number, mutation.c.group_position).where(mutation.c.payload.is_not(None))


def _joints(
    connection: Connection, ids: Collection[str]
) -> tuple[list[tuple[Row[Any], Mutation]], list[tuple[Row[Any], Mutation]]]:
    """Return the merges and the unmerges of some records, also those that waited or were refused."""
    query = _kept().where(among(mutation.c.record, ids), mutation.c.op.in_((Op.MERGE.value, Op.UNMERGE.value)))
    rows = connection.execute(query).all()
    told = [(row, edit) for row in rows if isinstance(edit := read(row.payload.encode()), Mutation)]
    return [each for each in told if each[1].op is Op.MERGE], [each for each in told if each[1].op is Op.UNMERGE]


def _unread(connection: Connection, ids: Collection[str]) -> Iterable[str]:
    """Yield what could not be read and names one of these records somewhere."""
    for row in connection.execute(_kept().where(mutation.c.outcome == "rejected", mutation.c.record == "")):
        if any(each in row.payload for each in ids):
            yield row.id


def _taken(connection: Connection, merges: Iterable[Row[Any]]) -> Iterable[str]:
    """Yield the edits by which values of a merged record were chosen to go on, in the merge's own press of Save."""
    for merge in merges:
        together = (mutation.c.commit_number == merge.commit_number) & (
            mutation.c.group_position == merge.group_position
        )
        same_type = (
            mutation.c.type
            == select(mutation.c.type).where(mutation.c.id == merge.id, ~mutation.c.repeat).scalar_subquery()
        )
        yield from connection.execute(
            select(mutation.c.id).where(together, same_type, mutation.c.op == Op.UPDATE.value)
        ).scalars()


def _gone_on_in(connection: Connection, ids: Collection[str]) -> set[str]:
    """Return records and all in which they ever went on, through chains: late edits were led to the end of one."""
    found, new = set(ids), set(ids)
    while new:
        new = {edit.into for _, edit in _joints(connection, new)[0] if edit.into} - found
        found |= new
    return found


def _commits(connection: Connection, mutations: Collection[str]) -> set[int]:
    rows = connection.execute(select(mutation.c.commit_number).where(among(mutation.c.id, mutations)))
    return set(rows.scalars())


def _emptied(state: RecordState, mutations: Collection[str], commits: Collection[int]) -> dict[str, Any]:
    """Return the fields of a conflict that change when some mutations' words are taken out of it; none: no field."""
    entries = state.data.get("contenders", [])
    said = [each for entry in entries for each in (entry, *entry["earlier"]) if each["mutation"] in mutations]
    values: dict[str, Any] = {}
    if said:
        values["contenders"] = [_without(entry, mutations) for entry in entries]
    if state.data.get("base_value") in [each.get("from") for each in said]:
        values["base_value"] = None  # it is what the author of an emptied entry saw
    if state.data.get("central_version") in commits:
        values["central_value"] = None  # such a mutation put it there
    resolution = state.data.get("resolution")
    if resolution and resolution["mutation"] in mutations:
        values["resolution"] = {**resolution, "value": None}
    return {name: value for name, value in values.items() if value != state.data.get(name)}


def _without(entry: Mapping[str, Any], mutations: Collection[str]) -> dict[str, Any]:
    said = {"from": None, "value": None} if entry["mutation"] in mutations else {}
    return {**entry, **said, "earlier": [_without(each, mutations) for each in entry["earlier"]]}
