"""Erase what is kept of somebody, on their demand: in store, files and register; and again after a restore.

Backups older than the erasure hold the data until they expire.
"""

from collections.abc import Iterable, Mapping
from datetime import datetime
from typing import Any

from sqlalchemy import Connection

from schemas.base import Origin
from schemas.records import RECORD_TYPES
from server.blobs import Blobs
from server.centre import Centre
from server.errors import NotFound, PreconditionFailed
from server.models.engine import writing
from server.store.belonging import belonging_to
from server.store.chains import end_of_chain
from server.store.erasing import Erased, Order, Trace, traces_of, write_erasure
from server.store.erasures import erased_among
from server.store.loading import lock_records
from server.store.release import release
from sync.errors import NotPermitted
from sync.instants import rfc3339

REASONS = ("subject_request", "court_order", "recorded_in_error", "retention_ended")
"""Why something is erased. A code and no free text: what is written here outlives what is erased."""


def erase(centre: Centre, record: str, *, by: str, reason: str, now: datetime, version: int | None = None) -> Erased:
    """Erase a record, those merged with it and all that wholly belongs to them, for ever.

    The register has it before the commit, so no restore can bring back what somebody was told is gone. ``version`` is
    what the person saw who decided.

    :raises NotFound: there is no such record, or it is erased already.
    :raises PreconditionFailed: it has another version than was seen.
    :raises NotPermitted: it is the centre's own: a list, a conflict, a notice.
    """
    order = Order(record, by, reason, rfc3339(now))
    with writing(centre.engine) as connection:
        _check(connection, record, version)
        found, states = belonging_to(connection, RECORD_TYPES, [end_of_chain(connection, record)])
        done = write_erasure(connection, RECORD_TYPES, order, traces_of(connection, found), states)
        release(connection, RECORD_TYPES, (), [each.id for each in done.traces], now)
        centre.register.append("erasure", **_facts(order, done.traces))
    remove_files(centre.blobs, done)
    return done


def replay(connection: Connection, blobs: Blobs, entries: Iterable[Mapping[str, Any]], now: datetime) -> int:
    """Erase again what the register says was erased, before a restored centre opens; return how many records that are.

    Also what the backup does not have: a device that does is told, and what it sends again is refused. The files go
    at once, so the caller commits. What the erasures say (who, why, when) is what the register says.
    """
    count = 0
    for facts in entries:
        order = Order(facts["record"], facts["by"], facts["reason"], facts["at"])
        alone = {"id": order.record, "type": facts["type"], "buckets": []}
        named = {each["id"]: each for each in facts.get("records", [alone])}
        # The register says who was one with them then; in the backup it may be others.
        found, states = belonging_to(connection, RECORD_TYPES, named, merged=False)
        states |= lock_records(connection, named.keys() - states.keys())
        traces = {each.id: each for each in traces_of(connection, found)}
        for key, each in named.items():
            buckets = frozenset(each["buckets"]) | (traces[key].buckets if key in traces else frozenset())
            traces[key] = Trace(key, each["type"], buckets)
        done = write_erasure(connection, RECORD_TYPES, order, list(traces.values()), states)
        release(connection, RECORD_TYPES, (), list(traces), now)
        remove_files(blobs, done)
        count += len(traces)
    return count


def is_erased(connection: Connection, ids: Iterable[str]) -> set[str]:
    """Return those of some records that were erased: nothing about them is taken from anywhere."""
    return erased_among(connection, list(ids))


def remove_files(blobs: Blobs, done: Erased) -> None:
    """Remove the bytes that an erasure leaves without a record."""
    for digest in done.files:
        blobs.path_of(digest).unlink(missing_ok=True)
    for upload in done.uploads:
        blobs.drop(upload)


def _check(connection: Connection, record: str, version: int | None) -> None:
    state = lock_records(connection, [record]).get(record)
    if state is None or erased_among(connection, [record]):
        raise NotFound
    if RECORD_TYPES[state.type].origin is Origin.CENTRE:
        raise NotPermitted(needs="a record of the field")
    if version is not None and state.version != version:
        raise PreconditionFailed


def _facts(order: Order, traces: Iterable[Trace]) -> dict[str, Any]:
    records = [{"id": each.id, "type": each.type, "buckets": sorted(each.buckets)} for each in traces]
    about = next(each["type"] for each in records if each["id"] == order.record)
    return {
        "record": order.record,
        "type": about,
        "at": order.at,
        "by": order.by,
        "reason": order.reason,
        "records": records,
    }
