"""The OpenAPI document as a page for people: what each address takes, answers and refuses."""

import json
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from functools import cache
from importlib.resources import files
from typing import Any

from schemas import messages

METHODS = ("get", "head", "post", "patch", "put", "delete", "options")


@dataclass(frozen=True, slots=True)
class Parameter:
    """One query, path or header parameter, or field of a body."""

    name: str
    where: str
    kind: str
    required: bool


@dataclass(frozen=True, slots=True)
class Refusal:
    """One error that an address may answer."""

    status: str
    code: str
    title: str
    meaning: str


@dataclass(frozen=True, slots=True)
class Answer:
    """One success that an address may answer."""

    status: str
    description: str
    kind: str


@dataclass(frozen=True, slots=True)
class Operation:
    """One method on one address."""

    id: str
    method: str
    path: str
    summary: str
    permission: str
    parameters: list[Parameter] = field(default_factory=list)
    body: str = ""
    answers: list[Answer] = field(default_factory=list)
    refusals: list[Refusal] = field(default_factory=list)


@dataclass(frozen=True, slots=True)
class Type:
    """One JSON object that is taken or answered."""

    name: str
    description: str
    fields: list[Parameter]


@cache
def thai_texts() -> Mapping[str, str]:
    """Return the Thai line of every tag and operation."""
    texts: Mapping[str, str] = json.loads(files("server").joinpath("templates/api_docs_th.json").read_text("utf-8"))
    return texts


def tags_of(document: Mapping[str, Any], language: str) -> list[tuple[str, str]]:
    """Return the tags and what each is about."""
    thai = thai_texts() if language == "th" else {}
    return [(tag["name"], thai.get(tag["name"], tag["description"])) for tag in document["tags"]]


def operations_of(document: Mapping[str, Any], language: str) -> dict[str, list[Operation]]:
    """Return every operation under its tag, in the order of the document."""
    found: dict[str, list[Operation]] = {tag["name"]: [] for tag in document["tags"]}
    for path, methods in document["paths"].items():
        for method in METHODS:
            if method in methods:
                operation = methods[method]
                shared = methods.get("parameters", [])
                found[operation["tags"][0]].append(_operation(path, method, operation, shared, language))
    return found


def types_of(document: Mapping[str, Any]) -> list[Type]:
    """Return every type that the document names, by name."""
    schemas = document["components"]["schemas"]
    return [Type(name, _sentence(schemas[name]), _fields(schemas[name])) for name in sorted(schemas)]


def _operation(path: str, method: str, told: Mapping[str, Any], shared: list[Any], language: str) -> Operation:
    parameters = [
        Parameter(each["name"], each["in"], _kind(each.get("schema", {})), each.get("required", False))
        for each in [*shared, *told.get("parameters", [])]
        if isinstance(each, dict) and "name" in each
    ]
    content = told.get("requestBody", {}).get("content", {})
    body = next((_kind(media.get("schema", {})) for media in content.values()), "")
    return Operation(
        id=f"{method}-{path.strip('/').replace('/', '-').replace('{', '').replace('}', '')}",
        method=method.upper(),
        path=path,
        summary=_summary(told, language),
        permission=told.get("x-permission", ""),
        parameters=parameters,
        body=body,
        answers=list(_answers(told["responses"])),
        refusals=list(_refusals(told["responses"], language)),
    )


def _summary(told: Mapping[str, Any], language: str) -> str:
    english = str(told.get("summary", ""))
    return thai_texts().get(told.get("operationId", ""), english) if language == "th" else english


def _answers(responses: Mapping[str, Any]) -> Iterator[Answer]:
    for status, response in responses.items():
        if status < "4":
            content = response.get("content", {})
            kind = next((_kind(media.get("schema", {})) or name for name, media in content.items()), "")
            yield Answer(status, response.get("description", ""), kind)


def _refusals(responses: Mapping[str, Any], language: str) -> Iterator[Refusal]:
    for status, response in responses.items():
        for code, meaning in response.get("x-codes", {}).items():
            yield Refusal(status, code, messages.text(f"error.{code}.title", language), meaning)


def _fields(schema: Mapping[str, Any]) -> list[Parameter]:
    required = schema.get("required", ())
    return [Parameter(name, "", _kind(told), name in required) for name, told in schema.get("properties", {}).items()]


def _kind(schema: Mapping[str, Any]) -> str:
    """Say a JSON Schema in a few words; a ``$ref`` by its name."""
    if "$ref" in schema:
        return str(schema["$ref"]).rpartition("/")[2]
    if "anyOf" in schema:
        return " | ".join(_kind(each) for each in schema["anyOf"])
    kind = schema.get("type", "")
    if kind == "array" and isinstance(schema.get("items"), dict):
        return f"[{_kind(schema['items']) or '…'}]"
    return " | ".join(kind) if isinstance(kind, list) else str(kind)


def _sentence(schema: Mapping[str, Any]) -> str:
    return str(schema.get("description", "")).strip().split("\n\n")[0]
