"""The log of mutations made here: append, read what is pending, settle. Never deleted except up to ``safe_through``."""

from collections.abc import Iterable, Iterator, Sequence
from itertools import groupby
from typing import Any, NamedTuple

import msgspec

from field_kit.database import Database
from field_kit.errors import EmergencyTooLarge, SaveTooLarge
from field_kit.identity import change_identity
from field_kit.notices import CORRECTING, SUPERSEDED
from field_kit.surroundings import Surroundings
from schemas.history import History
from schemas.records import RECORD_TYPES
from sync.instants import rfc3339
from sync.messages import Limits, MutationOutcome, Position
from sync.mutation import Mutation, Op, Resolve, Sealed
from sync.outgoing import base_of
from sync.sequence import LANES
from sync.upcasting import detail_upcast, upcast
from sync.urgent import BYTES_MAX as URGENT_BYTES_MAX
from sync.urgent import is_self_contained

ENVELOPE_BYTES = 400
"""More than what a mutation weighs on the wire beside its payload."""

PUSH_BYTES = 1_000
"""More than what a push weighs without its groups."""


class Payload(msgspec.Struct, frozen=True, omit_defaults=True):
    """The part of a mutation that its author made; kept to the byte, while seq and base have columns of their own."""

    data: dict[str, Any] = {}
    set: dict[str, tuple[Any, Any]] = {}
    add: dict[str, list[Any]] = {}
    remove: dict[str, list[Any]] = {}
    resolves: list[Resolve] = []
    assumed: list[str] = []
    contacted_at: str | None = None
    schema: int | None = None
    into: str | None = None
    reason: str | None = None


class Edit(NamedTuple):
    """One record's part of a Save, values in stored form."""

    op: Op
    type: str
    record: str
    payload: Payload
    recorded_at: str | None = None
    """Of what goes again: when it was made. The days of its assumed dates are told from that."""


class Logged(NamedTuple):
    """One mutation as the log holds it."""

    mutation: Mutation
    """As this program's schema says it."""
    lane: str
    save: str
    state: str
    outcome: str | None
    code: str | None
    detail: dict[str, Any]
    commit: int | None
    size: int
    sent: Mutation
    """As it was written and travels, under the schema of its time."""
    sealed: str | None = None
    """What it says, for the centre alone (base64): its record has left this device. ``mutation`` is then empty."""

    @property
    def wire(self) -> msgspec.Raw:
        """The mutation as it travels."""
        made = self.sent
        return msgspec.Raw(_encode(Sealed(made.seq, made.id, self.sealed, made.base) if self.sealed else made))


OVERLAID = "state <> 'settled' AND sealed IS NULL AND code IS NOT 'erased'"
"""Which edits lie over the rows: not those whose content has gone."""

WAITING = "outcome = 'held' AND code IS NOT 'dismissed'"
"""Which edits wait at the centre for another record."""

_encode = msgspec.json.Encoder().encode
_decode = msgspec.json.Decoder(Payload).decode
_COLUMNS = """id, seq, op, type, record, base, payload, recorded_at, lane, save, state, outcome, code, detail,
    commit_number, sealed"""


class GroupWriter:
    """Logs one press of Save, mutation by mutation, inside the caller's transaction."""

    def __init__(self, database: Database, surroundings: Surroundings, limits: Limits) -> None:
        self._database = database
        self._new_id = surroundings.new_id
        self._limits = limits
        self._recorded_at = rfc3339(surroundings.now())
        self._save = surroundings.new_id()
        self._count, self._bytes = 0, PUSH_BYTES

    def add(self, edit: Edit, base: int | None = None) -> str:
        """Log one edit and return its id. ``base``: of one that was made before and goes again, as it was then.

        An emergency goes into the urgent lane as a group of its own, so it never waits for what was saved with it.

        :raises SaveTooLarge: when the group becomes more than one push may hold.
        :raises EmergencyTooLarge: when an emergency is too long to get through first.
        """
        payload = _encode(edit.payload).decode()
        urgent = self._is_urgent(edit, len(payload.encode()))
        lane, group = ("urgent", self._new_id()) if urgent else ("normal", self._save)
        self._weigh(len(payload.encode()))
        seq = self._database.value("UPDATE lane SET last_seq = last_seq + 1 WHERE name = ? RETURNING last_seq", (lane,))
        mutation, base = self._new_id(), self._base(edit) if base is None else base
        recorded_at = edit.recorded_at or self._recorded_at
        self._database.execute(
            """INSERT INTO mutation (id, seq, lane, save, op, type, record, base, payload, recorded_at)
            VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?)""",
            (mutation, seq, lane, group, edit.op, edit.type, edit.record, base, payload, recorded_at),
        )
        return mutation

    def _is_urgent(self, edit: Edit, payload_bytes: int) -> bool:
        """Tell whether an edit goes ahead of everything else. An emergency that names a record goes with that one.

        :raises EmergencyTooLarge: when it is too long to get through first.
        """
        made = Mutation(0, "", edit.op, edit.type, edit.record, "", data=edit.payload.data)
        if not is_self_contained(RECORD_TYPES, made):
            return False
        if payload_bytes + ENVELOPE_BYTES > URGENT_BYTES_MAX:
            raise EmergencyTooLarge(bytes=payload_bytes + ENVELOPE_BYTES, max=URGENT_BYTES_MAX)
        return True

    def _weigh(self, payload_bytes: int) -> None:
        self._count, self._bytes = self._count + 1, self._bytes + payload_bytes + ENVELOPE_BYTES
        if self._count > self._limits.mutations or self._bytes > self._limits.bytes:
            raise SaveTooLarge(mutations=self._limits.mutations, bytes=self._limits.bytes)

    def _base(self, edit: Edit) -> int:
        # the lowest and not the first: what goes again with a corrected creation keeps the base that it had
        pending = "SELECT base FROM mutation WHERE record = ? AND state <> 'settled' ORDER BY base LIMIT 1"
        shown = self._database.value("SELECT version FROM record WHERE id = ?", (edit.record,)) or 0
        bases = [base for (base,) in self._database.rows(pending, (edit.record,))]
        return base_of(bases, 0 if edit.op is Op.CREATE else shown)


def edit_of(entry: Logged) -> Edit:
    """Return the edit of an entry, to be logged anew."""
    made = entry.mutation
    payload = Payload(**{name: getattr(made, name) for name in Payload.__struct_fields__})
    return Edit(made.op, made.type, made.record, payload, made.recorded_at)


def open_mutations(database: Database, where: str = "1", parameters: Sequence[Any] = ()) -> dict[str, list[Logged]]:
    """Return the mutations of each record that the overlay still needs, oldest first."""
    found: dict[str, list[Logged]] = {}
    sql = f"SELECT {_COLUMNS} FROM mutation WHERE {OVERLAID} AND {where} ORDER BY rowid"
    for row in database.rows(sql, parameters):
        logged = _logged(database.history, row)
        found.setdefault(logged.mutation.record, []).append(logged)
    return found


def entries(database: Database, where: str = "1", parameters: Sequence[Any] = ()) -> Iterator[Logged]:
    """Yield log entries in the order in which they were made."""
    for row in database.connection.execute(f"SELECT {_COLUMNS} FROM mutation WHERE {where} ORDER BY rowid", parameters):
        yield _logged(database.history, row)


def pending_groups(database: Database, lane: str) -> Iterator[list[Logged]]:
    """Yield the groups of a lane from the first mutation without an outcome on, without gaps.

    Answered ones in between travel again, with the same number and id: a push is dense.
    """
    first = database.value("SELECT min(seq) FROM mutation WHERE lane = ? AND unanswered = 1", (lane,))
    if first is None:
        return
    rows = database.connection.execute(
        f"""SELECT {_COLUMNS} FROM mutation WHERE lane = ? AND seq >=
        (SELECT min(seq) FROM mutation WHERE save = (SELECT save FROM mutation WHERE lane = ? AND seq = ?))
        ORDER BY seq""",
        (lane, lane, first),
    )
    for _, group in groupby((_logged(database.history, row) for row in rows), key=lambda logged: logged.save):
        yield list(group)


def position_before(database: Database, lane: str, seq: int) -> Position:
    """Return the place of the mutation before one, which a push names in ``after``."""
    before = database.row("SELECT seq, id FROM mutation WHERE lane = ? AND seq = ?", (lane, seq - 1))
    if before is None:
        before = database.row(
            "SELECT pruned_seq, pruned_id FROM lane WHERE name = ? AND pruned_seq = ?", (lane, seq - 1)
        )
    return Position(*before) if before else Position(0)


def last_answered(database: Database, lane: str) -> Position:
    """Return the place up to which a lane has its answers."""
    first = database.value("SELECT min(seq) FROM mutation WHERE lane = ? AND unanswered = 1", (lane,))
    end = database.value("SELECT last_seq FROM lane WHERE name = ?", (lane,))
    return position_before(database, lane, first or end + 1)


def settle(database: Database, outcomes: Iterable[MutationOutcome], *, shown_through: int) -> None:
    """Write the outcomes of a push beside their mutations, inside the caller's transaction.

    ``shown_through``: the commit of the last complete pull. What had left the overlay comes back into it only where its
    outcome is newer than that: the centre had lost it, and took it anew.
    """
    database.executemany(
        """UPDATE mutation SET outcome = ?, code = ?, detail = ?, commit_number = ?, unanswered = 0,
        state = CASE WHEN state = 'settled' AND ? <= ? THEN 'settled' ELSE 'answered' END WHERE id = ?""",
        [
            (each.outcome, each.code, _detail(each), each.commit, each.commit, shown_through, each.id)
            for each in outcomes
        ],
    )


def leave_overlay(database: Database, commit: int) -> list[str]:
    """Let answered mutations leave the overlay: a pull that reached ``commit`` is complete. Return their records.

    What is held stays in it: nothing else shows what its author wrote.
    """
    left = database.rows(
        f"""UPDATE mutation SET state = 'settled' WHERE state = 'answered' AND commit_number <= ? AND NOT ({WAITING})
        RETURNING record""",
        (commit,),
    )
    return [record for (record,) in left]


def prune(database: Database, lane: str, safe_through: int) -> None:
    """Delete what a verified server backup covers; refused and waiting work stays until its author dealt with it.

    Of a refused creation that its author corrected the correction goes last: nothing else tells that it was.
    """
    covered = "lane = ? AND seq <= ? AND state = 'settled' AND unanswered = 0"
    last = database.row(f"SELECT seq, id FROM mutation WHERE {covered} ORDER BY seq DESC LIMIT 1", (lane, safe_through))
    if last is None:
        return
    database.execute("UPDATE lane SET pruned_seq = max(pruned_seq, ?), pruned_id = ? WHERE name = ?", (*last, lane))
    database.execute(f"DELETE FROM mutation WHERE {covered} AND {SUPERSEDED}", (lane, safe_through))
    done_with = f"outcome NOT IN ('rejected', 'held') AND save NOT IN ({CORRECTING})"
    database.execute(f"DELETE FROM mutation WHERE {covered} AND {done_with}", (lane, safe_through))
    change_identity(database, exported=0)  # the places that are free now are given to new edits


def prunable(database: Database, lane: str) -> bool:
    """Tell whether anything in a lane waits only for the word that a verified backup covers it."""
    sql = "SELECT EXISTS (SELECT 1 FROM mutation WHERE lane = ? AND state = 'settled' AND unanswered = 0)"
    return bool(database.value(sql, (lane,)))


def counts(database: Database) -> dict[str, int]:
    """Return how many mutations wait, per lane."""
    waiting = dict.fromkeys(LANES, 0)
    waiting.update(database.rows("SELECT lane, count(*) FROM mutation WHERE unanswered = 1 GROUP BY lane"))
    return waiting


def holds_work(database: Database) -> bool:
    """Tell whether anything is kept here that no verified backup of the centre is known to cover."""
    return bool(database.value("SELECT EXISTS (SELECT 1 FROM mutation)"))


def _detail(outcome: MutationOutcome) -> str:
    kept = {"errors": outcome.errors, "conflicts": outcome.conflicts, "waits_for": outcome.waits_for}
    return _encode({name: value for name, value in kept.items() if value}).decode()


def _logged(history: History, row: tuple[Any, ...]) -> Logged:
    mutation, seq, op, kind, record, base, payload, recorded_at, *answer = row
    made = _decode(payload)
    parts = {name: getattr(made, name) for name in made.__struct_fields__}
    sent = Mutation(
        id=mutation, seq=seq, op=Op(op), type=kind, record=record, base=base, recorded_at=recorded_at, **parts
    )
    lane, save, state, outcome, code, detail, commit, sealed = answer
    found = msgspec.json.decode(detail) if detail else {}
    read, found = _in_words_of_today(history, sent, found)
    size = len((sealed or payload).encode()) + ENVELOPE_BYTES
    return Logged(read, lane, save, state, outcome, code, found, commit, size, sent, sealed)


def _in_words_of_today(history: History, sent: Mutation, detail: dict[str, Any]) -> tuple[Mutation, dict[str, Any]]:
    """Read an edit, and what the centre said about it, up to this program's schema."""
    written = sent.schema or history.current
    if written >= history.current:
        return sent, detail
    read = upcast(history, sent, written)
    return (read if isinstance(read, Mutation) else sent), detail_upcast(history, sent.type, detail, written)
