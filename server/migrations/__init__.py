"""Bring a database to the tables of this version. Alembic does it, inside one transaction on both stores."""

import warnings
from pathlib import Path

from alembic import command
from alembic.autogenerate import compare_metadata
from alembic.config import Config
from alembic.runtime.migration import MigrationContext
from alembic.script import ScriptDirectory
from alembic.util import CommandError
from sqlalchemy import Connection, Engine, text

from server.models import metadata, views
from server.models.engine import reading, writing

LOCK = 7_361_540_915
"""The number of the PostgreSQL advisory lock under which migrations run; any number, the same everywhere."""


def upgrade(engine: Engine) -> None:
    """Bring the database to the newest version; safe when several processes start at once."""
    with writing(engine) as connection:
        if connection.dialect.name == "postgresql":
            connection.execute(text("SELECT pg_advisory_xact_lock(:number)"), {"number": LOCK})
        command.upgrade(_config(connection), "head")
        views.refresh(connection)


def upgrade_within(connection: Connection, revision: str) -> None:
    """Bring the database to a version, inside the caller's write transaction; views are the caller's to refresh."""
    command.upgrade(_config(connection), revision)


def knows(revision: str) -> bool:
    """Tell whether this program has ever had a version of the tables."""
    try:
        return ScriptDirectory.from_config(_config(None)).get_revision(revision) is not None
    except CommandError:
        return False


def current(engine: Engine) -> str | None:
    """Return the version a database is at, ``None`` for an empty one."""
    with reading(engine) as connection:
        return MigrationContext.configure(connection).get_current_revision()


def newest() -> str | None:
    """Return the newest version this program knows."""
    return ScriptDirectory.from_config(_config(None)).get_current_head()


def differences(engine: Engine) -> list[object]:
    """Return how a database's tables differ from the declared ones; nothing, when the migrations are complete."""
    options = {"compare_type": True, "include_name": is_migrated}
    with reading(engine) as connection, warnings.catch_warnings():
        warnings.filterwarnings("ignore", ".*reflection of expression-based index")
        return list(compare_metadata(MigrationContext.configure(connection, opts=options), metadata))


def is_migrated(name: str | None, kind: str, _parents: object) -> bool:
    """Tell whether migrations make something; the indexes of the reports' views are made with those."""
    return not (kind == "index" and (name or "").startswith(views.INDEX_PREFIX))


def write_revision(engine: Engine, message: str, revision: str) -> str:
    """Write the migration that brings ``engine``'s database to the declared tables; return its path."""
    with writing(engine) as connection:
        script = command.revision(_config(connection), message, autogenerate=True, rev_id=revision)
    assert script is not None
    assert not isinstance(script, list)
    return script.path


def _config(connection: Connection | None) -> Config:
    config = Config()
    config.set_main_option("script_location", str(Path(__file__).parent).replace("%", "%%"))
    config.set_main_option("file_template", "%%(rev)s_%%(slug)s")
    config.set_main_option("path_separator", "os")
    config.attributes["connection"] = connection
    return config
