"""What the OpenAPI document says beyond the routes: title, security, the types that routes take and answer."""

from typing import Any

from flask import Flask
from flask_smorest import Api

from schemas import fields
from server.bodies import Problem
from server.resource import COMPONENTS, schema_of
from sync.mutation import Mutation
from sync.version import PROTOCOL_VERSION

OPENAPI: dict[str, Any] = {
    "API_TITLE": "HuSEC centre",
    "API_VERSION": f"v{PROTOCOL_VERSION}",
    "OPENAPI_VERSION": "3.1.0",
    "API_SPEC_OPTIONS": {
        "info": {
            "description": "ศูนย์เร่งรัดจัดการสวัสดิภาพประชาชน (ศรส.): the central store of field cases.",
            "license": {"name": "Apache-2.0", "identifier": "Apache-2.0"},
        },
        "security": [{"token": []}],
    },
}

JSON_TYPES = {"integer": "integer", "money": "integer", "number": "number", "flag": "boolean"}
ARRAYS = ("codes", "phones", "lines", "references", "log", "objects")
ANYTHING = ("raw", "object")


def describe(api: Api) -> None:
    """Put the shared parts into the document of an API."""
    token = {"type": "http", "scheme": "bearer", "description": "of a device (enrolment) or of staff (sign-in)"}
    api.spec.components.security_scheme("token", token)
    for kind in fields.KINDS:
        json_type = JSON_TYPES.get(kind.kind, "array" if kind.kind in ARRAYS else "string")
        api.register_field(kind, None if kind.kind in ANYTHING else json_type, None)
    schema_of(Problem)
    schema_of(Mutation)
    # straight in: apispec takes the ``"items": false`` of a tuple for the name of a type
    api.spec.components.schemas.update(COMPONENTS)


def document_of(app: Flask) -> dict[str, Any]:
    """Return the OpenAPI document of an application."""
    document: dict[str, Any] = app.extensions["flask-smorest"]["apis"][""]["ext_obj"].spec.to_dict()
    return document
