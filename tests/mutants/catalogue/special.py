"""Rules of this product's own: joined records, shared buckets, sealed work, and what a device looks at by itself."""

# ruff: noqa: E501 - an edit is a line of the product as it stands, in quotes

from tests.mutants.mutant import Edit, Mutant

SPECIAL = (
    Mutant(
        "edit-of-a-departed-case-applied",
        "What somebody typed on a case that has since gone to others takes effect, instead of waiting for those others.",
        (
            Edit(
                "sync/apply.py",
                "    return writer.centre or draft.stands(state.id).holds\n",
                "    return writer.centre or bool(state.id)\n",
            ),
        ),
        exposed_by="A types on a case, it moves to another district, A pushes: promise 10.",
    ),
    Mutant(
        "base-of-what-is-shown-now",
        "A second edit of a record takes the version of the newest row for its base, not that of the first one still "
        "waiting: what it says it saw is the first edit's value, not the row's.",
        (
            Edit(
                "sync/outgoing.py",
                "    return pending_bases[0] if pending_bases else version_shown\n",
                "    return version_shown\n",
            ),
        ),
        exposed_by="A types twice on one record; between the two a pull brings somebody else's change of it: promise 29.",
    ),
    Mutant(
        "merged-edits-are-no-changes",
        "Edits that met another's count for nothing when somebody asks whether a record was changed: a delete goes over "
        "them.",
        (
            Edit(
                "server/store/loading.py",
                'CHANGING = ("applied", "merged", "conflicted")\n',
                'CHANGING = ("applied", "conflicted")\n',
            ),
        ),
        exposed_by="A sets a field, B sets another (merged), C, who saw neither or only A's, deletes: promise 29.",
    ),
    Mutant(
        "closing-over-an-unseen-raise",
        "A case is closed although somebody has raised its urgency to the highest meanwhile.",
        (
            Edit(
                "sync/endings.py",
                "    if ending is None or changes.get(ending.field) != ending.value or ending.field in settled:\n"
                "        return ()\n",
                "    if ending is None or ending.field not in settled:\n        return ()\n",
            ),
        ),
        exposed_by="B raises a case, A, who has not seen it, closes it: a domain rule of section 4, promise 29.",
    ),
    Mutant(
        "raising-leaves-the-case-closed",
        "Whoever raises a case to the highest urgency without knowing that it was closed changes a closed case, which "
        "nobody looks at.",
        (
            Edit(
                "sync/endings.py",
                "    return draft.world.ended.get(state.id) if _came_unseen(draft, state, ending.field, mutation.base) "
                "else None\n",
                "    return None\n",
            ),
        ),
        exposed_by="A closes a case, B, who has not seen it, raises it: a domain rule of section 4.",
    ),
    Mutant(
        "contender-joins-a-closed-conflict",
        "A contender is added to the field's last conflict, also when that was decided: nobody looks at it again.",
        (
            Edit(
                "server/store/loading.py",
                '    return {row.id: state_of(row) for row in rows if row.data["status"] == "open"}\n',
                "    return {row.id: state_of(row) for row in rows}\n",
            ),
        ),
        exposed_by="A conflict of a field is decided, then somebody who saw neither contests the field: promise 14.",
    ),
    Mutant(
        "conflict-goes-with-the-deleted-record",
        "A conflict leaves every bucket when its record is deleted: nobody sees what was written against the deletion.",
        (
            Edit(
                "server/store/membership.py",
                "            if edge.granted and (self._lives(edge.carrier) or (holding.outlives and edge.whole))\n",
                "            if edge.granted and self._lives(edge.carrier)\n",
            ),
        ),
        exposed_by="B deletes a record, A has edited it: promises 13, 14.",
    ),
    Mutant(
        "redirected-edit-borrows-the-survivor",
        "Whoever edits a merged record is taken for an owner of the one that goes on: their edit takes effect on a record "
        "that they may not see.",
        (
            Edit(
                "sync/apply.py",
                "        draft.standing[survivor.id] = LENT\n",
                "        draft.standing[survivor.id] = OWNER\n",
            ),
        ),
        exposed_by="B merges a case of A's into one that A does not hold; A has edited theirs: promise 10.",
    ),
    Mutant(
        "unmerge-leaves-moved-edits-on-both",
        "Edits that change sides when a merge is undone stay on the survivor too.",
        (
            Edit(
                "sync/record_merge.py",
                "_undone(kind, each, [*chosen, *moves]) for each in chain}",
                "_undone(kind, each, chosen) for each in chain}",
            ),
        ),
        exposed_by="B merges two cases, A edits the merged one, B takes them apart and moves A's edit back: promise 15.",
    ),
    Mutant(
        "unmerge-drops-what-does-not-fit",
        "An edit that comes back to a record which says something else by now is dropped instead of contending there.",
        (
            Edit(
                "sync/record_merge.py",
                "    references = tuple(_contend(draft, kind, state.id, past, unit, bench) "
                "for past, unit in contested)\n",
                "    references: tuple[ConflictReference, ...] = ()\n",
            ),
        ),
        exposed_by="B merges two cases, A edits the merged one, somebody's edit of the same field came before: promises 1, 14.",
    ),
    Mutant(
        "deleted-with-those-who-go-on-in-it",
        "A record is deleted although others were merged into it: they vanish with it.",
        (Edit("sync/apply.py", " or (_is_joined(draft, state) and not mutation.resolves):\n", ":\n"),),
        exposed_by="B merges two cases; A, who saw that, deletes the surviving one: promise 29.",
    ),
    Mutant(
        "merged-records-do-not-share-their-buckets",
        "Who holds the merged case does not get the one in which it goes on.",
        (
            Edit(
                "server/store/families.py",
                "key: own[key] | {bucket for bucket in together[_end(states, key)] if _is_shared(bucket, state.owner)}",
                "key: own[key]",
            ),
        ),
        exposed_by="B merges a case of one district into one of another: promise 13.",
    ),
    Mutant(
        "photos-left-behind-by-a-move",
        "What wholly belongs to a moved record does not move with it: photos, conflicts and household members stay in the "
        "old district.",
        (
            Edit(
                "server/store/membership.py",
                "            {edge.carried for edge in edges if edge.whole and edge.carrier in of_all}\n",
                "            {edge.carried for edge in edges if edge.whole and edge.carrier in of_own}\n",
            ),
        ),
        exposed_by="A case with a visit that has a photo moves to another district: promise 13.",
    ),
    Mutant(
        "resync-merges-into-the-old-set",
        "A bucket that is fetched again is added to what was there: what should not be in it stays.",
        (
            Edit(
                "field_kit/pages.py",
                '            """DELETE FROM membership WHERE bucket = ? AND record NOT IN\n'
                '            (SELECT record FROM fresh_membership WHERE bucket = ?) RETURNING record""",\n',
                '            """INSERT OR IGNORE INTO membership (bucket, record) SELECT bucket, record\n'
                '            FROM fresh_membership WHERE bucket = ? AND bucket = ? RETURNING record""",\n',
            ),
        ),
        exposed_by="A device is damaged or the centre restored so that a bucket has too much on it: promises 8, 22.",
    ),
    Mutant(
        "mismatched-sums-ignored",
        "The kit does not look at the sums: a bucket that went wrong stays wrong.",
        (
            Edit(
                "field_kit/pages.py",
                "    mismatched = sorted(bucket for bucket in mine.keys() & theirs.keys() if mine[bucket] != theirs[bucket])\n",
                "    mismatched: list[str] = []\n",
            ),
        ),
        exposed_by="The centre is restored; a row whose newer version a device had is not in the feed above that: promises 8, 25.",
    ),
    Mutant(
        "damaged-rows-not-fetched-again",
        "The deep check finds damage, says so, and leaves it at that.",
        (
            Edit(
                "field_kit/checking.py",
                '        pages.refetch(database, found["differs"])\n        pull(session)\n',
                "        pull(session)\n",
            ),
        ),
        exposed_by="A bit of a row flips, the device checks its contents: promises 8, 22.",
    ),
    Mutant(
        "others-sensitive-words-kept",
        "Of a row that stays by its author's own bucket the kit keeps what others wrote into it, though that bucket does "
        "not carry their sensitive words.",
        (
            Edit(
                "field_kit/pages.py",
                "masked(known, stored, classes_of_others(keys)) if known else {}",
                "masked(known, stored, classes_seen(keys)) if known else {}",
            ),
        ),
        exposed_by="A files a case, staff write sensitive things into it, A's role ends: promise 10.",
    ),
    Mutant(
        "nobody-elses-words",
        "Nobody notes which fields others than the owner have written: their sensitive words go to the owner's bucket.",
        (
            Edit(
                "sync/state.py",
                "        others = self.by_others if by in (None, self.owner) else self.by_others.union(values)\n",
                "        others = self.by_others\n",
            ),
        ),
        exposed_by="A volunteer files a case, staff write sensitive things into it, the volunteer pulls: promise 10.",
    ),
    Mutant(
        "emptied-field-survives-a-put",
        "The kit lays a put over the row that it has: a field that was emptied, or may not be seen any more, stays.",
        (
            Edit(
                "field_kit/pages.py",
                "            SET type = excluded.type, version = excluded.version, data = excluded.data",
                "            SET type = excluded.type, version = excluded.version,\n"
                "            data = json_patch(record.data, excluded.data)",
            ),
        ),
        exposed_by="Staff empty a field, or a record moves to where less of it is shown: promises 8, 10.",
    ),
    Mutant(
        "departed-edits-stay-readable",
        "What was typed about a record that has left is sealed for the centre, and stays readable beside that.",
        (
            Edit(
                "field_kit/sealing.py",
                "\"UPDATE mutation SET sealed = ?, payload = '{}' WHERE id = ?\"",
                '"UPDATE mutation SET sealed = ? WHERE id = ?"',
            ),
        ),
        exposed_by="A edits a case, the case moves away, A pulls: promises 10, 11.",
    ),
    Mutant(
        "outbox-of-a-lost-device-applied",
        "What comes sealed from a device is applied at once, also when the device was lost: a thief may have typed it.",
        (
            Edit(
                "server/unsent_work.py",
                '        good = self.owner is not None and self.owner.active and self.owner.revoked_order != "lost"\n'
                "        return self.authentic and good and self.work.kind == EXPORT\n",
                "        return self.authentic and self.owner is not None and self.owner.active\n",
            ),
        ),
        exposed_by="A device is cancelled as lost, an export of it is brought to the centre: section 2, quarantine.",
    ),
)
