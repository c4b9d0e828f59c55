"""Whatever arrives, the centre answers with a stable code, in the reader's language, and loses nothing."""

import gzip
import json
import re
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from typing import Any

import httpx
import pytest
import zstandard
from sqlalchemy import select, update

from schemas import messages
from server.ids import new_id
from server.models.engine import writing
from server.models.identity import token
from server.models.sync_tables import mutation
from sync.instants import rfc3339
from tests.acceptance.http_phone import HttpPhone
from tests.acceptance.office import COMMON, Office, Province
from tests.acceptance.records import a_case, outcomes
from tests.acceptance.server_process import ServerProcess

THAI = re.compile("[\u0e00-\u0e7f]")
MEGABYTE = 1_048_576


@pytest.fixture
def province() -> Province:
    return COMMON


@pytest.fixture
def phone(office: Office, province: Province) -> HttpPhone:
    """A social worker's, who may do most."""
    return office.phone(f"social_worker@{province.scope}")


@pytest.fixture
def crank(office: Office, shared_server: ServerProcess, province: Province) -> HttpPhone:
    """One who only ever asks for what cannot be; all such tests of a centre share the phone."""
    kept = shared_server.kept
    if "crank" not in kept:
        outer = Office(shared_server, office.directory)
        shared_server.at_end.append(outer.close)
        kept["crank"] = outer.phone(f"social_worker@{province.scope}")
    return kept["crank"]


def check_problem(ask: Callable[[dict[str, str]], httpx.Response], status: int | None = None, code: str = "") -> None:
    """Ask twice, with no language and with English; check that the refusal is one that a person can use."""
    thai, english = ask({"Accept-Language": ""}), ask({"Accept-Language": "en"})
    for reply in (thai, english):
        assert 400 <= reply.status_code < 500, f"{reply.status_code} {reply.text[:300]}"
        assert reply.headers["Content-Type"] == "application/problem+json"
        body = reply.json()
        assert (body["status"], body["code"]) == (reply.status_code, thai.json()["code"])
        assert f"error.{body['code']}.title" in messages.catalogue("en"), body["code"]
    assert (thai.status_code, thai.json()["code"]) == (status or thai.status_code, code or thai.json()["code"])
    assert THAI.search(thai.json()["title"])
    assert THAI.search(thai.json()["detail"])
    assert not THAI.search(english.json()["title"] + english.json()["detail"])


# --- bodies that are not a message of the protocol


def bomb(pack: Callable[[bytes], bytes]) -> bytes:
    return pack(b'{"protocol":1,"x":"' + b"0" * (50 * MEGABYTE) + b'"}')


GZIP, ZSTD = {"Content-Encoding": "gzip"}, {"Content-Encoding": "zstd"}

BODIES: dict[str, tuple[bytes, dict[str, str], int, str]] = {
    "nothing": (b"", {}, 400, "malformed_json"),
    "not JSON": (b"{", {}, 400, "malformed_json"),
    "JSON and more": (b"{} {}", {}, 400, "malformed_json"),
    "an array": (b"[]", {}, 400, "malformed_json"),
    "null": (b"null", {}, 400, "malformed_json"),
    "a number": (b"1e999", {}, 400, "malformed_json"),
    "NaN": (b'{"protocol":NaN}', {}, 400, "malformed_json"),
    "infinity": (b'{"protocol":-Infinity}', {}, 400, "malformed_json"),
    "invalid UTF-8": (b'{"protocol":1,"epoch":"\xff\xfe"}', {}, 400, "malformed_json"),
    "UTF-16": ('{"protocol":1}'.encode("utf-16"), {}, 400, "malformed_json"),
    "a byte order mark": (b'\xef\xbb\xbf{"protocol":1}', {}, 400, "malformed_json"),
    "a lone surrogate": (rb'{"protocol":1,"epoch":"\ud800"}', {}, 400, "malformed_json"),
    "a wrong type": (b'{"protocol":"one"}', {}, 400, "malformed_json"),
    "a number of 400 digits": (b'{"protocol":' + b"9" * 400 + b"}", {}, 400, ""),
    "nested without end": (b"[" * 100_000, {}, 400, "malformed_json"),
    "an object nested without end": (b'{"a":' * 100_000, {}, 400, "malformed_json"),
    "ten megabytes in one string": (b'{"x":"' + b"0" * (10 * MEGABYTE) + b'"}', {}, 413, "payload_too_large"),
    "a gzip bomb": (bomb(gzip.compress), GZIP, 413, "payload_too_large"),
    "a zstd bomb": (bomb(zstandard.compress), ZSTD, 413, "payload_too_large"),
    "JSON that says it is gzip": (b'{"protocol":1}', GZIP, 400, "malformed_json"),
    "JSON that says it is zstd": (b'{"protocol":1}', ZSTD, 400, "malformed_json"),
    "zstd that says it is gzip": (zstandard.compress(b"{}"), GZIP, 400, "malformed_json"),
    "gzip that says nothing": (gzip.compress(b"{}"), {}, 400, "malformed_json"),
    "gzip cut off": (gzip.compress(b"{}" * 100)[:-9], GZIP, 400, "malformed_json"),
    "two gzips in a row": (gzip.compress(b"{}") * 2, GZIP, 400, "malformed_json"),
    "zstd cut off": (zstandard.compress(b"{}" * 100)[:-3], ZSTD, 400, "malformed_json"),
    "brotli": (b"{}", {"Content-Encoding": "br"}, 415, "unsupported_encoding"),
    "two encodings": (b"{}", {"Content-Encoding": "gzip, zstd"}, 415, "unsupported_encoding"),
    "a future protocol": (b'{"protocol":99,"new":"shape"}', {}, 400, "protocol_unsupported"),
    "a protocol of the past": (b'{"protocol":0}', {}, 426, "client_too_old"),
}


@pytest.mark.parametrize("path", ["/sync/push", "/sync/pull"])
@pytest.mark.parametrize("kind", BODIES)
def test_a_body_that_is_no_message_is_refused_in_both_languages(crank: HttpPhone, kind: str, path: str) -> None:
    body, headers, status, code = BODIES[kind]
    check_problem(lambda more: crank.link.ask("POST", path, content=body, headers=headers | more), status, code)


JSON_ROUTES = ("/devices", "/tokens", "/users", "/enrolments", "/attachments/status")


@pytest.mark.parametrize("path", JSON_ROUTES)
def test_other_routes_refuse_the_same_bodies(office: Office, path: str) -> None:
    desk = office.desk("approver@province:54") if path == "/attachments/status" else office.admin
    for body, headers, _, _ in BODIES.values():
        about = {"Content-Type": "application/json"} | headers
        check_problem(lambda more, c=body, h=about: desk.ask("POST", path, content=c, headers=h | more))


def test_a_form_where_json_is_due_is_refused(office: Office) -> None:
    form = {"Content-Type": "application/x-www-form-urlencoded"}
    check_problem(lambda more: office.admin.ask("POST", "/users", content=b"username=x", headers=form | more))


# --- messages of the right shape that say what cannot be


Spoil = Callable[[HttpPhone, dict[str, Any]], dict[str, Any]]

SPOILED_PUSHES: dict[str, tuple[Spoil, int, str]] = {
    "another device's id": (lambda phone, body: body | {"device": new_id()}, 403, "not_permitted"),
    "no device at all": (lambda phone, body: body | {"device": ""}, 403, "not_permitted"),
    "an epoch nobody knows": (lambda phone, body: body | {"epoch": new_id()}, 409, "epoch_changed"),
    "an epoch with a NUL": (lambda phone, body: body | {"epoch": "\0"}, 400, "malformed_json"),
    "a third lane": (lambda phone, body: body | {"lane": "scenic"}, 422, "validation_failed"),
    "an incarnation with a NUL": (lambda phone, body: body | {"incarnation": "\0"}, 0, ""),
    "an incarnation of a megabyte": (lambda phone, body: body | {"incarnation": "x" * 900_000}, 0, ""),
    "an empty incarnation": (lambda phone, body: body | {"incarnation": ""}, 0, ""),
    "a position before the beginning": (lambda phone, body: body | {"after": {"seq": -5}}, 0, ""),
    "a position beyond all numbers": (lambda phone, body: body | {"after": {"seq": 2**63}}, 0, ""),
    "a position after what never was": (
        lambda phone, body: renumbered(body, 8) | {"after": {"seq": 7, "id": new_id()}}, 409, "sequence_gap"),
    "a mutation numbered 0": (lambda phone, body: renumbered(body, 0), 0, ""),
    "a mutation numbered below 0": (lambda phone, body: renumbered(body, -1), 0, ""),
    "a mutation numbered 2**63": (lambda phone, body: renumbered(body, 2**63), 0, ""),
    "a mutation numbered with 40 digits": (lambda phone, body: renumbered(body, 10**40), 0, ""),
    "a mutation without a number": (lambda phone, body: body | {"groups": [[{"id": new_id()}]]}, 400, "malformed_json"),
    "a mutation without an id": (lambda phone, body: body | {"groups": [[{"seq": 1}]]}, 400, "malformed_json"),
    "a mutation that is a number": (lambda phone, body: body | {"groups": [[7]]}, 400, "malformed_json"),
    "a group that is an object": (lambda phone, body: body | {"groups": [{}]}, 400, "malformed_json"),
    "501 mutations": (lambda phone, body: body | {"groups": [
        [{"seq": n, "id": new_id()}] for n in range(1, 502)]}, 422, "validation_failed"),
}  # fmt: skip


def renumbered(body: dict[str, Any], seq: int) -> dict[str, Any]:
    """Return a push whose only mutation has another number."""
    return body | {"groups": [[body["groups"][0][0] | {"seq": seq}]]}


@pytest.mark.parametrize("kind", SPOILED_PUSHES)
def test_a_push_that_says_what_cannot_be_is_refused_whole(
    office: Office, phone: HttpPhone, province: Province, kind: str
) -> None:
    spoil, status, code = SPOILED_PUSHES[kind]
    body = spoil(phone, phone.body([a_case(phone, province)]))
    check_problem(lambda more: phone.post(body, headers=more), status, code)
    with office.engine.connect() as connection:
        assert connection.execute(select(mutation.c.id).where(mutation.c.device == phone.device)).all() == []
    assert outcomes(phone.push([a_case(phone, province)])) == ["applied"]


SPOILED_PULLS: dict[str, dict[str, Any]] = {
    "another device's id": {"device": "01900000-0000-7000-8000-000000000000"},
    "an epoch nobody knows": {"epoch": "01900000-0000-7000-8000-000000000000"},
    "a checkpoint that is a list": {"checkpoint": []},
    "a cursor of one part": {"checkpoint": {"reference": [5]}},
    "a limit in words": {"limit": {"rows": "many"}},
    "a commit of 40 digits": {"checkpoint": {"reference": [10**40, None]}},
}


@pytest.mark.parametrize("kind", SPOILED_PULLS)
def test_a_pull_that_says_what_cannot_be_is_refused(crank: HttpPhone, kind: str) -> None:
    check_problem(lambda more: crank.post(pull_body(crank, **SPOILED_PULLS[kind]), "/sync/pull", headers=more))


def test_a_newer_schema_is_served_and_what_only_it_knows_is_kept(phone: HttpPhone, province: Province) -> None:
    case = a_case(phone, province)
    case["data"]["shoe_size"] = 44
    reply = phone.post(phone.body([case], schema=99))
    assert [each["outcome"] for each in reply.json()["outcomes"]] == ["applied"]


HARMLESS_PULLS: dict[str, dict[str, Any]] = {
    "buckets nobody ever heard of": {"checkpoint": {f"district:{n}": [3, None] for n in range(5_000)}},
    "a bucket with a NUL": {"checkpoint": {"\0": [3, "\0"]}},
    "a cursor with a NUL": {"checkpoint": {"reference": [1, "\0"]}},
    "a commit that has not been": {"checkpoint": {"reference": [2**62, None]}},
    "a commit below zero": {"checkpoint": {"reference": [-1, None]}},
    "no rows at all": {"limit": {"rows": 0, "bytes": 0}},
    "less than nothing": {"limit": {"rows": -5, "bytes": -5}},
    "more than there is": {"limit": {"rows": 2**62, "bytes": 2**62}},
    "unknown keys": {"colour": "green"},
}


@pytest.mark.parametrize("kind", HARMLESS_PULLS)
def test_a_strange_pull_is_answered_or_refused_and_never_breaks(crank: HttpPhone, kind: str) -> None:
    reply = crank.post(pull_body(crank, **HARMLESS_PULLS[kind]), "/sync/pull")
    assert reply.status_code == 200 or reply.headers["Content-Type"] == "application/problem+json"
    assert reply.status_code < 500, reply.text


def pull_body(phone: HttpPhone, **changed: Any) -> dict[str, Any]:
    return {"protocol": 1, "epoch": phone.epoch, "device": phone.device, "schema": 1, "checkpoint": {}} | changed


# --- one mutation that cannot be accepted, among others that can


def text_of(value: str) -> str:
    """Return the JSON of a person whose first name is this JSON."""
    return '"op":"create","type":"person","record":"{record}","recorded_at":"{at}","data":{"first_name":' + value + "}"


MUTATIONS: dict[str, str] = {
    "a NUL": text_of(r'"\u0000"'),
    "a number where a text is due": text_of("7"),
    "a number of 400 digits": text_of("9" * 400),
    "a number beyond doubles": text_of("1e999"),
    "deep nesting": text_of("[" * 500 + "]" * 500),
    "nested objects": text_of('{"a":' * 500 + "1" + "}" * 500),
    "a text of 400,000 letters": text_of('"' + "ก" * 130_000 + '"'),
    "an unknown field": '"op":"create","type":"person","record":"{record}","recorded_at":"{at}","data":{"shoe":"44"}',
    "an unknown type": '"op":"create","type":"ghost","record":"{record}","recorded_at":"{at}","data":{}',
    "an unknown operation": '"op":"explode","type":"person","record":"{record}","recorded_at":"{at}"',
    "data that is a list": '"op":"create","type":"person","record":"{record}","recorded_at":"{at}","data":[]',
    "set that is a text": '"op":"update","type":"person","record":"{record}","recorded_at":"{at}","set":"x"',
    "set of three": '"op":"update","type":"person","record":"{record}","recorded_at":"{at}","set":{"sex":[1,2,3]}',
    "a record id with a NUL": '"op":"create","type":"person","record":"\\u0000","recorded_at":"{at}","data":{}',
    "a record id that is none": '"op":"create","type":"person","record":"me","recorded_at":"{at}","data":{}',
    "no record": '"op":"create","type":"person","recorded_at":"{at}","data":{}',
    "a base below zero": '"op":"update","type":"person","record":"{record}","base":-1,"recorded_at":"{at}"',
    "a base of 40 digits": f'"op":"update","type":"person","record":"{new_id()}","base":{"9" * 40},"recorded_at":"x"',
    "nothing but its place": '"colour":"green"',
    "a conflict": '"op":"create","type":"conflict","record":"{record}","recorded_at":"{at}","data":{}',
    "a field that only the centre writes": (
        '"op":"create","type":"assistance","record":"{record}","recorded_at":"{at}",'
        '"data":{"case":"{case}","over_limit":false}'),
    "a wrong code": (
        '"op":"create","type":"person","record":"{record}","recorded_at":"{at}","data":{"sex":"\u0e0a\u0e32\u0e22"}'),
}  # fmt: skip


@pytest.mark.parametrize("kind", MUTATIONS)
def test_one_bad_mutation_is_refused_alone_and_kept_to_the_byte(
    office: Office, phone: HttpPhone, province: Province, kind: str
) -> None:
    case, id_ = a_case(phone, province), new_id()
    rest = MUTATIONS[kind].replace("{record}", new_id()).replace("{case}", case["record"])
    bad = f'{{"seq":2,"id":"{id_}",' + rest.replace("{at}", rfc3339(phone.centre.now)) + "}"
    good = [json.dumps({"seq": seq, **each}) for seq, each in ((1, case), (3, a_case(phone, province)))]
    envelope = json.dumps(phone.body())
    body = envelope.replace('"groups": []', f'"groups": [[{good[0]}],[{bad}],[{good[1]}]]')
    reply = phone.link.ask("POST", "/sync/push", content=body.encode())
    assert reply.status_code == 200, reply.text[:500]
    found = reply.json()["outcomes"]
    assert [each["outcome"] for each in found] == ["applied", "rejected", "applied"]
    assert found[1]["code"]
    with office.engine.connect() as connection:
        assert connection.execute(select(mutation.c.payload).where(mutation.c.id == id_)).scalar_one() == bad
    mine = f"{found[0]['commit'] - 1}-0"
    items = phone.link.json("GET", "/unfinished", params={"cursor": mine})["items"]
    [listed] = [each for each in items if each["id"] == id_]
    assert (listed["outcome"], listed["code"]) == ("rejected", found[1]["code"])


IDS: dict[str, str] = {
    "no UUID": '"me"',
    "empty": '""',
    "with a NUL": r'"\u0000"',
    "a lone surrogate": r'"\udfff"',
    "very long": '"' + "x" * 100_000 + '"',
    "of the wrong type": "7",
}


@pytest.mark.parametrize("kind", IDS)
def test_a_mutation_whose_id_is_none_never_breaks_the_centre(crank: HttpPhone, kind: str) -> None:
    bad = '{"seq":1,"id":' + IDS[kind] + ',"op":"create","type":"person","record":"x","recorded_at":"x","data":{}}'
    body = json.dumps(crank.body()).replace('"groups": []', f'"groups": [[{bad}]]').encode()
    check_problem(lambda more: crank.link.ask("POST", "/sync/push", content=body, headers=more), 400, "malformed_json")


def test_a_clock_beyond_all_calendars_is_no_reason_to_refuse_work(phone: HttpPhone, province: Province) -> None:
    for sent_at in ("", "yesterday", "9999-12-31T23:59:59.999Z", "0001-01-01T00:00:00.000Z", "\0"):
        new = a_case(phone, province) | {"recorded_at": sent_at, "contacted_at": sent_at}
        reply = phone.post(phone.body([new], sent_at=sent_at))
        assert reply.status_code < 500, reply.text
        if reply.status_code == 200:
            assert len(reply.json()["outcomes"]) == 1
            phone.last = type(phone.last)(reply.json()["applied_through"], new["id"])


# --- who asks


def test_without_a_token_nothing_is_told(office: Office) -> None:
    for path in ("/sync/push", "/sync/pull"):
        check_problem(lambda more, p=path: office.link().ask("POST", p, json={}, headers=more), 401, "unauthenticated")


NO_TOKENS = ["Bearer", "Basic YTpi", "Bearer hd_no-such-token", "Bearer \xe0\xb8\x81"]


@pytest.mark.parametrize("header", NO_TOKENS)
def test_a_token_that_is_none_is_refused(office: Office, header: str) -> None:
    sent = [(b"Authorization", header.encode("latin-1"))]
    check_problem(
        lambda more: office.link().ask(
            "GET", "/me", headers=httpx.Headers([*sent, *((k.encode(), v.encode()) for k, v in more.items())])
        ),
        401,
        "unauthenticated",
    )


def test_an_expired_token_is_told_so(office: Office, phone: HttpPhone, province: Province) -> None:
    past = rfc3339(datetime.now(UTC) - timedelta(days=1))
    with writing(office.engine) as connection:
        connection.execute(update(token).where(token.c.device == phone.device).values(expires_at=past))
    body = phone.body([a_case(phone, province)])
    check_problem(lambda more: phone.post(body, headers=more), 401, "token_expired")


def test_a_token_that_was_signed_out_is_dead(office: Office, province: Province) -> None:
    desk = office.desk(f"social_worker@{province.scope}")
    desk.json("DELETE", "/tokens/current")
    check_problem(lambda more: desk.ask("GET", "/me", headers=more), 401, "unauthenticated")


def test_a_lost_device_is_told_to_wipe_on_every_route(office: Office, phone: HttpPhone, province: Province) -> None:
    office.admin.json("POST", f"/devices/{phone.device}/revoke", {"order": "lost"})
    for path in ("/sync/push", "/sync/pull"):
        check_problem(lambda more, p=path: phone.post({}, p, headers=more), 403, "device_revoked")
    assert phone.link.ask("GET", "/me").json()["order"] == "lost"


def test_the_device_of_one_who_left_sends_its_work_and_receives_nothing(
    office: Office, phone: HttpPhone, province: Province
) -> None:
    office.admin.json("POST", f"/devices/{phone.device}/revoke", {"order": "left"})
    assert outcomes(phone.push([a_case(phone, province)])) == ["applied"]
    check_problem(lambda more: phone.post(pull_body(phone), "/sync/pull", headers=more), 403, "device_revoked")


@pytest.mark.parametrize("spoil", ["used", "unknown", "garbled", "expired"])
def test_an_enrolment_code_that_is_no_good_enrols_nothing(office: Office, province: Province, spoil: str) -> None:
    person = office.person(f"social_worker@{province.scope}")
    code = office.code(person)
    about = {"name": "x", "platform": "x", "client_version": "x"}
    if spoil == "used":
        office.link().json("POST", "/devices", about | {"code": code})
    elif spoil == "expired":
        from server.models.identity import enrolment_code

        with writing(office.engine) as connection:
            mine = update(enrolment_code).where(enrolment_code.c.user == person["id"])
            connection.execute(mine.values(expires_at="2020-01-01T00:00:00.000Z"))
    given = {"unknown": "0000-0000-00000", "garbled": "ก" * 40}.get(spoil, code)
    expected = {"used": (410, "code_used"), "expired": (410, "code_expired")}.get(spoil, (404, "code_unknown"))
    check_problem(
        lambda more: office.link().ask("POST", "/devices", json=about | {"code": given}, headers=more), *expected
    )


# --- addresses and queries


ADDRESSES = (
    "GET /nowhere",
    "GET /sync/push",
    "DELETE /users",
    "PATCH /records/x",
    "GET /users/%00",
    "GET /users/nobody",
    "GET /users/%F0%9F%98%80",
    "GET /users?limit=0",
    "GET /users?limit=many",
    "GET /users?limit=99999999999999999999999999",
    "GET /devices/%00",
    "GET /devices?cursor=%00",
    "POST /devices/%00/revoke",
    "GET /enrolments/%00/qr",
    "GET /records/%00",
    "GET /records/%00/history",
    "GET /records",
    "GET /records?type=ghost",
    "GET /records?type=case&area=5",
    "GET /records?type=case&q=%00",
    "GET /records?type=case&cursor=%00",
    "GET /conflicts?status=maybe",
    "GET /conflicts?record=%00",
    "GET /conflicts/%00",
    "POST /conflicts/%00/resolve",
    "GET /unfinished?cursor=-1",
    "GET /unfinished?cursor=99999999999999999999-1",
    "GET /areas?parent=1",
    "GET /areas?q=%00",
    "GET /attachments/%00",
    "GET /attachments/%00/content",
    "GET /reports/provincial",
    "GET /reports/provincial?province=99&from=2024-01-01&to=2024-12-31",
    "GET /reports/provincial?province=54&from=1&to=2",
    "GET /reports/provincial?province=54&from=2024-02-30&to=2024-12-31",
    "GET /reports/provincial?province=54&from=2024-12-31&to=2024-01-01",
    "GET /reports/provincial?province=54&from=2024-01-01&to=2024-12-31&format=pdf",
    "HEAD /uploads/%00",
    "PATCH /uploads/%00",
    "POST /uploads",
)


@pytest.mark.parametrize("address", ADDRESSES)
def test_a_strange_address_gets_a_problem_and_never_a_fault(office: Office, crank: HttpPhone, address: str) -> None:
    method, _, path = address.partition(" ")
    asker = office.admin if path.startswith(("/users", "/devices", "/enrolments")) else crank.link
    body = {"json": {}} if method == "POST" else {}
    reply = asker.ask(method, path, **body)
    assert reply.status_code < 500, reply.text
    if method != "HEAD" and reply.status_code >= 400:
        check_problem(lambda more: asker.ask(method, path, headers=more, **body))
    assert reply.status_code >= 400 or "%00" in address or "99" in address
