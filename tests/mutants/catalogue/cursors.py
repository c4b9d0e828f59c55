"""Cursors and pages: what a reader skips for ever."""

# ruff: noqa: E501 - an edit is a line of the product as it stands, in quotes

from tests.mutants.mutant import Edit, Mutant

CURSORS = (
    Mutant(
        "plain-sequence-cursor",
        "The commit number comes from a transaction of its own, as from a sequence: nobody waits for the clock, and a "
        "reader passes a number whose rows are not visible yet.",
        (
            Edit(
                "server/store/clock.py",
                '    number = connection.execute(_RAISED_UNDER, {"stored_under": schema}).scalar_one_or_none()\n',
                "    with connection.engine.connect() as apart, apart.begin():\n"
                '        number = apart.execute(_RAISED_UNDER, {"stored_under": schema}).scalar_one_or_none()\n',
            ),
        ),
        "commit_order",
        exposed_by="Two writers at once, the later number commits first, a reader pulls in between: promise 7.",
    ),
    Mutant(
        "timestamp-cursor",
        "The commit number is the time at which the transaction began: the clock's lock orders the commits, not their "
        "numbers, and a reader passes numbers that are yet to come.",
        (
            Edit(
                "server/store/clock.py",
                "from sqlalchemy import Connection, bindparam, update\n",
                "from sqlalchemy import BigInteger, Connection, bindparam, func, update\n",
            ),
            Edit(
                "server/store/clock.py",
                '_RAISED_UNDER = _RAISED.where(clock.c.schema == bindparam("stored_under"))\n',
                '_RAISED_UNDER = (\n    update(clock)\n    .where(clock.c.schema == bindparam("stored_under"))\n'
                '    .values(value=func.greatest(clock.c.value, bindparam("now", type_=BigInteger)))\n'
                "    .returning(clock.c.value)\n)\n",
            ),
            Edit(
                "server/store/clock.py",
                "def take_under(connection: Connection, schema: int) -> int:",
                "def take_under(connection: Connection, schema: int, now: int) -> int:",
            ),
            Edit(
                "server/store/clock.py",
                'connection.execute(_RAISED_UNDER, {"stored_under": schema}).scalar_one_or_none()',
                'connection.execute(_RAISED_UNDER, {"stored_under": schema, "now": now}).scalar_one_or_none()',
            ),
            Edit("server/store/clock.py", "    return int(number)\n", "    return now\n"),
            Edit(
                "server/store/transaction.py",
                "from server.ids import new_id\n",
                "from time import time_ns\n\nfrom server.ids import new_id\n",
            ),
            Edit(
                "server/store/transaction.py",
                "        self.ledger: list[LedgerEntry] = []\n",
                "        self.ledger: list[LedgerEntry] = []\n        self.began = time_ns() // 1_000\n",
            ),
            Edit(
                "server/store/transaction.py",
                "clock.take_under(self.connection, self.history.current)",
                "clock.take_under(self.connection, self.history.current, self.began)",
            ),
        ),
        "commit_order",
        exposed_by="A transaction begins, waits for the clock, and commits after one that began later was read: promise 7.",
    ),
    Mutant(
        "commit-timestamp-cursor",
        "The commit number is the time just before the rows are written, and nobody holds anything: commits become "
        "visible in another order than their times say.",
        (
            Edit(
                "server/store/clock.py",
                "from sqlalchemy import Connection, bindparam, update\n",
                "from time import time_ns\n\nfrom sqlalchemy import Connection, bindparam, update\n",
            ),
            Edit(
                "server/store/clock.py",
                '    number = connection.execute(_RAISED_UNDER, {"stored_under": schema}).scalar_one_or_none()\n',
                "    number: int | None = time_ns() // 1_000\n",
            ),
            Edit(
                "server/store/pull.py",
                "_CLOCK = select(clock.c.value, clock.c.schema)\n",
                "_NEWEST = select(func.coalesce(func.max(bucket.c.last_commit), 0)).scalar_subquery()\n"
                "_CLOCK = select(_NEWEST, clock.c.schema)\n",
            ),
        ),
        "commit_order",
        exposed_by="Two writers at once, the later time commits first, a reader pulls in between: promise 7.",
    ),
    Mutant(
        "membership-computed-before-the-clock",
        "The places of whatever carries the written records are looked up before the clock is taken: a photo of a visit "
        "whose case moves at that moment stays behind in the old district.",
        (
            Edit(
                "server/store/membership.py",
                "    def __init__(self, connection: Connection, commit: int, written: Mapping[str, Written]) -> None:\n",
                "    def __init__(\n        self,\n        connection: Connection,\n        commit: int,\n"
                '        written: Mapping[str, Written],\n        early: "Placement | None" = None,\n    ) -> None:\n',
            ),
            Edit(
                "server/store/membership.py",
                "            identifier: {} for identifier, each in written.items() if each.before is None\n        }\n",
                "            identifier: {} for identifier, each in written.items() if each.before is None\n        }\n"
                "        if early:\n            self.holdings = {**early.holdings, **self.holdings}\n"
                "            self.entries = {**early.entries, **self.entries}\n",
            ),
            Edit(
                "server/store/persist.py",
                "    commit: int,\n    foreign: Collection[str],\n) -> None:\n",
                "    commit: int,\n    foreign: Collection[str],\n    early: Placement | None = None,\n) -> None:\n",
            ),
            Edit(
                "server/store/persist.py",
                "Placement(connection, commit, written).relocations(also)",
                "Placement(connection, commit, written, early).relocations(also)",
            ),
            Edit(
                "server/store/transaction.py",
                "from server.store.match_keys import write_match_keys\n",
                "from server.store.match_keys import write_match_keys\n"
                "from server.store.membership import Placement, edges_of\n",
            ),
            Edit(
                "server/store/transaction.py",
                "        commit = clock.take_under(self.connection, self.history.current)\n",
                "        early, changed = Placement(self.connection, 0, {}), self.world.changed\n"
                "        edges = [each for state in changed.values() for each in edges_of(self.types[state.type], state)]\n"
                "        carriers = {each.carrier for each in edges if each.carrier not in changed}\n"
                "        early._know(carriers)\n        early._know_entries(carriers)\n"
                "        commit = clock.take_under(self.connection, self.history.current)\n",
            ),
            Edit(
                "server/store/transaction.py",
                "write_records(self.connection, self.types, changes, commit, self.foreign)",
                "write_records(self.connection, self.types, changes, commit, self.foreign, early)",
            ),
        ),
        "commit_order",
        exposed_by="One writer adds a photo to a visit while another moves the visit's case: promise 13.",
    ),
    Mutant(
        "checkpoint-written-before-the-data",
        "The kit moves its checkpoint in one transaction and stores the page in the next: a device that dies in between "
        "never asks for that page again.",
        (
            Edit(
                "field_kit/pages.py",
                "            return Applied(current=False)\n",
                "            return Applied(current=False)\n        _move_checkpoint(database, reply)\n"
                "    with database.transaction():\n",
            ),
            Edit(
                "field_kit/pages.py",
                "        _move_checkpoint(database, reply)\n        counter.add_changes",
                "        counter.add_changes",
            ),
        ),
        exposed_by="A device pulls, and dies between two statements of storing the page: promises 7 and 8.",
    ),
    Mutant(
        "page-boundary-inside-one-commit",
        "A page that ends inside a commit moves the cursor past all of that commit: the rest of its rows is skipped.",
        (
            Edit(
                "server/store/pull.py",
                "        end: Cursor = (last[0].commit_number, last[0].record)\n",
                "        end: Cursor = (last[0].commit_number, None)\n",
            ),
        ),
        exposed_by="One Save writes several records, somebody pulls with a page smaller than that: promise 7.",
    ),
    Mutant(
        "failed-page-skipped",
        "A row that does not fit on the page is left out, and the cursor goes past it: nobody hears of it again.",
        (
            Edit(
                "server/store/pull.py",
                "                if used and size > self.limit.bytes:\n                    break\n",
                "                if used and size > self.limit.bytes:\n                    used += 1\n"
                "                    continue\n",
            ),
        ),
        exposed_by="Somebody pulls more rows than a page has bytes for: promise 7.",
    ),
    Mutant(
        "late-page-accepted",
        "The kit stores a page that answers an older checkpoint: rows and cursor go back to what they were.",
        (
            Edit(
                "field_kit/pages.py",
                "        if read_checkpoint(database) != asked or epoch not in (None, read_identity(database).epoch):\n",
                "        if not reply.checkpoint and asked:\n",
            ),
        ),
        exposed_by="Two syncs of one device, or a reply that was delayed, with a change in between: promise 20.",
    ),
    Mutant(
        "checksum-ignores-deletes",
        "The centre forgets to subtract what leaves a bucket from its sum: every device of the bucket is told that it "
        "has missed something.",
        (
            Edit(
                "server/store/persist.py",
                "            if was is not None and was.live:\n",
                "            if was is not None and was.live and entry.live:\n",
            ),
        ),
        exposed_by="A record is deleted or moves: promise 22.",
    ),
)
