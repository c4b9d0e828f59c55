"""On the device: what was typed stays in sight until the centre has it, and in the log until it is safe.

Nobody logs out of a kit; the nearest to "unsent edits purged on logout" is to give a device back.
"""

# ruff: noqa: E501 - an edit is a line of the product as it stands, in quotes

from tests.mutants.mutant import Edit, Mutant

DEVICES = (
    Mutant(
        "unsent-edits-purged-on-logout",
        "A device may be given back although something on it was never sent: all of it is deleted.",
        (
            Edit(
                "field_kit/kit.py",
                "        if kept or (waits and not all_exported(self.database, self.identity)):\n",
                "        if kept and not all_exported(self.database, self.identity):\n",
            ),
        ),
        exposed_by="A types, never syncs, and gives the device back: promise 1.",
    ),
    Mutant(
        "attachment-acknowledged-before-its-hash",
        "A photo counts as here as soon as its upload has begun: the device forgets the rest of it.",
        (
            Edit(
                "server/uploads.py",
                '        upload.c.sha256 == record.c.data["sha256"].as_string(),\n'
                "        upload.c.finished_at.is_not(None),\n",
                '        upload.c.sha256 == record.c.data["sha256"].as_string(),\n',
            ),
        ),
        exposed_by="An upload is cut in the middle, the device syncs again: promise 1 for photos.",
    ),
    Mutant(
        "log-pruned-at-applied-through",
        "A device forgets what the centre has applied, before any backup has it: a restored centre never gets it again.",
        (
            Edit(
                "field_kit/pushing.py",
                "        log.prune(database, lane, reply.safe_through)\n",
                "        log.prune(database, lane, reply.applied_through)\n",
            ),
        ),
        exposed_by="A types and pushes: promise 6; and 25 once the centre is restored.",
    ),
    Mutant(
        "backup-covers-what-came-since",
        "A backup that was found whole counts for all that is at the centre by then, also what came while it was looked at.",
        (
            Edit(
                "server/backup/taking.py",
                "        return safety.cover_commit(connection, manifest.commit, manifest.taken_at)\n",
                "        return safety.cover_commit(connection, 2**62, rfc3339(now))\n",
            ),
        ),
        exposed_by="A backup is taken, A syncs, the backup is verified, A syncs again: promise 6; and 25 once it is restored.",
    ),
    Mutant(
        "safe-through-is-the-end-of-the-lane",
        "Once a backup counts for a lane, the centre calls safe whatever the lane has by now.",
        (
            Edit(
                "server/store/push.py",
                "            safe_through=safe,\n",
                "            safe_through=end if safe else 0,\n",
            ),
        ),
        exposed_by="A syncs, a backup is verified, A types and syncs again: promise 6.",
    ),
    Mutant(
        "released-edit-still-waits-on-its-device",
        "The word that something which waited was let go is taken for one by staff: its author sees it wait for ever.",
        (
            Edit(
                "field_kit/notices.py",
                '    "released": _released,\n',
                '    "released": _put_aside,\n',
            ),
        ),
        exposed_by="A visit arrives before its case and waits, the case comes: promise 3.",
    ),
    Mutant(
        "urgent-lane-pruned-by-the-normal-one",
        "How far a lane is safe is taken for both: emergencies are forgotten by the other lane's numbers.",
        (
            Edit(
                "field_kit/pushing.py",
                "        log.prune(database, lane, reply.safe_through)\n",
                "        for each in LANES:\n            log.prune(database, each, reply.safe_through)\n",
            ),
        ),
        exposed_by="A sends an emergency after the last backup, and the normal lane is safe beyond its number: promise 6.",
    ),
    Mutant(
        "a-lane-of-another-life-is-safe",
        "How far a lane is safe is counted over all lives of the device: what is sent again under new numbers counts as "
        "covered by the old ones.",
        (
            Edit(
                "server/store/safety.py",
                "        mutation.c.incarnation == device_lane.c.incarnation,\n",
                "",
            ),
        ),
        exposed_by="A backup is verified, a device recovers and types on, another word on what is safe comes: promise 6.",
    ),
    Mutant(
        "photo-safe-without-its-bytes",
        "A backup counts for a photo whose bytes were not there yet when it was taken: the device forgets them.",
        (
            Edit(
                "server/store/safety.py",
                "    safe = case((photo <= through, photo - 1), else_=through)\n",
                "    safe = case((photo <= 0, photo - 1), else_=through)\n",
            ),
        ),
        exposed_by="A photo's record is pushed, a backup taken and verified, then the bytes arrive and are pruned: promises 6, 25.",
    ),
    Mutant(
        "photo-bytes-pruned-on-arrival",
        "The kit deletes a photo's bytes as soon as the centre has them, without waiting for a backup.",
        (
            Edit(
                "field_kit/files.py",
                "        \"\"\"DELETE FROM file WHERE state IN ('arrived', 'sealed')\n"
                '        AND NOT EXISTS (SELECT 1 FROM mutation WHERE record = file.attachment)"""\n',
                "        \"DELETE FROM file WHERE state IN ('arrived', 'sealed')\"\n",
            ),
        ),
        exposed_by="A photo is uploaded, the centre is restored from before that: promises 6, 25 for photos.",
    ),
)
