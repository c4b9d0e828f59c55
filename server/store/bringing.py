"""Bring an author's mutations by another way than their device's push: what a hand-carried file holds, exactly once.

They enter the ledger as the author's own, of the incarnation that made them, but without a place in a lane. When the
device pushes the same ids later it gets the outcome that they had.
"""

import logging
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime

from sqlalchemy import Connection, Engine, select
from sqlalchemy.exc import DataError, DBAPIError, IntegrityError

from schemas.base import RecordType
from server.models.engine import writing
from server.models.identity import device
from server.models.sync_tables import mutation
from server.store.among import among
from server.store.arrival import Arrived, Batch
from server.store.release import release
from server.store.transaction import IMPORT, Derivation, Transaction, ledger_entry
from sync.decision import rejected
from sync.state import Receipt, Writer

log = logging.getLogger(__name__)

AT_ONCE_MAX = 500
"""Mutations in one commit; a larger group is one commit all the same."""

Groups = Sequence[Sequence[Arrived]]


@dataclass
class Brought:
    """What became of what was brought. ``known``: how many the centre had already."""

    known: int = 0
    outcomes: dict[str, int] = field(default_factory=dict)

    def count(self, outcome: str) -> None:
        """Add one."""
        self.outcomes[outcome] = self.outcomes.get(outcome, 0) + 1


@dataclass(frozen=True, slots=True)
class Bringer:
    """Brings groups of one author to one store, in their order, several in a commit."""

    engine: Engine
    types: Mapping[str, RecordType]
    derivations: Sequence[Derivation]
    writer: Writer
    receipt: Receipt
    schema: int

    def bring(self, groups: Groups) -> Brought:
        """Apply what is new. Stopped anywhere and begun again, nothing is done twice."""
        brought = Brought()
        for some in _portions(groups):
            self._portion(some, brought)
        return brought

    def _portion(self, groups: Groups, brought: Brought) -> None:
        """Apply groups as one commit; one that the database itself refuses costs only itself."""
        try:
            self._once(groups, brought)
        except (IntegrityError, DataError) as refusal:
            log.warning("the database refused %d brought groups (%s)", len(groups), type(refusal.orig).__name__)
            self._bisected(groups, brought)

    def _bisected(self, groups: Groups, brought: Brought) -> None:
        if len(groups) > 1:
            middle = len(groups) // 2
            for half in (groups[:middle], groups[middle:]):
                self._portion(half, brought)
            return
        try:
            self._once(groups, brought)
        except DBAPIError:
            self._once(groups, brought, refuse=True)

    def _once(self, groups: Groups, brought: Brought, *, refuse: bool = False) -> None:
        """Run one transaction; what it did counts once it has committed."""
        with writing(self.engine) as connection:
            known, outcomes = _One(self, connection).apply(groups, refuse=refuse)
        brought.known += known
        for outcome in outcomes:
            brought.count(outcome)

    @property
    def now(self) -> datetime:
        """When they were brought."""
        return self.receipt.received_at


@dataclass(frozen=True, slots=True)
class _One:
    """One commit of brought groups."""

    bringer: Bringer
    connection: Connection

    def apply(self, groups: Groups, *, refuse: bool) -> tuple[int, list[str]]:
        """Decide and write what is new; return how many were known, and the outcomes of the others."""
        about, connection = self.bringer, self.connection
        # the device itself may be pushing the same ids at this moment
        connection.execute(select(device.c.id).where(device.c.id == about.writer.device).with_for_update())
        known = self._known(groups)
        fresh = [new for group in groups if (new := [each for each in group if each.mutation.id not in known])]
        count = sum(map(len, groups)) - sum(map(len, fresh))
        return count, self._write(Batch(about.writer, about.receipt, IMPORT, about.schema, fresh), refuse=refuse)

    def _known(self, groups: Groups) -> set[str]:
        ids = [each.mutation.id for group in groups for each in group]
        query = select(mutation.c.id).where(among(mutation.c.id, ids), ~mutation.c.repeat)
        return set(self.connection.execute(query).scalars())

    def _write(self, batch: Batch, *, refuse: bool) -> list[str]:
        if not batch.groups:
            return []
        about = self.bringer
        transaction = Transaction(self.connection, about.types)
        if refuse:
            decisions = [rejected("internal_error") for group in batch.groups for _ in group]
            arrived = [each for group in batch.groups for each in group]
            for each, decision in zip(arrived, decisions, strict=True):
                transaction.ledger.append(ledger_entry(batch, each, decision, 0))
        else:
            decisions = transaction.decide(batch)
        transaction.derive(about.derivations, about.receipt)
        transaction.write()
        release(self.connection, about.types, about.derivations, transaction.created(), about.now)
        return [decision.outcome.value for decision in decisions]


def _portions(groups: Groups) -> Sequence[Groups]:
    """Return groups in portions of at most ``AT_ONCE_MAX`` mutations, whole groups each."""
    portions: list[list[Sequence[Arrived]]] = []
    size = AT_ONCE_MAX
    for group in groups:
        if size + len(group) > AT_ONCE_MAX:
            portions.append([])
            size = 0
        portions[-1].append(group)
        size += len(group)
    return portions
