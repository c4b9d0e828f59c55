"""One ends a record while another says that it must not end: whichever comes first, it goes on, and people decide.

Nothing is lost by it: what belongs to the ending is kept as contenders, of which staff make it the end after all.
"""

from collections.abc import Callable, Collection, Mapping
from typing import Any

from schemas.base import RecordType
from sync.conflicts import Claim, contest
from sync.messages import ConflictReference
from sync.mutation import Mutation
from sync.state import Draft, Ended, RecordState


def contested_ending(
    draft: Draft,
    kind: RecordType,
    state: RecordState,
    mutation: Mutation,
    changes: Mapping[str, Any],
    settled: Collection[str],
) -> tuple[str, ...]:
    """Return the fields by which an edit would end a record although somebody raised it, unseen by the author."""
    ending = kind.schema.ending
    if ending is None or changes.get(ending.field) != ending.value or ending.field in settled:
        return ()
    raised = [name for name, values in ending.against.items() if state.data.get(name) in values]
    if not any(_came_unseen(draft, state, name, mutation.base) for name in raised):
        return ()
    return tuple(name for name in ending.fields if name in changes)


def unseen_ending(
    draft: Draft, kind: RecordType, state: RecordState, mutation: Mutation, changes: Mapping[str, Any]
) -> Ended | None:
    """Return what ended a record that an edit raises, if its author had not seen it end."""
    ending = kind.schema.ending
    if ending is None or state.data.get(ending.field) != ending.value or ending.field in changes:
        return None
    if not any(changes.get(name) in values for name, values in ending.against.items()):
        return None
    return draft.world.ended.get(state.id) if _came_unseen(draft, state, ending.field, mutation.base) else None


def let_go_on(
    draft: Draft, kind: RecordType, state: RecordState, ended: Ended, new_id: Callable[[], str]
) -> tuple[ConflictReference, ...]:
    """Give the fields of an ending the values that they had, and keep the ending's own as contenders."""
    ending = kind.schema.ending
    assert ending is not None
    edits = ended.mutation.set
    names = [name for name in ending.fields if name in edits and edits[name][1] == state.data.get(name)]
    open_again = state.with_values({name: edits[name][0] for name in names})
    draft.write(open_again)
    claims = [Claim(name, at_stake(kind, name), edits[name][0], 0, *edits[name]) for name in names]
    by = (ended.mutation, ended.writer, ended.receipt, new_id)
    return tuple(contest(draft, open_again, claim, *by) for claim in claims)


def at_stake(kind: RecordType, name: str) -> tuple[str, ...]:
    """Return the fields whose risk a conflict about an ending has: its own, and those that speak against it."""
    ending = kind.schema.ending
    return (name, *ending.against) if ending else (name,)


def _came_unseen(draft: Draft, state: RecordState, name: str, base: int) -> bool:
    """Tell whether somebody else may have set a field after the version that the author's work began from."""
    return base < state.version_of(name) <= draft.world.changed_by_others.get(state.id, 0)
