"""Rows from before a restore, as devices bear witness to them: kept for staff, compared, and brought back by choice."""

from collections.abc import Collection, Mapping
from datetime import datetime
from typing import Any

import msgspec
from sqlalchemy import Connection, exists, func, select, update

from schemas.base import MERGED_INTO, RecordType
from schemas.history import history_of
from schemas.privacy import Privacy
from server import quarantine
from server.centre import Centre
from server.errors import NotFound
from server.ids import could_be_id, new_id
from server.models.engine import writing
from server.models.identity import device
from server.models.quarantine import delivery
from server.models.upkeep import erasure
from server.quarantine import Delivery
from server.store import Author, RecordView
from server.store.epochs import all_epochs, check_epoch, current_epoch
from server.store.erasures import erased_among
from server.store.loading import read_records
from server.store.transaction import CENTRE
from sync.buckets import masked
from sync.erasing import belongs_to, names_erased
from sync.errors import TooManyRequests, ValidationFailed
from sync.instants import rfc3339
from sync.messages import MutationOutcome, Witness, WitnessReply, WitnessRequest
from sync.mutation import Mutation, Op
from sync.state import RecordState
from sync.upcasting import shown_to, upcast

KIND = "witness"
WITNESSES_MAX = 500
"""In one request, and closed at once."""

WAIT_MS = 3_600_000
"""How long somebody waits of whose rows staff have too many to look at."""

BROUGHT_BACK = "the centre has it again"


class Kept(msgspec.Struct, frozen=True):
    """A witness as it is kept: the same row of two devices has the same bytes."""

    record: str
    type: str
    version: int
    epoch: str
    schema: int
    data: dict[str, Any]


def receive(centre: Centre, author: Author, request: WitnessRequest, now: datetime) -> WitnessReply:
    """Keep what the centre does not have; the answer is a receipt and says nothing about what it has.

    :raises EpochChanged: the centre was restored once more.
    :raises ValidationFailed: for more than one request may hold, or a row of no epoch that can have had it.
    :raises TooManyRequests: when staff have too much of this person's to look at.
    """
    if len(request.witnesses) > WITNESSES_MAX:
        raise ValidationFailed(errors={"witnesses": [{"code": "too_many", "max": WITNESSES_MAX}]})
    types = centre.store.types
    with writing(centre.engine) as connection:
        check_epoch(connection, request.epoch)
        _check_lives(connection, author, request.witnesses)
        _check_room(connection, author, centre.settings.witnesses_open_max)
        _keep_lost(connection, types, author, request.witnesses, request.schema, now)
        return WitnessReply(current_epoch(connection), rfc3339(now), len(request.witnesses))


def keep_sealed(centre: Centre, author: Author, rows: Collection[Witness], schema: int, now: datetime) -> None:
    """Keep what a device that had to wipe itself had not offered, once staff have looked at its outbox."""
    with writing(centre.engine) as connection:
        _keep_lost(connection, centre.store.types, author, rows, schema, now)


def _keep_lost(
    connection: Connection,
    types: Mapping[str, RecordType],
    author: Author,
    rows: Collection[Witness],
    schema: int,
    now: datetime,
) -> None:
    """Keep rows that the centre does not have and that nobody demanded to be erased."""
    gone = _erased(connection, types, rows)
    central = read_records(connection, {each.record for each in rows})
    for each in rows:
        state = central.get(each.record)
        if each.record in gone or (state is not None and _has(types, state, each, schema)):
            continue
        _keep(connection, each, author, schema, now)


def _check_lives(connection: Connection, author: Author, witnesses: Collection[Witness]) -> None:
    """Let a device speak only of earlier lives of the centre: what is of the current one, the centre has.

    A life that nobody remembers, its register lost, counts only from a device that was there before this one began.

    :raises ValidationFailed: otherwise.
    """
    *before, now = all_epochs(connection)
    enrolled_at = connection.execute(select(device.c.enrolled_at).where(device.c.id == author.device)).scalar_one()
    named = {each.epoch for each in witnesses} - {each.id for each in before}
    if now.id in named or (named and enrolled_at >= now.started_at):
        raise ValidationFailed(errors={"witnesses": [{"code": "invalid"}]})


def _check_room(connection: Connection, author: Author, most: int) -> None:
    mine = (delivery.c.kind == KIND) & (delivery.c.user == author.user) & (delivery.c.state == quarantine.OPEN)
    if connection.execute(select(func.count()).select_from(delivery).where(mine)).scalar_one() >= most:
        raise TooManyRequests(retry_after_ms=WAIT_MS)


def _erased(connection: Connection, types: Mapping[str, RecordType], witnesses: Collection[Witness]) -> set[str]:
    """Return the records of witnesses that are, or belong to, what was erased on its subject's demand."""
    as_created = [Mutation(0, each.record, Op.CREATE, each.type, each.record, "", data=each.data) for each in witnesses]
    named = {name for each in as_created for name in (each.record, *belongs_to(types, each))}
    erased = erased_among(connection, {each for each in named if could_be_id(each)})
    return {each.record for each in as_created if names_erased(types, each, erased)} if erased else set()


def _has(types: Mapping[str, RecordType], state: RecordState, witness: Witness, schema: int) -> bool:
    """Tell whether the centre has everything that a witness says, in the words of its device."""
    history = history_of(types)
    data: Mapping[str, Any] = state.data
    if schema < history.current and state.type in types:
        data = shown_to(history, types, state.type, data, schema)
    said = {name: value for name, value in witness.data.items() if name != MERGED_INTO}
    return state.type == witness.type and all(data.get(name) == value for name, value in said.items())


def _keep(connection: Connection, witness: Witness, author: Author, schema: int, now: datetime) -> None:
    """Keep a witness once, with every device that bears it."""
    kept = Kept(witness.record, witness.type, witness.version, witness.epoch, schema, witness.data)
    detail = {"record": witness.record, "type": witness.type, "devices": [author.device]}
    content = msgspec.json.encode(kept, order="sorted")
    id_ = quarantine.deposit(
        connection, kind=KIND, content=content, now=now, device=author.device, user=author.user, detail=detail
    )
    mine = delivery.c.id == id_
    known = connection.execute(select(delivery.c.detail).where(mine).with_for_update()).scalar_one()
    if author.device not in known["devices"]:
        more = known | {"devices": sorted({*known["devices"], author.device})}
        connection.execute(update(delivery).where(mine).values(detail=more))


def close_known(centre: Centre, now: datetime) -> int:
    """Dismiss open witnesses of which the centre has everything by now; return how many."""
    closed, after = 0, ""
    while True:
        with writing(centre.engine) as connection:
            found = quarantine.listing(
                connection, after=after, limit=WITNESSES_MAX, state=quarantine.OPEN, only=delivery.c.kind == KIND
            )
            if not found:
                return closed
            contents = {each.id: quarantine.content_of(connection, each.id) for each in found}
            kept = {id_: kept_in(content) for id_, content in contents.items() if content}
            central = read_records(connection, {each.record for each in kept.values()})
            for id_, each in kept.items():
                state = central.get(each.record)
                said = Witness(each.record, each.type, each.version, each.data, each.epoch)
                if state is not None and _has(centre.store.types, state, said, each.schema):
                    quarantine.decide(connection, id_, quarantine.DISMISSED, CENTRE, BROUGHT_BACK, now)
                    closed += 1
        after = found[-1].id


def forget_erased(centre: Centre) -> int:
    """Delete the content of witnesses about records that were erased; return how many."""
    about = delivery.c.detail["record"].as_string()
    gone = exists().where(erasure.c.record == about)
    mine = (delivery.c.kind == KIND) & (delivery.c.content != b"") & gone
    with writing(centre.engine) as connection:
        ids = list(connection.execute(select(delivery.c.id).where(mine)).scalars())
        connection.execute(update(delivery).where(delivery.c.id.in_(ids)).values(content=b""))
    return len(ids)


def kept_in(content: bytes) -> Kept:
    """Return the witness that a delivery holds.

    :raises NotFound: when its record was erased since.
    """
    if not content:
        raise NotFound
    return msgspec.json.decode(content, type=Kept)


def look(centre: Centre, content: bytes, classes: Collection[Privacy]) -> dict[str, Any]:
    """Return what a witness says, as somebody with these classes may see it."""
    if not content:
        return {"rows": []}
    kept = kept_in(content)
    return {"rows": [msgspec.to_builtins(kept) | {"data": shown(centre, kept, classes)}]}


def shown(centre: Centre, kept: Kept, classes: Collection[Privacy]) -> dict[str, Any]:
    """Return the fields of a witness in today's words, without those of classes that its reader may not see."""
    kind = centre.store.types.get(kept.type)
    if kind is None:
        return dict(kept.data) if Privacy.PROTECTED in classes else {}
    return masked(kind, in_todays_words(centre, kept), frozenset(classes))


def in_todays_words(centre: Centre, kept: Kept) -> dict[str, Any]:
    """Return what a witness says under the current schema."""
    data = {name: value for name, value in kept.data.items() if name != MERGED_INTO}
    said = Mutation(0, kept.record, Op.CREATE, kept.type, kept.record, "", data=data)
    history = history_of(centre.store.types)
    read = upcast(history, said, kept.schema) if kept.schema < history.current else said
    return dict(read.data) if isinstance(read, Mutation) else data


def choose_first(*_: Any) -> Any:
    """Refuse to apply a witness whole: staff choose its fields beside the central record.

    :raises ValidationFailed: always; see ``server.api.witnesses``.
    """
    raise ValidationFailed(errors={"fields": [{"code": "required"}]})


def bring_back(
    centre: Centre, kept: Kept, central: RecordView | None, fields: Collection[str], user: str, now: datetime
) -> MutationOutcome:
    """Write chosen fields of a witness as the centre's own edit: a new record, or a change of the one that is there.

    :raises ValidationFailed: when they are not what a record may hold; a device may say anything.
    """
    kind = centre.store.types[kept.type]
    data = in_todays_words(centre, kept)
    groups = {kind.fields[name].group for name in fields if name in kind.fields} - {None}
    wanted = {*fields, *(name for group in groups for name in kind.groups[str(group)])}
    chosen = {name: data.get(name) for name in sorted(wanted)}
    _, errors = kind.load(chosen) if central is None else kind.load_values(chosen)
    if errors:
        raise ValidationFailed(errors=errors)
    base: dict[str, Any] = {
        "seq": 0,
        "id": new_id(),
        "type": kept.type,
        "record": kept.record,
        "recorded_at": rfc3339(now),
    }
    if central is None:
        filled = {name: value for name, value in chosen.items() if value is not None}
        mutation = Mutation(op=Op.CREATE, data=filled, **base)
    else:
        edits = {name: (central.data.get(name), value) for name, value in chosen.items()}
        mutation = Mutation(op=Op.UPDATE, base=central.version, set=edits, **base)
    return centre.store.write([[mutation]], now, user=user)[0]


def close(centre: Centre, found: Delivery, user: str, reason: str, now: datetime) -> Delivery:
    """Close a witness that was brought back.

    :raises DeliveryDecided: when somebody decided it before.
    """
    with writing(centre.engine) as connection:
        return quarantine.decide(connection, found.id, quarantine.APPLIED, user, reason, now)
