"""``column IN (these ids)`` as one statement with one parameter, however many ids there are."""

from collections.abc import Collection
from typing import Any

import msgspec
from sqlalchemy import BindParameter, ColumnElement, Dialect, String, bindparam
from sqlalchemy.ext.compiler import compiles
from sqlalchemy.sql.functions import FunctionElement
from sqlalchemy.types import TypeDecorator

_encode = msgspec.json.Encoder().encode


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


class Ids(TypeDecorator[Collection[str]]):
    """Some ids as one parameter: a JSON list of them, in order.

    Ids may come from where nobody checked them: nothing is called by a NUL, and PostgreSQL cannot even compare with it.
    """

    impl = String
    cache_ok = True

    def process_bind_param(self, value: Collection[str] | None, dialect: Dialect) -> str:
        """Return the list."""
        return _encode(sorted(each for each in value or () if "\0" not in each)).decode()


def among(column: Any, ids: Collection[str]) -> ColumnElement[bool]:
    """Return the condition that a column is one of some ids.

    SQLAlchemy's own ``in_`` writes a parameter for each, which costs more than the look-up; 500 of them are usual.
    """
    return _is_one_of(column, bindparam(None, ids, type_=Ids()))


def among_named(column: Any, name: str = "ids") -> ColumnElement[bool]:
    """Return the same condition for a statement that is built once: its ids are passed by name when it is executed.

    To build a statement costs several times what it costs to run it, and every exchange runs some thirty.
    """
    return _is_one_of(column, bindparam(name, type_=Ids()))


def _is_one_of(column: Any, listed: BindParameter[Any]) -> ColumnElement[bool]:
    condition: ColumnElement[bool] = column.op("IN", is_comparison=True)(Elements(listed))
    return condition
