"""Staff act on people of their area: alice works in Mueang Phrae, bob heads the province, charlie is of Chiang Mai."""

from typing import Any

import pytest

from server.ids import new_id
from tests.server.centre import Somebody, TestCentre

ALICE = "rru_member@district:5401"
BOB = "approver@province:54"
CHARLIE = "rru_member@district:5001"


@pytest.fixture
def bob(centre: TestCentre) -> Somebody:
    return centre.staff(BOB)


def test_bob_sees_the_devices_of_his_province_alone(centre: TestCentre, bob: Somebody) -> None:
    alice, charlie = centre.field(ALICE), centre.field(CHARLIE)
    listed = [each["id"] for each in bob.get("/api/v1/devices").json["items"]]
    shown = [bob.get(f"/api/v1/devices/{who.device}").status_code for who in (alice, charlie)]
    assert (listed, shown) == ([alice.device], [200, 403])


def test_bob_revokes_a_device_of_his_province_alone(centre: TestCentre, bob: Somebody) -> None:
    alice, charlie = centre.field(ALICE), centre.field(CHARLIE)
    replies = [bob.post(f"/api/v1/devices/{who.device}/revoke", json={"order": "lost"}) for who in (alice, charlie)]
    assert [reply.status_code for reply in replies] == [200, 403]
    assert charlie.get("/api/v1/me").status_code == 200


def test_bob_enrols_people_of_his_province_alone(centre: TestCentre, bob: Somebody) -> None:
    people = [centre.person(ALICE), centre.person(CHARLIE)]
    replies = [bob.post("/api/v1/enrolments", json={"user": each}) for each in people]
    assert [reply.status_code for reply in replies] == [201, 403]


def test_a_team_is_of_its_home(centre: TestCentre, bob: Somebody) -> None:
    here, there = new_id(), new_id()
    teams = [(here, "54"), (there, "50")]
    rows: list[tuple[str, str, dict[str, Any]]] = [
        ("team", id_, {"name": "ทีม", "kind": "day_team", "province": province}) for id_, province in teams
    ]
    centre.centre.store.create(rows, centre.clock())
    people = [centre.person(f"rru_member@team:{team}") for team in (here, there)]
    replies = [bob.get(f"/api/v1/users/{each}") for each in people]
    assert [reply.status_code for reply in replies] == [200, 403]


def test_another_role_over_the_nation_does_not_widen_what_bob_may_do(centre: TestCentre) -> None:
    bob, charlie = centre.staff(BOB, "inspector@nation"), centre.field(CHARLIE)
    reply = bob.post(f"/api/v1/devices/{charlie.device}/revoke", json={"order": "lost"})
    assert (reply.status_code, reply.json["code"]) == (403, "not_permitted")


def test_a_provincial_administrator_gives_roles_within_the_province_alone(centre: TestCentre) -> None:
    admin, dora = centre.staff("administrator@province:54"), centre.person()
    scopes = ["district:5401", "district:5001"]
    replies = [
        admin.post(f"/api/v1/users/{dora}/roles", json={"role": "rru_member", "scope": scope}) for scope in scopes
    ]
    nation = admin.post(f"/api/v1/users/{dora}/roles", json={"role": "administrator", "scope": "nation"})
    assert [reply.status_code for reply in (*replies, nation)] == [201, 403, 403]


def test_nobody_changes_what_they_may_do_themselves(centre: TestCentre) -> None:
    admin = centre.staff("administrator@nation")
    reply = admin.post(f"/api/v1/users/{admin.id}/roles", json={"role": "social_worker", "scope": "province:54"})
    assert (reply.status_code, reply.json["code"]) == (403, "not_permitted")


def test_somebody_shut_out_is_out_at_once_and_may_be_let_in_again(centre: TestCentre) -> None:
    admin, alice = centre.staff("administrator@nation"), centre.field(ALICE)
    codes = []
    for active in (False, True):
        admin.post(f"/api/v1/users/{alice.id}/active", json={"active": active})
        codes.append(alice.get("/api/v1/me").status_code)
    assert codes == [401, 200]
