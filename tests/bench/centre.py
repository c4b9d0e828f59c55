"""A centre to measure: a fresh store behind gunicorn with one worker, as ``make run`` serves it."""

import subprocess
import sys
import tempfile
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import timedelta
from pathlib import Path

from server import migrations
from server.auth import enrolment, people
from server.auth.roles import Assignment
from server.centre import Centre, open_centre
from server.config import Settings
from server.demo.centre import Premises, free_port, server_command, wait_until_ready
from server.ids import new_id
from server.models.engine import writing

TEAM_AREA = "5401"


@dataclass(frozen=True)
class Measured:
    """The centre under measurement: its address, and its store for what needs no network."""

    url: str
    centre: Centre
    team: str

    def code(self, username: str) -> str:
        """Add a member of the one team, and make a code for their device."""
        centre = self.centre
        with writing(centre.engine) as connection:
            person = people.create(connection, username, username, now=centre.now())
            held = Assignment("rru_member", f"team:{self.team}")
            people.give_role(connection, person, held, now=centre.now())
            secret, lasts = centre.keys.code_secret, timedelta(hours=1)
            return enrolment.create(connection, secret, person, lasts=lasts, now=centre.now()).code


@contextmanager
def measured_centre() -> Iterator[Measured]:
    """Serve a fresh centre with one team."""
    with tempfile.TemporaryDirectory(prefix="husec-bench-") as folder:
        directory = Path(folder)
        centre = open_centre(Settings(data_dir=directory))
        migrations.upgrade(centre.engine)
        team = new_id()
        centre.store.create([("team", team, {"name": "ทีม", "kind": "day_team", "district": TEAM_AREA})], centre.now())
        port = free_port(0)
        with process(server_command(port), directory, f"http://127.0.0.1:{port}") as url:
            yield Measured(url, centre, team)
        centre.engine.dispose()


@contextmanager
def process(command: Sequence[str], directory: Path, url: str, **more: str) -> Iterator[str]:
    """Run a server in a process of its own, with ``more`` in its environment."""
    environ = Premises(directory).environment | more
    running = subprocess.Popen(command, env=environ, stdout=subprocess.DEVNULL, stderr=sys.stderr)
    try:
        wait_until_ready(url, running)
        yield url
    finally:
        running.terminate()
        running.wait()
