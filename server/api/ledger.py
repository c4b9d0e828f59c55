"""The ledger's unfinished business: mutations that were rejected or wait, kept whole until somebody looks."""

from typing import Any

import msgspec
from sqlalchemy import Row

from schemas.privacy import Privacy
from schemas.records import RECORD_TYPES
from schemas.rules import Pattern
from server.auth import people
from server.auth.current import current_viewer, permission
from server.auth.reach import within_reach
from server.auth.viewer import Viewer
from server.centre import current_centre
from server.models.engine import reading
from server.query import QueryInteger, QueryLine
from server.resource import Body, Resource, answers
from sync.buckets import masked
from sync.mutation import Mutation

blp = Resource("ledger", __name__, url_prefix="/api/v1/ledger", description="Rejected and waiting mutations")

LIMIT, LIMIT_MAX = 100, 500

EDITS = ("data", "set", "add", "remove")
ENVELOPE = frozenset(Mutation.__struct_fields__) - set(EDITS)
"""What a mutation says beside what was typed; anything else that was sent may hold everything and is not shown."""


class LedgerQuery(Body):
    """After which mutation: its commit, and its position there."""

    cursor = QueryLine("หลังรายการที่", "Cursor", rules=(Pattern("[0-9]{1,15}-[0-9]{1,9}"),), load_default="0-0")
    limit = QueryInteger("จำนวน", "Limit", minimum=1, maximum=LIMIT_MAX, load_default=LIMIT)


class Unfinished(msgspec.Struct, frozen=True):
    """One mutation as it came, without what you may not see. ``waits_for``: the record that must arrive first."""

    commit: int
    id: str
    outcome: str
    code: str | None
    errors: Any
    waits_for: str | None
    op: str
    type: str
    record: str
    author: str
    device: str
    recorded_at: str
    received_at: str
    payload: Any


class UnfinishedPage(msgspec.Struct, frozen=True):
    """In the order in which they came."""

    items: list[Unfinished]
    next: str | None


@blp.route("/unfinished", methods=["GET"])
@permission("ledger", "read")
@answers(UnfinishedPage)
@blp.arguments(LedgerQuery, location="query")
def unfinished(given: dict[str, Any]) -> UnfinishedPage:
    """List mutations that were rejected or wait, by people of your area."""
    centre, viewer = current_centre(), current_viewer()
    rows = centre.store.unfinished(after=_place(given["cursor"]), limit=given["limit"])
    with reading(centre.engine) as connection:
        roles = people.roles_of(connection, {row.author for row in rows})
        authors = {row.author: roles.get(row.author, ()) for row in rows}
        near = within_reach(connection, viewer, "ledger", "read", authors)
    mine = [row for row in rows if row.author in near]
    more = f"{rows[-1].commit_number}-{rows[-1].position}" if len(rows) == given["limit"] else None
    return UnfinishedPage([_body(row, viewer) for row in mine], more)


def _place(cursor: str) -> tuple[int, int]:
    commit, _, position = cursor.partition("-")
    return int(commit), int(position)


def _body(row: Row[Any], viewer: Viewer) -> Unfinished:
    return Unfinished(
        commit=row.commit_number,
        id=row.id,
        outcome=row.outcome,
        code=row.code,
        errors=row.detail.get("errors"),
        waits_for=row.waits_for,
        op=row.op,
        type=row.type,
        record=row.record,
        author=row.author,
        device=row.device,
        recorded_at=row.recorded_at,
        received_at=row.received_at,
        payload=_payload(row, viewer),
    )


def _payload(row: Row[Any], viewer: Viewer) -> Any:
    """Return what was sent, without the fields of classes that the viewer may not see.

    What nobody declared counts as protected, as in a record. What cannot be taken apart (a number beyond all doubles,
    say) is kept to the byte but cannot be masked: not shown.
    """
    if row.payload is None:
        return None
    try:
        sent = msgspec.json.decode(row.payload)
    except msgspec.DecodeError:
        return None
    kind = RECORD_TYPES.get(str(row.type or sent.get("type")))
    shown = {name: value for name, value in sent.items() if name in ENVELOPE}
    parts = {name: part for name in EDITS if isinstance(part := sent.get(name), dict)}
    if kind is not None:
        return shown | {name: masked(kind, part, viewer.classes) for name, part in parts.items()}
    return shown | parts if Privacy.PROTECTED in viewer.classes else shown
