"""The door to the central store: what requests, jobs and commands may ask of it."""

from collections.abc import Callable, Collection, Iterator, Mapping, Sequence
from datetime import datetime
from typing import Any, TypeVar

from sqlalchemy import Engine, Row, select
from sqlalchemy.exc import IntegrityError

from schemas.base import RecordType
from server.ids import new_id
from server.models.engine import reading as snapshot
from server.models.engine import writing
from server.models.sync_tables import record
from server.store import views
from server.store.arrival import Batch, Opener, by_centre
from server.store.author import Author
from server.store.epochs import current_epoch
from server.store.joints import Joint, joint_of
from server.store.loading import read_records
from server.store.pull import pull
from server.store.push import Pusher, outcome_from
from server.store.release import release
from server.store.settling import Decider, Settling
from server.store.transaction import CENTRE, Derivation, Transaction, centre
from server.store.unfinished import OPEN, unfinished
from server.store.views import RecordView, Scope
from sync.conflicts import as_edit
from sync.errors import NotPermitted
from sync.instants import rfc3339
from sync.messages import MutationOutcome, PullReply, PullRequest, PushReply, PushRequest
from sync.mutation import Mutation, Op, Resolve
from sync.state import Receipt

T = TypeVar("T")

SETTLING_ATTEMPTS = 3


class Store:
    """The central store on one engine."""

    def __init__(
        self,
        engine: Engine,
        types: Mapping[str, RecordType],
        derivations: Sequence[Derivation] = (),
        opener: Opener | None = None,
    ) -> None:
        """Keep the engine, the declared types, and the domain rules that follow up on every commit.

        ``opener``: opens what devices sealed to the centre.
        """
        self.engine = engine
        self.types = types
        self.derivations = derivations
        self._pusher = Pusher(engine, types, derivations, opener)

    def push(self, author: Author, request: PushRequest, now: datetime) -> PushReply:
        """Apply a device's push exactly once.

        :raises ProtocolError: when it is refused as a whole.
        """
        return self._pusher.push(author, request, now)

    def pull(self, author: Author, request: PullRequest, now: datetime) -> PullReply:
        """Return the next page of what a device may hold.

        :raises EpochChanged: the store was restored since.
        """
        return pull(self.engine, self.types, author, request, now)

    def write(
        self, groups: Sequence[Sequence[Mutation]], now: datetime, *, user: str = CENTRE
    ) -> list[MutationOutcome]:
        """Apply mutations that the centre makes, for a member of staff or of itself, as one commit."""
        if not groups:
            return []
        receipt = Receipt(now)
        with writing(self.engine) as connection:
            transaction = Transaction(connection, self.types)
            batch = Batch(centre(user), receipt, CENTRE, transaction.history.current, by_centre(groups))
            decisions = transaction.decide(batch)
            transaction.derive(self.derivations, receipt)
            commit = transaction.write()
            release(connection, self.types, self.derivations, transaction.created(), now)
        mutations = [each for group in groups for each in group]
        return [outcome_from(each.id, decision, commit) for each, decision in zip(mutations, decisions, strict=True)]

    def create(
        self,
        records: Sequence[tuple[str, str, Mapping[str, Any]]],
        now: datetime,
        *,
        user: str = CENTRE,
        ids: Callable[[], str] = new_id,
    ) -> list[MutationOutcome]:
        """Create (type, id, data) records as the centre, in one commit."""
        at = rfc3339(now)
        return self.write(
            [
                [Mutation(0, ids(), Op.CREATE, type_name, identifier, at, data=dict(data))]
                for type_name, identifier, data in records
            ],
            now,
            user=user,
        )

    def read(self, scope: Scope, identifier: str) -> RecordView | None:
        """Return one record as a scope may see it; ``None`` when it is not there or not theirs."""
        with snapshot(self.engine) as connection:
            return views.read(connection, self.types, scope, identifier)

    def read_among(self, scope: Scope, ids: Collection[str]) -> list[RecordView]:
        """Return those of some records that a scope may see and that are neither deleted nor merged."""
        with snapshot(self.engine) as connection:
            return views.read_among(connection, self.types, scope, ids)

    def versions(self, ids: Collection[str]) -> dict[str, int]:
        """Return the versions of those of some records that are there."""
        query = select(record.c.id, record.c.version).where(record.c.id.in_(ids))
        with snapshot(self.engine) as connection:
            return {row.id: row.version for row in connection.execute(query)}

    def exists(self, identifier: str) -> bool:
        """Tell whether there is such a record, whoever may see it."""
        with snapshot(self.engine) as connection:
            return bool(read_records(connection, [identifier]))

    def find(self, scope: Scope, type_name: str, **conditions: Any) -> list[RecordView]:
        """Return live records of a type in id order; see ``views.find`` for the conditions."""
        with snapshot(self.engine) as connection:
            return views.find(connection, self.types, scope, type_name, **conditions)

    def history(self, scope: Scope, identifier: str) -> list[dict[str, Any]]:
        """Return every edit of a record, oldest first, as a scope may see it."""
        with snapshot(self.engine) as connection:
            if views.read(connection, self.types, scope, identifier) is None:
                return []
            rows: Iterator[dict[str, Any]] = views.history(connection, self.types, scope, identifier)
            return list(rows)

    def unfinished(self, *, state: str = OPEN, after: tuple[int, int] = (0, 0), limit: int = 100) -> Sequence[Row[Any]]:
        """Return rejected and held mutations, whole; ``after``: (commit, position) of the last one seen."""
        with snapshot(self.engine) as connection:
            return unfinished(connection, state=state, after=after, limit=limit)

    def settle(self, decider: Decider, now: datetime, act: Callable[[Settling], T]) -> T:
        """Let staff settle refused or waiting mutations, in one write transaction; again where somebody came between.

        :raises ProtocolError: what ``act`` is refused with; nothing is written then.
        """
        for attempt in range(SETTLING_ATTEMPTS):
            try:
                with writing(self.engine) as connection:
                    return act(Settling(connection, self.types, self.derivations, decider, now))
            except IntegrityError:
                if attempt == SETTLING_ATTEMPTS - 1:
                    raise
        raise AssertionError("unreachable")

    def conflicts(self, scope: Scope, *, status: str = "open", **conditions: Any) -> list[RecordView]:
        """Return the conflicts that a scope may see."""
        return self.find(scope, "conflict", status=status, **conditions)

    def resolve(
        self,
        scope: Scope,
        user: str,
        conflict: str,
        value: Any,
        reason: str,
        now: datetime,
        *,
        seen: Sequence[str],
        base: int,
    ) -> MutationOutcome:
        """Decide a conflict for good: set the contested field (or group, as an object) and say why.

        ``seen``: the ids of the contenders' mutations that the decider saw. ``base``: the record version they saw.
        :raises NotPermitted: the conflict is not theirs to see.
        :raises ValidationFailed: it cannot be decided so; see ``as_edit``.
        """
        found = self.read(scope, conflict)
        if found is None or found.type != "conflict" or "contenders" not in found.data:
            raise NotPermitted
        target = self.read(scope, found.data["record"])
        if target is None:
            raise NotPermitted
        kind = self.types[target.type]
        edit = as_edit(kind, found.data["field"], target.data, value, deleted=target.deleted)
        mutation = Mutation(
            seq=0,
            id=new_id(),
            type=target.type,
            record=target.id,
            recorded_at=rfc3339(now),
            base=base,
            resolves=[Resolve(conflict, list(seen), reason)],
            **edit,
        )
        return self.write([[mutation]], now, user=user)[0]

    def joint(self, identifier: str) -> Joint | None:
        """Return how a record was merged into another; ``None`` where it is not."""
        with snapshot(self.engine) as connection:
            return joint_of(connection, identifier)

    def epoch(self) -> str:
        """Return the current epoch."""
        with snapshot(self.engine) as connection:
            return current_epoch(connection)
