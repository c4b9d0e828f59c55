"""The centre of a simulated fleet: the real application on one SQLite database in memory.

Application and engine are made once per process. A schedule begins by laying an image of the database over them.
"""

import io
import sys
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import datetime, timedelta
from importlib import import_module
from pathlib import Path
from random import Random
from typing import Any

import msgspec
import sqlcipher3.dbapi2
from sqlalchemy import event
from sqlalchemy.pool import StaticPool

from server import create_app
from server import ids as server_ids
from server.centre import Centre, open_centre
from server.config import Settings
from server.migrations import upgrade
from server.models import engine as engines
from tests.simulation.chance import Ids
from tests.simulation.clock import MORNING, TrueTime
from tests.simulation.folders import empty_files

Image = Any
"""A connection that holds a copy of a database."""

GENEROUS = {
    "token_attempts": "100000 per minute",
    "enrolment_attempts": "100000 per minute",
    "delivery_attempts": "100000 per minute",
    "jobs": False,
}


FEED = import_module("server.store.pull")
PAGES = (
    (5_000, 4 * 1_048_576),
    (5_000, 4 * 1_048_576),
    (2, 65_536),
    (4, 65_536),
    (9, 1_500),
)
"""(rows, bytes) that a page may have at most; with pages of ordinary size no pull of so small a fleet has a second."""


class ServerDied(BaseException):
    """The server process is killed here."""


@dataclass(frozen=True)
class Request:
    """One HTTP request on its way."""

    method: str
    path: str
    headers: Mapping[str, str]
    body: bytes
    query: str = ""


@dataclass(frozen=True)
class Answer:
    """What the centre said to it."""

    status: int
    headers: list[tuple[str, str]]
    body: bytes

    @property
    def json(self) -> Any:
        return msgspec.json.decode(self.body) if self.body else None


@dataclass
class Doom:
    """Kills the server before its n-th statement (commits count), of those that the next request makes.

    ``commit``: before it commits what it has written.
    """

    statements: int | None = None
    commit: bool = False

    def count(self) -> None:
        """Count a statement.

        :raises ServerDied: when it is the one before which the server is killed.
        """
        if self.statements is not None:
            self.statements -= 1
            if self.statements < 0:
                raise ServerDied


@dataclass
class Headquarters:
    """The centre and what a simulation may do to it from outside."""

    centre: Centre
    app: Any
    time: TrueTime
    ids: Ids
    connection: Any
    """The one connection to the database, for looking at it."""
    doom: Doom
    commits: int = 0
    """How many transactions were committed; whoever caches what the database says looks here."""

    def rows(self, sql: str, parameters: tuple[Any, ...] = ()) -> list[Any]:
        """Return what the database says, read past the product's own code."""
        return list(self.connection.execute(sql, parameters).fetchall())

    def handle(self, request: Request) -> Answer:
        """Let the application answer a request.

        :raises ServerDied: where it was doomed to; its transaction is gone then.
        """
        said: list[Any] = []

        def start(status: str, headers: list[tuple[str, str]], _: Any = None) -> Callable[[bytes], None]:
            said[:] = [int(status[:3]), headers]
            return said.append

        try:
            body = self.app.wsgi_app(_environment(request), start)
            content = b"".join(body)
            getattr(body, "close", lambda: None)()
        except ServerDied:
            self.fall()
            raise
        finally:
            self.doom.statements, self.doom.commit = None, False
        return Answer(said[0], said[1], content)

    def image(self) -> Image:
        """Return a copy of the database."""
        return copy_of(self.connection)

    def load(self, image: Image) -> None:
        """Put an image in the place of the database."""
        image.backup(self.connection)
        self.commits += 1

    def begin(self, seed: int) -> None:
        """Turn the clock back and take new dice."""
        self.time.now, self.time.centre_error, self.time.in_ids = MORNING, timedelta(), False
        self.ids.begin(seed)
        self.doom.statements = None
        FEED.ROWS_MAX, FEED.BYTES_MAX = Random(f"pages {seed}").choice(PAGES)
        self.centre.register.path.unlink(missing_ok=True)
        empty_files(self.centre.blobs)

    def fall(self) -> None:
        """Lose what was not committed."""
        if self.connection.in_transaction:
            self.connection.rollback()


def copy_of(connection: Any) -> Image:
    """Return another database in memory with the same content."""
    copy = sqlcipher3.dbapi2.connect(":memory:", isolation_level=None, cached_statements=256)
    connection.backup(copy)
    return copy


def open_headquarters(folder: Path) -> Headquarters:
    """Make the centre on an empty migrated database; once per process."""
    time, ids = TrueTime(), Ids()
    with _in_memory():
        settings = Settings(data_dir=folder, database_url="sqlite://", **GENEROUS)  # type: ignore[arg-type]
        centre = open_centre(settings, clock=time.at_centre)
    server_ids.uuid_utils = ids  # type: ignore[attr-defined]  # the only place where the server takes ids from
    upgrade(centre.engine)
    connection = centre.engine.raw_connection()
    kept = connection.driver_connection
    made = Headquarters(centre, create_app(centre=centre), time, ids, kept, kept.doom)
    connection.close()
    event.listen(centre.engine, "commit", lambda connection: _commit(made, connection))
    return made


class Mortal(sqlcipher3.dbapi2.Cursor):  # type: ignore[misc]
    """A cursor whose statements count towards a doom."""

    def execute(self, *arguments: Any) -> Any:
        self.connection.doom.count()
        return super().execute(*arguments)

    def executemany(self, *arguments: Any) -> Any:
        self.connection.doom.count()
        return super().executemany(*arguments)


class Undying(sqlcipher3.dbapi2.Connection):  # type: ignore[misc]
    """A connection that outlives the program: a database in memory is gone with its last connection."""

    doom: Doom

    def cursor(self) -> Any:
        """Return a plain cursor where nothing is doomed: it is the quicker one."""
        return super().cursor() if self.doom.statements is None else super().cursor(Mortal)

    def close(self) -> None:
        """Lose what was not committed, and nothing else."""
        if self.in_transaction:
            self.rollback()


@contextmanager
def _in_memory() -> Iterator[None]:
    """Let ``make_engine`` keep to one connection: a database in memory is its connection."""
    plain, kept = engines.create_engine, sqlcipher3.dbapi2.connect(":memory:", factory=Undying, cached_statements=1024)
    kept.doom = Doom()

    def pinned(address: Any, **options: Any) -> Any:
        del options["pool_size"], options["max_overflow"]
        return plain(address, poolclass=StaticPool, creator=lambda: kept, **options)

    engines.create_engine = pinned  # type: ignore[assignment]
    try:
        yield
    finally:
        engines.create_engine = plain


def _commit(headquarters: Headquarters, connection: Any) -> None:
    headquarters.doom.count()
    if headquarters.doom.commit and connection.get_execution_options().get("writing"):
        headquarters.doom.commit = False
        raise ServerDied
    headquarters.commits += 1


def _environment(request: Request) -> dict[str, Any]:
    environment: dict[str, Any] = {
        "REQUEST_METHOD": request.method,
        "PATH_INFO": request.path,
        "QUERY_STRING": request.query,
        "SERVER_NAME": "centre",
        "SERVER_PORT": "80",
        "SERVER_PROTOCOL": "HTTP/1.1",
        "REMOTE_ADDR": "127.0.0.1",
        "CONTENT_LENGTH": str(len(request.body)),
        "wsgi.version": (1, 0),
        "wsgi.url_scheme": "http",
        "wsgi.input": io.BytesIO(request.body),
        "wsgi.errors": sys.stderr,
        "wsgi.multithread": False,
        "wsgi.multiprocess": False,
        "wsgi.run_once": False,
    }
    for name, value in request.headers.items():
        key = name.upper().replace("-", "_")
        environment[key if key in ("CONTENT_TYPE", "CONTENT_LENGTH") else f"HTTP_{key}"] = value
    return environment


def instant(moment: datetime) -> str:
    """Return an instant as the centre writes it."""
    return moment.strftime("%Y-%m-%dT%H:%M:%S.") + f"{moment.microsecond // 1000:03d}Z"
