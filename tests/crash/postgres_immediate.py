"""Part 4: PostgreSQL is stopped with ``immediate`` again and again under the centre, which goes on by itself."""

import tempfile
from pathlib import Path
from random import Random

from tests.acceptance.patience import until
from tests.crash import server_kill
from tests.crash.durable_postgres import durable_postgres
from tests.crash.findings import Findings
from tests.crash.serving import START_S_MAX, MortalServer, centre

LIFE_S_MAX = 2.0
"""A store that has just recovered is slow at first; it should have done something before it dies again."""


def run(stops: int, seed: int) -> Findings:
    """Stop the database so often; the centre's process is the same from the beginning to the end."""
    findings, random = Findings(f"postgres-immediate, seed {seed}"), Random(seed)
    folder = tempfile.TemporaryDirectory(prefix="husec-postgres-stop-")
    with durable_postgres() as postgres, folder as name, centre(Path(name) / "it", postgres.url) as office:
        server = office.server
        assert isinstance(server, MortalServer)
        workers = server.worker_pids()

        def die() -> str:
            postgres.stop()
            postgres.start()
            until(server.is_ready, "the centre reaches its database again", deadline_s=START_S_MAX)
            return "database"

        server_kill.survive(office, findings, stops, random, die, LIFE_S_MAX)
        if server.worker_pids() != workers:
            findings.lose("the centre's process did not survive its database")
    return findings


def killed_centre(kills: int, seed: int) -> Findings:
    """Kill the centre itself, on PostgreSQL."""
    with durable_postgres() as postgres:
        return server_kill.run(kills, seed, postgres.url, LIFE_S_MAX)
