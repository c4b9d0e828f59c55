"""Decide one push in memory: (world, groups of mutations) -> decisions, with the world changed accordingly.

The order of the checks is the protocol's (docs/protocol.md sections 3 and 4). Nothing here reads or writes a store.
"""

from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import Any

from msgspec import structs

from schemas.base import MERGED_INTO, Carry, Errors, Merge, RecordType
from sync.assumed import corrected_dates, dates_after_receipt
from sync.bench import Bench
from sync.conflicts import WHOLE_RECORD, Claim, claim_of, contest, resolve, settled_fields
from sync.decision import Decision, held, invalid, rejected
from sync.endings import at_stake, contested_ending, let_go_on, unseen_ending
from sync.erasing import ERASED, names_erased
from sync.fixed import fixed_errors
from sync.merge import DELTAS, RULES, Meeting, Met, Verdict, unknown_delta
from sync.messages import ConflictReference
from sync.mutation import Malformed, Mutation, Op, Outcome
from sync.record_merge import goes_on_in, join, take_apart
from sync.refusals import centre_fields, may, refused_by_scope, refused_by_values
from sync.state import OWNER, PENDING, Draft, Receipt, RecordState, Standing, World, Writer
from sync.units import units

Group = Sequence[Mutation | Malformed]

LENT = Standing(left=PENDING)
"""How the author of a redirected edit stands to a surviving record that they do not hold: their edit is a contender."""


def decide(world: World, groups: Sequence[Group], bench: Bench) -> list[list[Decision]]:
    """Decide each group, whole or not at all, in order; what is accepted is in ``world.changed`` afterwards."""
    return [decide_group(world, group, bench) for group in groups]


def decide_group(world: World, group: Group, bench: Bench) -> list[Decision]:
    """Decide one press of Save. One refused or waiting member makes all so; a conflict is acceptance."""
    draft = world.draft()
    decisions = [decide_one(draft, mutation, bench) for mutation in group]
    if all(decision.outcome.accepted for decision in decisions):
        world.take(draft)
        return decisions
    return [_as_the_group(decision, decisions) for decision in decisions]


def _as_the_group(own: Decision, decisions: Sequence[Decision]) -> Decision:
    refused = next((each for each in decisions if each.outcome is Outcome.REJECTED), None)
    if refused:
        return own if own.outcome is Outcome.REJECTED else rejected("group_rejected")
    waiting = next(each for each in decisions if each.outcome is Outcome.HELD)
    return own if own.outcome is Outcome.HELD else held(waiting.waits_for or "")


def decide_one(draft: Draft, mutation: Mutation | Malformed, bench: Bench) -> Decision:
    """Decide one mutation against the state that its group has reached."""
    if isinstance(mutation, Malformed):
        return invalid({"mutation": [{"code": "malformed", "detail": mutation.detail}]})
    if names_erased(draft.world.types, mutation, draft.world.erased):
        return rejected(ERASED)
    kind = draft.world.types.get(mutation.type)
    if kind is None:
        return rejected("unknown_record_type")
    if not may(kind, mutation, bench.writer):
        return rejected("not_permitted")
    state = draft.record(mutation.record)
    if state is not None and state.type != kind.name:
        return invalid({"type": [{"code": "wrong_record_type"}]})
    if state is None:
        return _create(draft, kind, mutation, bench) if mutation.op is Op.CREATE else held(mutation.record)
    return _decide_known(draft, kind, state, mutation, bench)


def _decide_known(draft: Draft, kind: RecordType, state: RecordState, mutation: Mutation, bench: Bench) -> Decision:
    """Decide a mutation of a record that is there."""
    if mutation.op is Op.MERGE:
        return join(draft, kind, state, mutation, bench.writer)
    if mutation.op is Op.UNMERGE:
        return take_apart(draft, kind, state, mutation, bench)
    if mutation.op is Op.CREATE:
        mutation = _as_update(kind, mutation, bench.receipt)
    if state.merged_into and not mutation.resolves:
        return _redirect(draft, kind, state, mutation, bench)
    edit = _delete if mutation.op is Op.DELETE else _change
    return edit(draft, kind, state, mutation, bench)


def _redirect(draft: Draft, kind: RecordType, state: RecordState, mutation: Mutation, bench: Bench) -> Decision:
    """Apply an edit of a merged record to the one that goes on, of which its author has seen nothing.

    So a value is set only where it is equal to what they saw, and everything else is for people to decide. Everything
    is, where the author does not hold the surviving record.
    """
    if refusal := refused_by_scope(draft, kind, state, mutation, bench.writer):
        return refusal
    survivor = goes_on_in(draft, state)
    lent = not draft.stands(survivor.id).holds
    if lent:  # so that nothing takes effect, and the outcome does not tell what the surviving record says
        draft.standing[survivor.id] = LENT
    edit = _delete if mutation.op is Op.DELETE else _change
    draft.unseen.add(survivor.id)
    decision = edit(draft, kind, survivor, structs.replace(mutation, record=survivor.id, base=0), bench)
    draft.unseen.discard(survivor.id)
    if lent:  # for this edit alone: what names the surviving record itself is not theirs to write
        del draft.standing[survivor.id]
    outcome = Outcome.MERGED if decision.outcome is Outcome.APPLIED else decision.outcome
    return replace(decision, outcome=outcome, redirected_to=survivor.id)


def _as_update(kind: RecordType, mutation: Mutation, receipt: Receipt) -> Mutation:
    """Read the create of an existing record as an update from nothing, with base 0."""
    data = dict(corrected_dates(kind, mutation, receipt))
    for names in kind.groups.values():
        if any(name in data for name in names):
            data |= {name: data.get(name) for name in names}
    edits = {name: (None, value) for name, value in data.items()}
    return structs.replace(mutation, op=Op.UPDATE, base=0, set=edits, add={}, remove={}, data={})


# --- create


def _create(draft: Draft, kind: RecordType, mutation: Mutation, bench: Bench) -> Decision:
    if unknown := _unknown_parent(draft, kind, mutation.data):
        return held(unknown)
    if forbidden := centre_fields(kind, mutation.data, bench.writer):
        return rejected("not_permitted", forbidden)
    data, errors = load(
        kind, corrected_dates(kind, mutation, bench.receipt), mutation.schema or bench.schema, bench.schema
    )
    errors = errors or dates_after_receipt(kind, data, bench.receipt)
    if errors:
        return invalid(errors)
    owner = data.get("owner", bench.writer.user) if bench.writer.centre else bench.writer.user
    draft.write(RecordState(mutation.record, kind.name, PENDING, PENDING, owner, data, {}))
    draft.standing[mutation.record] = OWNER
    return Decision(Outcome.APPLIED)


def load(kind: RecordType, data: Mapping[str, Any], schema: int, current_schema: int) -> tuple[dict[str, Any], Errors]:
    """Validate a whole record; fields that only a newer client knows are kept as they came."""
    if schema <= current_schema:
        return kind.load(data)
    known = {name: value for name, value in data.items() if not _is_newer(kind, name)}
    newer = {name: value for name, value in data.items() if _is_newer(kind, name) and value is not None}
    clean, errors = kind.load(known)
    return {**clean, **newer}, errors


def _is_newer(kind: RecordType, name: str) -> bool:
    return name not in kind.fields and name != MERGED_INTO


def _unknown_parent(draft: Draft, kind: RecordType, data: Mapping[str, Any]) -> str | None:
    """Return the first parent (what carries this record, or what it hangs on) that nobody has sent yet."""
    for carry in (Carry.BY, Carry.WITH):
        for parent in kind.named(data, carry):
            if draft.record(parent) is None:
                return parent
    return None


# --- update


def _change(draft: Draft, kind: RecordType, state: RecordState, mutation: Mutation, bench: Bench) -> Decision:
    if refusal := refused_by_scope(draft, kind, state, mutation, bench.writer):
        return refusal
    if refusal := refused_by_values(kind, mutation, bench.receipt, bench.schema):
        return refusal
    mutation = _normalised(kind, mutation)
    if errors := fixed_errors(kind, state.data, mutation):
        return invalid(errors)
    if state.deleted and mutation.resolves and not mutation.touches:
        return resolve(draft, state, mutation, bench.writer, bench.receipt) or Decision(Outcome.APPLIED)
    if state.deleted or not _in_scope(draft, state, bench.writer):
        return _all_contested(draft, kind, state, mutation, bench)
    if unknown := _unknown_parent(draft, kind, {name: to for name, (_, to) in mutation.set.items()}):
        return held(unknown)
    settled = settled_fields(draft, mutation)
    if mutation.resolves and (refusal := resolve(draft, state, mutation, bench.writer, bench.receipt)):
        return refusal
    return _merge(draft, kind, state, mutation, settled, bench)


def _in_scope(draft: Draft, state: RecordState, writer: Writer) -> bool:
    return writer.centre or draft.stands(state.id).holds


def _normalised(kind: RecordType, mutation: Mutation) -> Mutation:
    """Return the update with values as they are stored, and set fields as deltas however they were sent."""
    edits: dict[str, tuple[Any, Any]] = {}
    add, remove = _stored(kind, mutation.add), _stored(kind, mutation.remove)
    for name, (seen, wanted) in mutation.set.items():
        spec = kind.fields.get(name)
        seen, wanted = (spec.normalise(seen), spec.normalise(wanted)) if spec else (seen, wanted)
        if spec and spec.merge is Merge.SET:
            before = seen if isinstance(seen, list) else []
            add[name] = [element for element in wanted or [] if element not in before]
            remove[name] = [element for element in before if element not in (wanted or [])]
        elif spec and spec.merge is Merge.APPEND:
            add[name] = wanted or []
        else:
            edits[name] = (seen, wanted)
    return structs.replace(mutation, set=edits, add=add, remove=remove)


def _stored(kind: RecordType, elements: Mapping[str, list[Any]]) -> dict[str, list[Any]]:
    return {
        name: kind.fields[name].normalise(values) or [] if name in kind.fields else values
        for name, values in elements.items()
    }


def _all_contested(draft: Draft, kind: RecordType, state: RecordState, mutation: Mutation, bench: Bench) -> Decision:
    """Keep every edit as a contender: the record is deleted, or is now in someone else's care."""
    if not mutation.touches:
        return Decision(Outcome.UNCHANGED)
    if state.deleted:
        edits = {name: to for name, (_, to) in mutation.set.items()}
        wanted = {"set": edits, "add": mutation.add, "remove": mutation.remove}
        claims = [Claim(WHOLE_RECORD, tuple(mutation.touches), {"deleted": True}, state.version, None, wanted)]
    else:
        claims = [claim_of(kind, state, unit, names, mutation) for unit, names in units(kind, mutation.touches).items()]
    references = tuple(
        contest(draft, state, claim, mutation, bench.writer, bench.receipt, bench.new_id) for claim in claims
    )
    return Decision(Outcome.CONFLICTED, "conflicted" if state.deleted else "out_of_scope", conflicts=references)


def _merge(
    draft: Draft, kind: RecordType, state: RecordState, mutation: Mutation, settled: frozenset[str], bench: Bench
) -> Decision:
    changes: dict[str, Any] = {}
    contested: list[Claim] = []
    joined = False
    for unit, names in units(kind, mutation.touches).items():
        met = _meet(kind, state, names, mutation, settled)
        if any(each.verdict is Verdict.CONTESTED for each in met.values()):
            contested.append(claim_of(kind, state, unit, names, mutation))
            continue
        joined = joined or any(each.verdict is Verdict.JOINED for each in met.values())
        if any(each.verdict is not Verdict.UNCHANGED for each in met.values()):
            changes.update({name: each.value for name, each in met.items()})
    for name in contested_ending(draft, kind, state, mutation, changes, settled):
        del changes[name]
        contested.append(replace(claim_of(kind, state, name, (name,), mutation), fields=at_stake(kind, name)))
    if changes and (refusal := _breaks_the_record(draft, kind, state, changes, mutation, contested)):
        return refusal
    before = state
    if changes:
        draft.write(state.with_values(changes, by=bench.writer.user))
    ended = unseen_ending(draft, kind, state, mutation, changes)
    state = draft.record(state.id) or state
    references = tuple(
        contest(draft, state, claim, mutation, bench.writer, bench.receipt, bench.new_id) for claim in contested
    )
    if ended:
        references += let_go_on(draft, kind, state, ended, bench.new_id)
    return _outcome(draft, before, mutation, changes, references, joined=joined)


def _meet(
    kind: RecordType, state: RecordState, names: tuple[str, ...], mutation: Mutation, settled: frozenset[str]
) -> dict[str, Met]:
    """Apply the merge rule to one field, or to a field group as if it were one."""
    if len(names) > 1:
        return _meet_group(state, names, mutation, settled)
    name = names[0]
    spec = kind.fields.get(name)
    if name in settled and name in mutation.set:
        return {name: _settled(state.data.get(name), mutation.set[name][1])}
    if name in mutation.set:
        rule = RULES[spec.merge if spec else Merge.REGISTER]
        return {name: rule(Meeting(state.data.get(name), state.version_of(name), *mutation.set[name], mutation.base))}
    delta = DELTAS[spec.merge] if spec else unknown_delta
    return {name: delta(state.data.get(name), mutation.add.get(name, []), mutation.remove.get(name, []))}


def _meet_group(
    state: RecordState, names: tuple[str, ...], mutation: Mutation, settled: frozenset[str]
) -> dict[str, Met]:
    wanted = {name: mutation.set[name][1] for name in names}
    seen = {name: mutation.set[name][0] for name in names}
    current = {name: state.data.get(name) for name in names}
    if settled.intersection(names):
        met = _settled(current, wanted)
    else:
        version = max(state.version_of(name) for name in names)
        met = RULES[Merge.REGISTER](Meeting(current, version, seen, wanted, mutation.base))
    return {name: Met(met.verdict, met.value[name]) for name in names}


def _settled(current: Any, wanted: Any) -> Met:
    return Met(Verdict.UNCHANGED if current == wanted else Verdict.APPLIED, wanted)


def _breaks_the_record(
    draft: Draft,
    kind: RecordType,
    state: RecordState,
    changes: dict[str, Any],
    mutation: Mutation,
    contested: list[Claim],
) -> Decision | None:
    """Check the merged record. A new error refuses the edit, or contests it when somebody else's change is part of it.

    Errors that the record had already never block. In the contested case ``changes`` is emptied and every unit of the
    edit becomes a claim.
    """
    merged = state.with_values(changes).data
    errors = _errors(kind, merged)
    if not errors:
        return None
    known = _errors(kind, state.data)
    new = {name: problems for name, problems in errors.items() if problems != known.get(name)}
    if not new:
        return None
    if not _changed_unseen(draft, state, mutation.base):
        return invalid(new)
    changes.clear()
    contested[:] = [
        claim_of(kind, state, unit, names, mutation) for unit, names in units(kind, mutation.touches).items()
    ]
    return None


def _changed_unseen(draft: Draft, state: RecordState, base: int) -> bool:
    """Tell whether somebody else changed the record after the version that the author's work began from."""
    if state.id in draft.unseen:
        return True
    return state.version > base < draft.world.changed_by_others.get(state.id, 0)


def _errors(kind: RecordType, data: Mapping[str, Any]) -> Errors:
    return kind.load({name: value for name, value in data.items() if name in kind.fields})[1]


def _outcome(
    draft: Draft,
    before: RecordState,
    mutation: Mutation,
    changes: Mapping[str, Any],
    references: tuple[ConflictReference, ...],
    *,
    joined: bool,
) -> Decision:
    if references:
        return Decision(Outcome.CONFLICTED, "conflicted", conflicts=references)
    if not changes and not mutation.resolves:
        return Decision(Outcome.UNCHANGED)
    met = joined or _changed_unseen(draft, before, mutation.base)
    return Decision(Outcome.MERGED if met else Outcome.APPLIED)


# --- delete


def _delete(draft: Draft, kind: RecordType, state: RecordState, mutation: Mutation, bench: Bench) -> Decision:
    """Delete only what nobody else has changed since the author's base; otherwise people decide.

    They do so too where others were merged into it: they would vanish with it.
    """
    if refusal := refused_by_scope(draft, kind, state, mutation, bench.writer):
        return refusal
    if state.deleted:
        return Decision(Outcome.UNCHANGED)
    moved = not _in_scope(draft, state, bench.writer)
    if moved or _changed_unseen(draft, state, mutation.base) or (_is_joined(draft, state) and not mutation.resolves):
        claim = Claim(WHOLE_RECORD, tuple(state.data), None, state.version, None, {"deleted": True})
        reference = contest(draft, state, claim, mutation, bench.writer, bench.receipt, bench.new_id)
        return Decision(Outcome.CONFLICTED, "out_of_scope" if moved else "conflicted", conflicts=(reference,))
    if mutation.resolves and (refusal := resolve(draft, state, mutation, bench.writer, bench.receipt)):
        return refusal
    draft.write(replace(state, deleted=True, version=PENDING))
    return Decision(Outcome.APPLIED)


def _is_joined(draft: Draft, state: RecordState) -> bool:
    """Tell whether a record goes on for others."""
    loaded = {**draft.world.records, **draft.records}.values()
    return state.id in draft.world.joined or any(each.merged_into == state.id for each in loaded)
