"""What Alembic runs: the migrations on the connection, and in the transaction, that ``server.migrations`` gives it."""

from typing import Any, Literal

from alembic import context
from sqlalchemy import DefaultClause, False_, True_

from server.migrations import is_migrated
from server.models import metadata


def render(_kind: str, element: Any, _autogenerate: Any) -> str | Literal[False]:
    """Write a boolean default so that both stores read it; alembic would write it as SQLite alone does."""
    if isinstance(element, DefaultClause) and isinstance(element.arg, True_ | False_):
        return "sa.true()" if isinstance(element.arg, True_) else "sa.false()"
    return False


context.configure(
    connection=context.config.attributes["connection"],
    target_metadata=metadata,
    render_item=render,
    compare_type=True,
    include_name=is_migrated,
)
context.run_migrations()
