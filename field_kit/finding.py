"""Find the one record that somebody means: by id, by the end of an id, or by reference number."""

import re

from field_kit import search
from field_kit.database import Database
from field_kit.errors import AmbiguousRecord, UnknownRecord
from schemas.reference_number import is_valid, normalise

SUFFIX_LENGTH_MIN = 6
"""Ids begin with the time, so records made together differ only at the end."""

SHORT_LENGTH = 8

_ID = re.compile("[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}")


def short(record: str) -> str:
    """Return the end of an id, as shown in lists and accepted in its place."""
    return record[-SHORT_LENGTH:]


def find(database: Database, said: str) -> str:
    """Return the id of the record that is meant.

    :raises UnknownRecord: when none on this device is.
    :raises AmbiguousRecord: when several are.
    """
    plain = said.strip().lower()
    if _ID.fullmatch(plain):
        return plain
    number = normalise(said)
    if is_valid(number):
        found = [each.id for each in search.search(database, number) if each.data.get("reference_number") == number]
    else:
        found = _ending(database, plain)
    if not found:
        raise UnknownRecord(record=said)
    if len(found) > 1:
        raise AmbiguousRecord(record=said, records=found)
    return found[0]


def _ending(database: Database, suffix: str) -> list[str]:
    if len(suffix) < SUFFIX_LENGTH_MIN or not re.fullmatch("[0-9a-f-]+", suffix):
        return []
    sql = "SELECT id FROM record WHERE id LIKE ? UNION SELECT record FROM mutation WHERE record LIKE ?"
    return [record for (record,) in database.rows(sql, (f"%{suffix}",) * 2)]
