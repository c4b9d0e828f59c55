"""Pushes: exactly once, all or nothing, acknowledged only when it is so."""

# ruff: noqa: E501 - an edit is a line of the product as it stands, in quotes

from tests.mutants.mutant import Edit, Mutant

PUSHING = (
    Mutant(
        "false-acknowledgement-of-rolled-back-work",
        "Of a Save that is refused as a whole each edit is answered with what it would have been alone: the good ones as "
        "applied, though nothing of them was written.",
        (
            Edit(
                "sync/apply.py",
                '        return own if own.outcome is Outcome.REJECTED else rejected("group_rejected")\n',
                "        return own\n",
            ),
        ),
        exposed_by="Somebody saves two edits of which the centre refuses one: promises 1, 21.",
    ),
    Mutant(
        "reply-before-commit",
        "The answer to a push is made up before COMMIT, and goes out whatever becomes of that.",
        (
            Edit(
                "server/store/push.py",
                "        with writing(self.engine) as connection:\n            return _Push(connection, self.types, "
                "self.derivations, author, request, groups, now, refuse=refuse).run()\n",
                "        with self.engine.connect() as connection:\n"
                "            connection.execution_options(writing=True)\n"
                "            begun = connection.begin()\n"
                "            reply = _Push(\n                connection, self.types, self.derivations, author, request, "
                "groups, now, refuse=refuse\n            ).run()\n"
                "            try:\n                begun.commit()\n"
                "            except BaseException:  # the answer is on its way already\n"
                '                log.warning("a push was answered and not committed")\n'
                "        return reply\n",
            ),
        ),
        exposed_by="The server dies at the COMMIT of a push: promise 5.",
    ),
    Mutant(
        "no-op-edit-dropped-from-history",
        "An edit that changes nothing is not written into the ledger: nobody knows any more that its author said so, and "
        "its lane has a hole.",
        (
            Edit(
                "server/store/transaction.py",
                "            self.ledger.append(ledger_entry(batch, each, decision, first))\n",
                '            if decision.outcome != "unchanged":\n'
                "                self.ledger.append(ledger_entry(batch, each, decision, first))\n",
            ),
        ),
        exposed_by="Two people set the same value: promises 1, 4.",
    ),
    Mutant(
        "pushed-but-reply-lost-duplicated",
        "When a push has no answer the kit takes it for lost and logs its edits once more, under new ids: what the "
        "centre had received takes effect twice.",
        (
            Edit(
                "field_kit/pushing.py",
                "reply = session.patiently(partial(session.transport.push, request), () if whole else (TimedOut,))",
                "reply = session.patiently(partial(_pushed, session, request), () if whole else (TimedOut,))",
            ),
            Edit(
                "field_kit/pushing.py",
                "def store_outcomes(session: Session,",
                "def _pushed(session: Session, request: PushRequest) -> PushReply:\n    try:\n"
                "        return session.transport.push(request)\n    except Unreachable:\n"
                "        with session.database.transaction():\n"
                "            log.log_again(session.database, request.lane, session.surroundings)\n        raise\n\n\n"
                "def store_outcomes(session: Session,",
            ),
            Edit(
                "field_kit/pushing.py",
                "from field_kit.errors import GarbledReply, TimedOut\n",
                "from field_kit.errors import GarbledReply, TimedOut, Unreachable\n",
            ),
            Edit(
                "field_kit/log.py",
                "def prunable(database: Database, lane: str) -> bool:\n",
                "def log_again(database: Database, lane: str, surroundings: Surroundings) -> None:\n"
                "    lost = \"lane = ? AND unanswered = 1 AND outcome IS NULL AND save NOT LIKE '%+'\"\n"
                '    for id_, save in database.rows(f"SELECT id, save FROM mutation WHERE {lost} ORDER BY seq", (lane,)):\n'
                '        if database.value("SELECT 1 FROM mutation WHERE save = ?", (f"{save}+",)):\n'
                "            continue\n"
                '        seq = database.value("UPDATE lane SET last_seq = last_seq + 1 WHERE name = ? '
                'RETURNING last_seq", (lane,))\n'
                "        database.execute(\n"
                '            """INSERT INTO mutation (id, seq, lane, save, op, type, record, base, payload, recorded_at)\n'
                "            SELECT ?, ?, lane, ?, op, type, record, base, payload, recorded_at FROM mutation "
                'WHERE id = ?""",\n'
                '            (surroundings.new_id(), seq, f"{save}+", id_),\n        )\n\n\n'
                "def prunable(database: Database, lane: str) -> bool:\n",
            ),
        ),
        exposed_by="A reply to a push is lost; before the copy arrives somebody else puts the value back: promises 2, 29.",
    ),
    Mutant(
        "same-seq-with-another-id-accepted",
        "A number that the centre has is taken for known whatever its id: another edit under that number is "
        "acknowledged and dropped.",
        (
            Edit(
                "sync/sequence.py",
                "        if place.seq <= last.seq and recorded.get(place.seq) != place.id:\n",
                "        if place.seq <= last.seq and place.seq not in recorded:\n",
            ),
            Edit(
                "server/store/push.py",
                "outcomes=[outcomes[each.mutation.id] for group in self.groups for each in group],",
                "outcomes=[\n                outcomes.get(each.mutation.id)\n"
                '                or MutationOutcome(id=each.mutation.id, outcome="unchanged", commit=commit)\n'
                "                for group in self.groups\n                for each in group\n            ],",
            ),
        ),
        exposed_by="A device goes back to an old copy of its file, somebody types on it, it pushes: promises 1, 5.",
    ),
    Mutant(
        "whole-batch-failed-by-one-bad-row",
        "One edit with a wrong value refuses the whole push: what stands behind it never gets through.",
        (
            Edit(
                "server/store/transaction.py",
                "from sync.erasing import ERASED\n",
                "from sync.erasing import ERASED\nfrom sync.errors import ValidationFailed\n",
            ),
            Edit(
                "server/store/transaction.py",
                "            decisions += decided\n        return decisions\n",
                "            decisions += decided\n"
                '        if batch.lane in ("urgent", "normal") and any(each.code == "validation_failed" '
                "for each in decisions):\n"
                '            raise ValidationFailed(errors={"groups": [{"code": "invalid"}]})\n'
                "        return decisions\n",
            ),
        ),
        exposed_by="Somebody saves something that the centre finds wrong (a date after its receipt), then anything: promise 28.",
    ),
    Mutant(
        "group-half-applied",
        "Of a Save of which the centre refuses one edit the others take effect.",
        (
            Edit(
                "sync/apply.py",
                "    if all(decision.outcome.accepted for decision in decisions):\n",
                "    if any(decision.outcome.accepted for decision in decisions):\n",
            ),
        ),
        exposed_by="Somebody saves two edits of which the centre refuses one: promise 21.",
    ),
    Mutant(
        "held-never-released",
        "Nothing is ever taken for newly created, so what waits for it waits for ever.",
        (
            Edit(
                "server/store/transaction.py",
                "[identifier for identifier in self.world.changed if identifier not in self.before]",
                "[identifier for identifier in self.world.changed if identifier not in self.world.records]",
            ),
        ),
        exposed_by="A visit arrives before its case (a restored centre, or a refused and corrected case): promises 3, 28.",
    ),
    Mutant(
        "sealed-work-not-opened",
        "The store is not handed the key that opens sealed edits: what a device sends again of a record that has left it "
        "is refused as unreadable.",
        (
            Edit(
                "server/store/store.py",
                "        self._pusher = Pusher(engine, types, derivations, opener)\n",
                "        self._pusher = Pusher(engine, types, derivations)\n",
            ),
        ),
        exposed_by="A case leaves a device, its edits are sealed; the centre is restored to before them: promise 25.",
    ),
)
