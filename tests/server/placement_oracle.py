"""Where every record lies, computed from the whole data at once.

Two things are no matter of the data, and have to be told: whether whoever named a record held it then (``closed``), and
where a deleted record lay last (``last``), for its conflicts stay there.
"""

from collections import defaultdict
from collections.abc import Collection, Iterable, Mapping
from typing import Any, Protocol

from schemas.base import Carry
from schemas.placement import kind_of
from schemas.records import RECORD_TYPES


class State(Protocol):
    """What must be known of a record to say where it lies."""

    @property
    def type(self) -> str: ...
    @property
    def owner(self) -> str: ...
    @property
    def data(self) -> Mapping[str, Any]: ...
    @property
    def deleted(self) -> bool: ...
    @property
    def merged_into(self) -> str | None: ...


Places = dict[str, frozenset[str]]
"""Record -> the buckets in which it lies."""


OUTLIVING = "conflict"


def places_of(
    states: Mapping[str, State],
    closed: Collection[tuple[str, str]] = (),
    last: Mapping[str, frozenset[str]] | None = None,
) -> Places:
    """Return the buckets of every live record, as section 5 of the protocol says.

    ``closed``: (carrier, carried) where naming brought nothing along; ``last``: of deleted records, where they lay.
    """
    oracle = _Oracle(states, frozenset(closed), last or {})
    return {key: oracle.of(key) for key, each in states.items() if not each.deleted}


class _Oracle:
    """Answers for one state of the whole; every map is made in one pass."""

    def __init__(
        self, states: Mapping[str, State], closed: frozenset[tuple[str, str]], last: Mapping[str, frozenset[str]]
    ) -> None:
        self._states = states
        self._closed = closed
        self._last = last
        self._own = {key: RECORD_TYPES[each.type].own_buckets(each.data, each.owner) for key, each in states.items()}
        self._end = {key: _end(states, key) for key in states}
        self._family: dict[str, set[str]] = defaultdict(set)
        self._carriers: dict[str, set[str]] = defaultdict(set)
        self._companions: dict[str, set[str]] = defaultdict(set)
        self._found: Places = {}
        for key, each in states.items():
            self._family[self._end[key]] |= self._own[key]
            self._note(key, each)

    def _note(self, key: str, state: State) -> None:
        kind = RECORD_TYPES[state.type]
        self._carriers[key].update(kind.named(state.data, Carry.BY))
        self._companions[key].update(kind.named(state.data, Carry.WITH))
        for carried in kind.named(state.data, Carry.ALONG):
            self._carriers[carried].add(key)
        if state.merged_into:
            self._companions[state.merged_into].add(key)

    def of(self, key: str) -> frozenset[str]:
        """Return where a record lies: of itself, by its carriers, and with its companions; else with its owner."""
        if key not in self._found:
            owner = self._states[key].owner
            lies = set(self._shared(key, owner))
            for carrier in self._live(self._carriers[key], key):
                lies |= _brought(self._shared(carrier, self._states[carrier].owner), owner)
            for companion in self._live(self._companions[key], key):
                lies |= _brought(self.of(companion), owner)
            if self._states[key].type == OUTLIVING:
                for companion in self._companions[key] & self._last.keys():
                    lies |= _brought(self._last[companion], owner)
            self._found[key] = frozenset(lies or {f"user:{owner}"})
        return self._found[key]

    def _shared(self, key: str, owner: str) -> set[str]:
        """Return a record's own buckets, and those of all that it was merged with."""
        return self._own[key] | _brought(self._family[self._end[key]], owner)

    def _live(self, keys: Iterable[str], carried: str) -> list[str]:
        return [
            key
            for key in keys
            if key in self._states and not self._states[key].deleted and (key, carried) not in self._closed
        ]


def _end(states: Mapping[str, State], key: str) -> str:
    while (into := states[key].merged_into) is not None:
        key = into
    return key


def _brought(buckets: Iterable[str], owner: str) -> set[str]:
    """Return those that bring carried records along; what is filed under one person does not go to another."""
    return {
        each
        for each in buckets
        if kind_of(each).with_carried and (not each.startswith("user:") or each == f"user:{owner}")
    }
