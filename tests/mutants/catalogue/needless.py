"""Known bugs by which nothing is lost: people decide, or write again, what the centre could have taken by itself."""

from tests.mutants.mutant import Edit, Mutant

NEEDLESS = (
    Mutant(
        "text-never-joined",
        "Two texts of which each has a line of its own become a conflict.",
        (
            Edit(
                "sync/merge.py",
                "    if joined is None:\n        return met\n",
                "    if joined is None or joined != meeting.current:\n        return met\n",
            ),
        ),
        exposed_by="A adds a line at the top of a text, B one at its end, neither seeing the other's: promise 30.",
    ),
    Mutant(
        "whole-records-compared",
        "An edit contends because the record has changed since, though nobody touched its field.",
        (
            Edit(
                "sync/apply.py",
                "rule(Meeting(state.data.get(name), state.version_of(name), *mutation.set[name], mutation.base))}\n",
                "rule(Meeting(state.data.get(name), state.version, *mutation.set[name], mutation.base))}\n",
            ),
            Edit(
                "sync/merge.py",
                "        return self.version <= self.base or self.current == self.seen\n",
                "        return self.version <= self.base\n",
            ),
        ),
        exposed_by="A sets one field of a record, B another one of it, neither seeing the other's: promise 30.",
    ),
    Mutant(
        "list-compared-as-one-value",
        "Who adds to a list that somebody has changed since contends, instead of adding to it.",
        (
            Edit(
                "sync/apply.py",
                "    delta = DELTAS[spec.merge] if spec else unknown_delta\n",
                "    delta = DELTAS[spec.merge] if spec else unknown_delta\n"
                "    if state.version_of(name) > mutation.base:\n"
                "        return {name: Met(Verdict.CONTESTED, state.data.get(name))}\n",
            ),
        ),
        exposed_by="A and B add to one list, neither seeing the other's: promise 30.",
    ),
    Mutant(
        "older-edit-refused",
        "An edit of a record that has changed since its author looked is refused as made on an old version.",
        (
            Edit(
                "sync/apply.py",
                "    settled = settled_fields(draft, mutation)\n",
                "    if 0 < mutation.base < state.version and not mutation.resolves and not bench.writer.centre:\n"
                '        return invalid({name: [{"code": "invalid"}] for name in mutation.touches})\n'
                "    settled = settled_fields(draft, mutation)\n",
            ),
        ),
        exposed_by="A changes a record that B has changed since A looked: promise 30.",
    ),
    Mutant(
        "strangers-work-refused",
        "Only its owner may change a record; what others who hold it write is refused as not permitted.",
        (
            Edit(
                "sync/refusals.py",
                "    if kind.schema.owner_edits_only and state.owner",
                "    if state.owner",
            ),
        ),
        exposed_by="A edits a record that B has filed, and that both hold: promise 30.",
    ),
    Mutant(
        "taken-for-out-of-scope",
        "Who holds a record by anything but their district is taken for somebody who has lost it.",
        (
            Edit(
                "sync/apply.py",
                "    return writer.centre or draft.stands(state.id).holds\n",
                "    standing = draft.stands(state.id)\n"
                "    return writer.centre or (standing.holds and standing.left is None)\n",
            ),
        ),
        exposed_by="A edits a record that has left one of A's buckets and lies in another one: promise 30.",
    ),
    Mutant(
        "waits-for-what-is-there",
        "An edit of a record waits for it although it is there, where the record goes on in another one.",
        (
            Edit(
                "sync/apply.py",
                "    survivor = goes_on_in(draft, state)\n",
                "    survivor = goes_on_in(draft, state)\n"
                "    if survivor.merged_into is None and survivor.id != state.id and not bench.writer.centre:\n"
                "        return held(survivor.id)\n",
            ),
        ),
        exposed_by="A edits a record that was merged into another one: promise 30.",
    ),
    Mutant(
        "answer-says-what-the-record-says",
        "Who edits a record that has gone to others is told in the answer what it says now, field by field.",
        (
            Edit(
                "sync/apply.py",
                '"conflicted" if state.deleted else "out_of_scope", conflicts=references)\n',
                '"conflicted" if state.deleted else "out_of_scope", '
                '{name: [{"code": "newer", "is": state.data.get(name)}] for name in mutation.touches}, references)\n',
            ),
        ),
        exposed_by="A edits a case that has left A's district, and pushes: promise 10.",
    ),
)
