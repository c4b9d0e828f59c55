"""The centre as it really runs: gunicorn serving ``wsgi:app``, in a process group of its own."""

import os
import signal
import socket
import subprocess
import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import httpx

from tests.acceptance.patience import until

ROOT = Path(__file__).parents[2]

GENEROUS = {"HUSEC_TOKEN_ATTEMPTS": "10000 per minute", "HUSEC_ENROLMENT_ATTEMPTS": "10000 per minute"}
"""All tests of a run come from one address."""

LOG_LINES_SHOWN = 60


def clean_environment() -> dict[str, str]:
    """Return this process's environment without what would change the programs under test."""
    hidden = ("HUSEC_", "FIELD_KIT_", "PYTHONPATH", "PYTHONHOME", "COVERAGE_")
    return {name: value for name, value in os.environ.items() if not name.startswith(hidden)}


def end_group(process: subprocess.Popen[Any], wait_s: float = 10) -> None:
    """End a process and what it started: asked first, then without asking."""
    for number in (signal.SIGTERM, signal.SIGKILL):
        if process.poll() is None:
            os.killpg(process.pid, number)
            try:
                process.wait(wait_s)
            except subprocess.TimeoutExpired:
                continue


@dataclass
class ServerProcess:
    """One centre on one database. The socket is this object's: the address outlives a restart."""

    database_url: str
    directory: Path
    workers: int = 1
    settings: dict[str, str] = field(default_factory=dict)
    process: subprocess.Popen[Any] | None = None
    kept: dict[str, Any] = field(default_factory=dict)
    """What tests of one centre share: the administrator's token, a phone that only asks badly."""
    at_end: list[Callable[[], None]] = field(default_factory=list)

    def __post_init__(self) -> None:
        self.directory.mkdir(parents=True, exist_ok=True)
        self._socket = socket.create_server(("127.0.0.1", 0))

    @property
    def port(self) -> int:
        return int(self._socket.getsockname()[1])

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.port}"

    @property
    def log(self) -> Path:
        return self.directory / "server.log"

    @property
    def data_dir(self) -> Path:
        return self.directory / "data"

    def start(self) -> None:
        """Start and wait until the centre says that it can work."""
        number = self._socket.fileno()
        environment = clean_environment() | GENEROUS | self.settings
        environment |= {"HUSEC_DATABASE_URL": self.database_url, "HUSEC_DATA_DIR": str(self.data_dir)}
        with self.log.open("ab") as log:
            self.process = subprocess.Popen(
                [sys.executable, "-m", "gunicorn", "--bind", f"fd://{number}", "--workers", str(self.workers),
                 "--worker-class", "gthread", "--threads", "8", "--no-control-socket", "wsgi:app"],
                cwd=ROOT, env=environment, pass_fds=[number], start_new_session=True,
                stdin=subprocess.DEVNULL, stdout=log, stderr=log,
            )  # fmt: skip
        until(self._ready, "the centre is ready", deadline_s=60)

    def _ready(self) -> bool:
        assert self.process is not None
        if self.process.poll() is not None:
            raise AssertionError(f"the centre ended with {self.process.returncode}:\n{self.log_tail()}")
        try:
            return httpx.get(f"{self.url}/api/v1/ready", timeout=2, verify=False).status_code == 200
        except httpx.TransportError:
            return False

    def stop(self) -> None:
        """End the process; the address stays."""
        if self.process is not None:
            end_group(self.process)
            self.process = None

    def close(self) -> None:
        """End everything."""
        for end in self.at_end:
            end()
        self.stop()
        self._socket.close()

    def log_tail(self) -> str:
        """Return the last lines of the log; requests that simply went well are left out."""
        lines = self.log.read_text("utf-8", "replace").splitlines() if self.log.exists() else []
        telling = [line for line in lines if '"status": 2' not in line]
        return "\n".join(telling[-LOG_LINES_SHOWN:])


@contextmanager
def served(database_url: str, directory: Path, **options: Any) -> Iterator[ServerProcess]:
    """Serve a database for the length of a block."""
    server = ServerProcess(database_url, directory, **options)
    try:
        server.start()
        yield server
    finally:
        server.close()
