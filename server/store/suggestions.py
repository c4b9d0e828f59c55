"""Find records that may be one: those that are worth comparing. What they have in common is judged elsewhere."""

from collections.abc import Collection, Iterable
from itertools import combinations
from typing import Any

from sqlalchemy import ColumnElement, Connection, Select, and_, case, func, or_, select

from schemas.likeness import INCIDENT_TYPES
from schemas.likeness.keys import HOUSE, SOUND
from server.models.sync_tables import bucket_entry, carry, record
from server.models.upkeep import kept_apart, match_key
from server.store.among import among
from server.store.chains import ends_of
from server.store.match_keys import SAID
from server.store.persist import upsert

COMPARED_MAX = 300
"""How many records one is compared with: those that share more than a sound, then most keys; or the newest."""

BLOCK_MAX = 50
"""A key that more people share says nothing of two of them (a volunteer's own telephone, typed for everybody)."""

WIDE = (SOUND, HOUSE, SAID)
"""Keys that strangers or a family share, and what officers said: they make no pairs by themselves."""

PAIRS_MAX = 20_000
"""How many pairs of an area are compared for its list."""

Pair = tuple[str, str]


def pair(one: str, other: str) -> Pair:
    """Return two ids in the order in which ``kept_apart`` names them."""
    return (one, other) if one < other else (other, one)


def people_like(connection: Connection, person: str) -> list[str]:
    """Return the people who share a key with one, those with most first; and those whom officers named or who did."""
    mine, theirs = match_key.alias("mine"), match_key.alias("theirs")
    telling = func.max(case((_starts(theirs.c.key, SOUND), 0), else_=1))
    shared = (
        select(theirs.c.record)
        .join(mine, mine.c.key == theirs.c.key)
        .where(mine.c.record == person, theirs.c.record != person)
        .group_by(theirs.c.record)
        .order_by(telling.desc(), func.count().desc(), theirs.c.record)
        .limit(COMPARED_MAX)
    )
    found = list(connection.execute(shared).scalars())
    said = match_key.c.key.startswith(SAID, autoescape=True)
    own = select(match_key.c.key).where(match_key.c.record == person, said)
    named = [key.removeprefix(SAID) for key in connection.execute(own).scalars()]
    naming = list(connection.execute(select(match_key.c.record).where(match_key.c.key == f"{SAID}{person}")).scalars())
    return list(dict.fromkeys([*_going_on(connection, [*named, *naming], besides=person), *found]))


def _going_on(connection: Connection, ids: Collection[str], *, besides: str) -> Iterable[str]:
    """Return where records go on that were merged since somebody named them."""
    ends = ends_of(connection, ids) if ids else {}
    return sorted(set(ends.values()) - {besides})


def pairs_of_people(connection: Connection, area: str) -> set[Pair]:
    """Return pairs of which one lies in an area, and which share a key that few people have.

    Walks all keys once, in their order: that costs less than to look up those of an area one by one.
    """
    count = func.count()
    shared = select(match_key.c.key).group_by(match_key.c.key).having(and_(count > 1, count <= BLOCK_MAX))
    telling = [key for key in connection.execute(shared).scalars() if not key.startswith(WIDE)]
    rows = connection.execute(select(match_key.c.key, match_key.c.record).where(among(match_key.c.key, telling)))
    blocks: dict[str, list[str]] = {}
    for row in rows:
        blocks.setdefault(row.key, []).append(row.record)
    inside = _inside(connection, {record for block in blocks.values() for record in block}, area)
    pairs = {pair(*two) for block in blocks.values() for two in combinations(block, 2) if not inside.isdisjoint(two)}
    return set(sorted(pairs)[:PAIRS_MAX])


def _inside(connection: Connection, ids: Collection[str], area: str) -> set[str]:
    """Return those of some records that lie in an area."""
    query = select(record.c.id).where(among(record.c.id, ids), _in_area(record.c.id, area))
    return set(connection.execute(query).scalars())


def pairs_said(connection: Connection, area: str) -> set[Pair]:
    """Return the pairs of which an officer could not tell, and of which one lies in an area."""
    query = select(match_key.c.key, match_key.c.record).where(
        _starts(match_key.c.key, SAID), _in_area(match_key.c.record, area)
    )
    named = [(row.record, row.key.removeprefix(SAID)) for row in connection.execute(query)]
    ends = ends_of(connection, {other for _, other in named}) if named else {}
    return {pair(one, ends[other]) for one, other in named if ends.get(other, one) != one}


def _starts(column: ColumnElement[str], beginning: str) -> ColumnElement[bool]:
    return column.startswith(beginning, autoescape=True)


def _in_area(column: ColumnElement[str], area: str) -> ColumnElement[bool]:
    """Tell whether a record lies in a province, district or tambon; below that nobody's address is told apart."""
    key = bucket_entry.c.bucket
    there = key == f"tambon:{area[:6]}" if len(area) >= 6 else _starts(key, f"district:{area[:4]}")
    return column.in_(select(bucket_entry.c.record).where(there, bucket_entry.c.live))


def incidents_like(connection: Connection, incident: str, area: str, people: Collection[str]) -> list[str]:
    """Return what tells of an incident in the same district, the newest first, or names one of the same people."""
    found = list(connection.execute(_incidents(incident, _named_people(people))).scalars())
    if len(area) >= 4:
        found += connection.execute(_incidents(incident, _in_area(record.c.id, area[:4]))).scalars()
    return list(dict.fromkeys(found))


def _named_people(people: Collection[str]) -> ColumnElement[bool]:
    return record.c.id.in_(select(carry.c.carrier).where(among(carry.c.carried, people)))


def _incidents(incident: str, where: ColumnElement[bool]) -> Select[Any]:
    there = and_(record.c.type.in_(sorted(INCIDENT_TYPES)), ~record.c.deleted, record.c.merged_into.is_(None))
    query = select(record.c.id).where(there, record.c.id != incident, where)
    return query.order_by(record.c.version.desc(), record.c.id).limit(COMPARED_MAX)


def carried_by(connection: Connection, ids: Collection[str]) -> list[str]:
    """Return what travels with some records, in id order."""
    query = select(carry.c.carried).where(among(carry.c.carrier, ids)).distinct().order_by(carry.c.carried)
    return list(connection.execute(query).scalars())


# --- kept apart


def apart_from(connection: Connection, ids: Collection[str]) -> set[Pair]:
    """Return the pairs with one of these records that staff found to be two."""
    query = select(kept_apart.c.first, kept_apart.c.second).where(
        or_(among(kept_apart.c.first, ids), among(kept_apart.c.second, ids))
    )
    return {(row.first, row.second) for row in connection.execute(query)}


def keep_apart(connection: Connection, two: Pair, *, at: str, by: str, reason: str) -> None:
    """Remember that two records are two, so that nobody is asked again; the latest reason stands."""
    upsert(connection, kept_apart, ("first", "second", "decided_at", "by", "reason"), [(*two, at, by, reason)])
