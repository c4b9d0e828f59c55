"""Who takes part: made once per process with the real commands of the centre, and copied for each schedule."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import timedelta
from functools import cache
from random import Random
from typing import Any

from field_kit.enrolling import introduce
from field_kit.transport import HttpTransport
from schemas.reference_number import mint
from server.auth import enrolment, people, tokens
from server.auth.roles import Assignment
from server.models.engine import writing
from server.store.stored_schema import bring_up
from tests.simulation.air import ADDRESS, Request, response_of
from tests.simulation.chance import BEGINNING
from tests.simulation.clock import DeviceClock
from tests.simulation.headquarters import Headquarters, Image, open_headquarters
from tests.simulation.memory_folder import folder
from tests.simulation.phone import Phone, phone_on
from tests.simulation.words import speak

TEAM, TEAM_ELSEWHERE = "01a00000-0000-7000-8000-0000000000c1", "01a00000-0000-7000-8000-0000000000c2"

FIELD_ROLES: Mapping[str, tuple[str, ...]] = {
    "anong": ("social_worker@province:54",),
    "boon": ("social_worker@district:5401",),
    "chai": (f"rru_member@team:{TEAM}", "rru_member@district:5401"),
    "dao": ("rru_member@district:5402",),
    "ek": ("volunteer@village:54010103",),
    "fon": ("tambon_centre@tambon:540101",),
    "gaew": ("social_worker@province:56",),
}
STAFF_ROLES: Mapping[str, tuple[str, ...]] = {
    "head": ("approver@province:54",),
    "nation": ("national_staff@nation",),
    "admin": ("administrator@nation",),
}
DEVICES: tuple[tuple[str, str], ...] = (
    ("boon-1", "boon"),
    ("anong-1", "anong"),
    ("chai-1", "chai"),
    ("ek-1", "ek"),
    ("boon-2", "boon"),
    ("gaew-1", "gaew"),
    ("fon-1", "fon"),
    ("dao-1", "dao"),
)
"""(device, whose); boon has two, which must end equal."""


@dataclass(frozen=True)
class Beginning:
    """The state from which every schedule begins: everybody enrolled, everybody up to date."""

    headquarters: Headquarters
    centre: Image
    phones: Mapping[str, Image]
    users: Mapping[str, str]
    staff: Mapping[str, str]
    """Name -> token."""
    empty: Image


@cache
def beginning() -> Beginning:
    """Make it, once per process."""
    headquarters = open_headquarters(folder("centre"))
    return _begun(headquarters, headquarters.image())


@cache
def mixed_beginning() -> Beginning:
    """Make the beginning of schedules in which the centre knows a newer schema than the devices."""
    headquarters, empty = beginning().headquarters, beginning().empty
    speak(mixed=True)
    headquarters.load(empty)
    headquarters.begin(BEGINNING)
    bring_up(headquarters.centre.engine, headquarters.centre.store.types)
    return _begun(headquarters, empty, old=True)


def _begun(headquarters: Headquarters, empty: Image, *, old: bool = False) -> Beginning:
    users = {name: _person(headquarters, name, roles) for name, roles in {**FIELD_ROLES, **STAFF_ROLES}.items()}
    staff = {name: _desk(headquarters, users[name]) for name in STAFF_ROLES}
    _records(headquarters, users)
    phones = {name: _enrolled(headquarters, name, users[whose], old=old).copy() for name, whose in DEVICES}
    return Beginning(headquarters, headquarters.image(), phones, users, staff, empty)


def _person(headquarters: Headquarters, name: str, roles: tuple[str, ...]) -> str:
    centre = headquarters.centre
    if name == "anong":  # before the first who belongs to a team
        teams = [("team", TEAM, {"name": "ทีมแพร่", "kind": "day_team", "province": "54", "district": "5401"})]
        teams += [
            ("team", TEAM_ELSEWHERE, {"name": "ทีมพะเยา", "kind": "day_team", "province": "56", "district": "5601"})
        ]
        centre.store.create(teams, centre.now())
    with writing(centre.engine) as connection:
        id_ = people.create(connection, name, name, now=centre.now())
        for role in roles:
            people.give_role(connection, id_, Assignment(*role.split("@")), now=centre.now())
    return id_


def _desk(headquarters: Headquarters, user: str) -> str:
    with writing(headquarters.centre.engine) as connection:
        return tokens.issue(connection, user, kind="staff", lasts=timedelta(days=3650), now=headquarters.centre.now())


def _records(headquarters: Headquarters, users: Mapping[str, str]) -> None:
    """Write a few records that many may see, so that people meet from the first step on."""
    centre, new_id = headquarters.centre, lambda: str(headquarters.ids.uuid7())
    somchai, suda, case, elsewhere, visit, home = (new_id() for _ in range(6))
    intake = {"received_on": "2026-11-20", "intake_channel": "walk_in"}
    records: list[tuple[str, str, dict[str, Any]]] = [
        ("person", somchai, {"first_name": "สมชาย", "last_name": "ใจดี", "health_notes": "เบาหวาน"}),
        ("person", suda, {"first_name": "สุดา", "sex": "female"}),
        ("household", home, {"area": "540101", "house_number": "12"}),
        ("case", case, {**intake, "reference_number": mint(1), "intake_district": "5401", "area": "54010103",
                        "affected_person": somchai, "household": home, "urgency": "urgent"}),
        ("case", elsewhere, {**intake, "reference_number": mint(2), "intake_district": "5601", "area": "560101",
                             "affected_person": suda, "team": TEAM_ELSEWHERE}),
        ("visit", visit, {"case": case, "visited_on": "2026-11-21", "narrative": "พบบ้าน\nหลังคารั่ว"}),
    ]  # fmt: skip
    for record in records:
        centre.store.create([record], centre.now(), user=users["boon"])


def _enrolled(headquarters: Headquarters, name: str, user: str, *, old: bool) -> Phone:
    """Enrol a device with a code, and let it fetch all that it may hold."""
    with writing(headquarters.centre.engine) as connection:
        secret, now = headquarters.centre.keys.code_secret, headquarters.centre.now()
        code = enrolment.create(connection, secret, user, lasts=timedelta(hours=24), now=now).code
    phone = phone_on(None, name, user, DeviceClock(headquarters.time), Random(name), old=old)
    door = HttpTransport(ADDRESS, client=_Straight(headquarters))  # type: ignore[arg-type]
    given = door.enrol(code, name, "simulation", "simulation/1")
    introduce(phone.kit.database, given, ADDRESS, phone.kit.surroundings, name)
    sync = phone.begin_sync()
    while sync.exchange:
        phone.step(sync, headquarters.handle(sync.exchange.request))
    assert sync.complete, sync.ended_by
    return phone


class _Straight:
    """A link that never fails, for what no schedule looks at."""

    def __init__(self, headquarters: Headquarters) -> None:
        self._headquarters = headquarters

    def request(self, method: str, url: str, *, content: bytes, headers: Mapping[str, str]) -> Any:
        path = url.removeprefix(ADDRESS)
        return response_of(self._headquarters.handle(Request(method, path, headers, content)), method, url)

    def close(self) -> None: ...
