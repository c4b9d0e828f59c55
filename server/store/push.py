"""Receive a push: check its place in the lane, apply what is new exactly once, and report what became of each."""

import logging
from collections.abc import Mapping, Sequence
from dataclasses import replace
from datetime import datetime
from functools import cached_property
from typing import Any

import msgspec
from sqlalchemy import Connection, Row, bindparam, select
from sqlalchemy.exc import DataError, DBAPIError, IntegrityError, OperationalError

from schemas.base import RecordType
from server.auth.roles import permits_of
from server.models.engine import writing
from server.models.identity import device
from server.models.sync_tables import clock, mutation
from server.store.among import among_named
from server.store.arrival import Arrived, Batch, Opener, groups_of
from server.store.author import Author
from server.store.epochs import check_epoch
from server.store.erasures import erased_among
from server.store.loading import lane_end
from server.store.past import OUTCOME_COLUMNS, latest_of
from server.store.persist import write_lane
from server.store.release import release
from server.store.transaction import Derivation, Transaction, ledger_entry
from sync.decision import Decision, rejected
from sync.erasing import ERASED, belongs_to, names_erased
from sync.errors import ServerBusy, ValidationFailed
from sync.instants import parsed, rfc3339
from sync.messages import ConflictReference, Limits, MutationOutcome, Position, PushReply, PushRequest
from sync.mutation import Mutation, Outcome
from sync.sequence import LANES, Place, count_known
from sync.state import Receipt, Writer

log = logging.getLogger(__name__)

LIMITS = Limits()
ATTEMPTS_MAX = 4

UNFINISHED = (Outcome.HELD.value, Outcome.REJECTED.value)
"""What may have been let go since, or corrected by staff."""

CLOCK_OFFSET_MS_MAX = 100 * 365 * 24 * 3600 * 1000


class Pusher:
    """Takes pushes on one engine."""

    def __init__(
        self,
        engine: Any,
        types: Mapping[str, RecordType],
        derivations: Sequence[Derivation],
        opener: Opener | None = None,
    ) -> None:
        """Keep what every push needs; nothing here changes between pushes."""
        self.opener = opener
        self.engine = engine
        self.types = types
        self.derivations = derivations

    def push(self, author: Author, request: PushRequest, now: datetime) -> PushReply:
        """Apply a push durably and return what became of it, after the commit.

        :raises ProtocolError: the push is refused as a whole and nothing of it was written.
        """
        if request.lane not in LANES:
            raise ValidationFailed(errors={"lane": [{"code": "not_one_of"}]})
        groups = groups_of(request, LIMITS, self.opener)
        try:
            return self._retried(author, request, groups, now)
        except (IntegrityError, DataError) as refusal:
            log.warning("the database refused a push of %d groups (%s)", len(groups), type(refusal.orig).__name__)
            return self._bisected(author, request, groups, now)

    def _retried(
        self, author: Author, request: PushRequest, groups: Sequence[Sequence[Arrived]], now: datetime
    ) -> PushReply:
        """Run the transaction again where another writer came between; the last refusal is passed on."""
        for attempt in range(ATTEMPTS_MAX):
            try:
                return self._once(author, request, groups, now)
            except IntegrityError:
                if attempt == ATTEMPTS_MAX - 1:
                    raise
            except OperationalError as busy:
                if attempt == ATTEMPTS_MAX - 1:
                    raise ServerBusy(retry_after_ms=1_000) from busy
        raise AssertionError("unreachable")

    def _once(
        self,
        author: Author,
        request: PushRequest,
        groups: Sequence[Sequence[Arrived]],
        now: datetime,
        *,
        refuse: bool = False,
    ) -> PushReply:
        with writing(self.engine) as connection:
            return _Push(connection, self.types, self.derivations, author, request, groups, now, refuse=refuse).run()

    def _bisected(
        self, author: Author, request: PushRequest, groups: Sequence[Sequence[Arrived]], now: datetime
    ) -> PushReply:
        """Apply halves in turn, so that one group which the database refuses costs only itself."""
        if len(groups) == 1:
            return self._once(author, request, groups, now, refuse=True)
        middle = len(groups) // 2
        head, tail = groups[:middle], groups[middle:]
        last = head[-1][-1].mutation
        first = self._half(author, request, head, now)
        rest = msgspec.structs.replace(request, after=Position(last.seq, last.id))
        second = self._half(author, rest, tail, now)
        return msgspec.structs.replace(second, outcomes=[*first.outcomes, *second.outcomes])

    def _half(
        self, author: Author, request: PushRequest, groups: Sequence[Sequence[Arrived]], now: datetime
    ) -> PushReply:
        try:
            return self._retried(author, request, groups, now)
        except DBAPIError:
            return self._bisected(author, request, groups, now)


_DEVICE = select(device.c.id).where(device.c.id == bindparam("device")).with_for_update()
_CLOCK = select(clock.c.value)
_FIRST_ROWS = select(*OUTCOME_COLUMNS).where(among_named(mutation.c.id), ~mutation.c.repeat)
_LANE_IDS = select(mutation.c.seq, mutation.c.id).where(
    mutation.c.device == bindparam("device"),
    mutation.c.incarnation == bindparam("incarnation"),
    mutation.c.lane == bindparam("lane"),
    mutation.c.seq.between(bindparam("first"), bindparam("through")),
)


class _Push:
    """One push inside one transaction."""

    def __init__(
        self,
        connection: Connection,
        types: Mapping[str, RecordType],
        derivations: Sequence[Derivation],
        author: Author,
        request: PushRequest,
        groups: Sequence[Sequence[Arrived]],
        now: datetime,
        *,
        refuse: bool,
    ) -> None:
        self.connection = connection
        self.types = types
        self.derivations = derivations
        self.author = author
        self.request = request
        self.groups = groups
        self.now = now
        self.refuse = refuse
        self.receipt = Receipt(now, clock_offset_ms(request.sent_at, now))
        self.writer = Writer(
            author.user,
            author.device,
            request.incarnation,
            permits_of(author.roles),
        )

    def run(self) -> PushReply:
        """Do it all; the caller commits."""
        check_epoch(self.connection, self.request.epoch)
        self.connection.execute(_DEVICE, {"device": self.author.device})
        last, safe = lane_end(self.connection, self.author.device, self.request.incarnation, self.request.lane)
        known = self._known(last)
        outcomes = self._recorded_outcomes(known)
        new = [
            group
            for group in ([each for each in group if each.mutation.seq > last.seq] for group in self.groups)
            if group
        ]
        commit = self._apply(new, outcomes) if new else self._clock()
        end = new[-1][-1].mutation.seq if new else last.seq
        return PushReply(
            epoch=self.request.epoch,
            applied_through=end,
            safe_through=safe,
            commit=commit,
            server_time=rfc3339(self.now),
            outcomes=[outcomes[each.mutation.id] for group in self.groups for each in group],
            limits=LIMITS,
        )

    def _known(self, last: Position) -> int:
        pushed = [Place(each.mutation.seq, each.mutation.id) for group in self.groups for each in group]
        recorded: dict[int, str] = {}
        if self.request.after.seq and self.request.after.seq == last.seq:
            recorded = {last.seq: last.id or ""}
        elif self.request.after.seq < last.seq:
            recorded = self._recorded_ids(self.request.after.seq, self.request.after.seq + len(pushed))
        return count_known(self.request.after, pushed, last, recorded)

    def _recorded_ids(self, first: int, through: int) -> dict[int, str]:
        lane = {"device": self.author.device, "incarnation": self.request.incarnation, "lane": self.request.lane}
        rows = self.connection.execute(_LANE_IDS, {**lane, "first": first, "through": through})
        return {row.seq: row.id for row in rows}

    def _recorded_outcomes(self, known: int) -> dict[str, MutationOutcome]:
        if not known:
            return {}
        ids = [each.mutation.id for group in self.groups for each in group][:known]
        return {row.id: self._outcome(row, final) for row, final in self._ledger_rows(ids)}

    @cached_property
    def _naming_erased(self) -> set[str]:
        """The mutations of this push that are about erased records: sent again, they end as erased."""
        sent = [each.mutation for group in self.groups for each in group if isinstance(each.mutation, Mutation)]
        about = {name for each in sent for name in (each.record, *belongs_to(self.types, each))}
        erased = erased_among(self.connection, about)
        return {each.id for each in sent if names_erased(self.types, each, erased)} if erased else set()

    def _outcome(self, first: Row[Any], final: Row[Any]) -> MutationOutcome:
        if first.id in self._naming_erased:
            return outcome_from(first.id, rejected(ERASED), final.commit_number)
        return outcome_of(final, id_=first.id)

    def _ledger_rows(self, ids: Sequence[str]) -> list[tuple[Row[Any], Row[Any]]]:
        """Return the first row of each mutation that is known, and the row that says what has become of it since."""
        rows = self.connection.execute(_FIRST_ROWS, {"ids": ids}).all()
        waited = [row.id for row in rows if row.outcome in UNFINISHED]
        later = latest_of(self.connection, waited) if waited else {}
        return [(row, later.get(row.id, row)) for row in rows]

    def _clock(self) -> int:
        return int(self.connection.execute(_CLOCK).scalar_one())

    def _apply(self, new: Sequence[Sequence[Arrived]], outcomes: dict[str, MutationOutcome]) -> int:
        """Decide and write the new mutations; add their outcomes."""
        rows = self._ledger_rows([each.mutation.id for group in new for each in group])
        seen = {first.id: (first, final) for first, final in rows}
        fresh = [[each for each in group if each.mutation.id not in seen] for group in new]
        transaction = Transaction(self.connection, self.types)
        batch = Batch(self.writer, self.receipt, self.request.lane, self.request.schema, [g for g in fresh if g])
        decisions = self._decide(transaction, batch)
        for again in (each for group in new for each in group if each.mutation.id in seen):
            outcomes[again.mutation.id] = self._again(transaction, batch, again, *seen[again.mutation.id])
        transaction.derive(self.derivations, self.receipt)
        commit = transaction.write()
        last = new[-1][-1].mutation
        write_lane(self.connection, self.author.device, self.request.incarnation, self.request.lane, last.seq, last.id)
        arrived = [each for group in batch.groups for each in group]
        for each, decision in zip(arrived, decisions, strict=True):
            outcomes[each.mutation.id] = outcome_from(each.mutation.id, decision, commit)
        return release(self.connection, self.types, self.derivations, transaction.created(), self.now) or commit

    def _decide(self, transaction: Transaction, batch: Batch) -> list[Decision]:
        if not self.refuse:
            return transaction.decide(batch)
        refusals = [rejected("internal_error") for group in batch.groups for _ in group]
        for position, each in enumerate(each for group in batch.groups for each in group):
            transaction.ledger.append(ledger_entry(batch, each, refusals[position], 0))
        return refusals

    def _again(
        self, transaction: Transaction, batch: Batch, again: Arrived, first: Row[Any], final: Row[Any]
    ) -> MutationOutcome:
        """Give a resent mutation its new place and what became of it; an id of another device is refused."""
        if first.device == self.author.device:
            decision = Decision(Outcome(final.outcome), final.code, waits_for=final.waits_for)
            decision = rejected(ERASED) if first.id in self._naming_erased else decision
            outcome = self._outcome(first, final)
        else:
            decision = rejected("already_exists")
            outcome = outcome_from(again.mutation.id, decision, first.commit_number)
        entry = ledger_entry(batch, again, decision, len(transaction.ledger), repeat=True)
        # What an erasure emptied under the name of another record does not come back with a log sent anew.
        transaction.ledger.append(replace(entry, kept=entry.kept and not first.emptied))
        return outcome


def clock_offset_ms(sent_at: str, now: datetime) -> int | None:
    """Return how far a device's clock is behind the server's, in ms; ``None`` when it says nothing sensible."""
    sent = parsed(sent_at)
    if sent is None:
        return None
    offset = int((now - sent).total_seconds() * 1000)
    return offset if abs(offset) <= CLOCK_OFFSET_MS_MAX else None


def outcome_of(row: Row[Any], *, id_: str) -> MutationOutcome:
    """Return the outcome that a ledger row records, as that of the mutation it continues."""
    return MutationOutcome(
        id=id_,
        outcome=row.outcome,
        commit=row.commit_number,
        code=row.code,
        errors=row.detail.get("errors", {}),
        conflicts=[ConflictReference(**each) for each in row.detail.get("conflicts", [])],
        waits_for=row.waits_for,
    )


def outcome_from(identifier: str, decision: Decision, commit: int) -> MutationOutcome:
    """Return the outcome of a decision just written."""
    return MutationOutcome(
        id=identifier,
        outcome=decision.outcome.value,
        commit=commit,
        code=decision.code,
        errors=dict(decision.errors or {}),
        conflicts=list(decision.conflicts),
        waits_for=decision.waits_for,
    )
