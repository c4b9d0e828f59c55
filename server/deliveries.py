"""What staff may do with each kind of delivery: look into it, and apply it. One line per kind."""

from collections.abc import Callable, Collection, Mapping
from dataclasses import asdict, dataclass
from datetime import datetime
from typing import Any

import msgspec
from sqlalchemy import Connection, select

from schemas.privacy import Privacy
from schemas.records import RECORD_TYPES
from server import quarantine, unsent_work, witnesses
from server.auth import people
from server.auth.reach import within_reach
from server.auth.viewer import Viewer
from server.centre import Centre
from server.models.engine import reading
from server.models.quarantine import delivery as delivery_table
from server.parts import EDITS, ENVELOPE
from server.quarantine import Delivery
from server.store.arrival import Arrived
from server.store.erasures import erased_among
from sync.buckets import masked
from sync.erasing import belongs_to, names_erased
from sync.mutation import Mutation
from sync.unsent import EXPORT, OUTBOX

Classes = Collection[Privacy]


@dataclass(frozen=True, slots=True)
class Kind:
    """One kind. ``look``: what it holds, as somebody with these classes may see it. ``apply``: let it take effect.

    ``apply`` takes (centre, delivery, by, reason, now) and returns the delivery and what it brought.
    """

    look: Callable[[Centre, bytes, Classes], dict[str, Any]]
    apply: Callable[[Centre, Delivery, str, str, datetime], tuple[Delivery, Mapping[str, Any]]]


def _look(centre: Centre, sealed: bytes, classes: Classes) -> dict[str, Any]:
    edits, files = unsent_work.edits_in(centre, sealed)
    gone = _erased(centre, edits)
    files = [each for each in files if each.attachment not in gone]
    return {
        "mutations": [shown(each, classes) for each in edits if each.mutation.id not in gone],
        "files": [{"attachment": each.attachment, "sha256": each.sha256, "size": len(each.bytes)} for each in files],
    }


def _erased(centre: Centre, edits: Collection[Arrived]) -> set[str]:
    """Return the edits, and the records, of which nothing is shown since they were erased."""
    made = [each.mutation for each in edits if isinstance(each.mutation, Mutation)]
    with reading(centre.engine) as connection:
        named = {name for each in made for name in (each.record, *belongs_to(RECORD_TYPES, each))}
        erased = erased_among(connection, named)
    return {part for each in made if names_erased(RECORD_TYPES, each, erased) for part in (each.id, each.record)}


def _apply(centre: Centre, given: Delivery, by: str, reason: str, now: datetime) -> tuple[Delivery, Mapping[str, Any]]:
    received = unsent_work.apply(centre, given, by, reason, now)
    return received.delivery, asdict(received.added or unsent_work.Added())


KINDS: Mapping[str, Kind] = {
    EXPORT: Kind(_look, _apply),
    OUTBOX: Kind(_look, _apply),
    witnesses.KIND: Kind(witnesses.look, witnesses.choose_first),
}


def reachable(connection: Connection, viewer: Viewer, found: Collection[Delivery], action: str) -> list[Delivery]:
    """Return those of some deliveries on which a viewer may act.

    A delivery belongs to the area of the person whose work it is; where nobody knows whose, of who brought it.
    """
    owners = {each.id: each.user or each.brought_by for each in found}
    roles = people.roles_of(connection, {owner for owner in owners.values() if owner})
    held = {owner: roles.get(owner, ()) for owner in owners.values() if owner}
    near = within_reach(connection, viewer, "delivery", action, held)
    return [each for each in found if owners[each.id] in near]


def open_of(connection: Connection, bringer: str) -> int:
    """Return how many deliveries that somebody brought wait for staff."""
    mine = (delivery_table.c.brought_by == bringer) & (delivery_table.c.state == quarantine.OPEN)
    return len(connection.execute(select(delivery_table.c.id).where(mine)).all())


def arrived_from(centre: Centre, device: str) -> int:
    """Return how many sealed outboxes of a device have come."""
    mine = (delivery_table.c.device == device) & (delivery_table.c.kind == OUTBOX)
    with reading(centre.engine) as connection:
        return len(connection.execute(select(delivery_table.c.id).where(mine)).all())


def shown(edit: Arrived, classes: Classes) -> dict[str, Any]:
    """Return an edit without the fields of classes that its reader may not see.

    What nobody declared counts as protected. What cannot be read cannot be masked, and is not shown.
    """
    if not isinstance(edit.mutation, Mutation):
        return {"id": edit.mutation.id, "readable": False}
    said = msgspec.to_builtins(edit.mutation)
    envelope = {name: value for name, value in said.items() if name in ENVELOPE}
    parts = {name: said[name] for name in EDITS if said.get(name)}
    kind = RECORD_TYPES.get(edit.mutation.type)
    if kind is not None:
        return envelope | {name: masked(kind, part, frozenset(classes)) for name, part in parts.items()}
    return envelope | (parts if Privacy.PROTECTED in classes else {})
