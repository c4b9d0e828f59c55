"""Known bugs of who may hold what: buckets, feeds, masks, grants."""

from tests.mutants.mutant import Edit, Mutant

MEMBERSHIP = (
    Mutant(
        "moved-record-left-on-the-old-device",
        "A record that moves away is not taken out of its old bucket.",
        (
            Edit(
                "sync/buckets.py",
                "        if entry.live and bucket not in wanted:\n",
                "        if entry.live and bucket not in wanted and deleted:\n",
            ),
        ),
    ),
    Mutant(
        "put-of-a-move-omitted",
        "A record that moves is taken out of its old bucket and not put into the new one.",
        (
            Edit(
                "sync/buckets.py",
                "        if entry is None or not entry.live:\n            entries.append",
                "        if (entry is None and not before) or (entry is not None and not entry.live):\n"
                "            entries.append",
            ),
            Edit("sync/buckets.py", "        elif changed:\n", "        elif changed and entry is not None:\n"),
            Edit(
                "sync/buckets.py",
                "        elif reasons != entry.reasons:\n",
                "        elif entry is not None and reasons != entry.reasons:\n",
            ),
        ),
    ),
    Mutant(
        "leaving-one-bucket-evicts-a-record-held-by-another",
        "The kit drops a record as soon as one of its buckets ends.",
        (
            Edit(
                "field_kit/pages.py",
                '        """DELETE FROM record WHERE id IN (SELECT value FROM json_each(?))\n'
                "        AND NOT EXISTS (SELECT 1 FROM membership WHERE membership.record = record.id) "
                'RETURNING id""",\n',
                '        """DELETE FROM record WHERE id IN (SELECT value FROM json_each(?)) RETURNING id""",\n',
            ),
        ),
    ),
    Mutant(
        "membership-counted-not-a-set",
        "The kit counts each time that a bucket brings a record: the sums never agree again.",
        (
            Edit("field_kit/checksums.py", "        new = {\n", "        new = [\n"),
            Edit(
                "field_kit/checksums.py",
                "for record, version, homes in put if record not in self._known for bucket in homes\n        }\n",
                "for record, version, homes in put if record not in self._known for bucket in homes\n        ]\n",
            ),
        ),
    ),
    Mutant(
        "masked-field-kept-after-the-wider-bucket-ends",
        "A record that stays in a narrower bucket keeps on the device what only the wider one carried.",
        (
            Edit(
                "field_kit/pages.py",
                "        if len(seen) < len(stored):\n            narrower",
                "        if len(seen) < len(stored) and not seen:\n            narrower",
            ),
        ),
    ),
    Mutant(
        "page-not-masked",
        "A page carries every field to whoever holds any bucket of the record.",
        (
            Edit(
                "server/store/pull.py",
                "        visible = self._visible_fields(row.type, tuple(homes))\n",
                "        return cast(Mapping[str, Any], row.data)\n"
                "        visible = self._visible_fields(row.type, tuple(homes))\n",
            ),
        ),
    ),
    Mutant(
        "what-others-wrote-shown-to-the-owner",
        "Whoever filed a record keeps seeing all that staff add to it.",
        (
            Edit(
                "sync/buckets.py",
                "    return {name: value for name, value in seen.items() if name in theirs or name not in by_others}\n",
                "    return seen\n",
            ),
        ),
    ),
    Mutant(
        "grants-read-only-at-login",
        "What a person may hold stays as it was when it first was asked for.",
        (
            Edit(
                "server/auth/grants.py",
                "    if wanted == held:\n        return\n",
                "    wanted |= held\n    if wanted == held:\n        return\n",
            ),
        ),
    ),
    Mutant(
        "dropped-bucket-keeps-its-rows",
        "The kit forgets a bucket that it lost, and keeps its rows.",
        (
            Edit(
                "field_kit/pages.py",
                '        ended += [record for (record,) in database.rows("SELECT record FROM membership WHERE '
                'bucket = ?", bucket)]\n',
                "        ended += []\n",
            ),
        ),
    ),
    Mutant(
        "naming-a-record-opens-it",
        "Whoever names a person by id gets to see them, held or not.",
        (
            Edit(
                "server/store/persist.py",
                "edge.carried not in foreign)",
                "True)",
            ),
        ),
    ),
)
