"""The first exchange of docs/protocol.md, sent to a centre just as it stands there, is answered as it stands there."""

import json
from typing import Any

from tests.server.centre import TestCentre
from tests.sync.test_protocol_examples import block

DRAWN = ("token", "centre_public_key")
"""What the centre makes anew each time and nothing else depends on."""


def test_the_first_exchange_of_the_document_goes_as_it_says(one_centre: TestCentre) -> None:
    code = one_centre.code(one_centre.person("rru_member@district:5401"))
    told = one_centre.client.post("/api/v1/devices", json=block("first_enrolment") | {"code": code.lower()})
    ids = ids_in(block("first_enrolled"), told.json)
    assert (told.status_code, without_drawn(told.json)) == (201, renamed(without_drawn(block("first_enrolled")), ids))

    headers = {"Authorization": f"Bearer {told.json['token']}"}
    pushed = one_centre.client.post("/api/v1/sync/push", json=renamed(block("first_push"), ids), headers=headers)
    assert pushed.json == renamed(block("first_reply"), ids)

    pulled = one_centre.client.post("/api/v1/sync/pull", json=renamed(block("first_pull"), ids), headers=headers)
    assert pulled.json == renamed(block("first_page"), ids)


def test_an_enrolment_that_does_not_say_that_it_is_json_is_refused(one_centre: TestCentre) -> None:
    refused = one_centre.client.post("/api/v1/devices", data=json.dumps(block("first_enrolment")))
    assert (refused.status_code, refused.json["code"]) == (415, "unsupported_media_type")
    assert refused.json["accepts"] == "application/json"


def ids_in(shown: dict[str, Any], told: dict[str, Any]) -> dict[str, str]:
    """Return the ids of the document -> those that this centre gave."""
    given = {shown[name]: told[name] for name in ("device", "epoch")}
    return given | {shown["user"]["id"]: told["user"]["id"]}


def renamed(shown: Any, ids: dict[str, str]) -> Any:
    text = json.dumps(shown)
    for name, given in ids.items():
        text = text.replace(name, given)
    return json.loads(text)


def without_drawn(body: dict[str, Any]) -> dict[str, Any]:
    return {name: said for name, said in body.items() if name not in DRAWN}
