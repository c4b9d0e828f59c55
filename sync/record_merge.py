"""Two records that are one: joining them, and taking them apart again. References are never rewritten.

The merged record keeps its data and says where it goes on; whoever reads follows the chain to its end. What is edited
on it from then on is applied there (``apply``).
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import replace
from typing import Any

from schemas.base import MERGED_INTO, Errors, RecordType
from sync.decision import Decision, held, invalid, rejected
from sync.mutation import Mutation, Op, Outcome
from sync.overlay import edited
from sync.state import PENDING, Draft, Past, RecordState, Writer
from sync.units import units


def goes_on_in(draft: Draft, state: RecordState) -> RecordState:
    """Return the record at the end of the chain, which is the record itself where it was not merged."""
    while state.merged_into and (later := draft.record(state.merged_into)):
        state = later
    return state


# --- join


def join(draft: Draft, kind: RecordType, state: RecordState, mutation: Mutation, writer: Writer) -> Decision:
    """Merge a record into another. Which values go on is for ordinary edits of that one, in the same press of Save."""
    if not kind.schema.mergeable or mutation.into is None:
        return invalid({"into": [{"code": "required" if kind.schema.mergeable else "not_mergeable"}]})
    target = draft.record(mutation.into)
    if target is None:
        return held(mutation.into)
    if target.type != state.type:
        return invalid({"into": [{"code": "wrong_record_type"}]})
    if not all(_holds(draft, each, writer) for each in (state, target)):
        return rejected("not_permitted")
    survivor = goes_on_in(draft, target)
    if survivor.id == state.id:
        return invalid({"into": [{"code": "merge_cycle"}]})
    if state.merged_into:
        same = goes_on_in(draft, state).id == survivor.id
        return Decision(Outcome.UNCHANGED) if same else rejected("already_merged")
    if state.deleted or survivor.deleted:
        return invalid({"into": [{"code": "deleted"}]})
    draft.write(_pointing(state, target.id))
    return Decision(Outcome.APPLIED)


def _holds(draft: Draft, state: RecordState, writer: Writer) -> bool:
    """Tell whether a writer holds a record: naming an id must not open what it names."""
    return writer.centre or draft.stands(state.id).holds


def _pointing(state: RecordState, into: str | None) -> RecordState:
    """Return the record with another end of its chain; the commit of the change is kept like that of a field."""
    versions = {**state.field_versions, MERGED_INTO: PENDING}
    return replace(state, merged_into=into, version=PENDING, field_versions=versions)


# --- take apart


def take_apart(draft: Draft, kind: RecordType, state: RecordState, mutation: Mutation, writer: Writer) -> Decision:
    """Undo a merge: what was chosen in its press of Save is undone, and the edits in ``moves`` change sides."""
    merge = _merge_to_undo(draft, state, mutation)
    if merge is None:
        return rejected("not_merged")
    survivor = goes_on_in(draft, state)
    if not all(_holds(draft, each, writer) for each in (state, survivor)):
        return rejected("not_permitted")
    moved = [past for key, past in draft.world.past.items() if key in mutation.moves]
    if len(moved) < len(set(mutation.moves)) or not all(_made_since(past, merge, survivor) for past in moved):
        return invalid({"moves": [{"code": "not_since_merge"}]})
    chosen = [past for past in draft.world.past.values() if _chosen_with(past, merge, survivor)]
    regained, restored = _laid_over(kind, state, moved), _undone(kind, survivor, [*chosen, *moved])
    if errors := _new_errors(kind, state, regained) | _new_errors(kind, survivor, restored):
        return invalid(errors)
    draft.write(_pointing(state, None).with_values(regained, by=writer.user))
    if restored:
        draft.write(survivor.with_values(restored, by=writer.user))
    return Decision(Outcome.APPLIED)


def _new_errors(kind: RecordType, state: RecordState, changes: Mapping[str, Any]) -> Errors:
    """Return what would be wrong with a record then and is not now."""
    known = kind.load(state.data)[1]
    errors = kind.load({**state.data, **changes})[1] if changes else {}
    return {name: problems for name, problems in errors.items() if problems != known.get(name)}


def _merge_to_undo(draft: Draft, state: RecordState, mutation: Mutation) -> Past | None:
    """Return the merge that an unmerge names, if it is the one that is in force."""
    merge = draft.world.past.get(mutation.undoes or "")
    if merge is None or state.merged_into is None or merge.record != state.id or merge.mutation.op is not Op.MERGE:
        return None
    return merge if merge.commit == state.version_of(MERGED_INTO) else None


def _made_since(past: Past, merge: Past, survivor: RecordState) -> bool:
    return past.mutation.op is Op.UPDATE and past.record == survivor.id and past.commit > merge.commit


def _chosen_with(past: Past, merge: Past, survivor: RecordState) -> bool:
    """Tell whether an edit was part of the merge's own press of Save: a value that was chosen to go on."""
    together = (past.commit, past.group) == (merge.commit, merge.group)
    return together and past.mutation.op is Op.UPDATE and past.record == survivor.id


def _laid_over(kind: RecordType, state: RecordState, edits: Iterable[Past]) -> dict[str, Any]:
    """Return what edits that come back to a record make of its fields."""
    data, touched = dict(state.data), list[str]()
    for past in edits:
        data = edited(kind, data, past.mutation)
        touched += past.mutation.touches
    return {name: data.get(name) for name in touched}


def _undone(kind: RecordType, survivor: RecordState, edits: Sequence[Past]) -> dict[str, Any]:
    """Return the values that fields go back to when edits are taken out, the latest first.

    A field goes back only where nobody has changed it since. Elements of sets and logs stay on both sides: they vanish
    by an explicit removal alone.
    """
    back: dict[str, Any] = {}
    for past in reversed(edits):
        for names in units(kind, list(past.mutation.set)).values():
            pairs = {name: past.mutation.set[name] for name in names if name in past.mutation.set}
            if all(_stands(survivor, back, name, to, past.commit) for name, (_, to) in pairs.items()):
                back.update({name: seen for name, (seen, _) in pairs.items()})
    return back


def _stands(survivor: RecordState, back: dict[str, Any], name: str, to: Any, commit: int) -> bool:
    if name in back:
        return bool(back[name] == to)
    return survivor.version_of(name) == commit and bool(survivor.data.get(name) == to)
