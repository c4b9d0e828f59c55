"""Records as a test needs them: valid, small, in the test's own province."""

from datetime import timedelta
from typing import Any

from schemas.reference_number import mint
from schemas.thai import bangkok_date
from server.clock import now
from server.ids import new_id
from tests.acceptance.http_phone import HttpPhone
from tests.acceptance.office import Province


def a_case(phone: HttpPhone, place: Province, record: str | None = None, **data: Any) -> dict[str, Any]:
    """Return the create of a case that the day team cares for."""
    given = {
        "reference_number": a_reference_number(),
        "received_on": yesterday(),
        "intake_channel": "hotline_1300",
        "intake_district": place.district,
        "area": place.tambon,
        "team": place.day_team,
    }
    return phone.create("case", record, **{name: value for name, value in {**given, **data}.items() if value})


def a_visit(phone: HttpPhone, case: str, record: str | None = None, **data: Any) -> dict[str, Any]:
    """Return the create of a visit."""
    return phone.create("visit", record, case=case, **data)


def made_case(phone: HttpPhone, place: Province, **data: Any) -> str:
    """Push a new case and pull it; return its id."""
    new = a_case(phone, place, **data)
    assert outcomes(phone.push([new])) == ["applied"]
    phone.pull()
    return str(new["record"])


def a_reference_number() -> str:
    return mint(int(new_id().replace("-", ""), 16))


def outcomes(found: Any) -> list[str]:
    """Return the bare outcomes."""
    return [each.outcome for each in found]


def yesterday() -> str:
    return (bangkok_date(now()) - timedelta(days=1)).isoformat()
