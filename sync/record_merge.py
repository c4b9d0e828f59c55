"""Two records that are one: joining them, and taking them apart again. References are never rewritten.

The merged record keeps its data and says where it goes on; whoever reads follows the chain to its end. What is edited
on it from then on is applied there (``apply``).
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import replace
from typing import Any

from msgspec import structs

from schemas.base import MERGED_INTO, Errors, RecordType
from sync.bench import Bench
from sync.conflicts import claim_of, contest
from sync.decision import Decision, held, invalid, rejected
from sync.messages import ConflictReference
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


def take_apart(draft: Draft, kind: RecordType, state: RecordState, mutation: Mutation, bench: Bench) -> Decision:
    """Undo a merge: what was chosen in its press of Save is undone, and the edits in ``moves`` change sides.

    An edit that comes back to a record which says something else by now than its author saw is a contender there.
    """
    merge, chain = _merge_to_undo(draft, state, mutation), _chain(draft, state)
    if merge is None:
        return rejected("not_merged")
    if not all(_holds(draft, each, bench.writer) for each in (state, chain[-1])):
        return rejected("not_permitted")
    moved = [draft.world.past.get(each) for each in dict.fromkeys(mutation.moves)]
    moves = sorted((past for past in moved if past), key=lambda past: (past.commit, past.position))
    if len(moves) < len(moved) or not all(_made_since(past, merge, chain) for past in moves):
        return invalid({"moves": [{"code": "not_since_merge"}]})
    chosen = [past for past in draft.world.past.values() if _chosen_with(past, merge, chain)]
    regained, contested = _laid_over(kind, state, moves)
    restored = {each.id: _undone(kind, each, [*chosen, *moves]) for each in chain}
    if errors := _all_new_errors(kind, [(state, regained), *((each, restored[each.id]) for each in chain)]):
        return invalid(errors)
    draft.write(_pointing(state, None).with_values(regained, by=bench.writer.user))
    for each in chain:
        if restored[each.id]:
            draft.write(each.with_values(restored[each.id], by=bench.writer.user))
    references = tuple(_contend(draft, kind, state.id, past, unit, bench) for past, unit in contested)
    return Decision(Outcome.CONFLICTED, "conflicted", conflicts=references) if references else Decision(Outcome.APPLIED)


def _chain(draft: Draft, state: RecordState) -> list[RecordState]:
    """Return the records in which one goes on, the nearest first."""
    found: list[RecordState] = []
    while state.merged_into and (later := draft.record(state.merged_into)):
        found.append(state := later)
    return found


def _contend(draft: Draft, kind: RecordType, record: str, past: Past, unit: str, bench: Bench) -> ConflictReference:
    """Keep an edit that came back as a contender, in the name of who made it."""
    state = draft.record(record)
    assert state is not None
    author = Writer(*past.writer, permits=lambda _type, _action: False)
    names = kind.groups.get(unit, (unit,))
    claim = claim_of(kind, state, unit, names, past.mutation)
    return contest(draft, state, claim, past.mutation, author, bench.receipt, bench.new_id)


def _all_new_errors(kind: RecordType, changed: Iterable[tuple[RecordState, Mapping[str, Any]]]) -> Errors:
    return {name: found for state, changes in changed for name, found in _new_errors(kind, state, changes).items()}


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


def _made_since(past: Past, merge: Past, chain: Sequence[RecordState]) -> bool:
    among = past.record in {each.id for each in chain}
    return past.mutation.op is Op.UPDATE and among and past.commit > merge.commit


def _chosen_with(past: Past, merge: Past, chain: Sequence[RecordState]) -> bool:
    """Tell whether an edit was part of the merge's own press of Save: a value that was chosen to go on."""
    together = (past.commit, past.group) == (merge.commit, merge.group)
    return together and past.mutation.op is Op.UPDATE and past.record in {each.id for each in chain}


def _laid_over(
    kind: RecordType, state: RecordState, edits: Iterable[Past]
) -> tuple[dict[str, Any], list[tuple[Past, str]]]:
    """Return what edits that come back to a record make of its fields, and which of their units do not fit there."""
    data, touched, contested = dict(state.data), list[str](), list[tuple[Past, str]]()
    for past in edits:
        wanted = dict(past.mutation.set)
        for unit, names in units(kind, list(wanted)).items():
            if not all(data.get(name) in wanted[name] for name in names if name in wanted):
                contested.append((past, unit))
                wanted = {name: edit for name, edit in wanted.items() if name not in names}
        fitting = structs.replace(past.mutation, set=wanted)
        data = edited(kind, data, fitting)
        touched += fitting.touches
    return {name: data.get(name) for name in touched}, contested


def _undone(kind: RecordType, survivor: RecordState, edits: Sequence[Past]) -> dict[str, Any]:
    """Return the values that fields go back to when edits are taken out, the latest first.

    A field goes back only where nobody has changed it since. Elements of sets and logs stay on both sides: they vanish
    by an explicit removal alone.
    """
    back: dict[str, Any] = {}
    for past in (each for each in reversed(edits) if each.record == survivor.id):
        for names in units(kind, list(past.mutation.set)).values():
            pairs = {name: past.mutation.set[name] for name in names if name in past.mutation.set}
            if all(_stands(survivor, back, name, to, past.commit) for name, (_, to) in pairs.items()):
                back.update({name: seen for name, (seen, _) in pairs.items()})
    return back


def _stands(survivor: RecordState, back: dict[str, Any], name: str, to: Any, commit: int) -> bool:
    if name in back:
        return bool(back[name] == to)
    return survivor.version_of(name) == commit and bool(survivor.data.get(name) == to)
