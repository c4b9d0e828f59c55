"""What reports read: one SQL view per record type, made from its declaration, and the indexes that make them quick.

Views and these indexes hold no data of their own, so they are no migrations: ``refresh`` makes them anew from the
declarations whenever the database is upgraded, and a new field or record type needs nothing else.
"""

from collections.abc import Iterator

from sqlalchemy import Connection, text

from schemas.base import FieldSpec, RecordType
from schemas.records import RECORD_TYPES

INDEX_PREFIX = "ix_report_"
"""Alembic leaves indexes of this name alone: it cannot compare expressions on SQLite."""

POSTGRES_TYPES = {"flag": "boolean", "integer": "bigint", "money": "bigint", "number": "double precision"}
"""What ``->>`` gives as text there; SQLite gives numbers, and 0 or 1 for a flag."""

ENVELOPE = ("id", "version", "created", "owner", "merged_into")

DERIVED = {"case": {"intake_province": "substr(data ->> 'intake_district', 1, 2)"}}
"""Record type -> columns that no field declares: through a view, only a column of it is found in an index."""

INDEXES = {
    "postgresql": {
        "case": "(substr(data ->> 'intake_district', 1, 2)), (data ->> 'received_on')",
        "area": "(data ->> 'code')",
    },
    "sqlite": {
        # Every expression that the reports use: SQLite then never reads the record, whose JSON is a kilobyte or two.
        "case": """substr(data ->> 'intake_district', 1, 2), data ->> 'received_on', data ->> 'intake_district',
            data ->> 'intake_channel', data ->> 'affected_person', data ->> 'validity', data ->> 'problems',
            data ->> 'severity', data ->> 'operations', type, deleted, merged_into""",
        "person": """id, data ->> 'sex', data ->> 'birth_date', data ->> 'birth_date_precision', data ->> 'age_band',
            data ->> 'has_disability', data ->> 'disability_since', type, deleted, merged_into""",
        "area": "data ->> 'code'",
    },
}
"""Dialect -> record type -> what is indexed of its records. PostgreSQL reads the record anyway: no index of
expressions covers a query there."""

BY_INDEX = {"sqlite": {"person"}}
"""Views that always go by their own index. It begins with the id, and without statistics SQLite would look a person up
by the primary key, then parse the whole record for two columns."""


def refresh(connection: Connection) -> None:
    """Make every view anew and the indexes that are missing; inside a writing transaction."""
    for kind in RECORD_TYPES.values():
        connection.execute(text(f'DROP VIEW IF EXISTS "{view_name(kind.name)}"'))
        connection.execute(text(view_of(kind, connection.dialect.name)))
    for statement in indexes(connection.dialect.name):
        connection.execute(text(statement))


def view_name(record_type: str) -> str:
    """Return the name of a record type's view."""
    return f"view_{record_type}"


def view_of(kind: RecordType, dialect: str) -> str:
    """Return the statement that makes the view of one type: a column for each field, no deleted records.

    Merged records are there, with ``merged_into``: a reference to one still leads somewhere.
    """
    fields = {name: column_of(spec, dialect) for name, spec in kind.fields.items()}
    columns = [f'{value} AS "{name}"' for name, value in {**fields, **DERIVED.get(kind.name, {})}.items()]
    by_index = f"INDEXED BY {INDEX_PREFIX}{kind.name}" if kind.name in BY_INDEX.get(dialect, ()) else ""
    return (
        f'CREATE VIEW "{view_name(kind.name)}" AS SELECT {", ".join([*ENVELOPE, *columns])} '
        f"FROM record {by_index} WHERE type = '{kind.name}' AND NOT deleted"
    )


def column_of(spec: FieldSpec, dialect: str) -> str:
    """Return the expression of one field; sets, logs and structures stay JSON text."""
    value = f"data ->> '{spec.name}'"
    if dialect == "postgresql" and spec.kind in POSTGRES_TYPES:
        return f"CAST({value} AS {POSTGRES_TYPES[spec.kind]})"
    return value


def indexes(dialect: str) -> Iterator[str]:
    """Yield the statements that make the reports' indexes."""
    for kind, columns in INDEXES[dialect].items():
        yield f"CREATE INDEX IF NOT EXISTS {INDEX_PREFIX}{kind} ON record ({columns}) WHERE type = '{kind}'"
    merged = "(type, id, merged_into) WHERE merged_into IS NOT NULL"
    yield f"CREATE INDEX IF NOT EXISTS {INDEX_PREFIX}merged ON record {merged}"
