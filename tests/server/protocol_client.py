"""A device at the level of the protocol: says exactly what the test writes, keeps what the server answers."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from typing import Any

import msgspec
from sqlalchemy import insert

from schemas.base import RecordType
from schemas.records import RECORD_TYPES
from server.auth.grants import buckets_of
from server.derivations import DERIVATIONS
from server.ids import new_id
from server.models.engine import make_engine, writing
from server.models.identity import device as device_table
from server.models.identity import role_assignment
from server.models.identity import user as user_table
from server.models.sync_tables import bucket_grant
from server.store import Author, Store
from server.store.clock import take
from sync.checksum import Checksum
from sync.instants import rfc3339
from sync.messages import MutationOutcome, PageLimit, Position, PullReply, PullRequest, PushReply, PushRequest
from sync.version import PROTOCOL_VERSION, SCHEMA_VERSION

NOW = datetime(2026, 11, 23, 3, 0, tzinfo=UTC)
REFERENCE_NUMBER = "reference_number"


@dataclass
class Centre:
    """A store with people in it."""

    store: Store
    now: datetime = NOW

    def enrol(self, role: str, scope: str, *, districts: tuple[str, ...] = ("5401", "5402", "5406")) -> "Phone":
        """Give a new person a role and a device."""
        user, device = new_id(), new_id()
        at = rfc3339(self.now)
        with writing(self.store.engine) as connection:
            connection.execute(
                insert(user_table), {"id": user, "username": user, "display_name": "ทดสอบ", "created_at": at}
            )
            connection.execute(insert(role_assignment), {"user": user, "role": role, "scope": scope, "granted_at": at})
            connection.execute(
                insert(device_table),
                {
                    "id": device,
                    "user": user,
                    "name": "เครื่องทดสอบ",
                    "platform": "test",
                    "client_version": "1",
                    "enrolled_at": at,
                    "last_contact_at": at,
                },
            )
            commit = take(connection)
            keys = sorted(buckets_of(role, scope, user, districts=districts, home="5401"))
            connection.execute(insert(bucket_grant), [{"user": user, "bucket": key, "since": commit} for key in keys])
        return Phone(self, Author(user, device, frozenset({role})), self.store.epoch())


@dataclass
class Phone:
    """One device of one person; a mirror of what it has received."""

    centre: Centre
    author: Author
    epoch: str
    incarnation: str = field(default_factory=new_id)
    last: Position = field(default_factory=lambda: Position(0))
    rows: dict[str, tuple[str, int, dict[str, Any]]] = field(default_factory=dict)
    membership: set[tuple[str, str]] = field(default_factory=set)
    checkpoint: dict[str, tuple[int, str | None]] = field(default_factory=dict)
    last_pull: PullReply | None = None
    contacted_at: str | None = None
    schema: int = SCHEMA_VERSION

    def mutation(self, **parts: Any) -> dict[str, Any]:
        """Return a mutation without its place in the lane."""
        base = {"id": new_id(), "recorded_at": rfc3339(self.centre.now), "contacted_at": self.contacted_at}
        return {**base, **{name: value for name, value in parts.items() if value is not None}}

    def create(self, type_name: str, record: str | None = None, **data: Any) -> dict[str, Any]:
        """Return a create."""
        return self.mutation(op="create", type=type_name, record=record or new_id(), data=data)

    def update(self, type_name: str, record: str, base: int, **edits: Any) -> dict[str, Any]:
        """Return an update; ``edits`` are set, add, remove, resolves."""
        return self.mutation(op="update", type=type_name, record=record, base=base, **edits)

    def delete(self, type_name: str, record: str, base: int) -> dict[str, Any]:
        """Return a delete."""
        return self.mutation(op="delete", type=type_name, record=record, base=base)

    def request(self, *groups: list[dict[str, Any]], after: Position | None = None, **parts: Any) -> PushRequest:
        """Return a push of groups, numbered after ``after`` (default: the last acknowledged)."""
        after = after or self.last
        seq = after.seq
        numbered: list[list[msgspec.Raw]] = []
        for group in groups:
            raws = []
            for each in group:
                seq += 1
                raws.append(msgspec.Raw(msgspec.json.encode({"seq": seq, **each})))
            numbered.append(raws)
        base: dict[str, Any] = {
            "protocol": PROTOCOL_VERSION,
            "epoch": self.epoch,
            "device": self.author.device,
            "incarnation": self.incarnation,
            "lane": "normal",
            "schema": self.schema,
            "after": after,
            "sent_at": rfc3339(self.centre.now),
            "groups": numbered,
        }
        return PushRequest(**{**base, **parts})

    def send(self, request: PushRequest) -> PushReply:
        """Send a request as it is."""
        return self.centre.store.push(self.author, request, self.centre.now)

    def push(self, *groups: list[dict[str, Any]]) -> list[MutationOutcome]:
        """Push groups and move on; return the outcomes."""
        reply = self.send(self.request(*groups))
        if groups:
            self.last = Position(reply.applied_through, groups[-1][-1]["id"])
        self.contacted_at = reply.server_time
        return reply.outcomes

    def pull(self, *, rows: int = 2_000) -> "Phone":
        """Pull until complete, apply every page, and check the checksums."""
        while not self.pull_page(rows=rows).complete:
            pass
        assert self.last_pull is not None
        assert self.checksums() == {key: (count, total) for key, (_, count, total) in self.last_pull.checksums.items()}
        return self

    def pull_page(self, *, rows: int = 2_000) -> PullReply:
        """Pull one page and apply it."""
        request = PullRequest(
            protocol=PROTOCOL_VERSION,
            epoch=self.epoch,
            device=self.author.device,
            schema=self.schema,
            checkpoint=self.checkpoint,
            limit=PageLimit(rows=rows, bytes=4_000_000),
        )
        reply = self.centre.store.pull(self.author, request, self.centre.now)
        self._apply(msgspec.json.decode(msgspec.json.encode(reply), type=PullReply))
        self.contacted_at = reply.server_time
        return reply

    def _apply(self, reply: PullReply) -> None:
        for key in reply.drop:
            self.membership = {pair for pair in self.membership if pair[0] != key}
        for table in reply.tables:
            for identifier, version, buckets, values in table.put:
                data = {name: value for name, value in zip(table.fields, values, strict=True) if value is not None}
                self.rows[identifier] = (table.type, version, data)
                self.membership |= {(key, identifier) for key in buckets}
            for identifier, _, key, _ in table.gone:
                self.membership.discard((key, identifier))
        kept = {identifier for _, identifier in self.membership}
        self.rows = {identifier: row for identifier, row in self.rows.items() if identifier in kept}
        self.checkpoint = dict(reply.checkpoint)
        self.last_pull = reply

    def checksums(self) -> dict[str, tuple[int, str]]:
        """Return (count, sum) of every bucket that the device holds."""
        sums = {key: Checksum() for key in self.checkpoint}
        for key, identifier in self.membership:
            sums[key] = sums[key].plus(identifier, self.rows[identifier][1])
        return {key: (each.count, each.hex) for key, each in sums.items()}

    def data(self, record: str) -> Mapping[str, Any]:
        """Return what the device holds of a record."""
        return self.rows[record][2]

    def version(self, record: str) -> int:
        """Return the version of a record that the device holds."""
        return self.rows[record][1]

    def conflicts(self) -> list[Mapping[str, Any]]:
        """Return the conflicts that the device holds."""
        return [data for kind, _, data in self.rows.values() if kind == "conflict"]

    def later(self, **span: float) -> None:
        """Let time pass at the centre."""
        self.centre.now += timedelta(**span)


def open_store(url: str, types: Mapping[str, RecordType] = RECORD_TYPES) -> Store:
    """Open the store on a migrated database."""
    return Store(make_engine(url), types, DERIVATIONS)
