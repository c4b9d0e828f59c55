"""A centre to test against: real database, real store, a clock that the test turns."""

import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

from flask import Flask
from flask.testing import FlaskClient
from werkzeug.serving import make_server

from server import create_app
from server.auth import enrolment, people, tokens
from server.auth.roles import Assignment
from server.centre import Centre, open_centre
from server.config import Settings
from server.models.engine import writing

MORNING = datetime(2026, 11, 23, 2, 0, tzinfo=UTC)
PASSWORD = "correct horse battery"


@dataclass
class TurnableClock:
    """Says what time the test wants it to be."""

    instant: datetime = MORNING

    def __call__(self) -> datetime:
        return self.instant

    def turn(self, **by: float) -> None:
        self.instant += timedelta(**by)


@dataclass
class Somebody:
    """A person with a client that carries their token."""

    id: str
    client: FlaskClient
    token: str
    device: str | None = None

    def get(self, path: str, **more: Any) -> Any:
        return self.client.get(path, headers=self.headers(more), buffered=True, **more)

    def post(self, path: str, **more: Any) -> Any:
        return self.client.post(path, headers=self.headers(more), buffered=True, **more)

    def delete(self, path: str, **more: Any) -> Any:
        return self.client.delete(path, headers=self.headers(more), buffered=True, **more)

    def open(self, path: str, **more: Any) -> Any:
        return self.client.open(path, headers=self.headers(more), buffered=True, **more)

    def headers(self, more: dict[str, Any]) -> dict[str, str]:
        return {"Authorization": f"Bearer {self.token}", **more.pop("headers", {})}


@dataclass
class TestCentre:
    """The centre under test, and its people."""

    __test__ = False

    centre: Centre
    clock: TurnableClock
    app: Flask
    numbers: dict[str, int] = field(default_factory=dict)

    @property
    def client(self) -> FlaskClient:
        return self.app.test_client()

    def person(self, *roles: str, password: str | None = None, name: str = "") -> str:
        """Add a person with roles such as ``social_worker@province:54``."""
        number = self.numbers["person"] = self.numbers.get("person", 0) + 1
        with writing(self.centre.engine) as connection:
            id_ = people.create(
                connection, name or f"person{number}", f"คนที่ {number}", now=self.clock(), password=password
            )
            for role in roles:
                people.give_role(connection, id_, Assignment(*role.split("@")), now=self.clock())
        return id_

    def staff(self, *roles: str) -> Somebody:
        """Add a person at a desk, signed in."""
        id_ = self.person(*roles)
        with writing(self.centre.engine) as connection:
            token = tokens.issue(connection, id_, kind="staff", lasts=timedelta(hours=8), now=self.clock())
        return Somebody(id_, self.client, token)

    def field(self, *roles: str) -> Somebody:
        """Add a person with an enrolled device."""
        return self.enrolled(self.person(*roles))

    def enrolled(self, person: str) -> Somebody:
        """Enrol a device of a person."""
        body = {"code": self.code(person), "name": "โทรศัพท์", "platform": "test", "client_version": "test/1"}
        reply = self.client.post("/api/v1/devices", json=body)
        assert reply.status_code == 201, reply.text
        return Somebody(person, self.client, reply.json["token"], reply.json["device"])

    def files(self) -> list[Path]:
        """Return the files of an embedded database."""
        path = Path(str(self.centre.engine.url.database))
        return [each for each in path.parent.iterdir() if each.name.startswith(path.name)]

    def code(self, person: str) -> str:
        """Make an enrolment code for a person."""
        with writing(self.centre.engine) as connection:
            secret = self.centre.keys.code_secret
            return enrolment.create(connection, secret, person, lasts=timedelta(hours=24), now=self.clock()).code


def open_test_centre(url: str, data_dir: Path, **settings: Any) -> TestCentre:
    """Open a centre on a migrated database."""
    generous = {"token_attempts": "10000 per minute", "enrolment_attempts": "10000 per minute", "jobs": False}
    clock = TurnableClock()
    centre = open_centre(Settings(data_dir=data_dir, database_url=url, **{**generous, **settings}), clock=clock)
    return TestCentre(centre, clock, create_app(centre=centre))


@contextmanager
def over_http(centre: TestCentre) -> Iterator[str]:
    """Serve a centre over real HTTP, a thread for each request; give its address."""
    server = make_server("127.0.0.1", 0, centre.app, threaded=True)
    thread = threading.Thread(target=server.serve_forever)
    thread.start()
    yield f"http://127.0.0.1:{server.port}"
    server.shutdown()
    thread.join()
    server.server_close()
