"""What the administrator does before a test begins, over HTTP as anybody would: people, roles, devices, desks."""

import itertools
from dataclasses import dataclass, field
from datetime import timedelta
from pathlib import Path
from typing import Any

import geothai
from sqlalchemy import Engine

from schemas.records import RECORD_TYPES
from server import starting_data
from server.auth import people, tokens
from server.auth.roles import Assignment
from server.clock import now
from server.derivations import DERIVATIONS
from server.ids import new_id
from server.models.engine import make_engine, writing
from server.store import Store
from tests.acceptance.http_phone import HttpPhone, Link, phone_of
from tests.acceptance.kit_process import Kit
from tests.acceptance.server_process import ServerProcess
from tests.conftest import migrate

ADMIN, PASSWORD = "admin", "correct horse battery"


@dataclass(frozen=True)
class Province:
    """Where a test plays. On a shared centre each test has a province to itself, whatever the sentence calls it."""

    code: str

    @property
    def districts(self) -> tuple[str, ...]:
        return tuple(each.code for each in geothai.districts(self.code))

    @property
    def district(self) -> str:
        """The district around the provincial town."""
        return self.districts[0]

    @property
    def tambon(self) -> str:
        return geothai.subdistricts(self.district)[0].code

    @property
    def village(self) -> str:
        return f"{self.tambon}03"

    @property
    def day_team(self) -> str:
        return starting_data.id_of("team", f"{self.code}:day_team")

    @property
    def night_team(self) -> str:
        return starting_data.id_of("team", f"{self.code}:night_team")

    @property
    def scope(self) -> str:
        return f"province:{self.code}"


PHRAE = Province("54")
COMMON, ELSEWHERE, *PROVINCES = (Province(each.code) for each in geothai.provinces() if each.code not in ("10", "54"))
"""Phrae is for the tests that have a centre to themselves, the common one for those that look at their own records
alone; charlie is from elsewhere; every other test is dealt one of the rest."""


def furnish(url: str) -> None:
    """Fill a database with what every test begins with: areas, teams, rules, an administrator."""
    migrate(url)
    engine = make_engine(url)
    store = Store(engine, RECORD_TYPES, DERIVATIONS)
    areas = [each for each in starting_data.areas() if len(each[2]["code"]) <= 4 or each[2]["code"].startswith("54")]
    for records in (areas, list(starting_data.assistance_rules()), list(_teams())):
        starting_data.load(store, records, now())
    with writing(engine) as connection:
        admin = people.create(connection, ADMIN, "ผู้ดูแลระบบ", now=now(), password=PASSWORD)
        people.give_role(connection, admin, Assignment("administrator", "nation"), now=now())
    engine.dispose()


def _teams() -> Any:
    for province in (PHRAE, COMMON, *PROVINCES):
        for kind, name, id_ in (
            ("day_team", "ทีมกลางวัน", province.day_team),
            ("night_team", "ทีมกลางคืน", province.night_team),
        ):
            where = {"province": province.code, "district": province.district}
            yield "team", id_, {"name": name, "kind": kind, **where}


@dataclass
class Office:
    """The administrator of one running centre, and the people that they let in."""

    server: ServerProcess
    directory: Path
    links: list[Link] = field(default_factory=list)
    _numbers: Any = field(default_factory=lambda: itertools.count(1))
    _admin: Link | None = None
    _engine: Engine | None = None

    @property
    def admin(self) -> Link:
        """The administrator, signed in."""
        if self._admin is None:
            kept = self.server.kept
            kept["admin"] = kept.get("admin") or self.sign_in(ADMIN).token  # a password takes its time on purpose
            self._admin = self.link(kept["admin"])
        return self._admin

    @property
    def engine(self) -> Engine:
        """The centre's database, seen from outside."""
        if self._engine is None:
            self._engine = make_engine(self.server.database_url)
        return self._engine

    @property
    def store(self) -> Store:
        """The centre's store, for what jobs and imports do there."""
        return Store(self.engine, RECORD_TYPES, DERIVATIONS)

    def link(self, token: str = "", **options: Any) -> Link:
        """Return a link, with somebody's token or without any."""
        made = Link(options.pop("url", self.server.url), token, **options)
        self.links.append(made)
        return made

    def person(self, *roles: str) -> dict[str, Any]:
        """Let in a person with roles such as ``social_worker@province:54``."""
        name = f"person-{new_id()}"
        person = self.admin.json("POST", "/users", {"username": name, "display_name": name})
        for held in roles:
            role, _, scope = held.partition("@")
            self.admin.json("POST", f"/users/{person['id']}/roles", {"role": role, "scope": scope})
        return dict(person)

    def code(self, person: dict[str, Any]) -> str:
        """Make an enrolment code for a person."""
        return str(self.admin.json("POST", "/enrolments", {"user": person["id"]})["code"])

    def phone(self, *roles: str, of: dict[str, Any] | None = None) -> HttpPhone:
        """Give a person a device that speaks the protocol word by word."""
        about = {"name": "โทรศัพท์", "platform": "test", "client_version": "acceptance/1"}
        person = of or self.person(*roles)
        enrolled = self.link().json("POST", "/devices", about | {"code": self.code(person)})
        return phone_of(self.link(enrolled["token"]), enrolled)

    def kit(self, *roles: str, of: dict[str, Any] | None = None, url: str | None = None, **options: Any) -> Kit:
        """Give a person a laptop with the field kit. ``url``: where it believes the centre is, a bad link say."""
        person = of or self.person(*roles)
        home = self.directory / f"kit-{next(self._numbers)}"
        return Kit.enrol(home, url or self.server.url, self.code(person), **options)

    def desk(self, *roles: str) -> Link:
        """Give a person a desk at the centre, signed in without a password, which would take its time on purpose."""
        person, lasts = self.person(*roles)["id"], timedelta(hours=8)
        with writing(self.engine) as connection:
            token = tokens.issue(connection, person, kind="staff", lasts=lasts, now=now())
        return self.link(token)

    def sign_in(self, username: str) -> Link:
        token = self.link().json("POST", "/tokens", {"username": username, "password": PASSWORD})["token"]
        return self.link(token)

    def close(self) -> None:
        """Hang up."""
        for link in self.links:
            link.close()
        if self._engine is not None:
            self._engine.dispose()
