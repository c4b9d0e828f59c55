"""The centre's tables as they are, read past the product's own code, once per commit."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, NamedTuple, cast

import msgspec

from tests.server.placement_oracle import Places, places_of
from tests.simulation.headquarters import Headquarters


class Row(NamedTuple):
    """One row of the ledger."""

    rowid: int
    commit: int
    position: int
    group: int
    id: str
    repeat: bool
    device: str
    incarnation: str
    lane: str
    seq: int | None
    author: str
    op: str
    type: str
    record: str
    base: int
    outcome: str
    code: str | None
    detail: Mapping[str, Any]
    releases: str | None
    payload: str | None
    waits_for: str | None
    received_at: str

    @property
    def said(self) -> dict[str, Any]:
        """What the mutation said."""
        return dict(msgspec.json.decode(self.payload)) if self.payload else {}

    @property
    def sent_as(self) -> str:
        """The id under which its author sent it, however often it has waited since."""
        return str(self.said.get("id", self.releases or self.id))

    @property
    def accepted(self) -> bool:
        return self.outcome not in ("rejected", "held")


class Stored(NamedTuple):
    """One record."""

    id: str
    type: str
    owner: str
    version: int
    data: Mapping[str, Any]
    field_versions: Mapping[str, int]
    by_others: frozenset[str]
    deleted: bool
    merged_into: str | None


_LEDGER = """SELECT rowid, commit_number, position, group_position, id, repeat, device, incarnation, lane, seq, author,
    op, type, record, base, outcome, code, detail, releases, payload, waits_for, received_at FROM mutation
    WHERE rowid > ? ORDER BY commit_number, position"""
_RECORDS = """SELECT id, type, owner, version, data, field_versions, by_others, deleted, merged_into FROM record
    ORDER BY id"""
_decode = msgspec.json.decode


@dataclass
class Sight:
    """Reads again only when something was committed since."""

    headquarters: Headquarters

    def __post_init__(self) -> None:
        self._seen: dict[str, tuple[int, Any]] = {}

    def once(self, name: str, read: Any) -> Any:
        """Compute something again only when something was committed since."""
        commits = self.headquarters.commits
        if name not in self._seen or self._seen[name][0] != commits:
            self._seen[name] = (commits, read())
        return self._seen[name][1]

    @property
    def erased(self) -> frozenset[str]:
        """The records that were erased."""
        found = self.once(
            "erased", lambda: frozenset(row[0] for row in self.headquarters.rows("SELECT record FROM erasure"))
        )
        return cast(frozenset[str], found)

    @property
    def ledger(self) -> list[Row]:
        """The whole ledger in order."""
        return cast(list[Row], self.once("ledger", self._read_ledger))

    @property
    def ledger_ids(self) -> frozenset[str]:
        """The ids of all that ever arrived."""
        return cast(frozenset[str], self.once("ids", lambda: frozenset(row.id for row in self.ledger)))

    @property
    def records(self) -> Mapping[str, Stored]:
        """Every record, deleted ones too."""
        return cast(Mapping[str, Stored], self.once("records", self._read_records))

    @property
    def feed(self) -> Mapping[str, frozenset[str]]:
        """Record -> the buckets it lies in, as the feed says."""
        return cast(Mapping[str, frozenset[str]], self.once("feed", self._read_feed))

    @property
    def places(self) -> Places:
        """Live record -> the buckets in which it has to lie, computed from the whole data."""
        return cast(Places, self.once("places", self._compute_places))

    @property
    def grants(self) -> Mapping[str, frozenset[str]]:
        """User -> the buckets they may hold now."""
        return cast(Mapping[str, frozenset[str]], self.once("grants", self._read_grants))

    @property
    def commit(self) -> int:
        """The last commit number."""
        return int(self.once("commit", lambda: self.headquarters.rows("SELECT value FROM sync_clock")[0][0]))

    @property
    def epoch(self) -> str:
        query = "SELECT id FROM sync_epoch ORDER BY position DESC LIMIT 1"
        return str(self.once("epoch", lambda: self.headquarters.rows(query)[0][0]))

    def _read_ledger(self) -> list[Row]:
        rows = self.headquarters.rows(_LEDGER, (0,))
        return [Row(*row[:5], bool(row[5]), *row[6:17], _decode(row[17]), *row[18:]) for row in rows]

    def _read_records(self) -> dict[str, Stored]:
        return {
            row[0]: Stored(*row[:4], _decode(row[4]), _decode(row[5]), frozenset(_decode(row[6])), bool(row[7]), row[8])
            for row in self.headquarters.rows(_RECORDS)
        }

    def _read_feed(self) -> dict[str, frozenset[str]]:
        found: dict[str, set[str]] = {}
        for bucket, record in self.headquarters.rows("SELECT bucket, record FROM bucket_entry WHERE live"):
            found.setdefault(record, set()).add(bucket)
        return {record: frozenset(buckets) for record, buckets in found.items()}

    def _compute_places(self) -> Places:
        closed = [tuple(row) for row in self.headquarters.rows("SELECT carrier, carried FROM carry WHERE NOT granted")]
        last: dict[str, set[str]] = {}
        for bucket, record in self.headquarters.rows("SELECT bucket, record FROM bucket_entry WHERE why = 'deleted'"):
            if self.records[record].deleted:
                last.setdefault(record, set()).add(bucket)
        return places_of(self.records, closed, {record: frozenset(buckets) for record, buckets in last.items()})

    def _read_grants(self) -> dict[str, frozenset[str]]:
        found: dict[str, set[str]] = {}
        for user, bucket in self.headquarters.rows('SELECT "user", bucket FROM bucket_grant WHERE until IS NULL'):
            found.setdefault(user, set()).add(bucket)
        return {user: frozenset(buckets) for user, buckets in found.items()}
