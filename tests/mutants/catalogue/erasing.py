"""What was erased on its subject's demand stays erased."""

# ruff: noqa: E501 - an edit is a line of the product as it stands, in quotes

from tests.mutants.mutant import Edit, Mutant

ERASING = (
    Mutant(
        "erased-person-resent-after-a-restore",
        "Erasures are not done again after a restore: the backup, and every device that sends its log anew, bring the "
        "person back.",
        (
            Edit(
                "server/backup/reopening.py",
                "    erased = _erase_again(connection, centre, entries, now)\n",
                "    erased = 0\n",
            ),
        ),
        exposed_by="A person is erased, the centre is restored to before that: promise 17.",
    ),
    Mutant(
        "refused-words-about-the-erased-are-kept",
        "An edit about an erased record is refused, and its words are kept with the refusal.",
        (
            Edit(
                "server/store/transaction.py",
                "    return LedgerEntry(values, arrived.payload, kept=decision.code != ERASED)\n",
                "    return LedgerEntry(values, arrived.payload)\n",
            ),
        ),
        exposed_by="A has typed about a person who is erased before A syncs: the named exception to promise 1.",
    ),
    Mutant(
        "erased-words-come-back-with-a-log-sent-anew",
        "What an erasure took out of the ledger comes back with the next recovery of the device that wrote it.",
        (
            Edit(
                "server/store/push.py",
                "replace(entry, kept=entry.kept and not first.emptied)",
                "replace(entry, kept=True)",
            ),
        ),
        exposed_by="A types about a person under another record's name (a merge, a moved edit); they are erased; A recovers from a "
        "fork: erasure.",
    ),
    Mutant(
        "witness-of-an-erased-record-kept",
        "A row that a device offers after a restore is kept for staff although its subject was erased, and no device forgets "
        "it with the erasure.",
        (
            Edit(
                "server/witnesses.py",
                "        if each.record in gone or (state is not None and _has(types, state, each, schema)):\n",
                "        if state is not None and _has(types, state, each, schema):\n",
            ),
            Edit("field_kit/erased.py", '    ("witness", "id"),\n', ""),
        ),
        exposed_by="A person is written after the backup, pulled, erased; the centre is restored and a device offers the row: "
        "erasure.",
    ),
    Mutant(
        "erased-row-stays-in-the-log",
        "A device deletes the row of an erased record and keeps the words that were typed about it in its log.",
        (
            Edit(
                "field_kit/erased.py",
                "    change_identity(database, search_unclean=True)\n    _blank(database, ids)\n",
                "    change_identity(database, search_unclean=True)\n",
            ),
        ),
        exposed_by="A types about a person and syncs, the person is erased, A pulls: erasure.",
    ),
    Mutant(
        "erased-name-stays-in-a-conflict",
        "What an erasure empties in the ledger stays in the conflicts that show it.",
        (
            Edit(
                "server/store/erasing.py",
                "    besides = [*_let_go(connection, ids, commit), "
                "*conflicts_without(connection, ids, elsewhere, commit)]\n",
                "    besides = _let_go(connection, ids, commit)\n",
            ),
        ),
        exposed_by="A and B contest a field of a case; the words of one came from a merged case that is erased: erasure.",
    ),
    Mutant(
        "erased-without-those-merged-into-it",
        "Of two records that were found to be one only the one that goes on is erased; the other, with the same name, stays.",
        (
            Edit(
                "server/store/belonging.py",
                "    found |= set(connection.execute(joined).scalars()) if merged else set()\n",
                "    found |= set()\n",
            ),
        ),
        exposed_by="Two people are merged, one of them is erased: section 13, what goes with it.",
    ),
    Mutant(
        "photos-of-the-erased-stay",
        "What wholly belongs to an erased record stays where it was: photos, members of a household, conflicts.",
        (
            Edit(
                "server/store/belonging.py",
                "    found = set(connection.execute(carried).scalars())\n",
                "    found = set(connection.execute(carried).scalars()) if not merged else set()\n",
            ),
        ),
        exposed_by="A person with a photo is erased: section 13, what goes with it.",
    ),
)
