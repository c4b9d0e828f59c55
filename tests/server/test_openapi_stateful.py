"""The links of the OpenAPI document, followed at random from a desk and from a device: each leads where it says."""

from typing import Any, ClassVar

import pytest
import schemathesis
from hypothesis import HealthCheck, Phase, settings
from hypothesis.stateful import run_state_machine_as_test
from schemathesis.generation.stateful import APIStateMachine

from server.api_document import document_of
from server.links import LINKS
from sync.version import PROTOCOL_VERSION
from tests.server.centre import Somebody, TestCentre
from tests.server.test_openapi_contract import CHECKS

EXAMPLES, STEPS = 12, 12
DESK = (
    "users.create",
    "users.show_all",
    "users.show",
    "users.set_active",
    "users.give_role",
    "users.take_role",
    "enrolments.create",
    "enrolments.qr",
    "devices.enrol",
    "devices.show",
    "devices.show_all",
    "devices.revoke",
)
DEVICE = ("sync.pull", "records.show_all", "records.show", "records.history", "conflicts.show_all", "conflicts.show")
WALKS = (
    ("desk", "administrator@nation", DESK, {"users.create", "devices.enrol", "devices.revoke"}),
    ("device", "social_worker@province:54", DEVICE, {"sync.pull"}),
)
"""Where somebody of which role asks from, what they ask, and what must have been done in the end."""

SENSIBLE: dict[str, dict[str, Any]] = {
    "users.give_role": {"role": "rru_member", "scope": "district:5401"},
    "devices.enrol": {"name": "โทรศัพท์", "platform": "test", "client_version": "1"},
    "devices.revoke": {"order": "lost"},
}
"""What is said besides what a link fills in; the stateless test says everything else."""


class Walk(APIStateMachine):
    """Follows links as one person; remembers the tokens of the devices that were enrolled on the way."""

    centre: ClassVar[TestCentre]
    who: ClassVar[Somebody]
    officer: ClassVar[str]
    succeeded: ClassVar[set[str]]

    def setup(self) -> None:
        """Begin without any device."""
        self.tokens: dict[str, tuple[str, str]] = {}

    def get_call_kwargs(self, case: Any) -> dict[str, Any]:
        """Ask as the person; a reply that is packed would hide from the checks."""
        return {"headers": {"Accept-Encoding": "identity", "Authorization": f"Bearer {self.who.token}"}}

    def before_call(self, case: Any) -> None:
        """Say what makes sense, and speak the protocol of this centre, on this device."""
        if isinstance(case.body, dict):
            case.body.update(SENSIBLE.get(case.operation.definition.raw["operationId"], {}))
        if isinstance(case.body, dict) and "code" in case.body:
            case.body.pop("device", None)
            if str(case.body["code"]).count("-") < 2:  # not one that a link brought
                case.body["code"] = self.centre.code(self.officer)
        if isinstance(case.body, dict) and "/sync/" in case.path:
            true = {"protocol": PROTOCOL_VERSION, "schema": 1, "device": self.who.device}
            true["epoch"] = self.centre.centre.store.epoch()
            case.body.update({name: value for name, value in true.items() if name in case.body})

    def after_call(self, response: Any, case: Any) -> None:
        """Hold on to what begins, and hold what has ended against the promise that it has."""
        if response.status_code >= 400:
            return
        name = case.operation.definition.raw["operationId"]
        self.succeeded.add(name)
        if name == "devices.enrol":
            said = response.json()
            self.tokens[said["device"]] = (said["user"]["id"], said["token"])
        if name == "devices.revoke":
            self._check_out(case.path_parameters["device_id"], 403)
        if name == "users.set_active" and not response.json()["active"]:
            for device, (user, _) in self.tokens.items():
                if user == case.path_parameters["user_id"]:
                    self._check_out(device, 401)

    def validate_response(self, response: Any, case: Any, additional_checks: Any = (), **more: Any) -> None:
        """Judge every answer as the stateless test does."""
        case.validate_response(response, checks=CHECKS)

    def _check_out(self, device: str, status: int) -> None:
        """A device that was shut out gets nothing more, whatever it held."""
        if device in self.tokens:
            asked = {"Authorization": f"Bearer {self.tokens[device][1]}"}
            for path in ("/api/v1/me", "/api/v1/areas"):
                answer = self.centre.client.get(path, headers=asked)
                assert answer.status_code in (status, 401, 403), (device, answer.status_code)


@pytest.mark.parametrize(("place", "role", "asked", "reached"), WALKS, ids=["desk", "device"])
def test_every_link_leads_where_the_document_says(
    one_centre: TestCentre, place: str, role: str, asked: tuple[str, ...], reached: set[str]
) -> None:
    who = one_centre.staff(role) if place == "desk" else one_centre.field(role)
    officer = one_centre.person("rru_member@district:5401", name="aaa")  # first in the list, and may have a device
    document = schemathesis.openapi.from_wsgi("/api/v1/openapi.json", one_centre.app)
    document = document.include(operation_id=list(asked))
    succeeded: set[str] = set()
    known = {"centre": one_centre, "who": who, "officer": officer, "succeeded": succeeded}
    walk = type("WalkHere", (Walk, document.as_state_machine()), known)

    run_state_machine_as_test(
        walk,
        settings=settings(
            max_examples=EXAMPLES,
            stateful_step_count=STEPS,
            deadline=None,
            database=None,
            derandomize=True,
            phases=[Phase.generate],
            suppress_health_check=list(HealthCheck),
        ),
    )

    assert sorted(reached - succeeded) == []


def test_every_link_names_what_is_there(one_centre: TestCentre) -> None:
    paths = document_of(one_centre.app)["paths"]
    known = {
        told["operationId"]: {each["name"] for each in (*item.get("parameters", ()), *told.get("parameters", ()))}
        for item in paths.values()
        for told in item.values()
        if isinstance(told, dict) and "operationId" in told
    }
    links = [(begin, link) for begin, found in LINKS.items() for link in found.values()]
    wrong = [
        (begin, link)
        for begin, link in links
        if begin not in known
        or link["operationId"] not in known
        or not set(link.get("parameters", ())) <= known[link["operationId"]]
    ]
    assert wrong == []
