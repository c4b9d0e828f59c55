"""Restore a backup, into either database: all of it, checked, in a new epoch, or nothing."""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path

import msgspec
import sqlcipher3.dbapi2
from sqlalchemy import Connection, Engine, func, select, text
from sqlalchemy.exc import DatabaseError

from server import holding
from server.backup import files
from server.backup.checking import blob_digests, check_blobs, check_store
from server.backup.filling import check_parts, check_revision, clear, fill
from server.backup.manifest import Manifest, find_backup, read_manifest
from server.backup.parts import read_lines
from server.backup.problem import BackupProblem
from server.backup.reopening import Reopened, reopen
from server.backup.taking import KEYS, REGISTER
from server.centre import Centre
from server.models.engine import make_engine, reading, writing
from server.models.identity import user
from server.models.sync_tables import clock
from server.models.upkeep import backup
from server.register import Entry, entry_of


@dataclass(frozen=True, slots=True)
class Restored:
    """What a restore did. ``kept``: where what was there before lies now, if anything was kept.

    ``register_here``: whether the centre's own register was there, and not only the backup's copy. ``newer``: the
    commit of a newer verified backup that the replaced store knew of; devices may have forgotten what lies between.
    """

    manifest: Manifest
    opened: Reopened
    files: int
    kept: tuple[Path, ...]
    register_here: bool
    newer: int | None


def restore(centre: Centre, place: Path, now: datetime, *, replace: bool = False) -> Restored:
    """Put a backup in the place of the store, and make it ready to open.

    :raises BackupProblem: with what is wrong; nothing has changed then.
    """
    key = centre.settings.backup_key
    folder = find_backup(place)
    manifest = read_manifest(folder, key)
    check_revision(manifest)
    check_parts(folder, manifest)
    try:
        with holding.alone(centre.settings.data_dir):
            if not replace and not is_empty(centre.engine):
                raise BackupProblem("not_empty")
            return _Restore(centre, folder, manifest, key, now).run()
    except holding.StoreHeld:
        raise BackupProblem("held") from None


def is_empty(engine: Engine) -> bool:
    """Tell whether a store has nobody and nothing in it; one that cannot be read is not empty."""
    try:
        with reading(engine) as connection:
            if not connection.dialect.has_table(connection, clock.name):
                return True
            people = connection.execute(select(func.count()).select_from(user)).scalar_one()
            return not people and not connection.execute(select(func.max(clock.c.value))).scalar()
    except DatabaseError:
        return False


def _newer_backup(engine: Engine, manifest: Manifest) -> int | None:
    """Return the commit of a newer verified backup that the store knows of, if it can still be asked."""
    newer = backup.c.verified_at.is_not(None) & (backup.c.epoch == manifest.epoch)
    query = select(func.max(backup.c.commit_number)).where(newer, backup.c.commit_number > manifest.commit)
    try:
        with reading(engine) as connection:
            return connection.execute(query).scalar()
    except DatabaseError:
        return None


class _Restore:
    """One restore, while nobody else has the store."""

    def __init__(self, centre: Centre, folder: Path, manifest: Manifest, key: bytes | None, now: datetime) -> None:
        self.centre = centre
        self.folder = folder
        self.manifest = manifest
        self.key = key
        self.now = now
        self.stamp = f"before-{now:%Y%m%dT%H%M%SZ}"
        self.files = 0

    def run(self) -> Restored:
        """Do it all."""
        register = self.centre.register
        here = register.path.exists()
        newer = _newer_backup(self.centre.engine, self.manifest)
        entries = self._united_register()
        into = _into_file if self.centre.engine.dialect.name == "sqlite" else _into_schema
        with self._undone_on_failure(), into(self.centre, self.stamp) as (connection, finish):
            fill(connection, self.folder, self.manifest, self.key)
            check_store(connection, self.manifest)
            check_blobs(blob_digests(connection), self.folder, self.manifest, self.key)
            digests, blobs = blob_digests(connection), self.centre.blobs
            self.files = files.bring_back(digests, blobs, self.folder, self.key, self.manifest.left_out)
            opened = reopen(connection, self.centre, entries, self.manifest, self.folder, self.now)
            holding.begin(self.centre.settings.data_dir)
        kept = [*finish(), *self._put_keys()]
        holding.end(self.centre.settings.data_dir)
        return Restored(self.manifest, opened, self.files, tuple(kept), here, newer)

    @contextmanager
    def _undone_on_failure(self) -> Iterator[None]:
        """Take the mark away when nothing was changed after all; that of an earlier restore stays."""
        data_dir = self.centre.settings.data_dir
        before = holding.is_marked(data_dir)
        try:
            yield
        except BaseException:
            if not before:
                holding.end(data_dir)
            raise

    def _united_register(self) -> list[Entry]:
        """Add to the register here what only the backup's copy has, and return all entries."""
        register = self.centre.register
        lines = read_lines(self.folder, REGISTER, self.key)
        told = [entry for line in lines if (entry := entry_of(line)) is not None]
        here = {entry.line for entry in register.entries()}
        register.extend([entry for entry in told if entry.line not in here])
        return register.entries()

    def _put_keys(self) -> Iterator[Path]:
        """Put the centre's keys back, and keep others that lie in their place."""
        for line in read_lines(self.folder, KEYS, self.key):
            name, content = msgspec.json.decode(line, type=tuple[str, str])
            path = self.centre.settings.data_dir / Path(name).name
            if path.exists():
                if path.read_text().strip() == content:
                    continue
                kept = path.with_name(f"{path.name}.{self.stamp}")
                path.rename(kept)
                yield kept
            path.touch(mode=0o600)
            path.write_text(content)


Target = tuple[Connection, Callable[[], list[Path]]]


@contextmanager
def _into_file(centre: Centre, stamp: str) -> Iterator[Target]:
    """Fill a new file beside the store's; it takes the store's name only when all of it is there."""
    path = Path(str(centre.engine.url.database))
    _only_user(centre.engine)
    draft = path.with_name(f"{path.name}.restoring")
    _remove(draft)
    engine = make_engine(f"sqlite:///{draft}", key=centre.settings.database_key)

    def finish() -> list[Path]:
        kept = path.with_name(f"{path.name}.{stamp}")
        if path.exists() and path.stat().st_size:
            path.rename(kept)
        _remove(path)
        draft.rename(path)
        return [kept] if kept.exists() else []

    try:
        with writing(engine) as connection:
            yield connection, finish
    except BaseException:
        engine.dispose()
        _remove(draft)
        raise
    engine.dispose()
    draft.chmod(0o600)


@contextmanager
def _into_schema(centre: Centre, stamp: str) -> Iterator[Target]:
    """Put everything in the place of what is there, in one transaction."""
    _only_client(centre.engine)
    with writing(centre.engine) as connection:
        clear(connection)
        yield connection, list


def _only_user(engine: Engine) -> None:
    """Ask SQLite whether anybody else has the file open: only then may the journal change its kind.

    :raises BackupProblem: when somebody has.
    """
    engine.dispose()
    try:
        raw = engine.raw_connection()  # no transaction: within one the journal stays as it is
        try:
            mode = raw.cursor().execute("PRAGMA busy_timeout = 0").execute("PRAGMA journal_mode = DELETE").fetchone()[0]
        finally:
            raw.invalidate()
    except sqlcipher3.dbapi2.OperationalError:
        raise BackupProblem("held") from None
    except sqlcipher3.dbapi2.DatabaseError:
        return  # it cannot be read: that may be why there is a restore
    if mode != "delete":
        raise BackupProblem("held")


def _only_client(engine: Engine) -> None:
    """Ask PostgreSQL whether anybody else is connected to the database.

    :raises BackupProblem: when somebody is.
    """
    engine.dispose()
    others = text(
        "SELECT count(*) FROM pg_stat_activity WHERE datname = current_database() AND pid <> pg_backend_pid() "
        "AND backend_type = 'client backend'"
    )
    with reading(engine) as connection:
        if connection.execute(others).scalar_one():
            raise BackupProblem("held")


def _remove(path: Path) -> None:
    for suffix in ("", "-wal", "-shm", "-journal"):
        path.with_name(path.name + suffix).unlink(missing_ok=True)
