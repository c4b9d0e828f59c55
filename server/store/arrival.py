"""A mutation as it arrived: read leniently, its own bytes kept."""

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from typing import Any

import msgspec

from sync.errors import MalformedBody, PayloadTooLarge, ValidationFailed
from sync.messages import Limits, PushRequest
from sync.mutation import Malformed, Mutation, read, sealed_in
from sync.state import Receipt, Writer

Opener = Callable[[str], bytes | None]
"""Opens a sealed mutation (base64); ``None`` when it cannot be opened."""


@dataclass(slots=True)
class Weighed:
    """An opener that adds up what its boxes held: a few kilobytes of them can be deflated from many megabytes.

    :raises PayloadTooLarge: when it becomes more than ``bytes_max``.
    """

    opener: Opener
    bytes_max: int
    opened: int = 0

    def __call__(self, sealed: str) -> bytes | None:
        """Open one more box."""
        inside = self.opener(sealed)
        self.opened += len(inside or b"")
        if self.opened > self.bytes_max:
            raise PayloadTooLarge(bytes_max=self.bytes_max)
        return inside


@dataclass(frozen=True, slots=True)
class Arrived:
    """One mutation and the text it came as; ``None`` where that was erased since.

    ``releases``: the ledger id of the held row that this one continues.
    """

    mutation: Mutation | Malformed
    payload: str | None
    releases: str | None = None
    schema: int | None = None
    """The schema it was written under, where neither the mutation nor its push says so."""
    sent: Mutation | Malformed | None = None
    """The mutation in its author's words, where ``mutation`` has been read up to the current schema."""


@dataclass(frozen=True, slots=True)
class Batch:
    """Groups from one writer, to be decided one after another."""

    writer: Writer
    receipt: Receipt
    lane: str
    schema: int
    groups: Sequence[Sequence[Arrived]]


def groups_of(request: PushRequest, limits: Limits, opener: Opener | None = None) -> list[list[Arrived]]:
    """Read the groups of a push; what is sealed is opened and kept as it reads inside.

    :raises MalformedBody: a mutation has no readable place in the sequence.
    :raises ValidationFailed: more mutations than one push may hold.
    :raises PayloadTooLarge: what was sealed is, once opened, more than one push may hold.
    """
    if sum(map(len, request.groups)) > limits.mutations:
        raise ValidationFailed(errors={"groups": [{"code": "too_many", "max": limits.mutations}]})
    weighed = Weighed(opener, limits.bytes) if opener else None
    try:
        return [[arrived(raw, weighed) for raw in group] for group in request.groups if group]
    except UnicodeDecodeError as wrong:
        raise MalformedBody(because="the body is not UTF-8") from wrong
    except (msgspec.DecodeError, RecursionError) as wrong:
        raise MalformedBody(because=str(wrong)) from wrong


def arrived(raw: bytes | msgspec.Raw, opener: Opener | None = None) -> Arrived:
    """Read one mutation as it travelled; only what is no plain one costs a second look.

    :raises msgspec.DecodeError: it has no readable place.
    """
    mutation = read(raw)
    if opener is not None and isinstance(mutation, Malformed) and (sealed := sealed_in(raw)):
        inside = opener(sealed.sealed)
        if inside and (opened := _as_said(inside, sealed.seq, sealed.id, sealed.base)):
            return Arrived(read(opened), opened.decode())
    return Arrived(mutation, str(raw, "utf-8"))


def _as_said(inside: bytes, seq: int, id_: str, base: int) -> bytes | None:
    """Return an opened mutation with the place and base that it has now; nothing when it is another's box."""
    try:
        said = msgspec.json.decode(inside, type=dict[str, Any])
    except (msgspec.DecodeError, UnicodeDecodeError, RecursionError):
        return None
    return msgspec.json.encode(said | {"seq": seq, "base": base}) if said.get("id") == id_ else None


def by_centre(groups: Iterable[Sequence[Mutation]]) -> list[list[Arrived]]:
    """Return mutations that the centre itself makes, as if they had arrived."""
    return [[Arrived(mutation, msgspec.json.encode(mutation).decode()) for mutation in group] for group in groups]
