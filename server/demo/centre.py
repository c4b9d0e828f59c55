"""The demo's centre: set up as an administrator would, then served by a process of its own."""

import os
import socket
import subprocess
import sys
import time
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import timedelta
from pathlib import Path

import httpx

from server.auth import enrolment, people
from server.auth.roles import Assignment
from server.centre import Centre, open_centre
from server.config import Settings
from server.demo.roster import DESKS, OFFICERS, PROVINCE, TEAMS, Officer
from server.ids import new_id
from server.models.engine import writing

PASSWORD = "phrae-demo-2567"
"""Of every desk. The demo listens on the loopback only and everybody in it is invented."""

QUIET = {"HUSEC_LOG_LEVEL": "WARNING", "HUSEC_ENROLMENT_ATTEMPTS": "1000 per minute"}
"""All devices of the demo enrol from one address."""

START_TIMEOUT_S = 30
THREADS = 8


class CentreFailed(RuntimeError):
    """The centre did not set itself up, or did not start."""


@dataclass(frozen=True, slots=True)
class Premises:
    """Where the centre keeps its data, the embedded store among it."""

    directory: Path

    @property
    def settings(self) -> Settings:
        """The centre's settings, for what is done in this process."""
        return Settings(data_dir=self.directory)

    @property
    def environment(self) -> dict[str, str]:
        """The environment of the centre's own processes; nobody else's settings reach it."""
        kept = {name: value for name, value in os.environ.items() if not name.startswith("HUSEC_")}
        return {**kept, **QUIET, "HUSEC_DATA_DIR": str(self.directory), "PYTHONIOENCODING": "utf-8"}


@dataclass(frozen=True, slots=True)
class Roll:
    """What the field needs to begin: each officer's enrolment code, and the ids of the teams."""

    codes: Mapping[str, str]
    teams: Mapping[str, str]


def set_up(premises: Premises) -> None:
    """Make an empty store and load the areas, by the centre's own commands."""
    premises.directory.mkdir(parents=True)
    password = premises.directory / "password"
    password.write_text(PASSWORD)
    husec(premises, "init", "--password-file", str(password))
    husec(premises, "import", "areas")


def husec(premises: Premises, *arguments: str) -> None:
    """Run one command of the centre.

    :raises CentreFailed: with what it printed.
    """
    command = [sys.executable, "-m", "server.cli", *arguments]
    done = subprocess.run(command, env=premises.environment, capture_output=True, encoding="utf-8", check=False)
    if done.returncode:
        raise CentreFailed(f"husec {' '.join(arguments)}: {done.stdout}{done.stderr}")


def employ(premises: Premises) -> Roll:
    """Add teams, desks and officers, and make a one-use code for each officer's device."""
    centre = open_centre(premises.settings)
    teams = found_teams(centre)
    for desk in DESKS:
        add_person(centre, desk.username, desk.display_name, desk.role, password=PASSWORD)
    codes = {officer.username: add_officer(centre, officer, teams) for officer in OFFICERS}
    centre.engine.dispose()
    return Roll(codes, teams)


def found_teams(centre: Centre) -> Mapping[str, str]:
    """Create the teams; return their ids by key."""
    ids = {team.key: new_id() for team in TEAMS}
    records = [
        ("team", ids[team.key], {"name": team.name, "name_en": team.name_en, "kind": team.kind, "province": PROVINCE})
        for team in TEAMS
    ]
    centre.store.create(records, centre.now())
    return ids


def add_officer(centre: Centre, officer: Officer, teams: Mapping[str, str]) -> str:
    """Add somebody with a device; return the code for it."""
    scope = f"team:{teams[officer.team]}" if officer.team else officer.scope
    person = add_person(centre, officer.username, officer.display_name, f"{officer.role}@{scope}")
    with writing(centre.engine) as connection:
        lasts, now = timedelta(hours=24), centre.now()
        return enrolment.create(connection, centre.keys.code_secret, person, lasts=lasts, now=now).code


def add_person(centre: Centre, username: str, display_name: str, held: str, password: str | None = None) -> str:
    """Add a person with one role; return their id."""
    role, _, scope = held.partition("@")
    with writing(centre.engine) as connection:
        person = people.create(connection, username, display_name, now=centre.now(), password=password)
        people.give_role(connection, person, Assignment(role, scope), now=centre.now())
    return person


@contextmanager
def served(premises: Premises, port: int) -> Iterator[str]:
    """Serve the centre from a process of its own; give its address."""
    url = f"http://127.0.0.1:{port}"
    with (premises.directory / "centre.log").open("w") as log:
        process = subprocess.Popen(server_command(port), env=premises.environment, stdout=log, stderr=subprocess.STDOUT)
        try:
            wait_until_ready(url, process)
            yield url
        finally:
            process.terminate()
            process.wait()


def server_command(port: int) -> Sequence[str]:
    """Return the command that serves: gunicorn with one process, as ``make run``."""
    return [
        *(sys.executable, "-m", "gunicorn", "--bind", f"127.0.0.1:{port}", "--worker-class", "gthread"),
        *("--threads", str(THREADS), "--log-level", "warning", "wsgi:app"),
    ]


def wait_until_ready(url: str, process: subprocess.Popen[bytes]) -> None:
    """Return once the centre answers.

    :raises CentreFailed: when it ends, or stays silent too long.
    """
    until = time.monotonic() + START_TIMEOUT_S
    while time.monotonic() < until and process.poll() is None:
        try:
            if httpx.get(f"{url}/api/v1/ready").is_success:
                return
        except httpx.TransportError:
            pass
        time.sleep(0.05)
    raise CentreFailed("the centre did not start; see centre.log")


def free_port(wanted: int) -> int:
    """Return the wanted port of the loopback, or any other when somebody has it."""
    for port in (wanted, 0):
        with socket.socket() as listening:
            listening.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
            try:
                listening.bind(("127.0.0.1", port))
            except OSError:
                continue
            return int(listening.getsockname()[1])
    raise CentreFailed("no port is free")
