"""Known bugs of how two edits meet."""

from tests.mutants.mutant import Edit, Mutant

MERGING = (
    Mutant(
        "last-writer-wins",
        "An edit replaces whatever stands there, seen by its author or not.",
        (
            Edit(
                "sync/merge.py",
                "    if meeting.author_was_current:\n        return Met(Verdict.APPLIED, meeting.wanted)\n"
                "    return Met(Verdict.CONTESTED, meeting.current)\n",
                "    return Met(Verdict.APPLIED, meeting.wanted)\n",
            ),
        ),
    ),
    Mutant(
        "last-writer-wins-by-device-clock",
        "An edit whose device says a later time than the central value's receipt replaces it.",
        (
            Edit(
                "sync/apply.py",
                "        return {name: rule(Meeting(state.data.get(name), state.version_of(name), "
                "*mutation.set[name], mutation.base))}\n",
                "        met = rule(Meeting(state.data.get(name), state.version_of(name), *mutation.set[name], "
                "mutation.base))\n"
                "        if met.verdict is Verdict.CONTESTED and mutation.recorded_at > '2026-11-23T12':\n"
                "            met = Met(Verdict.APPLIED, mutation.set[name][1])\n"
                "        return {name: met}\n",
            ),
        ),
    ),
    Mutant(
        "last-writer-was-me",
        "Who wrote a record last counts as having seen all of it, also what came before that and was not theirs.",
        (
            Edit(
                "sync/apply.py",
                "    return _merge(draft, kind, state, mutation, settled, bench)\n",
                "    if state.version > draft.world.changed_by_others.get(state.id, 0):\n"
                "        mutation = structs.replace(mutation, base=state.version)\n"
                "    return _merge(draft, kind, state, mutation, settled, bench)\n",
            ),
        ),
    ),
    Mutant(
        "changes-by-others-not-noticed",
        "Nobody's change counts as unseen: what breaks the record together is refused, and deletions go through.",
        (
            Edit(
                "sync/apply.py",
                'def _changed_unseen(draft: Draft, state: RecordState, base: int) -> bool:\n    """Tell whether',
                "def _changed_unseen(draft: Draft, state: RecordState, base: int) -> bool:\n"
                "    return False\n"
                '    """Tell whether',
            ),
        ),
    ),
    Mutant(
        "text-merged-over-to",
        "Texts are joined from what the author made of it, not from what they saw: the other's lines vanish.",
        (
            Edit(
                "sync/merge.py",
                '    versions = [value or "" for value in (meeting.seen, meeting.current, meeting.wanted)]\n',
                '    versions = [value or "" for value in (meeting.current, meeting.current, meeting.wanted)]\n',
            ),
        ),
    ),
    Mutant(
        "text-conflict-takes-theirs",
        "Where lines overlap the arriving text simply wins.",
        (
            Edit(
                "sync/merge.py",
                "    if joined is None:\n        return met\n",
                "    if joined is None:\n        return Met(Verdict.APPLIED, meeting.wanted)\n",
            ),
        ),
    ),
    Mutant(
        "delete-over-an-unseen-change",
        "A record is deleted although somebody has changed it since its deleter looked.",
        (
            Edit(
                "sync/apply.py",
                "    if moved or _changed_unseen(draft, state, mutation.base) or "
                "(_is_joined(draft, state) and not mutation.resolves):\n",
                "    if moved or (_is_joined(draft, state) and not mutation.resolves):\n",
            ),
        ),
    ),
    Mutant(
        "delete-then-edit-lost",
        "An edit of a record that was deleted meanwhile is called unchanged, and no conflict keeps it.",
        (
            Edit(
                "sync/apply.py",
                "    if state.deleted or not _in_scope(draft, state, bench.writer):\n        return _all_contested",
                "    if state.deleted:\n        return Decision(Outcome.UNCHANGED)\n"
                "    if not _in_scope(draft, state, bench.writer):\n        return _all_contested",
            ),
        ),
    ),
    Mutant(
        "edit-revives-a-deleted-record",
        "An edit of a deleted record brings it back to life.",
        (
            Edit(
                "sync/apply.py",
                "    if state.deleted or not _in_scope(draft, state, bench.writer):\n        return _all_contested",
                "    if state.deleted and mutation.touches:\n        state = replace(state, deleted=False)\n"
                "    if not _in_scope(draft, state, bench.writer):\n        return _all_contested",
            ),
        ),
    ),
    Mutant(
        "set-merged-as-one-value",
        "What somebody adds to a list of choices replaces the list.",
        (
            Edit(
                "sync/merge.py",
                "    after = sorted({*(element for element in before if element not in remove), *add})\n",
                "    after = sorted({*add} or {*(element for element in before if element not in remove)})\n",
            ),
        ),
    ),
    Mutant(
        "removal-from-a-set-forgotten",
        "What somebody takes out of a list of choices stays in it.",
        (
            Edit(
                "sync/merge.py",
                "    after = sorted({*(element for element in before if element not in remove), *add})\n",
                "    after = sorted({*before, *add})\n",
            ),
        ),
    ),
    Mutant(
        "field-group-split",
        "The fields of a group meet the centre one by one: latitude of one person, longitude of another.",
        (
            Edit(
                "sync/apply.py",
                "    if len(names) > 1:\n        return _meet_group(state, names, mutation, settled)\n",
                "    if len(names) > 1:\n"
                "        single = {name: RULES[Merge.REGISTER](Meeting(state.data.get(name), state.version_of(name), "
                "*mutation.set[name], mutation.base)) for name in names}\n"
                "        return {name: Met(Verdict.APPLIED, met.value) for name, met in single.items()}\n",
            ),
        ),
    ),
    Mutant(
        "update-to-unknown-id-creates",
        "An edit of a record that nobody has sent yet makes one out of what it sets.",
        (
            Edit(
                "sync/apply.py",
                "        return _create(draft, kind, mutation, bench) if mutation.op is Op.CREATE else "
                "held(mutation.record)\n",
                "        made = {name: to for name, (_, to) in mutation.set.items() if to is not None}\n"
                "        if mutation.op is Op.UPDATE and not mutation.resolves:\n"
                "            draft.write(RecordState(mutation.record, kind.name, PENDING, PENDING, bench.writer.user, "
                "made, {}))\n"
                "            return Decision(Outcome.APPLIED)\n"
                "        return _create(draft, kind, mutation, bench) if mutation.op is Op.CREATE else "
                "held(mutation.record)\n",
            ),
        ),
    ),
    Mutant(
        "merged-id-not-redirected",
        "An edit of a merged record changes that one, where nobody looks any more.",
        (
            Edit(
                "sync/apply.py",
                "    if state.merged_into and not mutation.resolves:\n        return _redirect",
                "    if state.merged_into and mutation.op is Op.DELETE:\n        return _redirect",
            ),
        ),
    ),
    Mutant(
        "redirected-edit-keeps-its-base",
        "An edit meant for a merged record counts as made by somebody who had seen the one that goes on.",
        (
            Edit(
                "sync/apply.py",
                "structs.replace(mutation, record=survivor.id, base=0), bench)",
                "structs.replace(mutation, record=survivor.id), bench)",
            ),
        ),
    ),
    Mutant(
        "redirected-to-the-next-of-a-chain",
        "An edit of a record that was merged twice stops at the one in the middle.",
        (
            Edit(
                "sync/record_merge.py",
                "    while state.merged_into and (later := draft.record(state.merged_into)):\n        state = later\n"
                "    return state\n",
                "    if state.merged_into and (later := draft.record(state.merged_into)):\n        state = later\n"
                "    return state\n",
            ),
        ),
    ),
    Mutant(
        "create-of-a-known-record-replaces-it",
        "A creation that comes for an existing record is read as having seen all of it.",
        (
            Edit(
                "sync/apply.py",
                "    return structs.replace(mutation, op=Op.UPDATE, base=0, set=edits, add={}, remove={}, data={})\n",
                "    return structs.replace(mutation, op=Op.UPDATE, base=1 << 40, set=edits, add={}, remove={}, "
                "data={})\n",
            ),
        ),
    ),
)
