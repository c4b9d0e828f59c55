"""What is refused as not permitted, or kept for those who hold a record now, is so with reason: our promise 30."""

from typing import Any

from schemas.base import Origin
from schemas.placement import kind_of
from schemas.records import RECORD_TYPES
from server.auth.roles import ROLES
from tests.simulation.fleet import Backup, Fleet, Violation
from tests.simulation.sight import Row
from tests.simulation.telling.told import RIGHT

Roles = dict[str, frozenset[str]]
"""User -> the names of their roles."""

_HELD_ALL_ALONG = """SELECT bucket_entry.bucket FROM bucket_grant
    JOIN bucket_entry ON bucket_entry.bucket = bucket_grant.bucket
    WHERE bucket_grant."user" = ? AND bucket_grant.until IS NULL AND bucket_grant.since < ?
    AND bucket_entry.record = ? AND bucket_entry.live AND bucket_entry.since < ?"""
"""Where a record has lain for its author since before a commit, and still does."""


class Permitted:
    """An author is told no only where their roles, their buckets or the declarations say so.

    What was different for a moment within one step is not known here, and passes.
    """

    def __init__(self) -> None:
        self._judged = 0
        self._roles: Roles = {}

    def began(self, fleet: Fleet) -> None:
        self._judged, self._roles = len(fleet.sight.ledger), _roles(fleet)

    def restored(self, fleet: Fleet, made: Backup) -> None:
        """What a backup brings back was judged before."""
        self.began(fleet)

    def check(self, fleet: Fleet) -> None:
        ledger, now = fleet.sight.ledger, _roles(fleet)
        for row in ledger[self._judged :]:
            if row.repeat or row.device == "centre":
                continue
            roles = now.get(row.author, frozenset())
            steady = roles == self._roles.get(row.author, frozenset())
            if row.code == "not_permitted" and steady and not _is_forbidden(fleet, row, roles):
                raise Violation(RIGHT, f"{_what(row)} was not permitted, and {sorted(roles)} holds it")
            if row.code == "out_of_scope" and _held(fleet, row, row.record):
                raise Violation(RIGHT, f"{_what(row)} counts as out of scope, and its author holds it")
        self._judged, self._roles = len(ledger), now


def _roles(fleet: Fleet) -> Roles:
    return dict(fleet.sight.once("roles", lambda: _read_roles(fleet)))


def _read_roles(fleet: Fleet) -> Roles:
    found: dict[str, set[str]] = {}
    for user, role in fleet.headquarters.rows('SELECT "user", role FROM role_assignment'):
        found.setdefault(user, set()).add(role)
    return {user: frozenset(roles) for user, roles in found.items()}


def _is_forbidden(fleet: Fleet, row: Row, roles: frozenset[str]) -> bool:
    """Tell whether there is a reason for a refusal."""
    said, kind, state = row.said, RECORD_TYPES[row.type], fleet.sight.records.get(row.record)
    about, action = ("conflict", "resolve") if said.get("resolves") else (row.type, row.op)
    if kind.origin is Origin.CENTRE or not _allow(roles, about, action):
        return True
    if said.get("resolves") or row.op == "unmerge" or said.get("record") != row.record:
        return True  # named gap: decisions, partings and redirected edits, which are refused for more than one record
    if state is None or (row.op == "create" and not _was_there(fleet, row)):
        return bool(kind.written_by_centre.intersection(said.get("data", ())))
    held = [_held(fleet, row, each) for each in {row.record, said.get("into") or row.record}]
    if not all(held) or (kind.schema.owner_edits_only and state.owner != row.author):
        return True
    complained = row.detail.get("errors", {})
    return bool(complained) and all(_is_closed(fleet, row, roles, name, held[0]) for name in complained)


def _was_there(fleet: Fleet, row: Row) -> bool:
    facts = (row.record, row.commit)
    return bool(fleet.headquarters.rows("SELECT 1 FROM record WHERE id = ? AND created < ?", facts))


def _is_closed(fleet: Fleet, row: Row, roles: frozenset[str], name: str, buckets: list[str]) -> bool:
    """Tell whether a field is not this author's to write."""
    kind, state = RECORD_TYPES[row.type], fleet.sight.records[row.record]
    if name in kind.written_by_centre or (name in kind.schema.assigning and not _allow(roles, row.type, "assign")):
        return True
    spec = kind.fields[name]
    carrying = [kind_of(bucket) for bucket in buckets if spec.privacy in kind_of(bucket).classes]
    if not carrying or spec.privacy_from:
        return True
    return name in state.by_others and all(spec.privacy not in each.of_others for each in carrying)


def _allow(roles: frozenset[str], about: str, action: str) -> bool:
    return any(action in ROLES[role].may.get(about, ()) for role in roles)


def _held(fleet: Fleet, row: Row, record: str) -> list[str]:
    facts = (row.author, row.commit, record, row.commit)
    return [bucket for (bucket,) in fleet.headquarters.rows(_HELD_ALL_ALONG, facts)]


def _what(row: Row) -> str:
    names: dict[str, Any] = {**row.said.get("set", {}), **row.said.get("add", {}), **row.said.get("remove", {})}
    return f"{row.op} of {sorted(names)} of {row.type} {row.record[-6:]}"
