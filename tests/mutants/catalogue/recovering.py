"""Known bugs of what a device sends, shows and forgets: its log, its overlay, its recovery.

A kit is never told 404 about an edit; the nearest to "404 deletes the queued edit" is to delete what is not permitted.
"""

# ruff: noqa: E501 - an edit is a line of the product as it stands, in quotes

from tests.mutants.mutant import Edit, Mutant

LOG = "field_kit/log.py"
PAGES = "field_kit/pages.py"
RECOVERY = "field_kit/recovery.py"

RECOVERING = (
    Mutant(
        "fork-resends-under-new-ids",
        "After a fork a device sends its edits under new ids: what the centre had is applied twice.",
        (
            Edit(
                RECOVERY,
                "        if life:\n            _enter_epoch(",
                "        if isinstance(reason, DeviceForked):\n"
                '            for (old,) in database.rows("SELECT id FROM mutation"):\n'
                '                database.execute("UPDATE mutation SET id = ? WHERE id = ?", '
                "(surroundings.new_id(), old))\n"
                "        if life:\n            _enter_epoch(",
            ),
        ),
    ),
    Mutant(
        "base-moved-on-rebase",
        "When a pull brings a newer row, the edits that wait are said to rest on it.",
        (
            Edit(
                PAGES,
                "    memberships = [(bucket, row[0]) for table in reply.tables",
                "    newer = [(row[1], row[0]) for table in reply.tables for row in table.put]\n"
                "    database.executemany(\n"
                "        \"UPDATE mutation SET base = ? WHERE record = ? AND state = 'pending' AND op <> 'create'\", newer\n"
                "    )\n"
                "    memberships = [(bucket, row[0]) for table in reply.tables",
            ),
        ),
    ),
    Mutant(
        "typing-lost-in-rebase",
        "When a pull brings a newer row, what waits to be sent is no longer laid over it.",
        (
            Edit(
                PAGES,
                "    memberships = [(bucket, row[0]) for table in reply.tables",
                "    newer = [(row[0],) for table in reply.tables for row in table.put]\n"
                "    database.executemany(\n"
                "        \"UPDATE mutation SET state = 'settled' WHERE record = ? AND state = 'pending'\", newer\n"
                "    )\n"
                "    memberships = [(bucket, row[0]) for table in reply.tables",
            ),
        ),
    ),
    Mutant(
        "overlay-dropped-on-a-pulls-word",
        "An edit counts as sent when a pull shows that its record has changed since.",
        (
            Edit(
                LOG,
                "    left = database.rows(\n",
                "    database.execute(\n"
                "        \"UPDATE mutation SET state = 'settled', unanswered = 0 WHERE state = 'pending' AND base <\"\n"
                '        " (SELECT version FROM record WHERE record.id = mutation.record)"\n'
                "    )\n"
                "    left = database.rows(\n",
            ),
        ),
    ),
    Mutant(
        "overlay-dropped-before-complete",
        "An edit leaves the overlay with its answer, before a pull has brought it back.",
        (
            Edit(
                LOG,
                "        state = CASE WHEN state = 'settled' AND ? <= ? THEN 'settled' ELSE 'answered' END WHERE id = ?\"\"\",\n",
                "        state = CASE WHEN ? > ? THEN 'settled' ELSE 'settled' END WHERE id = ?\"\"\",\n",
            ),
        ),
    ),
    Mutant(
        "a-denied-edit-shown-as-synced",
        "A device tells its user that a refused edit has arrived.",
        (
            Edit(
                LOG,
                "            (each.outcome, each.code, _detail(each), each.commit, each.commit, shown_through, each.id)\n",
                "            (\n"
                '                "applied" if each.outcome == "rejected" else each.outcome,\n'
                "                each.code, _detail(each), each.commit, each.commit, shown_through, each.id,\n"
                "            )\n",
            ),
        ),
    ),
    Mutant(
        "404-deletes-the-queued-edit",
        "An edit that the centre may not take is deleted on the device that made it.",
        (
            Edit(
                "field_kit/pushing.py",
                "        notices.note(database, [each.id for each in reply.outcomes])\n",
                "        notices.note(database, [each.id for each in reply.outcomes])\n"
                "        database.execute(\"DELETE FROM mutation WHERE outcome = 'rejected' AND code = 'not_permitted'\")\n",
            ),
        ),
    ),
)
