"""One edit made on one device, as it travels and as it is kept."""

from enum import StrEnum
from typing import Annotated, Any

import msgspec

Uuid = Annotated[str, msgspec.Meta(pattern="^[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}(?!\\n)$")]
"""A UUID in its one form: lower-case hexadecimal with hyphens. A bare ``$`` would let a line feed follow."""

Number = Annotated[int, msgspec.Meta(ge=0, le=(1 << 62) - 1)]
"""A sequence or commit number, as large as both databases hold it."""

TypeName = Annotated[str, msgspec.Meta(pattern="^[a-z_]{1,40}(?!\\n)$")]

ClockText = Annotated[str, msgspec.Meta(pattern="^[ -~]{1,40}(?!\\n)$")]
"""What a device's clock said. It may be nonsense, and is kept; it is short and printable."""

SchemaNumber = Annotated[int, msgspec.Meta(ge=1, le=1 << 20)]


class Op(StrEnum):
    """What a mutation does to its record."""

    CREATE = "create"
    UPDATE = "update"
    DELETE = "delete"
    MERGE = "merge"
    """The record is the same person or incident as ``into``: what is said of it from now on is said of that one."""
    UNMERGE = "unmerge"
    """They were two after all: the merge ``undoes`` is undone."""


class Outcome(StrEnum):
    """What became of a mutation. All but ``HELD`` are final."""

    APPLIED = "applied"
    MERGED = "merged"
    UNCHANGED = "unchanged"
    CONFLICTED = "conflicted"
    REJECTED = "rejected"
    HELD = "held"

    @property
    def accepted(self) -> bool:
        """Whether the edit took effect or is kept as a contender; a refused or waiting one makes its group so."""
        return self not in (Outcome.REJECTED, Outcome.HELD)


class Resolve(msgspec.Struct, frozen=True, omit_defaults=True):
    """A conflict that a mutation decides, the contenders its author saw, and why."""

    conflict: str
    contenders: list[str]
    reason: str


class Mutation(msgspec.Struct, frozen=True, omit_defaults=True):
    """One edit. ``set`` maps a field to [from, to]; ``base`` is the version its author's work began from."""

    seq: Number
    id: Uuid
    op: Op
    type: TypeName
    record: Uuid
    recorded_at: ClockText
    base: Number = 0
    data: dict[str, Any] = {}
    set: dict[str, tuple[Any, Any]] = {}
    add: dict[str, list[Any]] = {}
    remove: dict[str, list[Any]] = {}
    resolves: list[Resolve] = []
    assumed: list[str] = []
    """Date fields that the device filled from its clock; the server corrects them by the clock's offset."""
    contacted_at: ClockText | None = None
    """The server's time at the last contact the device had had when this was recorded."""
    schema: SchemaNumber | None = None
    into: Uuid | None = None
    """Of a merge: the record that goes on."""
    undoes: Uuid | None = None
    """Of an unmerge: the id of the merge."""
    moves: list[Uuid] = []
    """Of an unmerge: the edits made since that belong to the record which is taken out again."""
    reason: str | None = None
    """Why two records were joined or taken apart."""

    @property
    def touches(self) -> list[str]:
        """The fields that an update names, each once."""
        return list(dict.fromkeys([*self.set, *self.add, *self.remove]))


class Malformed(msgspec.Struct, frozen=True):
    """A mutation of which only its place in the sequence can be read; it is refused and kept whole."""

    seq: Number
    id: Uuid
    detail: str = ""


class Sealed(msgspec.Struct, frozen=True, omit_defaults=True):
    """A mutation that only the centre can read: its record left the device that wrote it.

    ``sealed``: base64 of a SealedBox around the deflated mutation. Place and base stand outside, for they may change.
    """

    seq: Number
    id: Uuid
    sealed: str
    base: Number = 0


_decode = msgspec.json.Decoder(Mutation).decode
_decode_sealed = msgspec.json.Decoder(Sealed).decode
_decode_place = msgspec.json.Decoder(Malformed).decode


def read(raw: bytes | msgspec.Raw) -> Mutation | Malformed:
    """Decode one mutation leniently.

    :raises msgspec.DecodeError: when not even ``seq`` and ``id`` can be read, so that the push has no order.
    :raises UnicodeDecodeError: when it is not UTF-8.
    """
    try:
        return _decode(raw)
    except (msgspec.ValidationError, RecursionError) as wrong:
        place = _decode_place(raw)
        return Malformed(place.seq, place.id, str(wrong))


def sealed_in(raw: bytes | msgspec.Raw) -> Sealed | None:
    """Return what could not be read as a mutation as a sealed one, if it is."""
    try:
        return _decode_sealed(raw)
    except (msgspec.DecodeError, RecursionError):
        return None
