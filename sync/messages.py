"""The bodies of push and pull, one type per message. msgspec decodes and checks them; unknown keys are ignored.

A mutation travels as ``Raw`` so that one that is not well formed is refused alone, and each is kept to the byte.
"""

from typing import Annotated, Any

import msgspec

from sync.mutation import ClockText, Number, Outcome, TypeName, Uuid

Lane = Annotated[str, msgspec.Meta(extra_json_schema={"enum": ["urgent", "normal"]})]
"""``sync.sequence.LANES``: anything else is refused with its own code, not as a body that cannot be read."""

OutcomeName = Annotated[str, msgspec.Meta(extra_json_schema={"enum": [each.value for each in Outcome]})]


class Position(msgspec.Struct, frozen=True):
    """A place in a lane: the last mutation's sequence number and id; seq 0 with no id is the beginning."""

    seq: Number
    id: Uuid | None = None


class PushRequest(msgspec.Struct, frozen=True):
    """What a device sends: groups of mutations, each group one press of Save."""

    protocol: int
    epoch: Uuid
    device: str
    incarnation: Uuid
    lane: Lane
    schema: int
    after: Position
    sent_at: ClockText
    groups: list[list[msgspec.Raw]] = []


class ConflictReference(msgspec.Struct, frozen=True):
    """Which field (or field group) is contested, and the conflict record that keeps both values."""

    field: str
    record: str


class MutationOutcome(msgspec.Struct, frozen=True, omit_defaults=True):
    """What became of one mutation. ``commit``: of the transaction that gave it."""

    id: str
    outcome: OutcomeName
    commit: Number
    code: str | None = None
    errors: dict[str, list[dict[str, Any]]] = {}
    conflicts: list[ConflictReference] = []
    waits_for: str | None = None


class Limits(msgspec.Struct, frozen=True):
    """The most one push may hold."""

    mutations: Annotated[int, msgspec.Meta(ge=1)] = 500
    bytes: Annotated[int, msgspec.Meta(ge=4_096)] = 1_048_576


class PushReply(msgspec.Struct, frozen=True):
    """What the server did, written after its commit."""

    epoch: str
    applied_through: Number
    safe_through: Number
    commit: Number
    server_time: str
    outcomes: list[MutationOutcome]
    limits: Limits = Limits()
    retry_after_ms: int = 0


Cursor = tuple[Number, Uuid | None]
"""(commit number, last record id of it that arrived); ``None`` means all of that commit."""


class PageLimit(msgspec.Struct, frozen=True):
    """How large a page the device wants."""

    rows: int = 2_000
    bytes: int = 524_288


class PullRequest(msgspec.Struct, frozen=True):
    """Where the device stands in each bucket it holds. ``count`` asks for ``remaining`` (once, on the first page)."""

    protocol: int
    epoch: Uuid
    device: str
    schema: int
    checkpoint: dict[str, Cursor] = {}
    limit: PageLimit = PageLimit()
    count: bool = False


Put = tuple[str, Number, list[str], list[Any]]
"""(record id, version, buckets that bring it, values in the order of the table's ``fields``)."""

Gone = tuple[str, Number, str, Annotated[str, msgspec.Meta(extra_json_schema={"enum": ["moved", "deleted", "erased"]})]]
"""(record id, commit, bucket, why: ``moved`` | ``deleted`` | ``erased``)."""


class Table(msgspec.Struct, frozen=True):
    """The rows of one record type on a page."""

    type: str
    fields: list[str]
    put: list[Put] = []
    gone: list[Gone] = []


class PullReply(msgspec.Struct, frozen=True, omit_defaults=True):
    """One page. At the end ``complete`` is true and ``checksums`` has (commit, count, hex sum) of every bucket."""

    epoch: str
    commit: Number
    server_time: str
    checkpoint: dict[str, Cursor]
    add: list[str] = []
    drop: list[str] = []
    tables: list[Table] = []
    remaining: Number | None = None
    complete: bool = False
    checksums: dict[str, tuple[Number, Number, str]] = {}


BucketContent = tuple[Number, Annotated[str, msgspec.Meta(pattern="^[0-9a-f]{16}(?!\\n)$")]]
"""(how many records, sum of their content hashes as 16 hexadecimal digits)."""


class CheckRequest(msgspec.Struct, frozen=True):
    """The content of some buckets as a device holds it after a complete pull that ended at ``commit``."""

    protocol: int
    epoch: Uuid
    device: str
    schema: int
    commit: Number
    buckets: dict[str, BucketContent]


class CheckReply(msgspec.Struct, frozen=True):
    """For each bucket ``equal``, ``differs``, or ``moved_on`` (the centre changed it since: check after a pull)."""

    epoch: str
    commit: Number
    server_time: str
    buckets: dict[str, Annotated[str, msgspec.Meta(extra_json_schema={"enum": ["equal", "differs", "moved_on"]})]]


class Witness(msgspec.Struct, frozen=True):
    """One row that a device holds from before a restore, and that the centre did not bring back."""

    record: Uuid
    type: TypeName
    version: Number
    data: dict[str, Any]
    epoch: Uuid


class WitnessRequest(msgspec.Struct, frozen=True):
    """Rows that a restored centre may have lost."""

    protocol: int
    epoch: Uuid
    device: str
    schema: int
    witnesses: list[Witness]


class WitnessReply(msgspec.Struct, frozen=True):
    """A receipt. What became of each row is for staff alone to know: it must not tell what the centre has."""

    epoch: str
    server_time: str
    received: int
