"""The centre as gunicorn serves it, at an address that outlives every death and back within a fraction of a second."""

import os
import resource
import signal
import sys
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path
from random import Random

import httpx

from tests.acceptance.office import Office, furnish
from tests.acceptance.patience import until
from tests.acceptance.server_process import GENEROUS, ServerProcess
from tests.crash.forks import Forked, Forks
from tests.databases import SqliteFiles

LOADED = ("tests.crash.serving", "server", "server.serving", "gunicorn.app.wsgiapp", "gunicorn.workers.gthread")
START_S_MAX = 60


def serve(number: int, settings: dict[str, str], file_bytes_max: int | None) -> None:
    """Serve ``wsgi:app`` with gunicorn on an open socket."""
    os.environ.update(settings)
    if file_bytes_max is not None:
        limit_files(0, file_bytes_max)
    from gunicorn.app.wsgiapp import run

    sys.argv = ["gunicorn", "--config", "python:server.serving", "--bind", f"fd://{number}", "--threads", "8"]
    sys.argv += ["--log-level", "warning", "wsgi:app"]
    run()


def limit_files(pid: int, bytes_max: int | None) -> None:
    """Let no file of a process (0: this one) grow beyond a size; ``None`` takes the limit away again."""
    if pid == 0:
        signal.signal(signal.SIGXFSZ, signal.SIG_IGN)
    most = resource.RLIM_INFINITY
    resource.prlimit(pid, resource.RLIMIT_FSIZE, (most if bytes_max is None else bytes_max, most))


@dataclass
class MortalServer(ServerProcess):
    """A centre that dies without warning. ``file_bytes_max``: no file of its next life grows beyond that."""

    file_bytes_max: int | None = None
    forked: Forked | None = None

    def __post_init__(self) -> None:
        super().__post_init__()
        self._forks = Forks(LOADED, [self._socket.fileno()])

    def start(self) -> None:
        settings = GENEROUS | {"HUSEC_LOG_LEVEL": "WARNING", "HUSEC_DATABASE_URL": self.database_url}
        settings |= {"HUSEC_DATA_DIR": str(self.data_dir)} | self.settings
        number = self._socket.fileno()
        self.forked = self._forks.start(
            "tests.crash.serving:serve", number, settings, self.file_bytes_max, log=self.log
        )
        until(self.is_ready, "the centre is ready", deadline_s=START_S_MAX)

    def is_ready(self) -> bool:
        assert self.forked is not None
        if not self.forked.is_alive():
            raise AssertionError(f"the centre ended with {self.forked.wait()}:\n{self.log_tail()}")
        try:
            return httpx.get(f"{self.url}/api/v1/ready", timeout=5, verify=False).status_code == 200
        except httpx.TransportError:
            return False

    def die(self, random: Random) -> str:
        """Be killed: as a whole, as when the power is cut, or only the worker, as when memory runs out."""
        assert self.forked is not None
        if random.random() < 0.7:
            self.forked.kill()
            self.start()
            return "whole"
        for worker in self.worker_pids():
            with suppress(ProcessLookupError):
                os.kill(worker, signal.SIGKILL)
        until(self.is_ready, "the centre has a worker again", deadline_s=START_S_MAX)
        return "worker"

    def worker_pids(self) -> list[int]:
        """Return the processes that answer requests."""
        assert self.forked is not None
        return self.forked.children()

    def stop(self) -> None:
        if self.forked is not None:
            self.forked.kill()
            self.forked = None

    def close(self) -> None:
        super().close()
        self._forks.close()


@contextmanager
def centre(directory: Path, database_url: str | None = None, **options: object) -> Iterator[Office]:
    """Furnish a centre under a directory, serve it, and give the administrator of it."""
    (directory / "store").mkdir(parents=True)
    url = database_url or SqliteFiles(directory / "store").create()
    furnish(url)
    server = MortalServer(url, directory / "centre", **options)  # type: ignore[arg-type]
    office = Office(server, directory)
    try:
        server.start()
        yield office
    finally:
        office.close()
        server.close()
