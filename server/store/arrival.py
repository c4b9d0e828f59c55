"""A mutation as it arrived: read leniently, its own bytes kept."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

import msgspec

from sync.errors import MalformedBody, ValidationFailed
from sync.messages import Limits, PushRequest
from sync.mutation import Malformed, Mutation, read
from sync.state import Receipt, Writer


@dataclass(frozen=True, slots=True)
class Arrived:
    """One mutation and the text it came as; ``None`` where that was erased since.

    ``releases``: the ledger id of the held row that this one continues.
    """

    mutation: Mutation | Malformed
    payload: str | None
    releases: str | None = None


@dataclass(frozen=True, slots=True)
class Batch:
    """Groups from one writer, to be decided one after another."""

    writer: Writer
    receipt: Receipt
    lane: str
    schema: int
    groups: Sequence[Sequence[Arrived]]


def groups_of(request: PushRequest, limits: Limits) -> list[list[Arrived]]:
    """Read the groups of a push.

    :raises MalformedBody: a mutation has no readable place in the sequence.
    :raises ValidationFailed: more mutations than one push may hold.
    """
    if sum(map(len, request.groups)) > limits.mutations:
        raise ValidationFailed(errors={"groups": [{"code": "too_many", "max": limits.mutations}]})
    try:
        return [[Arrived(read(raw), str(raw, "utf-8")) for raw in group] for group in request.groups if group]
    except UnicodeDecodeError as wrong:
        raise MalformedBody(because="the body is not UTF-8") from wrong
    except (msgspec.DecodeError, RecursionError) as wrong:
        raise MalformedBody(because=str(wrong)) from wrong


def by_centre(groups: Iterable[Sequence[Mutation]]) -> list[list[Arrived]]:
    """Return mutations that the centre itself makes, as if they had arrived."""
    return [[Arrived(mutation, msgspec.json.encode(mutation).decode()) for mutation in group] for group in groups]
