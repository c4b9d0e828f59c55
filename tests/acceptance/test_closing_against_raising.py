"""One closes a case while another, offline, raises it to most urgent: it stays open until staff decide (scenario 5)."""

from typing import Any

import pytest

from tests.acceptance.http_phone import HttpPhone, Link
from tests.acceptance.kit_process import Kit
from tests.acceptance.office import Office, Province
from tests.acceptance.records import made_case

CLOSING = {"status": "closed", "closed_on": "2026-11-20", "outcome": "helped"}


@pytest.fixture
def desk(here: Office, province: Province) -> Link:
    """A social worker of the province at a desk."""
    return here.desk(f"social_worker@{province.scope}")


@pytest.fixture
def closer(here: Office, province: Province) -> Kit:
    """Whoever believes that all is done."""
    return here.kit(f"social_worker@{province.scope}")


@pytest.fixture
def raiser(here: Office, province: Province) -> Kit:
    """Whoever stands at the door and sees that it is not."""
    return here.kit(f"rru_member@team:{province.day_team}")


@pytest.fixture
def case(alice: HttpPhone, province: Province, closer: Kit, raiser: Kit) -> str:
    """A case that both have on their devices; both have edited it since, without a signal."""
    case = made_case(alice, province, status="in_progress", urgency="normal", received_on="2026-11-19")
    for kit in (closer, raiser):
        kit.sync()
    closer.edit(case, **CLOSING)
    raiser.edit(case, urgency="most_urgent")
    return case


def shown(kit: Kit, case: str) -> dict[str, Any]:
    data = kit.all("case")[case]
    return {name: data[name] for name in ("status", "closed_on", "outcome", "urgency") if name in data}


def asked(kit: Kit, case: str) -> dict[str, Any]:
    """Return what is open about a case on a device: field -> (what is at stake, who wants what)."""
    found = [each for each in kit.all("conflict").values() if each["record"] == case and each["status"] == "open"]
    return {
        each["field"]: (each["risk"], [(side["user"], side["value"]) for side in each["contenders"]]) for each in found
    }


def decide(desk: Link, case: str, choice: str) -> None:
    """Decide all that is open about a case as staff do: for the centre's values, or for those of one device."""
    for conflict in desk.json("GET", "/conflicts")["items"]:
        if conflict["record"] == case:
            tag = desk.ask("GET", f"/conflicts/{conflict['id']}").headers["ETag"]
            side = choice if choice == "central" else conflict["contenders"][0]["incarnation"]
            body = {"reason": "โทรถามแล้ว", "choice": side}
            decided = desk.ask("POST", f"/conflicts/{conflict['id']}/resolve", json=body, headers={"If-Match": tag})
            assert (decided.status_code, decided.json()["outcome"]) == (200, "applied")


@pytest.mark.parametrize("choice", ["central", "closing"])
@pytest.mark.parametrize("first", ["closing", "raising"])
def test_it_stays_open_until_staff_decide(
    case: str, closer: Kit, raiser: Kit, desk: Link, first: str, choice: str
) -> None:
    for kit in (closer, raiser) if first == "closing" else (raiser, closer):
        kit.sync()
    for kit in (closer, raiser):
        kit.sync()
        assert shown(kit, case) == {"status": "in_progress", "urgency": "most_urgent"}
        wanted = {name: ("safety", [(closer.user["id"], value)]) for name, value in CLOSING.items()}
        assert asked(kit, case) == wanted

    decide(desk, case, choice)

    for kit in (closer, raiser):
        kit.sync()
        still_open: dict[str, Any] = {"status": "in_progress"}
        assert shown(kit, case) == {**(still_open if choice == "central" else CLOSING), "urgency": "most_urgent"}
        assert asked(kit, case) == {}
        assert kit.sound()
