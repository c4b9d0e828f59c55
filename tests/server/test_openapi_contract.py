"""Whatever is sent by whomever, the centre answers as its OpenAPI document says, and never with a fault of its own."""

from typing import Any

import pytest
import schemathesis
from hypothesis import HealthCheck, Phase, given, seed, settings
from hypothesis import strategies as st
from schemathesis.checks import not_a_server_error
from schemathesis.specs.openapi.checks import (
    content_type_conformance,
    response_headers_conformance,
    response_schema_conformance,
    status_code_conformance,
)

from schemas.reference_number import mint
from server.auth.roles import ROLES
from server.ids import new_id
from server.tus_document import BODY_TYPE
from tests.server.centre import Somebody, TestCentre

EXAMPLES = 3
NOBODY = "nobody"
CHECKS = (
    not_a_server_error,
    status_code_conformance,
    content_type_conformance,
    response_headers_conformance,
    response_schema_conformance,
)
SCOPES = {
    "nation": "nation",
    "province": "province:54",
    "district": "district:5401",
    "tambon": "tambon:540101",
    "village": "village:54010103",
    "team": "team:01a00000-0000-7000-8000-0000000000c1",
}


@schemathesis.serializer(BODY_TYPE)
def as_bytes(_: Any, value: Any) -> Any:
    """Send the bytes of an upload as they are."""
    return value if isinstance(value, bytes) else str(value).encode()


Known = dict[str, list[str]]
"""What a path calls an id -> ids of things that are there."""


@pytest.fixture
def known(one_centre: TestCentre) -> Known:
    """Something of every kind: half of what is asked for is there."""
    person, case, visit, conflict = (new_id() for _ in range(4))
    facts = {"received_on": "2026-11-20", "intake_channel": "walk_in", "intake_district": "5401", "area": "540101"}
    one_centre.centre.store.create(
        [
            ("person", person, {"first_name": "สมชาย"}),
            ("case", case, {"reference_number": mint(7), "affected_person": person, **facts}),
            ("visit", visit, {"case": case, "visited_on": "2026-11-21"}),
            ("conflict", conflict, {"record": case, "record_type": "case", "field": "severity", "privacy": "normal",
                                    "status": "open", "contenders": []}),
        ],
        one_centre.clock(),
    )  # fmt: skip
    officer = one_centre.field("rru_member@district:5401")
    return {
        "record_id": [person, case, visit],
        "case_id": [case],
        "conflict_id": [conflict],
        "device_id": [str(officer.device)],
        "user_id": [officer.id],
    }


@pytest.mark.parametrize("role", [NOBODY, *ROLES])
def test_the_centre_answers_as_its_document_says(one_centre: TestCentre, known: Known, role: str) -> None:
    document = schemathesis.openapi.from_wsgi("/api/v1/openapi.json", one_centre.app)
    wrong: list[str] = []
    succeeded: set[str] = set()
    for found in document.get_all_operations():
        operation = found.ok()
        try:
            for place in places_of(role):
                if _ask(one_centre, operation, role, place, known):
                    succeeded.add(operation.label)
        except (Exception, BaseExceptionGroup) as failure:  # all of them are told together
            wrong.append(f"{operation.method.upper()} {operation.path} as {role}: {failure}")
    assert wrong == []
    assert len(succeeded) >= (5 if role == NOBODY else 12)


def places_of(role: str) -> tuple[str, ...]:
    """Return where somebody of a role asks from."""
    return ("device", "desk") if role != NOBODY and ROLES[role].carries_device else ("desk",)


def _ask(centre: TestCentre, operation: Any, role: str, place: str, known: Known) -> bool:
    """Ask one operation several times, as a new person of the role: it may end their token. Tell if it ever worked."""
    headers, device = _somebody(centre, role, place)
    statuses: list[int] = []

    @seed(20_690_101)
    @settings(
        max_examples=EXAMPLES,
        deadline=None,
        database=None,
        phases=[Phase.generate],
        suppress_health_check=list(HealthCheck),
    )
    @given(case=operation.as_strategy(), sensible=st.booleans(), choice=st.integers(0, 99))
    def asked(case: Any, sensible: bool, choice: int) -> None:
        if sensible:
            _make_sensible(centre, case, known, device, choice)
        response = case.call(headers={"Accept-Encoding": "identity"} | headers)
        statuses.append(response.status_code)
        case.validate_response(response, checks=CHECKS)

    asked()
    return any(status < 400 for status in statuses)


def _make_sensible(centre: TestCentre, case: Any, known: Known, device: str | None, choice: int) -> None:
    """Ask about what is there; speak the protocol of this centre, on this device."""
    for name in case.path_parameters or {}:
        if name in known:
            case.path_parameters[name] = known[name][choice % len(known[name])]
    if isinstance(case.body, dict) and "/sync/" in case.path:
        true = {"protocol": 1, "schema": 1, "epoch": centre.centre.store.epoch(), "device": device}
        case.body.update({name: value for name, value in true.items() if name in case.body})


def _somebody(centre: TestCentre, role: str, place: str) -> tuple[dict[str, str], str | None]:
    if role == NOBODY:
        return {}, None
    held = f"{role}@{SCOPES[ROLES[role].scopes[0]]}"
    who: Somebody = centre.field(held) if place == "device" else centre.staff(held)
    return {"Authorization": f"Bearer {who.token}"}, who.device
