"""Which buckets somebody may hold on a device: pure rules from roles and scopes, then rows of ``bucket_grant``.

A change of grants is a write like any other: it takes a commit number, so that a device's base can be held against it.
"""

from collections.abc import Collection, Iterable

import geothai
from sqlalchemy import Connection, insert, select, update

from schemas.placement import district_of
from server.auth.roles import ROLES, Assignment
from server.models.identity import role_assignment
from server.models.sync_tables import bucket_grant, record
from server.store import clock


def buckets_of(role: str, scope: str, user: str, *, districts: Collection[str] = (), home: str = "") -> frozenset[str]:
    """Return the bucket keys that one role over one scope gives.

    ``districts``: the 4-digit codes of the scope's province. ``home``: an area code of the scope when the scope itself
    names none (a team's own area).
    """
    if not ROLES[role].carries_device:
        return frozenset()
    kind, _, name = scope.partition(":")
    area = home if kind == "team" else name
    common = {"reference", f"user:{user}"} | ({f"areas:{area[:2]}"} if area else set())
    return frozenset(common | _of_role(role, kind, name, user, districts))


def _of_role(role: str, kind: str, name: str, user: str, districts: Collection[str]) -> set[str]:
    if role == "volunteer":
        return {f"village:{name}"} if kind == "village" else set()
    if role == "rru_member":
        own = {f"team:{name}"} if kind == "team" else {f"duty:{key}" for key in _districts(kind, name, districts)}
        return own | {f"assigned:{user}"}
    if kind == "tambon":
        return {f"tambon:{name}", f"assigned:{user}"}
    return {f"district:{key}" for key in _districts(kind, name, districts)} | {f"assigned:{user}"}


def _districts(kind: str, name: str, districts: Collection[str]) -> set[str]:
    """Return the districts of a scope; a province also has ``NN00``, where the district is not known yet."""
    if kind == "province":
        return {code for code in districts if code.startswith(name)} | {f"{name}00"}
    return {key} if (key := district_of(name)) else set()


def assignments_of(connection: Connection, user: str) -> tuple[Assignment, ...]:
    """Return somebody's roles, in a fixed order."""
    query = select(role_assignment.c.role, role_assignment.c.scope).where(role_assignment.c.user == user)
    return tuple(Assignment(*row) for row in connection.execute(query.order_by("role", "scope")))


def refresh(connection: Connection, user: str) -> None:
    """Bring somebody's grants to what their roles say now; inside a writing transaction."""
    wanted = _wanted(connection, user)
    open_now = bucket_grant.c.until.is_(None) & (bucket_grant.c.user == user)
    held = set(connection.execute(select(bucket_grant.c.bucket).where(open_now)).scalars())
    if wanted == held:
        return
    commit = clock.take(connection)
    if ended := held - wanted:
        connection.execute(update(bucket_grant).where(open_now, bucket_grant.c.bucket.in_(ended)).values(until=commit))
    if begun := sorted(wanted - held):
        connection.execute(insert(bucket_grant), [{"user": user, "bucket": key, "since": commit} for key in begun])


def _wanted(connection: Connection, user: str) -> set[str]:
    held = assignments_of(connection, user)
    homes = homes_of_teams(connection, held)
    wanted: set[str] = set()
    for assignment in held:
        kind, _, name = assignment.scope.partition(":")
        districts = _districts_of(connection, name) if kind == "province" else ()
        home = homes.get(name, "")
        wanted |= buckets_of(assignment.role, assignment.scope, user, districts=districts, home=home)
    return wanted


def homes_of_teams(connection: Connection, held: Iterable[Assignment]) -> dict[str, str]:
    """Return the district, else the province, of each team in some roles, by the team's id."""
    teams = [each.scope.removeprefix("team:") for each in held if each.scope.startswith("team:")]
    query = select(record.c.id, record.c.data).where(record.c.type == "team", record.c.id.in_(teams))
    rows = connection.execute(query) if teams else ()
    return {row.id: row.data.get("district") or row.data.get("province") or "" for row in rows}


def _districts_of(connection: Connection, province: str) -> set[str]:
    """Return the district codes of a province: those known today, and those of areas added since.

    A role may be given before the areas are loaded.
    """
    code = record.c.data["code"].as_string()
    query = select(code).where(record.c.type == "area", code.like(f"{province}__"), ~record.c.deleted)
    known = {district.code for district in geothai.districts(province)}
    return known | set(connection.execute(query).scalars())
