"""Forks and restores: what neither a device nor the centre may forget when it goes back."""

# ruff: noqa: E501 - an edit is a line of the product as it stands, in quotes

from tests.mutants.mutant import Edit, Mutant

RESTORING = (
    Mutant(
        "fork-renumbers-only-what-is-unacknowledged",
        "A recovering device sends again only what had no answer: what a restored centre has lost of the rest stays lost.",
        (
            Edit(
                "field_kit/recovery.py",
                'database.execute("UPDATE mutation SET seq = -seq")',
                'database.execute("UPDATE mutation SET seq = CASE unanswered WHEN 1 THEN -seq ELSE seq - 1000000 END")',
            ),
            Edit(
                "field_kit/recovery.py",
                '"SELECT id FROM mutation WHERE lane = ? ORDER BY seq DESC"',
                '"SELECT id FROM mutation WHERE lane = ? AND unanswered = 1 ORDER BY seq DESC"',
            ),
            Edit(
                "field_kit/recovery.py",
                '    database.execute("UPDATE mutation SET unanswered = 1")\n    database.execute(\n',
                "    database.execute(\n",
            ),
        ),
        exposed_by="A types and syncs, the centre is restored to before that, A syncs: promise 25.",
    ),
    Mutant(
        "sequence-reused-after-a-device-restore",
        "After a fork the device numbers its log anew and keeps its incarnation: numbers that the centre has come again "
        "with other edits, and nothing gets through any more.",
        (
            Edit(
                "field_kit/recovery.py",
                "        change_identity(database, incarnation=surroundings.new_id())\n",
                "        if life:\n            change_identity(database, incarnation=surroundings.new_id())\n",
            ),
        ),
        exposed_by="A device goes back to an old copy, somebody types on it, it syncs: promise 28.",
    ),
    Mutant(
        "settled-edits-laid-over-newer-rows",
        "A recovering device takes its whole log back into what it shows: old edits hide newer values, and what is typed "
        "then rests on values that nobody has any more.",
        (
            Edit(
                "field_kit/recovery.py",
                "        _renumber(database, life.restored_to if life else EVERYTHING)\n",
                "        _renumber(database, -1)\n",
            ),
        ),
        exposed_by="A sets a field, B sets it again, A has pulled that and recovers from a fork: promises 20, 29.",
    ),
    Mutant(
        "restored-to-of-the-last-restore-only",
        "A device is told the point of the last restore, though it missed one before that went further back.",
        (
            Edit(
                "server/store/epochs.py",
                "    by_id = {each.id: each for each in epochs}\n",
                "    by_id = {each.id: each for each in epochs}\n    if claimed in by_id:\n"
                "        return epochs[-1].restored_to\n",
            ),
        ),
        exposed_by="The centre is restored to commit 5, then from a backup of commit 9 of its new life; a device that knows only "
        "the first life syncs: promise 25.",
    ),
    Mutant(
        "epoch-parent-is-the-last-one",
        "A new epoch is taken for a child of the one that was just replaced, not of the one in which its backup was taken.",
        (
            Edit(
                "server/backup/reopening.py",
                "    new = Epoch(new_id(), manifest.epoch, manifest.commit, rfc3339(now))\n",
                "    parent = lost[-1].id if lost else manifest.epoch\n"
                "    new = Epoch(new_id(), parent, manifest.commit, rfc3339(now))\n",
            ),
        ),
        exposed_by="The centre is restored to an old backup, then to a newer one of the first life; a device of the life in between "
        "syncs: promise 25.",
    ),
    Mutant(
        "base-kept-above-restored-to",
        "After a restore the edits that wait keep their bases: numbers that now stand for other changes, which pass for "
        "seen.",
        (
            Edit(
                "field_kit/recovery.py",
                '    database.execute("UPDATE mutation SET base = ? WHERE base > ?", (restored_to, restored_to))\n',
                "",
            ),
        ),
        exposed_by="A pulls, types on the row; the centre is restored to before that; B sets the field anew; A pushes: promise 29.",
    ),
    Mutant(
        "witnesses-only-of-own-records",
        "Of the rows that a restored centre may have lost a device keeps only those on which it has edits itself: what "
        "staff wrote is dropped everywhere.",
        (
            Edit(
                "field_kit/recovery.py",
                '"INSERT OR IGNORE INTO witness SELECT id, type, version, data, ? FROM record WHERE version > ?",\n',
                '"""INSERT OR IGNORE INTO witness SELECT id, type, version, data, ? FROM record WHERE version > ?\n'
                '        AND id IN (SELECT record FROM mutation)""",\n',
            ),
        ),
        exposed_by="Staff write, devices pull, the centre is restored to before that: promise 25 for rows.",
    ),
    Mutant(
        "renewed-device-takes-the-epoch-at-its-word",
        "A device that is enrolled again takes over the centre's new epoch with its token, and so never recovers from the "
        "restore in between.",
        (
            Edit(
                "field_kit/enrolling.py",
                "            token=given.token,\n            centre_public_key=given.centre_public_key,\n"
                "            device_name=name,\n",
                "            token=given.token,\n            epoch=given.epoch,\n"
                "            centre_public_key=given.centre_public_key,\n            device_name=name,\n",
            ),
        ),
        exposed_by="A device's token ends, the centre is restored to before its last sync, it is enrolled again: promises 8, 25.",
    ),
    Mutant(
        "sealed-outbox-without-what-is-sent-again",
        "Sealed work holds what has no outcome, and not what must be sent again after a restore: a device that is wiped "
        "or carried then takes the centre's only copy with it.",
        (Edit("field_kit/export.py", '_UNSENT = "unanswered = 1"\n', '_UNSENT = "outcome IS NULL"\n'),),
        exposed_by="A types and syncs, the centre is restored to before that, A is cancelled as lost before its log got through: "
        "promise 1.",
    ),
    Mutant(
        "witnesses-not-sealed-at-the-wipe",
        "A device that wipes itself seals its edits and forgets the rows that a restored centre has lost.",
        (
            Edit(
                "field_kit/wiping.py",
                "        rows = [Part([], [], portion) for portion in in_portions(database, PART_BYTES)]\n",
                "        rows: list[Part] = []\n",
            ),
        ),
        exposed_by="Staff write, A pulls, the centre is restored, A recovers and is cancelled as lost before it offered them: "
        "promise 25.",
    ),
    Mutant(
        "carried-edit-keeps-its-base",
        "Work that comes by hand from before a restore keeps its bases, which now stand for other changes.",
        (
            Edit(
                "server/unsent_work.py",
                "    if restored_to is None or not isinstance(mutation, Mutation) or mutation.base <= restored_to:\n",
                "    if restored_to is None or not isinstance(mutation, Mutation) or mutation.base > restored_to:\n",
            ),
        ),
        exposed_by="A exports an edit, the centre is restored to below its base, somebody sets the field, the file is brought: "
        "promise 29.",
    ),
    Mutant(
        "restore-keeps-the-epoch",
        "A restored centre goes on in the life in which the backup was taken: no device notices, and numbers are given "
        "out twice.",
        (
            Edit(
                "server/backup/reopening.py",
                "    add_epochs(connection, len(known), [*lost, new])\n    return len(lost), new\n",
                "    return 0, known[-1]\n",
            ),
        ),
        exposed_by="A syncs, the centre is restored to before that, A and B sync: promises 8, 25.",
    ),
    Mutant(
        "revocations-forgotten-by-a-restore",
        "A device that was cancelled after the backup is good again once the centre is restored.",
        (
            Edit(
                "server/backup/reopening.py",
                "    revoked = sum(devices.revoke_again(connection, entry.facts) for entry in entries "
                'if entry.kind == "revocation")\n',
                "    revoked = 0\n",
            ),
        ),
        exposed_by="A device is cancelled, the centre is restored to before that: promise 17 for devices.",
    ),
    Mutant(
        "wipe-confirmation-forgotten-by-a-restore",
        "A restored centre no longer knows that a device has wiped itself, and waits for it for ever.",
        (
            Edit(
                "server/backup/reopening.py",
                '        if entry.kind == "wiped":\n            devices.wiped_again(',
                '        if entry.kind == "wipe":\n            devices.wiped_again(',
            ),
        ),
        exposed_by="A lost device wipes itself and says so, the centre is restored to before that: promise 17 for devices.",
    ),
)
