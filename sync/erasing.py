"""What an erasure means for a mutation: which ones name what was erased, and what may be kept of them."""

from collections.abc import Collection, Mapping
from typing import Any

from schemas.base import Carry, RecordType
from sync.mutation import Mutation, Op

ERASED = "erased"
"""Code of a mutation that names an erased record, and reason of its end in every bucket."""


def belongs_to(types: Mapping[str, RecordType], mutation: Mutation) -> list[str]:
    """Return the records to which a new one would wholly belong: a photo to its person, a member to the household."""
    kind = types.get(mutation.type)
    if kind is None or mutation.op is not Op.CREATE:
        return []
    named = (mutation.data.get(spec.name) for spec in kind.references if spec.carry is Carry.WITH)
    return [each for each in named if isinstance(each, str)]


def names_erased(types: Mapping[str, RecordType], mutation: Mutation, erased: Collection[str]) -> bool:
    """Tell whether a mutation is about an erased record, or makes something that would wholly belong to one.

    That another record names an erased one is no matter: an id says nothing by itself.
    """
    return mutation.record in erased or any(each in erased for each in belongs_to(types, mutation))


def without_content(kind: RecordType | None, data: Mapping[str, Any]) -> dict[str, Any]:
    """Return what is kept of a create when its content goes: the ids to which it belongs, so that it ends as erased."""
    names = [spec.name for spec in kind.references if spec.carry is Carry.WITH] if kind else []
    return {name: data[name] for name in names if isinstance(data.get(name), str)}
