"""Find administrative areas by parent or by part of a name, Thai or English."""

from collections.abc import Mapping
from typing import Any

from sqlalchemy import ColumnElement, Connection, func, or_, select

from schemas.thai import search_text
from server.models.sync_tables import record


def find(
    connection: Connection, *, parent: str | None, level: str | None, text: str | None, after: str, limit: int
) -> list[Mapping[str, Any]]:
    """Return areas in order of code, after a code. Without any condition: the provinces come first."""
    code = _field("code")
    query = select(record.c.data).where(record.c.type == "area", ~record.c.deleted, code > after)
    if parent:
        query = query.where(_field("parent") == parent)
    if level:
        query = query.where(_field("level") == level)
    if text:
        query = query.where(_named(search_text(text)))
    return [row.data for row in connection.execute(query.order_by(code).limit(limit))]


def _named(text: str) -> ColumnElement[bool]:
    """Compare with both names and the beginning of the code; names are stored in the form that is searched."""
    names = [func.lower(_field(name)).contains(text, autoescape=True) for name in ("name_th", "name_en")]
    return or_(*names, _field("code").startswith(text, autoescape=True))


def _field(name: str) -> ColumnElement[str]:
    found: ColumnElement[str] = record.c.data[name].as_string()
    return found
