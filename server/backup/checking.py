"""Try a backup: restore it where nobody looks, and hold everything that can be computed against what is stored."""

import os
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from sqlalchemy import Connection, Engine, func, select, table, text
from sqlalchemy.exc import DBAPIError

from server.audit import verify_ledger
from server.backup import files
from server.backup.filling import check_parts, check_revision, fill
from server.backup.manifest import Manifest, read_manifest
from server.backup.problem import BackupProblem
from server.ids import new_id
from server.jobs.verify_checksums import wrong_buckets
from server.models.engine import make_engine, writing
from server.models.files import blob
from server.models.sync_tables import clock
from server.store.epochs import current_epoch


@dataclass(frozen=True, slots=True)
class Tried:
    """What was compared. ``places``: in which kinds of database the backup was restored."""

    rows: int
    commits: int
    mutations: int
    blobs: int
    places: tuple[str, ...]


def try_backup(folder: Path, key: bytes | None, *, beside: Engine | None = None) -> Tried:
    """Restore a backup into a database of its own and check everything.

    ``beside``: the centre's engine; where that is PostgreSQL, it is restored into a schema of its own there too.
    :raises BackupProblem: with the first thing that is wrong.
    """
    manifest = read_manifest(folder, key)
    check_revision(manifest)
    check_parts(folder, manifest)
    with _throwaway_file() as engine, writing(engine) as connection:
        fill(connection, folder, manifest, key)
        commits, mutations = check_store(connection, manifest)
        blobs = check_blobs(blob_digests(connection), folder, manifest, key)
    places = ["sqlite"]
    with _throwaway_schema(beside) as schema:
        if schema is not None:
            with writing(schema) as connection:
                fill(connection, folder, manifest, key)
                check_store(connection, manifest)
            places.append("postgresql")
    return Tried(manifest.rows, commits, mutations, blobs, tuple(places))


def check_store(connection: Connection, manifest: Manifest) -> tuple[int, int]:
    """Hold a restored database against the manifest: rows, clock, epoch, the whole chain, checksums of all buckets.

    Return how many commits and mutations the ledger has.
    :raises BackupProblem: with the first thing that is wrong.
    """
    for part in manifest.tables():
        found = connection.execute(select(func.count()).select_from(table(part.table))).scalar_one()
        if found != part.rows:
            raise BackupProblem("rows_missing", part=part.name, found=found, expected=part.rows)
    commit = connection.execute(select(clock.c.value)).scalar_one()
    if (commit, current_epoch(connection)) != (manifest.commit, manifest.epoch):
        raise BackupProblem("stands_elsewhere", commit=commit, expected=manifest.commit)
    audit = verify_ledger(connection)
    if audit.broken is not None:
        raise BackupProblem("chain_broken", commit=audit.broken)
    if audit.link != manifest.link:
        raise BackupProblem("chain_ends_elsewhere", commit=commit)
    if wrong := list(wrong_buckets(connection)):
        raise BackupProblem("bucket_wrong", kind=wrong[0].partition(":")[0])
    return audit.commits, audit.mutations


def blob_digests(connection: Connection) -> Iterator[str]:
    """Yield the hashes of all files that the store counts on."""
    yield from connection.execute(select(blob.c.sha256).order_by(blob.c.sha256)).scalars()


def check_blobs(digests: Iterator[str], folder: Path, manifest: Manifest, key: bytes | None) -> int:
    """Hash every file of a backup; say how many.

    :raises BackupProblem: naming the first that is missing or damaged.
    """
    count = 0
    for digest in digests:
        if digest in manifest.left_out:
            continue
        if not files.is_whole(folder, digest, key):
            raise BackupProblem("blob_damaged", sha256=digest)
        count += 1
    return count


@contextmanager
def _throwaway_file() -> Iterator[Engine]:
    """Give an empty SQLite database in a temporary folder, encrypted with a key that nobody keeps."""
    with tempfile.TemporaryDirectory(prefix="husec-try-") as folder:
        engine = make_engine(f"sqlite:///{folder}/try.db", key=os.urandom(32))
        try:
            yield engine
        finally:
            engine.dispose()


@contextmanager
def _throwaway_schema(beside: Engine | None) -> Iterator[Engine | None]:
    """Give an empty schema of a PostgreSQL database; nothing where the role may not make one."""
    if beside is None or beside.dialect.name != "postgresql":
        yield None
        return
    name = f"husec_try_{new_id().replace('-', '')}"
    try:
        _order(beside, f"CREATE SCHEMA {name}")
    except DBAPIError:
        yield None
        return
    options = f"{beside.url.query.get('options', '')} -csearch_path={name}".strip()
    engine = make_engine(beside.url.update_query_dict({"options": options}))
    try:
        yield engine
    finally:
        engine.dispose()
        _order(beside, f"DROP SCHEMA {name} CASCADE")


def _order(engine: Engine, statement: str) -> None:
    with writing(engine) as connection:
        connection.execute(text(statement))
