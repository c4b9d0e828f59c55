"""Known bugs of conflicts: how they open, what they keep, how they close."""

from tests.mutants.mutant import Edit, Mutant

CONFLICTS = (
    Mutant(
        "losing-value-overwritten",
        "The second contender of a conflict takes the place of the first.",
        (Edit("sync/conflicts.py", "    return [*others, new]\n", "    return [new]\n"),),
    ),
    Mutant(
        "earlier-value-of-a-device-dropped",
        "A device's second edit of a contested field replaces its first, which is kept nowhere.",
        (
            Edit(
                "sync/conflicts.py",
                '        new = {**new, "earlier": [*entry["earlier"], {**entry, "earlier": []}]}\n',
                "        new = {**new}\n",
            ),
        ),
    ),
    Mutant(
        "soft-conflict-applied-over-a-central-edit",
        "A contested edit opens its conflict and is applied all the same.",
        (
            Edit(
                "sync/apply.py",
                "            contested.append(claim_of(kind, state, unit, names, mutation))\n            continue\n",
                "            contested.append(claim_of(kind, state, unit, names, mutation))\n"
                "            changes.update({name: mutation.set[name][1] for name in names if name in mutation.set})\n"
                "            continue\n",
            ),
        ),
    ),
    Mutant(
        "stale-resolution-accepted",
        "Staff decide a conflict by a page that lacks a contender who came since.",
        (
            Edit("server/api/conflicts.py", "    _check_seen(_tag(conflict, record))\n", ""),
            Edit(
                "server/api/conflicts.py",
                '        seen=[each["mutation"] for each in conflict.data.get("contenders", ())],\n'
                "        base=record.version,\n",
                '        seen=[each["mutation"] for each in conflict.data.get("contenders", ())],\n'
                "        base=1 << 40,\n",
            ),
            Edit(
                "sync/conflicts.py",
                "    if not known <= set(resolution.contenders):\n        return True\n",
                "",
            ),
        ),
    ),
    Mutant(
        "any-later-write-closes-a-conflict",
        "Whoever writes a contested field afterwards closes its conflict without having seen it.",
        (
            Edit(
                "sync/apply.py",
                "    settled = settled_fields(draft, mutation)\n",
                "    for name in mutation.set:\n"
                "        found = draft.open_conflict(state.id, name)\n"
                "        if found is not None:\n"
                '            said = {"value": None, "reason": "", "by": bench.writer.user, "at": bench.receipt.at}\n'
                '            draft.write(found.with_values({"status": "resolved", "resolution": said}))\n'
                "            draft.open_conflicts[state.id, name] = None\n"
                "    settled = settled_fields(draft, mutation)\n",
            ),
        ),
    ),
    Mutant(
        "conflict-payload-unmasked",
        "A conflict shows its values to everybody who sees the record.",
        (
            Edit(
                "sync/buckets.py",
                "            privacy = Privacy(str(data.get(spec.privacy_from, Privacy.PROTECTED)))\n",
                "            privacy = Privacy.NORMAL\n",
            ),
        ),
    ),
    Mutant(
        "contest-of-a-deletion-forgotten",
        "A deletion that meets a change is told as conflicted, and no conflict is kept.",
        (
            Edit(
                "sync/apply.py",
                '"out_of_scope" if moved else "conflicted", conflicts=(reference,))\n',
                '"out_of_scope" if moved else "conflicted")\n',
            ),
            Edit(
                "sync/apply.py",
                "        reference = contest(draft, state, claim, mutation, ",
                "        (lambda *_: None)(draft, state, claim, mutation, ",
            ),
        ),
    ),
    Mutant(
        "decision-not-written",
        "A conflict is closed, and the value that was decided for is not written.",
        (
            Edit(
                "sync/apply.py",
                "    return Met(Verdict.UNCHANGED if current == wanted else Verdict.APPLIED, wanted)\n",
                "    return Met(Verdict.UNCHANGED, current)\n",
            ),
        ),
    ),
    Mutant(
        "closing-wins-against-raising",
        "A case that somebody raised stays closed by whoever did not know.",
        (
            Edit(
                "sync/endings.py",
                "    raised = [name for name, values in ending.against.items() if state.data.get(name) in values]\n"
                "    if not any(_came_unseen(draft, state, name, mutation.base) for name in raised):\n"
                "        return ()\n",
                "    return ()\n",
            ),
        ),
    ),
)
