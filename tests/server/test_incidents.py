"""One incident, reported through several channels: linked to one case, counted once, all of it in one place."""

from typing import Any

import pytest

from server.ids import new_id
from tests.server.centre import Somebody, TestCentre
from tests.server.test_api_records import BOB, Phone, case_of, create, reference_number

AREA = "540101"


@pytest.fixture
def alice(centre: TestCentre) -> Phone:
    return Phone(centre, centre.field("intake_officer@province:54"))


@pytest.fixture
def bob(centre: TestCentre) -> Somebody:
    return centre.staff(BOB)


@pytest.fixture
def reports(centre: TestCentre, alice: Phone) -> dict[str, str]:
    """Let 1300, LINE and a volunteer report one incident; return the records by channel."""
    call, alarm, request = new_id(), new_id(), new_id()
    volunteer = Phone(centre, centre.field("volunteer@village:54010102"))
    alice.push(create("contact", call, channel="hotline_1300", received_on="2026-11-20", area=AREA,
                      outside_number="1300-56"))  # fmt: skip
    alice.push(create("emergency", alarm, causes=["threat_or_assault"], area=AREA, latitude=18.14, longitude=100.14,
                      happened_at="2026-11-20T12:00:00.000Z"))  # fmt: skip
    volunteer.push(create("help_request", request, reference_number=reference_number(), area="54010102",
                          filed_on="2026-11-20", latitude=18.1401, longitude=100.1401))  # fmt: skip
    return {"1300": call, "line": alarm, "volunteer": request}


def the_case(phone: Phone) -> str:
    case = new_id()
    phone.push(case_of(case, AREA))
    return case


def link(who: Somebody, case: str, *records: str, verb: str = "link", **more: Any) -> Any:
    return who.post(f"/api/v1/cases/{case}/{verb}", json={"records": list(records), **more})


def linked(who: Somebody, case: str) -> list[tuple[str, str]]:
    reply = who.get(f"/api/v1/cases/{case}/reports")
    assert reply.status_code == 200, reply.text
    return sorted((each["type"], each["id"]) for each in reply.json["items"])


def counted(who: Somebody) -> dict[str, int]:
    """Return the cases of November by channel, and in all."""
    query = {"province": "54", "from": "2026-11-01", "to": "2026-11-23"}
    told = who.get("/api/v1/reports/provincial", query_string=query).json
    (channels,) = (table for table in told["tables"] if table["id"] == "channel")
    rows = {row["id"]: row["figures"]["period"] for row in channels["rows"] if row["figures"]["period"]}
    return {**rows, "total": told["total"]["period"]}


def test_three_channels_report_one_incident_and_it_counts_once(
    centre: TestCentre, alice: Phone, bob: Somebody, reports: dict[str, str]
) -> None:
    case = the_case(alice)
    suggested = bob.get(f"/api/v1/records/{case}/candidates").json["items"]
    assert {each["record"]["id"] for each in suggested} == set(reports.values())

    reply = link(bob, case, *reports.values(), reason="ที่เดียวกัน เวลาเดียวกัน")

    assert reply.status_code == 200, reply.text
    assert [each["outcome"] for each in reply.json["outcomes"]] == ["applied"] * 3
    assert linked(bob, case) == sorted(
        [("contact", reports["1300"]), ("emergency", reports["line"]), ("help_request", reports["volunteer"])]
    )
    assert counted(bob) == {"walk_in": 1, "total": 1}
    for report in reports.values():
        last = bob.get(f"/api/v1/records/{report}/history").json["items"][-1]
        assert (last["author"], last["set"], last["reason"]) == (bob.id, {"case": [None, case]}, "ที่เดียวกัน เวลาเดียวกัน")
    assert bob.get(f"/api/v1/records/{case}/candidates").json["items"] == []


def test_what_is_linked_travels_with_its_case(
    centre: TestCentre, alice: Phone, bob: Somebody, reports: dict[str, str]
) -> None:
    """A team of another province that is given the case gets what is known of it."""
    away = centre.staff("social_worker@province:55")
    case = new_id()
    alice.push(case_of(case, AREA))
    link(bob, case, *reports.values())
    assert away.get(f"/api/v1/records/{reports['line']}").status_code == 404
    version = bob.get(f"/api/v1/records/{case}").json["version"]
    moved = {"op": "update", "type": "case", "record": case, "base": version, "set": {"area": [AREA, "550101"]}}
    [outcome] = alice.push(moved)
    assert outcome["outcome"] == "applied"
    assert {report for _, report in linked(away, case)} == set(reports.values())
    assert {away.get(f"/api/v1/records/{each}").status_code for each in reports.values()} == {200}


def test_a_report_is_linked_to_one_case_at_a_time(alice: Phone, bob: Somebody, reports: dict[str, str]) -> None:
    one, other = the_case(alice), the_case(alice)
    assert link(bob, one, reports["1300"]).status_code == 200
    refused = link(bob, other, reports["line"], reports["1300"])
    assert refused.status_code == 422
    problem = refused.json["errors"]["records"][0]
    assert (problem["code"], problem["at"]) == ("linked_elsewhere", reports["1300"])
    assert (linked(bob, one), linked(bob, other)) == ([("contact", reports["1300"])], [])
    assert link(bob, other, reports["1300"], verb="unlink").status_code == 422
    assert link(bob, one, reports["1300"], verb="unlink", reason="คนละเหตุ").status_code == 200
    assert link(bob, other, reports["1300"]).status_code == 200
    assert (linked(bob, one), linked(bob, other)) == ([], [("contact", reports["1300"])])


def test_linking_twice_changes_nothing(alice: Phone, bob: Somebody, reports: dict[str, str]) -> None:
    case = the_case(alice)
    answers = [link(bob, case, reports["1300"]).json["outcomes"][0]["outcome"] for _ in range(2)]
    assert answers == ["applied", "unchanged"]


def test_reports_of_a_merged_case_are_found_where_it_goes_on(
    alice: Phone, bob: Somebody, reports: dict[str, str]
) -> None:
    merged, into = the_case(alice), the_case(alice)
    link(bob, merged, reports["1300"])
    version = bob.get(f"/api/v1/records/{merged}").headers["ETag"]
    reply = bob.post(f"/api/v1/records/{merged}/merge", json={"into": into, "reason": "เหตุเดียวกัน"},
                     headers={"If-Match": version})  # fmt: skip
    assert reply.status_code == 200, reply.text
    assert link(bob, merged, reports["line"]).status_code == 200
    assert linked(bob, into) == [("contact", reports["1300"]), ("emergency", reports["line"])]
    assert bob.get(f"/api/v1/records/{reports['line']}").json["data"]["case"] == into
    assert counted(bob) == {"walk_in": 1, "total": 1}


def test_only_reports_and_cases_that_one_sees_are_linked_by_those_who_may(
    centre: TestCentre, alice: Phone, bob: Somebody, reports: dict[str, str]
) -> None:
    case, person = the_case(alice), new_id()
    alice.push(create("person", person, first_name="มะลิ"), case_of(new_id(), AREA, affected_person=person))
    outsider, inspector = centre.staff("social_worker@province:55"), centre.staff("inspector@nation")
    assert link(outsider, case, reports["1300"]).status_code == 404
    assert link(inspector, case, reports["1300"]).status_code == 403
    assert link(bob, reports["1300"], reports["line"]).status_code == 404
    assert link(bob, case, person).status_code == 422
    assert link(bob, case, new_id()).status_code == 404
    assert link(bob, case).status_code == 422
    assert linked(bob, case) == []
