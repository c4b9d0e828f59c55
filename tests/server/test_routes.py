"""Every route says who may call it and what it refuses, and the documentation says so too."""

import json
import re
from html.parser import HTMLParser
from pathlib import Path
from typing import Any

import pytest
from flask import Flask

from server.api_page import thai_texts
from server.auth.current import PUBLIC
from server.auth.roles import ROLES
from sync.mutation import Outcome
from sync.sequence import LANES
from tests.server.centre import TestCentre
from tests.sync.test_protocol_examples import table

ANYBODY = {
    "devices.enrol",
    "tokens.sign_in",
    "health.health",
    "key_recoveries.ask",
    "key_recoveries.answer",
    "health.ready",
    "health.metrics",
    "uploads.options",
    "declarations.schema",
    "docs.openapi",
    "docs.page",
    "front.page",
}
"""The whole list of routes that ask for no token. Adding to it is a decision."""

FILES_OF_THE_PAGE = "static"
ROOT = Path(__file__).parents[2]


@pytest.fixture
def app(one_centre: TestCentre) -> Flask:
    return one_centre.app


def routes(app: Flask) -> dict[str, Any]:
    return {endpoint: view for endpoint, view in app.view_functions.items() if endpoint != FILES_OF_THE_PAGE}


def test_every_route_has_a_permission(app: Flask) -> None:
    assert [endpoint for endpoint, view in routes(app).items() if not getattr(view, "permission", None)] == []


def test_only_the_listed_routes_are_public(app: Flask) -> None:
    assert {endpoint for endpoint, view in routes(app).items() if view.permission == PUBLIC} == ANYBODY


def test_every_permission_is_somebodys(app: Flask) -> None:
    asked = {view.permission for view in routes(app).values() if view.permission != PUBLIC}
    given = {(type_, action) for role in ROLES.values() for type_, actions in role.may.items() for action in actions}
    assert asked - given == set()


def test_every_route_under_a_permission_asks_for_a_token(one_centre: TestCentre) -> None:
    answers = set()
    for rule in one_centre.app.url_map.iter_rules():
        if rule.endpoint in routes(one_centre.app) and rule.endpoint not in ANYBODY:
            path = re.sub("<[^>]+>", "x", rule.rule)
            for method in (rule.methods or set()) - {"OPTIONS"}:
                answers.add(one_centre.client.open(path, method=method).status_code)
    assert answers == {401}


def test_every_operation_is_described(app: Flask) -> None:
    document = app.test_client().get("/api/v1/openapi.json").json
    operations = [
        (f"{method} {path}", told)
        for path, methods in document["paths"].items()
        for method, told in methods.items()
        if method != "parameters"
    ]
    assert [name for name, told in operations if not told.get("summary", "").endswith(".")] == []
    assert [name for name, told in operations if not told.get("responses")] == []
    assert [name for name, told in operations if told["security"] and "401" not in told["responses"]] == []
    assert len(operations) >= 40


def test_every_reference_of_the_document_leads_somewhere(app: Flask) -> None:
    document = app.test_client().get("/api/v1/openapi.json").json
    wanted = set(re.findall(r'"#/components/(\w+/\w+)"', json.dumps(document)))
    there = {f"{kind}/{name}" for kind, parts in document["components"].items() for name in parts}
    assert document["openapi"] == "3.1.0"
    assert wanted - there == set()


OF_DEVICES = re.compile(
    "sync|checks|uploads|attachments|devices.(enrol|wiped)|deliveries.bring|key_recoveries.(ask|answer)|witnesses.offer"
)


def test_whatever_a_device_may_be_refused_with_stands_in_the_table_of_the_protocol(app: Flask) -> None:
    views = [view for endpoint, view in routes(app).items() if OF_DEVICES.match(endpoint)]
    met = {(error.code, str(error.status)) for view in views for error in getattr(view, "raises", ())}
    told = {tuple(row[:2]) for row in table("Code | Status | Meaning and what a device does")}
    assert len(views) >= 14
    assert met - told == set()


@pytest.mark.parametrize("row", table("What | Route | Body"), ids=lambda row: row[0])
def test_a_route_of_the_desk_is_there_and_takes_what_the_protocol_shows(app: Flask, row: list[str]) -> None:
    document = app.test_client().get("/api/v1/openapi.json").json
    method, _, path = row[1].partition(" ")
    there = {re.sub(r"\{\w+\}", "<>", known): methods for known, methods in document["paths"].items()}
    told = there[re.sub("<[a-z]+>", "<>", path)][method.lower()]
    if row[2] == "–":
        assert "requestBody" not in told
        return
    taken = told["requestBody"]["content"]["application/json"]["schema"]["$ref"].rpartition("/")[2]
    schema, shown = document["components"]["schemas"][taken], json.loads(row[2])
    assert {*schema.get("required", ())} <= shown.keys() <= schema["properties"].keys()


def extras_of_refusals() -> set[str]:
    """Return every name that some refusal of the program says beside its code."""
    sources = [path.read_text("utf-8") for part in ("server", "sync") for path in ROOT.joinpath(part).rglob("*.py")]
    raised = [found for source in sources for found in re.findall(r"raise [A-Z]\w+\(([a-z_]+=.*)\)", source)]
    return {name for each in raised for name in re.findall(r"(?:^|, )([a-z_]+)=", each)}


def test_the_body_of_a_refusal_has_every_member_that_some_refusal_says(app: Flask) -> None:
    problem = app.test_client().get("/api/v1/openapi.json").json["components"]["schemas"]["Problem"]
    assert extras_of_refusals() >= {"last", "order", "epoch", "restored_to", "retry_after_ms", "offset", "errors"}
    assert extras_of_refusals() - problem["properties"].keys() == set()


def test_every_refusal_in_the_document_is_a_problem(app: Flask) -> None:
    document = app.test_client().get("/api/v1/openapi.json").json
    told = [each for path in document["paths"].values() for key, each in path.items() if key != "parameters"]
    refusals = [said for each in told for status, said in each["responses"].items() if not status < "4"]
    assert {tuple(said["content"]) for said in refusals} == {("application/problem+json",)}
    assert "Error" not in document["components"]["schemas"]


def test_a_push_in_the_document_is_made_of_mutations(app: Flask) -> None:
    parts = app.test_client().get("/api/v1/openapi.json").json["components"]["schemas"]
    push = parts["PushRequest"]["properties"]
    assert push["groups"]["items"]["items"] == {
        "anyOf": [{"$ref": "#/components/schemas/Mutation"}, {"$ref": "#/components/schemas/Sealed"}]
    }
    assert push["lane"]["enum"] == list(LANES)
    assert parts["MutationOutcome"]["properties"]["outcome"]["enum"] == list(Outcome)


def test_limits_in_the_document_have_the_words_of_json_schema(app: Flask) -> None:
    document = app.test_client().get("/api/v1/openapi.json").json
    parts = document["components"]["schemas"]
    assert set(re.findall('"(x-[a-z]+)"', json.dumps(document))) == {"x-permission", "x-codes"}
    assert parts["Decision"]["properties"]["reason"]["minLength"] == 1
    assert parts["Asked"]["properties"]["attachments"]["maxItems"] == 500
    assert parts["Revocation"]["properties"]["order"]["enum"] == ["lost", "left"]
    assert parts["Return"]["properties"]["fields"]["additionalProperties"]["maxLength"] == 500


def test_the_headers_of_an_upload_are_in_the_document(app: Flask) -> None:
    upload = app.test_client().get("/api/v1/openapi.json").json["paths"]["/api/v1/uploads/{upload_id}"]["patch"]
    headers = {each["name"]: each["required"] for each in upload["parameters"] if each["in"] == "header"}
    assert headers == {"Tus-Resumable": True, "Upload-Offset": True, "Upload-Checksum": False}
    assert list(upload["requestBody"]["content"]) == ["application/offset+octet-stream"]
    assert list(upload["responses"]["204"]["headers"]) == ["Tus-Resumable", "Upload-Offset", "Upload-Expires"]


class Addresses(HTMLParser):
    """Collect what a page links to and what it loads."""

    def __init__(self) -> None:
        super().__init__()
        self.found: list[str] = []
        self.scripts = 0

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.scripts += tag == "script"
        self.found += [value for name, value in attrs if name in ("src", "href", "action") and value]


@pytest.mark.parametrize(
    ("query", "says"), [("", "เอกสาร API"), ("?lang=th", "เอกสาร API"), ("?lang=en", "API of the HuSEC")]
)
def test_the_page_is_in_thai_and_in_english(app: Flask, query: str, says: str) -> None:
    reply = app.test_client().get(f"/api/v1/docs{query}")
    assert reply.status_code == 200
    assert says in reply.text


def test_the_page_says_everything_in_thai(app: Flask) -> None:
    document = app.test_client().get("/api/v1/openapi.json").json
    told = [each for path in document["paths"].values() for key, each in path.items() if key != "parameters"]
    operations = {each["operationId"] for each in told}
    assert set(thai_texts()) == operations | {tag["name"] for tag in document["tags"]}


def test_the_page_needs_nothing_from_elsewhere(app: Flask) -> None:
    page = Addresses()
    page.feed(app.test_client().get("/api/v1/docs").text)
    assert [address for address in page.found if not address.startswith(("/", "#", "?"))] == []
    assert page.scripts == 0
    with app.test_client().get("/static/docs.css") as style:
        assert (style.status_code, "http" in style.text) == (200, False)


def test_the_page_shows_every_operation_once(app: Flask) -> None:
    client = app.test_client()
    document, page = client.get("/api/v1/openapi.json").json, client.get("/api/v1/docs").text
    ids = re.findall('<article id="((?!type-)[^"]+)"', page)
    operations = [method for methods in document["paths"].values() for method in methods if method != "parameters"]
    assert len(ids) == len(set(ids)) == len(operations)


def test_the_bare_address_leads_to_the_page(app: Flask) -> None:
    reply = app.test_client().get("/")
    assert (reply.status_code, reply.headers["Location"]) == (302, "/api/v1/docs")


def test_answers_carry_the_security_headers(app: Flask) -> None:
    reply = app.test_client().get("/api/v1/health")
    assert reply.headers["X-Content-Type-Options"] == "nosniff"
    assert reply.headers["Content-Security-Policy"].startswith("default-src 'none'")
    assert reply.headers["Cache-Control"] == "no-store"
