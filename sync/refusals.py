"""What nobody may send: actions without the right, records and fields out of sight, values wrong in themselves.

Each function returns the refusal, or ``None``. Whether two edits meet well is not asked here but in ``apply``.
"""

from typing import Any

from schemas.base import MERGED_INTO, Errors, Merge, Origin, RecordType
from sync.assumed import dates_after_receipt
from sync.conflicts import settled_fields
from sync.decision import Decision, invalid, rejected
from sync.merge import DELTAS
from sync.mutation import Mutation, Op
from sync.state import Draft, Receipt, RecordState, Standing, Writer


def may(kind: RecordType, mutation: Mutation, writer: Writer) -> bool:
    """Tell whether the writer's roles allow such an edit at all."""
    if writer.centre:
        return True
    if kind.origin is Origin.CENTRE:
        return False
    if mutation.resolves:
        return writer.permits("conflict", "resolve")
    return writer.permits(kind.name, mutation.op.value)


def refused_by_scope(
    draft: Draft, kind: RecordType, state: RecordState, mutation: Mutation, writer: Writer
) -> Decision | None:
    """Refuse what the author may not touch: records never held, fields not seen, fields that the centre writes."""
    if writer.centre:
        return None
    standing = draft.stands(state.id)
    if not standing.holds and not standing.held_at(mutation.base) and state.owner != writer.user:
        return rejected("not_permitted")
    if kind.schema.owner_edits_only and state.owner != writer.user and not _only_decides(draft, mutation):
        return rejected("not_permitted")
    refused = {name for name in mutation.touches if _is_hidden(kind, state, standing, name, mutation.base)}
    if not writer.permits(kind.name, "assign"):
        refused |= kind.schema.assigning.intersection(mutation.touches)
    errors = {name: [{"code": "not_permitted"}] for name in sorted(refused)}
    errors |= centre_fields(kind, mutation.touches, writer)
    return rejected("not_permitted", errors) if errors else None


def _is_hidden(kind: RecordType, state: RecordState, standing: Standing, name: str, base: int) -> bool:
    """Tell whether an author who holds a record does not see a field of it: nobody edits over what they cannot see.

    What others wrote after ``base`` was not hidden from the author when they began: that is for the merge to judge.
    """
    spec = kind.fields.get(name)
    if spec is None or not standing.holds:
        return False
    if spec.privacy_from or spec.privacy not in standing.classes:
        return True
    if standing.of_others is None or spec.privacy in standing.of_others:
        return False
    return name in state.by_others and state.version_of(name) <= base


def _only_decides(draft: Draft, mutation: Mutation) -> bool:
    """Tell whether an update does nothing but decide conflicts: who decides need not own what they decide about."""
    decides = bool(mutation.resolves) and mutation.op is Op.UPDATE
    return decides and settled_fields(draft, mutation).issuperset(mutation.touches)


def refused_by_values(kind: RecordType, mutation: Mutation, receipt: Receipt, current_schema: int) -> Decision | None:
    """Refuse values that are wrong in themselves, whatever the record says."""
    newer = (mutation.schema or current_schema) > current_schema
    # What a list no longer offers may still be taken out of a record, so removals are not looked at.
    wanted = {**dict.fromkeys(mutation.remove), **{name: to for name, (_, to) in mutation.set.items()}, **mutation.add}
    known = {name: value for name, value in wanted.items() if name in kind.fields or not newer or name == MERGED_INTO}
    clean, errors = kind.load_values(known)
    errors = {**errors, **_wrong_deltas(kind, mutation), **_split_groups(kind, mutation)}
    errors = errors or dates_after_receipt(kind, clean, receipt)
    return invalid(errors) if errors else None


def _wrong_deltas(kind: RecordType, mutation: Mutation) -> Errors:
    """Name the fields whose edits do not travel so.

    Only sets and logs are added to, only sets removed from, and what is set whole is not added to besides.
    """
    wrong = [name for name in mutation.add if name in kind.fields and kind.fields[name].merge not in DELTAS]
    wrong += [name for name in mutation.remove if name in kind.fields and kind.fields[name].merge is not Merge.SET]
    wrong += [name for name in mutation.set if name in mutation.add or name in mutation.remove]
    return {name: [{"code": "not_a_set"}] for name in wrong}


def _split_groups(kind: RecordType, mutation: Mutation) -> Errors:
    """Name the field groups of which an update sets only a part; a group never mixes two writers."""
    return {
        group: [{"code": "incomplete_group", "fields": list(names)}]
        for group, names in kind.groups.items()
        if 0 < sum(name in mutation.set for name in names) < len(names)
    }


def centre_fields(kind: RecordType, names: Any, writer: Writer) -> Errors:
    """Name the fields that only the centre writes."""
    if writer.centre or kind.written_by_centre.isdisjoint(names):
        return {}
    return {name: [{"code": "not_permitted"}] for name in names if name in kind.written_by_centre}
