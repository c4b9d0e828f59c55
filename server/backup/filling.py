"""Fill an empty database from a backup, at the version of the tables that it was taken with."""

from pathlib import Path

from sqlalchemy import Connection, Table, delete, text

from schemas.records import RECORD_TYPES
from server import migrations
from server.backup.manifest import Manifest
from server.backup.parts import digest_of
from server.backup.problem import BackupProblem
from server.backup.tables import load
from server.models import metadata, views
from server.store.stored_schema import bring_up_within
from sync.version import SCHEMA_VERSION

VERSION_TABLE = "alembic_version"


def check_parts(folder: Path, manifest: Manifest) -> None:
    """Read every file of a backup but its blobs, and hold it against its hash.

    :raises BackupProblem: naming the first that is missing or was changed.
    """
    for part in manifest.parts:
        found = digest_of(folder / part.name)
        if found is None:
            raise BackupProblem("part_missing", part=part.name)
        if found.sha256 != part.sha256:
            raise BackupProblem("part_damaged", part=part.name)


def check_revision(manifest: Manifest) -> None:
    """Ask whether this program knows the tables and the declarations of a backup.

    :raises BackupProblem: when it is of a newer program.
    """
    if manifest.schema > SCHEMA_VERSION or not migrations.knows(manifest.revision):
        raise BackupProblem("newer_tables", revision=manifest.revision)


def fill(connection: Connection, folder: Path, manifest: Manifest, key: bytes | None) -> None:
    """Make the tables, fill them, and bring them to the newest version; all inside the caller's transaction.

    :raises BackupProblem: when a part cannot be read.
    """
    migrations.upgrade_within(connection, manifest.revision)
    for table in reversed(metadata.sorted_tables):
        if connection.dialect.has_table(connection, table.name):
            connection.execute(delete(table))
    for part in manifest.tables():
        load(connection, part, folder, key)
    migrations.upgrade_within(connection, "head")
    bring_up_within(connection, RECORD_TYPES)
    views.refresh(connection)


def clear(connection: Connection) -> None:
    """Take away every table of ours, and the views on them."""
    cascade = " CASCADE" if connection.dialect.name == "postgresql" else ""
    for table in (*reversed(metadata.sorted_tables), Table(VERSION_TABLE, metadata.__class__())):
        connection.execute(text(f'DROP TABLE IF EXISTS "{table.name}"{cascade}'))
