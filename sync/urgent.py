"""What may travel in the urgent lane: a new emergency that needs nothing else, and is small enough to get through."""

from collections.abc import Mapping, Sequence

from schemas.base import RecordType
from sync.decision import Decision, rejected
from sync.mutation import Malformed, Mutation, Op
from sync.outgoing import URGENT_TYPES

LANE = "urgent"

BYTES_MAX = 4_096
"""Of one mutation as it is sent, decompressed. At 20 kbit/s this takes under two seconds."""

REFERENCES = frozenset({"reference", "references"})
"""Kinds of fields that name other records."""


def refused_in_lane(
    types: Mapping[str, RecordType], lane: str, group: Sequence[tuple[Mutation | Malformed, str | None]]
) -> list[Decision] | None:
    """Refuse a group of (mutation, as sent) that does not belong into its lane; ``None`` where it does."""
    if lane != LANE:
        return None
    fit = [is_urgent(types, mutation, len((sent or "").encode())) for mutation, sent in group]
    return None if all(fit) else [rejected("group_rejected" if each else "not_urgent") for each in fit]


def is_urgent(types: Mapping[str, RecordType], mutation: Mutation | Malformed, bytes_sent: int) -> bool:
    """Tell whether a mutation may travel in the urgent lane; one that cannot be read is refused for that instead."""
    if bytes_sent > BYTES_MAX:
        return False
    return isinstance(mutation, Malformed) or is_self_contained(types, mutation)


def is_self_contained(types: Mapping[str, RecordType], mutation: Mutation) -> bool:
    """Tell whether a mutation creates an emergency and names no other record."""
    kind = types.get(mutation.type)
    if kind is None or mutation.op is not Op.CREATE or mutation.type not in URGENT_TYPES:
        return False
    return not any(spec.kind in REFERENCES and mutation.data.get(spec.name) for spec in kind.fields.values())
