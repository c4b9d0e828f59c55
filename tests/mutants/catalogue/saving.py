"""At Save on the device: what was typed is in the log whole, in one transaction and as one group, or nothing of it is."""

# ruff: noqa: E501 - an edit is a line of the product as it stands, in quotes

from tests.mutants.mutant import Edit, Mutant

SAVING = (
    Mutant(
        "last-changed-field-never-logged",
        "Of several fields that one edit changes the last one is left out of it, though Save returns.",
        (
            Edit(
                "sync/outgoing.py",
                "        elif to != seen:\n            result.set[name] = (seen, to)\n",
                "        elif to != seen and not (result.set and name == list(wanted)[-1]):\n"
                "            result.set[name] = (seen, to)\n",
            ),
        ),
        exposed_by="A changes two fields of one record in one press of Save: promise 1.",
    ),
    Mutant(
        "last-record-of-a-save-never-logged",
        "Of several records in one Save all but the last are logged.",
        (
            Edit(
                "field_kit/saving.py",
                "        for record, judge, file in self._steps:\n",
                "        for record, judge, file in self._steps[: max(1, len(self._steps) - 1)]:\n",
            ),
        ),
        exposed_by="A changes two records in one press of Save: promise 1.",
    ),
    Mutant(
        "element-lost-in-a-longer-list",
        "An element that somebody adds to a list which has some already is not logged.",
        (
            Edit(
                "sync/outgoing.py",
                "        result.add[name] = added\n",
                "        result.add[name] = added if len(seen) < 2 else added[1:]\n",
            ),
        ),
        exposed_by="A adds an element to a list of two: promise 1.",
    ),
    Mutant(
        "zero-and-no-typed-for-nothing",
        "In a new record a typed «no», a zero and an empty field are taken for the same.",
        (
            Edit(
                "field_kit/editing.py",
                "    data, errors = kind.load(given)\n    edit = Edit(Op.CREATE,",
                "    data, errors = kind.load(given)\n    data = {name: value for name, value in data.items() if value}\n"
                "    edit = Edit(Op.CREATE,",
            ),
        ),
        exposed_by="A adds a photo of no bytes, or types «no» in a new record: promise 1.",
    ),
    Mutant(
        "one-group-per-edit",
        "Each edit of a Save gets a number of a group of its own: the centre may take one and refuse the other.",
        (
            Edit(
                "field_kit/log.py",
                '("urgent", self._new_id()) if urgent else ("normal", self._save)\n',
                '("urgent", self._new_id()) if urgent else ("normal", self._new_id())\n',
            ),
        ),
        exposed_by="A saves two records at once: promise 21.",
    ),
    Mutant(
        "save-outside-of-one-transaction",
        "The edits of a Save are written one by one: what is wrong with the second leaves the first in the log.",
        (
            Edit(
                "field_kit/saving.py",
                "        with self.database.transaction():\n            return self._log_all()\n",
                "        return self._log_all()\n",
            ),
        ),
        exposed_by="A device dies, or a value is refused, between two edits of one Save: promise 21.",
    ),
    Mutant(
        "save-committed-edit-by-edit",
        "All of a Save is judged first, and then written with a commit after each edit: a device that dies in between "
        "keeps the beginning.",
        (
            Edit(
                "field_kit/saving.py",
                "        mutations: list[str] = []\n",
                "        mutations: list[str] = []\n        made: list[log.Edit] = []\n",
            ),
            Edit(
                "field_kit/saving.py",
                "                mutations.append(group.add(judged.edit))\n",
                "                made.append(judged.edit)\n",
            ),
            Edit(
                "field_kit/saving.py",
                "            raise Invalid(errors)\n        records = ",
                "            raise Invalid(errors)\n        for edit in made:\n"
                "            mutations.append(group.add(edit))\n"
                '            self.database.execute("COMMIT")\n            self.database.execute("BEGIN IMMEDIATE")\n'
                "        records = ",
            ),
        ),
        exposed_by="A device dies between two edits of one Save: promise 21.",
    ),
    Mutant(
        "groups-taken-apart-on-the-wire",
        "A device sends each edit of a Save as a group of its own: the centre takes one and refuses the other.",
        (
            Edit(
                "field_kit/log.py",
                "(_logged(database.history, row) for row in rows), key=lambda logged: logged.save)",
                "(_logged(database.history, row) for row in rows), key=lambda logged: logged.mutation.id)",
            ),
        ),
        exposed_by="A saves two records at once and syncs: promise 21.",
    ),
)
