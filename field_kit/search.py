"""Find records by any part of a text, Thai too: trigrams from three characters on, a plain scan below.

What is sought and what is searched go through ``search_text``, so ``ํ`` + ``า`` finds ``ำ`` and ๕ finds 5.
"""

from collections.abc import Callable, Sequence
from typing import Any

from field_kit import store
from field_kit.database import Database
from field_kit.identity import change_identity, read_identity
from schemas.base import MERGED_INTO, Origin
from schemas.records import RECORD_TYPES
from schemas.thai import search_text

TRIGRAM = 3
BATCH = 500
CENTRAL_LISTS = tuple(kind.name for kind in RECORD_TYPES.values() if kind.origin is Origin.CENTRE)
"""Types found only when asked for by name: areas, teams, notices."""

_TEXT_KINDS = frozenset({"line", "text", "lines", "phone", "phones", "identifier", "reference_number", "area"})


def search(database: Database, sought: str, types: Sequence[str] = (), limit: int = 100) -> list[store.Record]:
    """Return the records in which every word sought stands somewhere, newest first."""
    words = search_text(sought).split()
    if not words:
        return []
    index_due(database)
    where, parameters = _condition(words)
    chosen = types or [name for name in RECORD_TYPES if name not in CENTRAL_LISTS]
    marks = ", ".join("?" * len(chosen))
    found = database.rows(
        f"SELECT record FROM searchable WHERE type IN ({marks}) AND {where} ORDER BY record DESC LIMIT ?",
        (*chosen, *parameters, limit),
    )
    ids = [record for (record,) in found]
    shown = {record.id: record for record in store.shown_of(database, ids)}
    found_records = (_going_on(database, shown[record]) for record in ids if record in shown)
    return list({record.id: record for record in found_records}.values())


def _going_on(database: Database, record: store.Record) -> store.Record:
    """Return what a found record goes on in: who searches an old name finds the person."""
    return (store.going_on(database, record.id) or record) if MERGED_INTO in record.data else record


def _condition(words: Sequence[str]) -> tuple[str, list[str]]:
    """Return SQL and parameters: trigrams narrow, ``instr`` decides (the index keeps no positions)."""
    conditions = ["instr(text, ?) > 0" for _ in words]
    parameters = list(words)
    trigrams = [word[at : at + TRIGRAM] for word in words for at in range(len(word) - TRIGRAM + 1)]
    if trigrams:
        conditions.append("id IN (SELECT rowid FROM search WHERE search MATCH ?)")
        parameters.append(" AND ".join('"' + trigram.replace('"', '""') + '"' for trigram in trigrams))
    return " AND ".join(conditions), parameters


def index_due(database: Database, told: Callable[[int], None] = lambda _: None) -> int:
    """Bring the index up to date in short transactions; return how many records were done."""
    done = 0
    while due := _index_batch(database):
        done += due
        told(done)
    return done


def finish(database: Database, told: Callable[[int], None] = lambda _: None) -> None:
    """Index all that is due and leave no trace of what left."""
    index_due(database, told)
    rewrite_unclean(database)


def due_count(database: Database) -> int:
    """Return how many records wait to be indexed."""
    return int(database.value("SELECT count(*) FROM search_due"))


def _index_batch(database: Database) -> int:
    if not database.value("SELECT EXISTS (SELECT 1 FROM search_due)"):
        return 0
    with database.transaction():
        due = [record for (record,) in database.rows("SELECT record FROM search_due LIMIT ?", (BATCH,))]
        texts = [(r.id, r.type, text) for r in store.shown_of(database, due) if (text := text_of(r.type, r.data))]
        database.executemany("DELETE FROM searchable WHERE record = ?", [(record,) for record in due])
        database.executemany("INSERT INTO searchable (record, type, text) VALUES (?, ?, ?)", texts)
        database.executemany("DELETE FROM search_due WHERE record = ?", [(record,) for record in due])
    return len(due)


def rewrite_unclean(database: Database) -> None:
    """Rewrite the index when records left it, so that no trace of them stays in its segments."""
    if not read_identity(database).search_unclean:
        return
    with database.transaction():
        database.execute("INSERT INTO search (search) VALUES ('optimize')")
        change_identity(database, search_unclean=False)


def text_of(kind: str, data: dict[str, Any]) -> str:
    """Return what can be found of a record: its texts, numbers as typed, one per line."""
    known = RECORD_TYPES.get(kind)
    if known is None:
        return ""
    texts: list[str] = []
    for name, spec in known.fields.items():
        if spec.kind in _TEXT_KINDS and (value := data.get(name)):
            texts += value if isinstance(value, list) else [value]
    return "\n".join(search_text(str(text)) for text in texts)
