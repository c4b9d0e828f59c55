"""What one answer lets a client ask next: OpenAPI's links, by operation. Texts beginning with ``$`` are expressions."""

from collections.abc import Mapping
from typing import Any

ID = "$response.body#/id"
FIRST = "$response.body#/items/0/id"
NEW_DEVICE = {"name": "โทรศัพท์", "platform": "android", "client_version": "1"}

Links = Mapping[str, Mapping[str, Any]]


def _to(operation: str, **said: Any) -> Mapping[str, Any]:
    """Return a link: ``body`` begins the request's body, everything else fills the path."""
    body = said.pop("body", None)
    link: dict[str, Any] = {"operationId": operation}
    return link | ({"parameters": said} if said else {}) | ({"requestBody": body} if body else {})


LINKS: Mapping[str, Links] = {
    "users.create": {
        "show": _to("users.show", user_id=ID),
        "let_in": _to("users.set_active", user_id=ID),
        "give_role": _to("users.give_role", user_id=ID),
        "enrol": _to("enrolments.create", body={"user": ID}),
    },
    "users.give_role": {
        "enrol": _to("enrolments.create", body={"user": ID}),
        "take_role": _to(
            "users.take_role",
            user_id=ID,
            role="$response.body#/roles/0/role",
            scope="$response.body#/roles/0/scope",
        ),
    },
    "users.set_active": {"show": _to("users.show", user_id=ID)},
    "users.take_role": {"show": _to("users.show", user_id=ID)},
    "users.show_all": {
        "show": _to("users.show", user_id=FIRST),
        "enrol": _to("enrolments.create", body={"user": FIRST}),
    },
    "enrolments.create": {
        "qr": _to("enrolments.qr", enrolment_id=ID),
        "use": _to("devices.enrol", body=NEW_DEVICE | {"code": "$response.body#/code"}),
    },
    "devices.enrol": {
        "show": _to("devices.show", device_id="$response.body#/device"),
        "revoke": _to("devices.revoke", device_id="$response.body#/device"),
    },
    "devices.show_all": {"show": _to("devices.show", device_id=FIRST)},
    "devices.revoke": {"show": _to("devices.show", device_id=ID)},
    "records.show_all": {
        "show": _to("records.show", record_id=FIRST),
        "history": _to("records.history", record_id=FIRST),
    },
    "conflicts.show_all": {"show": _to("conflicts.show", conflict_id=FIRST)},
    "deliveries.show_all": {"show": _to("deliveries.show", delivery_id=FIRST)},
    "sync.pull": {
        "next_page": _to(
            "sync.pull", body={"epoch": "$response.body#/epoch", "checkpoint": "$response.body#/checkpoint"}
        ),
    },
}
