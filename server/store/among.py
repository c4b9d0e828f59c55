"""``column IN (these ids)`` as one statement with one parameter, however many ids there are."""

from collections.abc import Collection
from typing import Any

import msgspec
from sqlalchemy import ColumnElement, String, bindparam
from sqlalchemy.ext.compiler import compiles
from sqlalchemy.sql.functions import FunctionElement


class Elements(FunctionElement[str]):
    """The elements of a JSON list of texts, as rows."""

    inherit_cache = True
    type = String()


@compiles(Elements, "sqlite")
def _in_sqlite(element: Elements, compiler: Any, **kw: Any) -> str:
    return f"(SELECT value FROM json_each({compiler.process(element.clauses, **kw)}))"


@compiles(Elements, "postgresql")
def _in_postgresql(element: Elements, compiler: Any, **kw: Any) -> str:
    return f"(SELECT jsonb_array_elements_text(CAST({compiler.process(element.clauses, **kw)} AS JSONB)))"


def among(column: Any, ids: Collection[str]) -> ColumnElement[bool]:
    """Return the condition that a column is one of some ids.

    SQLAlchemy's own ``in_`` writes a parameter for each, which costs more than the look-up; 500 of them are usual.
    Ids may come from where nobody checked them: nothing is called by a NUL, and PostgreSQL cannot even compare with it.
    """
    possible = sorted(each for each in ids if "\0" not in each)
    listed = bindparam(None, msgspec.json.encode(possible).decode(), type_=String())
    condition: ColumnElement[bool] = column.op("IN", is_comparison=True)(Elements(listed))
    return condition
