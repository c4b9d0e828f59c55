"""A phone that keeps its whole log and recovers from a new epoch, exactly as docs/protocol.md says in section 2."""

from dataclasses import dataclass, field
from typing import Any

from server.ids import new_id
from sync.errors import EpochChanged
from sync.messages import MutationOutcome, Position
from tests.acceptance.http_phone import HttpPhone

RECOVERIES_MAX = 3
AT_ONCE = 100


@dataclass(eq=False)
class Officer:
    """Somebody with a phone. ``log``: what the phone still has of what was recorded on it, oldest first; ``sent``: how
    much of it is answered; ``pruned``: how much went before it; ``made``: the ids of everything ever recorded.
    """

    phone: HttpPhone
    log: list[dict[str, Any]] = field(default_factory=list)
    sent: int = 0
    pruned: int = 0
    made: list[str] = field(default_factory=list)
    last_visit: str | None = None
    outcomes: dict[str, MutationOutcome] = field(default_factory=dict)
    recoveries: int = 0

    def record(self, mutation: dict[str, Any]) -> str:
        """Save an edit, without any network; return the id of its record."""
        self.log.append(mutation)
        self.made.append(mutation["id"])
        return str(mutation["record"])

    def sync(self) -> "Officer":
        """Send what waits and fetch what is new; after a restore of the centre recover first."""
        for _ in range(RECOVERIES_MAX):
            try:
                self._exchange()
            except EpochChanged as changed:
                self._recover(str(changed.extra["epoch"]), int(changed.extra["restored_to"]))
            else:
                return self
        raise AssertionError("the centre sends the phone from epoch to epoch")

    def forget(self) -> int:
        """Ask how much a verified backup covers, drop that from the log, and say how much that was."""
        covered = self.phone.send(self.phone.request()).safe_through - self.pruned
        assert covered <= self.sent
        del self.log[:covered]
        self.sent, self.pruned = self.sent - covered, self.pruned + covered
        return covered

    def _exchange(self) -> None:
        while self.sent < len(self.log):
            waiting = self.log[self.sent : self.sent + AT_ONCE]
            for outcome in self.phone.push(*([each] for each in waiting)):
                self.outcomes[outcome.id] = outcome
            self.sent += len(waiting)
        self._pull()

    def _pull(self) -> None:
        """Fetch what is new, and a bucket from the beginning where the checksums differ."""
        phone = self.phone
        while not phone.pull_page().complete:
            pass
        assert phone.last_pull is not None
        said = {key: (count, total) for key, (_, count, total) in phone.last_pull.checksums.items()}
        for key in [key for key, mine in phone.checksums().items() if mine != said[key]]:
            assert self.recoveries, "only a restore may make them differ"
            del phone.checkpoint[key]
            phone.membership = {pair for pair in phone.membership if pair[0] != key}
        phone.pull()

    def _recover(self, epoch: str, restored_to: int) -> None:
        phone = self.phone
        phone.epoch, phone.incarnation, phone.last = epoch, new_id(), Position(0)
        self.sent, self.pruned, self.outcomes = 0, 0, {}
        self.recoveries += 1
        for each in self.log:
            if each.get("base", 0) > restored_to:
                each["base"] = restored_to
        gone = {id_ for id_, (_, version, _) in phone.rows.items() if version > restored_to}
        phone.rows = {id_: row for id_, row in phone.rows.items() if id_ not in gone}
        phone.membership = {pair for pair in phone.membership if pair[1] not in gone}
        phone.checkpoint = {
            key: (restored_to, None) if commit > restored_to else (commit, record)
            for key, (commit, record) in phone.checkpoint.items()
        }
