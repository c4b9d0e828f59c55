"""Who may what, over HTTP: alice works in the province, bob on its day team, charlie elsewhere, dao in one village."""

from typing import Any

import pytest

from server.auth.roles import ROLES
from tests.acceptance.http_phone import HttpPhone, Link
from tests.acceptance.office import COMMON, Office, Province
from tests.acceptance.records import a_case, a_reference_number, a_visit, made_case, outcomes

SECRETS = {
    "summary": "เรื่องภายในครอบครัว",
    "place_text": "บ้านหลังวัด",
    "reporter_name": "ผู้ใหญ่บ้าน",
    "problems": ["violence"],
}
"""Fields of a case above class ``normal``."""


@pytest.fixture
def province() -> Province:
    return COMMON


def secret_case(alice: HttpPhone, bob: HttpPhone, province: Province, **data: Any) -> str:
    """Let bob's team have a case with something to hide, in dao's village; return its id."""
    new = a_case(bob, province, area=province.village, urgency="urgent", danger_notes="มีสุนัข", **{**SECRETS, **data})
    assert outcomes(bob.push([new])) == ["applied"]
    return str(new["record"])


# --- records


def test_charlie_sees_nothing_of_alices(
    here: Office, alice: HttpPhone, bob: HttpPhone, charlie: HttpPhone, elsewhere: Province, province: Province
) -> None:
    case = secret_case(alice, bob, province)
    visit = a_visit(alice, case, narrative="พบที่บ้าน")
    alice.push([visit])
    charlie.pull()
    assert {case, visit["record"]} & charlie.rows.keys() == set()
    desk = here.desk(f"social_worker@{elsewhere.scope}")
    for link in (charlie.link, desk):
        for path in (f"/records/{case}", f"/records/{case}/history", f"/records/{visit['record']}"):
            assert (link.ask("GET", path).status_code, link.ask("GET", path).json()["code"]) == (404, "not_found")
        assert link.json("GET", "/records", params={"type": "case"})["items"] == []
        assert link.json("GET", "/conflicts")["items"] == []
        assert link.json("GET", "/unfinished")["items"] == []
        query = {"province": province.code, "from": "2026-01-01", "to": "2026-12-31"}
        assert link.ask("GET", "/reports/provincial", params=query).status_code == 403


def test_charlie_cannot_touch_alices_record_by_its_id(alice: HttpPhone, charlie: HttpPhone, province: Province) -> None:
    case = made_case(alice, province, urgency="normal")
    guesses = [
        [charlie.update("case", case, 10**9, set={"urgency": ["normal", "urgent"]})],
        [charlie.delete("case", case, 10**9)],
        [charlie.create("case", case, **a_case(charlie, province)["data"])],
    ]
    refused = charlie.push(*guesses)
    assert [(each.outcome, each.conflicts) for each in refused] == [("rejected", [])] * 3
    assert alice.pull().data(case)["urgency"] == "normal"
    assert alice.conflicts() == []


def test_a_visit_to_anothers_case_tells_nothing_and_shows_nothing(
    alice: HttpPhone, charlie: HttpPhone, province: Province
) -> None:
    case = made_case(alice, province, summary="ความลับ")
    charlie.push([a_visit(charlie, case, narrative="แอบดู")])
    assert case not in charlie.pull().rows


def test_dao_sees_of_a_case_in_the_village_what_is_normal_alone(
    alice: HttpPhone, bob: HttpPhone, dao: HttpPhone, province: Province
) -> None:
    case = secret_case(alice, bob, province)
    visit = a_visit(bob, case, narrative="ความลับ")
    bob.push([visit])
    seen = dao.pull().data(case)
    assert seen["danger_notes"] == "มีสุนัข"
    assert SECRETS.keys() & seen.keys() == set()
    assert visit["record"] not in dao.rows
    shown = dao.link.ask("GET", f"/records/{case}")
    if shown.status_code == 200:
        assert SECRETS.keys() & shown.json()["data"].keys() == set()
    assert "ความลับ" not in dao.link.ask("GET", f"/records/{case}/history").text


def test_dao_cannot_write_what_dao_may_not_see(
    alice: HttpPhone, bob: HttpPhone, dao: HttpPhone, province: Province
) -> None:
    case = secret_case(alice, bob, province)
    base = dao.pull().version(case)
    [refused] = dao.push([dao.update("case", case, base, set={"summary": [None, "เดา"]})])
    assert (refused.outcome, refused.code) == ("rejected", "not_permitted")
    assert alice.pull().data(case)["summary"] == SECRETS["summary"]


def test_a_volunteers_own_request_stays_the_volunteers_and_the_provinces(
    here: Office, alice: HttpPhone, dao: HttpPhone, province: Province
) -> None:
    neighbour = here.phone(f"volunteer@village:{province.tambon}04")
    applicant = dao.create("person", first_name="มาลี", phones=["0812345678"])
    asked = {"applicant": applicant["record"], "area": province.village, "hardship_note": "ไม่มีข้าว"}
    request = dao.create("help_request", reference_number=a_reference_number(), **asked)
    assert outcomes(dao.push([applicant, request])) == ["applied", "applied"]
    assert alice.pull().data(request["record"])["hardship_note"] == "ไม่มีข้าว"
    assert dao.pull().data(request["record"])["hardship_note"] == "ไม่มีข้าว"
    assert {applicant["record"], request["record"]} & neighbour.pull().rows.keys() == set()


def test_what_is_protected_is_seen_by_who_is_assigned_alone(
    alice: HttpPhone, bob: HttpPhone, province: Province
) -> None:
    case = secret_case(alice, bob, province)
    assert bob.pull().data(case)["reporter_name"] == SECRETS["reporter_name"]
    assert "reporter_name" not in alice.pull().data(case)
    assign = {"assigned_to": [None, alice.user]}
    assert outcomes(alice.push([alice.update("case", case, alice.version(case), set=assign)])) == ["applied"]
    assert alice.pull().data(case)["reporter_name"] == SECRETS["reporter_name"]
    back = {"assigned_to": [alice.user, None]}
    assert outcomes(alice.push([alice.update("case", case, alice.version(case), set=back)])) == ["applied"]
    assert "reporter_name" not in alice.pull().data(case)


def test_a_team_on_duty_sees_its_district_and_no_more_than_is_normal(
    here: Office, alice: HttpPhone, bob: HttpPhone, province: Province
) -> None:
    case = secret_case(alice, bob, province)
    on_duty = here.phone(f"rru_member@district:{province.district}")
    seen = on_duty.pull().data(case)
    assert (seen["danger_notes"], SECRETS.keys() & seen.keys()) == ("มีสุนัข", set())


@pytest.mark.parametrize(
    ("role", "sees", "hides"),
    [
        ("social_worker", {"summary", "place_text", "problems"}, {"reporter_name"}),
        ("approver", {"summary", "place_text", "problems"}, {"reporter_name"}),
        ("intake_officer", {"summary", "place_text", "problems"}, {"reporter_name"}),
        ("inspector", {"place_text"}, {"summary", "problems", "reporter_name"}),
        ("group_staff", {"place_text"}, {"summary", "problems", "reporter_name"}),
    ],
)
def test_at_a_desk_each_sees_the_classes_of_their_role(
    here: Office, alice: HttpPhone, bob: HttpPhone, province: Province, role: str, sees: set[str], hides: set[str]
) -> None:
    case = secret_case(alice, bob, province)
    desk = here.desk(f"{role}@{province.scope}")
    shown = desk.json("GET", f"/records/{case}")["data"].keys()
    assert (sees - shown, hides & shown) == (set(), set())
    told = desk.ask("GET", f"/records/{case}/history").text
    assert [name for name in hides if str(SECRETS[name]) in told] == []


@pytest.mark.parametrize("role", ["administrator@nation", "finance_officer@{province}"])
def test_some_see_no_case_at_all(here: Office, alice: HttpPhone, bob: HttpPhone, province: Province, role: str) -> None:
    case = secret_case(alice, bob, province)
    desk = here.desk(role.format(province=province.scope))
    assert desk.ask("GET", f"/records/{case}").status_code == 404
    assert desk.ask("GET", "/records", params={"type": "case"}).status_code == 403


def test_a_role_that_is_taken_away_takes_what_it_showed(here: Office, alice: HttpPhone, province: Province) -> None:
    case = made_case(alice, province)
    other = here.person(f"social_worker@{province.scope}")
    phone = here.phone(of=other)
    assert case in phone.pull().rows
    here.admin.json("DELETE", f"/users/{other['id']}/roles/social_worker/{province.scope}")
    assert phone.pull().rows == {}
    [late] = phone.push([phone.update("case", case, phone.last_pull.commit - 1, set={"urgency": [None, "urgent"]})])
    assert (late.outcome, late.code) == ("rejected", "not_permitted")
    assert "urgency" not in alice.pull().data(case)
    assert phone.link.ask("GET", f"/records/{case}").status_code == 403


# --- routes

PROBES: dict[str, tuple[str, str]] = {
    "push": ("POST", "/sync/push"),
    "pull": ("POST", "/sync/pull"),
    "upload": ("POST", "/uploads"),
    "attachment": ("GET", "/attachments/01900000-0000-7000-8000-000000000000"),
    "cases": ("GET", "/records?type=case"),
    "payments": ("GET", "/records?type=assistance"),
    "conflicts": ("GET", "/conflicts"),
    "decide": ("POST", "/conflicts/01900000-0000-7000-8000-000000000000/resolve"),
    "ledger": ("GET", "/unfinished"),
    "report": ("GET", "/reports/provincial?province={province}&from=2026-01-01&to=2026-01-31"),
    "people": ("GET", "/users"),
    "hire": ("POST", "/users"),
    "promote": ("POST", "/users/01900000-0000-7000-8000-000000000000/roles"),
    "enrol": ("POST", "/enrolments"),
    "devices": ("GET", "/devices"),
    "revoke": ("POST", "/devices/01900000-0000-7000-8000-000000000000/revoke"),
    "me": ("GET", "/me"),
    "lists": ("GET", "/vocabulary"),
    "areas": ("GET", "/areas"),
}
EVERYBODY = "me lists areas"
ON_A_DEVICE = f"{EVERYBODY} push pull upload attachment conflicts"

ALLOWED = {
    "volunteer": ON_A_DEVICE,
    "rru_member": f"{ON_A_DEVICE} cases payments",
    "tambon_centre": f"{ON_A_DEVICE} cases payments",
    "intake_officer": f"{ON_A_DEVICE} cases payments report",
    "social_worker": f"{ON_A_DEVICE} cases payments report decide ledger devices",
    "approver": f"{ON_A_DEVICE} cases payments report decide ledger devices revoke enrol people",
    "finance_officer": f"{EVERYBODY} payments report",
    "inspector": f"{EVERYBODY} cases payments attachment report",
    "group_staff": f"{EVERYBODY} cases payments attachment report",
    "national_staff": f"{EVERYBODY} cases payments attachment conflicts decide ledger devices report",
    "administrator": f"{EVERYBODY} people hire promote enrol devices revoke",
}
SCOPES = {
    "volunteer": "village:{province.village}",
    "tambon_centre": "tambon:{province.tambon}",
    "national_staff": "nation",
    "administrator": "nation",
}
"""Over what a role is held in these tests, where it is not the province."""


def test_the_table_names_every_role() -> None:
    assert ALLOWED.keys() == ROLES.keys()


@pytest.mark.parametrize("role", ALLOWED)
def test_each_role_opens_its_doors_and_no_others(here: Office, province: Province, role: str) -> None:
    held = f"{role}@" + SCOPES.get(role, province.scope).format(province=province)
    link = here.phone(held).link if ROLES[role].carries_device else here.desk(held)
    opened = {name for name, probe in PROBES.items() if opens(link, province, *probe)}
    assert opened == set(ALLOWED[role].split())


def opens(link: Link, province: Province, method: str, path: str) -> bool:
    """Tell whether a door opens: whatever lies behind it, the answer is not that it is closed."""
    reply = link.ask(method, path.format(province=province.code), **({"json": {}} if method == "POST" else {}))
    assert reply.status_code < 500, reply.text
    assert reply.status_code != 401
    return not (reply.status_code == 403 and reply.json()["code"] == "not_permitted")


PUBLIC = {
    ("get", "/"),
    ("get", "/api/v1/health"),
    ("get", "/api/v1/ready"),
    ("get", "/api/v1/metrics"),
    ("get", "/api/v1/schema"),
    ("post", "/api/v1/tokens"),
    ("post", "/api/v1/devices"),
    ("post", "/api/v1/key-recoveries"),
    ("get", "/api/v1/key-recoveries/{recovery_id}"),
    ("options", "/api/v1/uploads"),
}


def test_nobody_gets_anything_without_a_token(here: Office) -> None:
    """Walks every route that the centre says it has."""
    link = here.link()
    paths = link.client.get("/api/v1/openapi.json").json()["paths"]
    doors = {(method, path) for path, methods in paths.items() for method in methods if method != "parameters"}
    assert len(doors) > 25
    opened = {(method, path) for method, path in doors if unlocked(link, method, path)}
    assert {door for door in opened if "docs" not in door[1] and "openapi" not in door[1]} == PUBLIC


def unlocked(link: Link, method: str, path: str) -> bool:
    reply = link.client.request(method.upper(), path.replace("{", "").replace("}", ""), json={})
    assert reply.status_code < 500, reply.text
    return reply.status_code != 401


def test_a_role_without_devices_gets_no_code(here: Office, province: Province) -> None:
    officer = here.person(f"finance_officer@{province.scope}")
    refused = here.admin.ask("POST", "/enrolments", json={"user": officer["id"]})
    assert (refused.status_code, refused.json()["code"]) == (409, "no_device_role")


def test_a_desk_does_not_push(here: Office, province: Province) -> None:
    desk = here.desk(f"social_worker@{province.scope}")
    for path in ("/sync/push", "/sync/pull"):
        phone = here.phone(f"social_worker@{province.scope}")
        refused = desk.ask("POST", path, json=phone.body() | {"checkpoint": {}})
        assert (refused.status_code, refused.json()["code"]) == (403, "not_permitted")
