"""The read log: who saw, searched, fetched or took away which records. Written before the answer goes out.

A hash chain: each link is SHA-256 over the one before and all columns of its entry; `records_hash` covers the ids.
Ids are kept, never content, and never what somebody searched for.
"""

from collections.abc import Callable, Collection, Iterable, Iterator, Mapping
from dataclasses import dataclass
from functools import wraps
from hashlib import sha256
from itertools import groupby
from typing import Any, TypeVar

import msgspec
from flask import Response, g
from sqlalchemy import Connection, CursorResult, Row, Select, insert, select

from server.auth.current import current_viewer
from server.auth.roles import REFERENCE
from server.centre import current_centre
from server.models.engine import writing
from server.models.upkeep import access, access_record
from sync.errors import ServerBusy
from sync.instants import rfc3339

View = TypeVar("View", bound=Callable[..., Any])

FIRST_LINK = "0" * 64
OPEN_LISTS = frozenset(REFERENCE)
"""Types that say nothing of anybody and that everybody may see: areas, teams, agencies, rules of aid."""

PAGE = 1_000
"""Rows held at once while the log is verified."""

LOCK = 5_410_257
"""PostgreSQL: one writer at a time takes the next number. SQLite has one writer anyway."""

COLUMNS = ("number", "at", "user", "device", "action", "subject", "records", "records_hash", "detail")

_RECORDS = {
    "sqlite": "INSERT INTO access_record (access, record) SELECT ?, value FROM json_each(?)",
    "postgresql": "INSERT INTO access_record (access, record) SELECT %s, jsonb_array_elements_text(CAST(%s AS JSONB))",
}
_encode = msgspec.json.Encoder(order="sorted").encode


@dataclass(frozen=True, slots=True)
class Access:
    """One look. ``subject``: a record type, or the id of what was asked about; empty where it is a mixture."""

    at: str
    user: str
    device: str | None
    action: str
    subject: str
    records: Collection[str]
    detail: Mapping[str, Any]


@dataclass(frozen=True, slots=True)
class Verified:
    """What a walk along the chain found. ``broken``: the number of the first entry that does not fit."""

    entries: int
    last: str
    broken: int | None


# --- write


def logs(action: str) -> Callable[[View], View]:
    """Write down what a route shows, before its answer goes out; a route that forgot to say what it shows fails.

    An answer that cannot be written down is not given: ``server_busy``.
    """

    def decorate(view: View) -> View:
        @wraps(view)
        def logged(*args: Any, **kwargs: Any) -> Any:
            g.shown = None
            answer = view(*args, **kwargs)
            if g.shown is None:
                if isinstance(answer, Response) and answer.status_code >= 300:
                    return answer
                raise AssertionError(f"{view.__name__} did not say what it shows")
            if g.shown:
                with writing(current_centre().engine) as connection:
                    append(connection, _access(action, *g.shown))
            return answer

        logged.logs = action  # type: ignore[attr-defined]
        logged.raises = (*getattr(view, "raises", ()), ServerBusy)  # type: ignore[attr-defined]
        return logged  # type: ignore[return-value]

    return decorate


def shows(ids: Collection[str], subject: str = "", **detail: Any) -> None:
    """Say which records the answer to this request shows; those of the open lists need not be written down."""
    g.shown = () if subject in OPEN_LISTS else (list(ids), subject, detail)


def shows_nothing() -> None:
    """Say that this answer shows no record, though others of the same route do."""
    g.shown = ()


def _access(action: str, ids: Collection[str], subject: str, detail: Mapping[str, Any]) -> Access:
    viewer, now = current_viewer(), current_centre().now()
    return Access(rfc3339(now), viewer.user, viewer.device, action, subject, ids, detail)


_LAST = select(access.c.number, access.c.link).order_by(access.c.number.desc()).limit(1)
_INSERT = insert(access)


def append(connection: Connection, entry: Access) -> int:
    """Append an entry, inside a short write transaction, and return its number."""
    if connection.dialect.name == "postgresql":
        connection.exec_driver_sql(f"SELECT pg_advisory_xact_lock({LOCK})")
    last = connection.execute(_LAST).first()
    number, previous = (last.number + 1, last.link) if last else (1, FIRST_LINK)
    ids = sorted(set(entry.records))
    values = (
        number,
        entry.at,
        entry.user,
        entry.device,
        entry.action,
        entry.subject,
        len(ids),
        hash_of(ids),
        _encode(entry.detail).decode(),
    )
    row = dict(zip(COLUMNS, values, strict=True)) | {"link": link(previous, values)}
    connection.execute(_INSERT, row)
    if ids:
        connection.exec_driver_sql(_RECORDS[connection.dialect.name], (number, _encode(ids).decode()))
    return number


def hash_of(ids: Collection[str]) -> str:
    """Return what covers the ids of an entry."""
    return sha256("\n".join(sorted(ids)).encode()).hexdigest()


def link(previous: str, values: Collection[Any]) -> str:
    """Return the chain's next link: over the one before and all columns."""
    return sha256(_encode([previous, *values])).hexdigest()


# --- read


def verify(connection: Connection) -> Verified:
    """Walk the whole log and compare every link, number and set of ids; a page of rows is held at a time.

    That entries at the end were cut off shows only against a link noted elsewhere.
    """
    entries = select(access).order_by(access.c.number)
    ids = select(access_record.c.access, access_record.c.record).order_by(access_record.c.access)
    with _streamed(connection, entries) as rows, _streamed(connection, ids) as shown:
        return _walk(rows, ((int(key), [row.record for row in group]) for key, group in groupby(shown, _access_of)))


def _walk(rows: Iterable[Row[Any]], ids: Iterator[tuple[int, list[str]]]) -> Verified:
    entries, previous, held = 0, FIRST_LINK, next(ids, None)
    for row in rows:
        records: list[str] = []
        if held and held[0] == row.number:
            records, held = held[1], next(ids, None)
        if not _fits(row, entries + 1, previous, records):
            return Verified(entries, previous, row.number)
        entries, previous = entries + 1, row.link
    return Verified(entries, previous, held[0] if held else None)


def _fits(row: Row[Any], number: int, previous: str, records: Collection[str]) -> bool:
    whole = row.number == number and row.records == len(records) and row.records_hash == hash_of(records)
    return bool(whole and row.link == link(previous, [getattr(row, name) for name in COLUMNS]))


def _streamed(connection: Connection, query: Select[Any]) -> CursorResult[Any]:
    return connection.execute(query.execution_options(yield_per=PAGE))


def _access_of(row: Row[Any]) -> int:
    return int(row.access)


def of_record(connection: Connection, record: str, *, before: int | None, limit: int) -> list[Row[Any]]:
    """Return who saw a record, latest first."""
    query = select(access).join(access_record, access_record.c.access == access.c.number)
    query = query.where(access_record.c.record == record)
    if before is not None:
        query = query.where(access_record.c.access < before)
    return list(connection.execute(query.order_by(access_record.c.access.desc()).limit(limit)))


def of_device(connection: Connection, device: str, *, before: int | None, limit: int) -> list[Row[Any]]:
    """Return what a device fetched, latest first."""
    return _of(connection, access.c.device, device, before, limit)


def of_user(connection: Connection, user: str, *, before: int | None, limit: int) -> list[Row[Any]]:
    """Return what a person saw, on any device or desk, latest first."""
    return _of(connection, access.c.user, user, before, limit)


def _of(connection: Connection, column: Any, value: str, before: int | None, limit: int) -> list[Row[Any]]:
    query = select(access).where(column == value)
    if before is not None:
        query = query.where(access.c.number < before)
    return list(connection.execute(query.order_by(access.c.number.desc()).limit(limit)))


def one(connection: Connection, number: int) -> Row[Any] | None:
    """Return one entry."""
    return connection.execute(select(access).where(access.c.number == number)).first()


def records_of(connection: Connection, number: int, *, after: str, limit: int) -> list[str]:
    """Return the ids of the records that an entry showed, in order."""
    query = select(access_record.c.record).where(access_record.c.access == number, access_record.c.record > after)
    return list(connection.execute(query.order_by(access_record.c.record).limit(limit)).scalars())
