"""What a device makes of an officer's edit: deltas, the base they rest on, and a push of whole groups."""

from collections.abc import Iterable, Mapping, Sequence
from typing import Any, NamedTuple, TypeVar

from schemas.base import Merge, RecordType
from sync.messages import Limits

URGENT_TYPES = frozenset({"emergency"})
"""Types whose creation goes ahead of everything else, in a lane of its own."""

T = TypeVar("T")


class Deltas(NamedTuple):
    """One edit as it travels: ``set`` maps a field to [from, to], sets and logs travel as elements."""

    set: dict[str, tuple[Any, Any]]
    add: dict[str, list[Any]]
    remove: dict[str, list[Any]]

    def __bool__(self) -> bool:
        return bool(self.set or self.add or self.remove)


def deltas(kind: RecordType, shown: Mapping[str, Any], wanted: Mapping[str, Any]) -> Deltas:
    """Return what changes when ``wanted`` (stored form, ``None`` empties) is laid over what the officer saw.

    A field group is set whole as soon as one of its fields changes. A log only grows.
    """
    result = Deltas({}, {}, {})
    for name, to in wanted.items():
        merge, seen = kind.fields[name].merge, shown.get(name)
        if merge in (Merge.SET, Merge.APPEND):
            _by_element(result, name, seen or [], to or [], removes=merge is Merge.SET)
        elif to != seen:
            result.set[name] = (seen, to)
    for names in kind.groups.values():
        if any(name in result.set for name in names):
            result.set.update({name: (shown.get(name), wanted.get(name, shown.get(name))) for name in names})
    return result


def _by_element(result: Deltas, name: str, seen: Sequence[Any], wanted: Sequence[Any], *, removes: bool) -> None:
    if added := [element for element in wanted if element not in seen]:
        result.add[name] = added
    if removes and (removed := [element for element in seen if element not in wanted]):
        result.remove[name] = removed


def base_of(pending_bases: Sequence[int], version_shown: int) -> int:
    """Return the ``base`` of a new mutation of a record.

    It is the server version shown when the oldest mutation still pending was recorded, which that one carries: later
    ones repeat it, and it never moves when a pull brings something newer.
    """
    return pending_bases[0] if pending_bases else version_shown


def first_push(groups: Iterable[Sequence[tuple[T, int]]], limits: Limits) -> list[list[T]]:
    """Return as many whole groups of (mutation, size in bytes) as one push may hold; one too large goes alone."""
    push: list[list[T]] = []
    count = size = 0
    for group in groups:
        count, size = count + len(group), size + sum(each for _, each in group)
        if push and (count > limits.mutations or size > limits.bytes):
            break
        push.append([mutation for mutation, _ in group])
    return push
