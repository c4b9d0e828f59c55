"""How the device stands: what waits, what was refused, when the centre was last heard. Real counts only."""

from dataclasses import asdict, dataclass
from typing import Any

from field_kit import carrying, files, log, notices
from field_kit.database import Database
from field_kit.identity import read_identity


@dataclass(frozen=True, slots=True)
class Standing:
    """The numbers behind the strip on the screen."""

    user: str
    device: str
    device_name: str | None
    server_url: str
    waiting: int
    urgent_waiting: int
    awaiting_pull: int
    files_waiting: int
    files_arrived: int
    returned: int
    rejected: int
    held: int
    conflicts_open: int
    records: int
    buckets: int
    last_contact: str | None
    last_complete: str | None
    carried: int
    """Sealed parts of other people's work that wait here."""
    clock_offset_ms: int | None
    cancelled: str | None

    def as_dict(self) -> dict[str, Any]:
        """Return the numbers as plain data."""
        return asdict(self)


def standing(database: Database) -> Standing:
    """Count what the device holds."""
    with database.snapshot():
        identity = read_identity(database)
        waiting, (files_waiting, files_arrived) = log.counts(database), files.counts(database)
        refused = f"SELECT outcome, code = 'returned', count(*) FROM mutation WHERE {notices.REFUSED} GROUP BY 1, 2"
        outcomes = {(outcome, bool(returned)): count for outcome, returned, count in database.rows(refused)}
        return Standing(
            user=str(identity.user.get("display_name") or identity.owner),
            device=identity.device,
            device_name=identity.device_name,
            server_url=identity.server_url,
            waiting=sum(waiting.values()),
            urgent_waiting=waiting["urgent"],
            awaiting_pull=database.value(
                f"SELECT count(*) FROM mutation WHERE state = 'answered' AND NOT ({log.WAITING})"
            ),
            files_waiting=files_waiting,
            files_arrived=files_arrived,
            returned=sum(count for (_, returned), count in outcomes.items() if returned),
            rejected=outcomes.get(("rejected", False), 0),
            held=outcomes.get(("held", False), 0),
            conflicts_open=database.value(
                "SELECT count(*) FROM record WHERE type = 'conflict' AND data ->> 'status' = 'open'"
            ),
            records=database.value("SELECT count(*) FROM record"),
            buckets=database.value("SELECT count(*) FROM checkpoint"),
            last_contact=identity.last_contact,
            last_complete=identity.last_complete,
            carried=carrying.waiting(database),
            clock_offset_ms=identity.clock_offset_ms,
            cancelled=identity.cancelled,
        )
