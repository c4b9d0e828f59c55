"""What the OpenAPI document says beyond the routes: title, security, the types that routes take and answer."""

from typing import Any

from flask import Flask
from flask_smorest import Api

from schemas import fields
from server.bodies import Problem
from server.field_document import said_of
from server.resource import COMPONENTS, REFERENCE, schema_of
from sync.mutation import Mutation, Sealed
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


class DocumentedApi(Api):  # type: ignore[misc]  # flask-smorest has no types
    """An API whose refusals all have one body; flask-smorest's own error body never comes."""

    DEFAULT_ERROR_RESPONSE_NAME = None
    ERROR_SCHEMA: Any = {"$ref": REFERENCE.format(name=Problem.__name__)}  # as its base declares it


def describe(api: Api) -> None:
    """Put the shared parts into the document of an API."""
    token = {"type": "http", "scheme": "bearer", "description": "of a device (enrolment) or of staff (sign-in)"}
    api.spec.components.security_scheme("token", token)
    for kind in fields.KINDS:
        json_type = JSON_TYPES.get(kind.kind, "array" if kind.kind in ARRAYS else "string")
        api.register_field(kind, None if kind.kind in ANYTHING else json_type, None)
    converter = api.ma_plugin.converter
    converter.attribute_functions.remove(converter.field2range)
    converter.attribute_functions.insert(1, said_of)
    for type_ in (Problem, Mutation, Sealed):
        schema_of(type_)
    _say_what_a_push_is_made_of()
    # straight in: apispec takes the ``"items": false`` of a tuple for the name of a type
    api.spec.components.schemas.update(COMPONENTS)


def _say_what_a_push_is_made_of() -> None:
    """Name the kinds of mutation: they are read one by one, so the type of the message does not know them."""
    kinds = [{"$ref": REFERENCE.format(name=kind.__name__)} for kind in (Mutation, Sealed)]
    COMPONENTS["PushRequest"]["properties"]["groups"]["items"]["items"] = {"anyOf": kinds}


def document_of(app: Flask) -> dict[str, Any]:
    """Return the OpenAPI document of an application."""
    document: dict[str, Any] = app.extensions["flask-smorest"]["apis"][""]["ext_obj"].spec.to_dict()
    return document
