"""What notices tell about edits made here: beside each edit in the log, so that whoever made it sees what to do.

An edit is found by its id. What a push has just answered is noted again: after a recovery the log knows nothing else.
"""

from collections.abc import Callable, Iterable, Mapping
from typing import Any

import msgspec

from field_kit.database import Database

Told = Mapping[str, Any]
"""The data of a notice."""

_encode = msgspec.json.Encoder().encode
_decode = msgspec.json.Decoder(dict[str, Any]).decode

# an emergency that names nothing any more goes ahead, in a Save of its own: what goes again is known by its time then
_ANEW = """outcome = 'rejected' AND EXISTS (SELECT 1 FROM mutation AS refused JOIN mutation AS later
    ON later.record = refused.record AND later.op = 'create' AND later.rowid > refused.rowid AND {judged}
    WHERE refused.save = mutation.save AND refused.op = 'create' AND refused.outcome = 'rejected'
    AND (refused.id = mutation.id OR mutation.detail ->> 'errors' IS NULL AND EXISTS (SELECT 1 FROM mutation AS again
        WHERE again.record = mutation.record AND (again.save = later.save
        OR again.recorded_at = mutation.recorded_at AND again.rowid > later.rowid))))"""

WENT_AGAIN = _ANEW.format(judged="1")
"""A refused creation that its author has made anew, corrected; and what went again with it."""

SUPERSEDED = _ANEW.format(judged="coalesce(later.outcome, '') <> 'rejected'")
"""The same where the centre did not refuse that as well."""

CORRECTING = """SELECT later.save FROM mutation AS later JOIN mutation AS refused
    ON refused.record = later.record AND refused.op = 'create' AND refused.rowid < later.rowid
    AND refused.outcome = 'rejected' WHERE later.op = 'create' AND coalesce(later.outcome, '') <> 'rejected'"""
"""The Saves in which a refused creation went again, corrected."""

REFUSED = f"outcome IN ('rejected', 'held') AND coalesce(code, '') <> 'dismissed' AND NOT ({SUPERSEDED})"

UNREAD = """code IN ('corrected', 'dismissed') AND EXISTS (SELECT 1 FROM record AS notice WHERE notice.type = 'notice'
    AND notice.data ->> 'mutation' = mutation.id AND notice.data ->> 'kind' = mutation.code
    AND NOT coalesce(notice.data ->> 'read', 0))"""
"""What staff settled, until its author marks the notice as read."""

UNFINISHED = f"state <> 'settled' OR outcome = 'conflicted' OR ({REFUSED}) OR ({UNREAD})"
"""What somebody should look at, or what waits."""


def note(database: Database, mutations: Iterable[str]) -> None:
    """Write beside some edits what the notices on this device tell of them; inside the caller's transaction."""
    found = database.rows(
        """SELECT data FROM record WHERE type = 'notice' AND data ->> 'mutation' IN (SELECT value FROM json_each(?))
        ORDER BY version, id""",
        (_encode(list(mutations)).decode(),),
    )
    for (data,) in found:
        told = _decode(data)
        if tell := KINDS.get(str(told.get("kind"))):
            tell(database, str(told["mutation"]), told)


def _released(database: Database, mutation: str, told: Told) -> None:
    """Note how an edit that waited for another record was judged."""
    detail = told.get("detail") or {}
    database.execute(
        "UPDATE mutation SET outcome = ?, code = ?, detail = ? WHERE id = ? AND outcome = 'held'",
        (told.get("code"), detail.get("code"), _part(detail, "errors"), mutation),
    )


def _corrected(database: Database, mutation: str, told: Told) -> None:
    """Note that staff corrected a refused edit, and that it took effect as its author's."""
    database.execute(
        "UPDATE mutation SET outcome = ?, code = 'corrected', detail = ? WHERE id = ? AND outcome IS NOT NULL",
        (told.get("code"), _part(told.get("detail") or {}, "fields", "reason"), mutation),
    )


def _put_aside(database: Database, mutation: str, told: Told) -> None:
    """Note that staff returned an edit, with what needs another look, or will not use it."""
    database.execute(
        "UPDATE mutation SET code = ?, detail = ? WHERE id = ? AND outcome IN ('rejected', 'held')",
        (told.get("kind"), _part(told.get("detail") or {}, "errors", "reason"), mutation),
    )


KINDS: Mapping[str, Callable[[Database, str, Told], None]] = {
    "released": _released,
    "corrected": _corrected,
    "returned": _put_aside,
    "dismissed": _put_aside,
}


def _part(detail: Mapping[str, Any], *names: str) -> str:
    return _encode({name: detail[name] for name in names if detail.get(name)}).decode()
