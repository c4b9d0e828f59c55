"""Recompute the ledger's hash chain: nothing that was ever received was changed, taken out or slipped in since.

Content may be missing only where an erasure, which is a row of the same chain, says that it took it away.
"""

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from functools import cached_property
from hashlib import sha256
from itertools import groupby
from typing import Any

import msgspec
from sqlalchemy import Connection, Row, Select, func, select

from server.models.sync_tables import chain, clock, mutation
from server.store.erasing import ERASE
from server.store.persist import FIRST_LINK, FIXED_COLUMNS, line, link
from sync.erasing import ERASED

ROWS_AT_ONCE = 2_000
"""A payload may be half a megabyte; usually it is less than one kilobyte."""


@dataclass(frozen=True, slots=True)
class Audit:
    """What a walk along the chain found. ``link``: the last one. ``erased``: rows whose content was erased on demand.

    ``broken``: the first commit that does not fit, and ``why``: ``link``, ``payload``, ``emptied``, ``missing_link`` or
    ``clock``.
    """

    commits: int
    mutations: int
    erased: int
    link: str
    broken: int | None = None
    why: str | None = None


class _Broken(Exception):
    """The walk ends here."""


def verify_ledger(connection: Connection, first: int = 0) -> Audit:
    """Walk along the chain from a commit to its end, in bounded memory; what came before is taken as given."""
    walk = _Walk(_link_before(connection, first), connection)
    found = connection.execute(_entries(first))
    try:
        for commit, rows in groupby(found, key=lambda row: row.commit_number):
            walk.step(commit, list(rows))
    except _Broken:
        return walk.found()
    finally:
        found.close()  # where the walk ended early, rows are left
    return walk.found() if walk.why else _complete(connection, first, walk)


class _Walk:
    """Where the walk stands."""

    def __init__(self, previous: str, connection: Connection) -> None:
        self.connection = connection
        self.link = previous
        self.commits = self.mutations = self.erased = 0
        self.broken: int | None = None
        self.why: str | None = None

    @cached_property
    def erasures(self) -> "_Erasures":
        """What was erased; looked up only where some content is missing."""
        return _read_erasures(self.connection)

    def step(self, commit: int, rows: Sequence[Row[Any]]) -> None:
        """Check one commit: each payload against its hash, and all rows against the link."""
        entries = [row for row in rows if row.payload_hash is not None]
        for row in entries:
            if not whole(row.payload, row.salt, row.payload_hash):
                self.stop(commit, "payload")
            if row.payload is None and not self.erasures.explain(row):
                self.stop(commit, "emptied")
        if link(self.link, commit, [_line(row) for row in entries]) != rows[0].link:
            self.stop(commit, "link")
        self.link = rows[0].link
        self.commits += 1
        self.mutations += len(entries)
        self.erased += sum(row.payload is None for row in entries)

    def stop(self, commit: int, why: str) -> None:
        self.broken, self.why = commit, why
        raise _Broken

    def found(self) -> Audit:
        return Audit(self.commits, self.mutations, self.erased, self.link, self.broken, self.why)


def _line(row: Row[Any]) -> bytes:
    return line(row.payload_hash, tuple(getattr(row, name) for name in FIXED_COLUMNS))


@dataclass(frozen=True, slots=True)
class _Erasures:
    """What erasures say that they took away: ``records``, and ``astray``, mutations that stood under others."""

    records: Collection[str]
    astray: Collection[str]

    def explain(self, row: Row[Any]) -> bool:
        """Tell whether a row without content is one of those, goes on with one, or came when all was erased."""
        known = row.record in self.records or row.id in self.astray or row.releases in self.astray
        return known or row.code == ERASED


def _read_erasures(connection: Connection) -> _Erasures:
    """Read the ledger's own rows, not the table ``erasure``: these are in the chain."""
    records, astray = set[str](), set[str]()
    for row in connection.execute(select(mutation.c.record, mutation.c.payload).where(mutation.c.op == ERASE)):
        records.add(row.record)
        astray |= _listed(row.payload)
    return _Erasures(records, astray)


def _listed(payload: str | None) -> set[str]:
    try:
        return set(msgspec.json.decode(payload or "", type=_Said).astray)
    except msgspec.DecodeError:
        return set()  # the walk names the row: its payload does not fit its hash


class _Said(msgspec.Struct):
    """The part of an erasure's payload that matters here."""

    astray: list[str] = []


def whole(payload: str | None, salt: str | None, payload_hash: str) -> bool:
    """Tell whether a payload is the one that was received; an erased one lost its salt too, and keeps its hash."""
    if payload is None:
        return salt is None
    return sha256(f"{salt}{payload}".encode()).hexdigest() == payload_hash


def _complete(connection: Connection, first: int, walk: _Walk) -> Audit:
    """Look for what no link of the chain leads to: rows of a commit without one, and commits beyond the clock."""
    orphan = (
        select(func.min(mutation.c.commit_number))
        .outerjoin(chain, chain.c.commit_number == mutation.c.commit_number)
        .where(mutation.c.commit_number >= first, chain.c.commit_number.is_(None))
    )
    walk.broken, walk.why = connection.execute(orphan).scalar(), "missing_link"
    if walk.broken is None:
        beyond = select(func.min(chain.c.commit_number)).where(
            chain.c.commit_number > select(clock.c.value).scalar_subquery()
        )
        walk.broken, walk.why = connection.execute(beyond).scalar(), "clock"
    if walk.broken is None:
        walk.why = None
    return walk.found()


def _link_before(connection: Connection, first: int) -> str:
    last = select(chain.c.link).where(chain.c.commit_number < first).order_by(chain.c.commit_number.desc()).limit(1)
    return connection.execute(last).scalar() or FIRST_LINK


def _entries(first: int) -> Select[Any]:
    """Return the query of every link with its rows, in order; a link without rows comes alone."""
    columns = [mutation.c[name] for name in ("payload", "salt", "payload_hash", *FIXED_COLUMNS)]
    return (
        select(chain.c.commit_number, chain.c.link, *columns)
        .outerjoin(mutation, mutation.c.commit_number == chain.c.commit_number)
        .where(chain.c.commit_number >= first)
        .order_by(chain.c.commit_number, mutation.c.position)
        .execution_options(yield_per=ROWS_AT_ONCE)
    )
