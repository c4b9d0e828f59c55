"""Who on this device may be the person that is about to be saved anew. Only a suggestion: it never blocks saving.

The keys by which people meet lie in ``match_key``. Triggers note in ``match_due`` whom a pull, an eviction or an edit
touched, and take their keys away at once; they are made anew at the next look.
"""

from collections.abc import Mapping
from typing import Any, NamedTuple

import msgspec

from field_kit import store
from field_kit.database import Database
from schemas.base import MERGED_INTO
from schemas.records import RECORD_TYPES

PERSON = "person"
BATCH = 500
COMPARED_MAX = 200
"""How many people one is compared with: those who share a number, a telephone or a house first."""


class Likely(NamedTuple):
    """A person on this device, how alike they are (0 to 100), and why: codes, whose texts are ``likeness.<code>``."""

    record: store.Record
    score: int
    reasons: tuple[str, ...]


def likely(database: Database, record_type: str, data: Mapping[str, Any]) -> list[Likely]:
    """Return the people who may be the one described, the likeliest first; nobody for other types."""
    if record_type != PERSON:
        return []
    from schemas.likeness import ALIKE_ENOUGH, traits_likeness, traits_of  # loads a Thai library; few commands need it

    typed, _ = RECORD_TYPES[PERSON].load_values(data)
    index_due(database)
    found, mine = [], traits_of(typed)
    for record in store.shown_of(database, _sharing_a_key(database, typed)):
        alike = traits_likeness(mine, traits_of(record.data))
        if alike.score >= ALIKE_ENOUGH and not record.data.get(MERGED_INTO):
            found.append(Likely(record, alike.score, tuple(reason.code for reason in alike.reasons)))
    return sorted(found, key=lambda each: (-each.score, each.record.id))


def _sharing_a_key(database: Database, data: Mapping[str, Any]) -> list[str]:
    from schemas.likeness import person_keys  # as above
    from schemas.likeness.keys import SOUND

    keys = msgspec.json.encode(sorted(person_keys(data))).decode()
    rows = database.rows(
        """SELECT record FROM match_key WHERE key IN (SELECT value FROM json_each(?)) GROUP BY record
        ORDER BY max(substr(key, 1, ?) <> ?) DESC, count(*) DESC, record LIMIT ?""",
        (keys, len(SOUND), SOUND, COMPARED_MAX),
    )
    return [record for (record,) in rows]


def index_due(database: Database) -> None:
    """Make the keys of everybody who was touched since, in short transactions."""
    while database.value("SELECT EXISTS (SELECT 1 FROM match_due)"):
        _index_batch(database)


def index_many_due(database: Database) -> None:
    """Do so ahead of the first look where it would take that long: after a first sync."""
    if database.value("SELECT count(*) FROM match_due") > BATCH:
        index_due(database)


def _index_batch(database: Database) -> None:
    from schemas.likeness import person_keys  # as above

    with database.transaction():
        due = [record for (record,) in database.rows("SELECT record FROM match_due LIMIT ?", (BATCH,))]
        people = [record for record in store.shown_of(database, due) if record.type == PERSON]
        keys = [(key, each.id) for each in people if not each.data.get(MERGED_INTO) for key in person_keys(each.data)]
        database.executemany("DELETE FROM match_key WHERE record = ?", [(record,) for record in due])
        database.executemany("INSERT OR IGNORE INTO match_key (key, record) VALUES (?, ?)", keys)
        database.executemany("DELETE FROM match_due WHERE record = ?", [(record,) for record in due])
