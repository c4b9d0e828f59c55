"""A push that is wrong in itself gets a stable answer, and one wrong mutation never blocks what follows."""

from collections.abc import Iterator
from typing import Any

import msgspec
import pytest

from server.ids import new_id
from sync.errors import MalformedBody, ValidationFailed
from tests.server.protocol_client import Centre, Phone, open_store
from tests.server.test_store import case, made_case, names


@pytest.fixture
def alice(migrated_url: str) -> Iterator[Phone]:
    """A social worker of Phrae."""
    store = open_store(migrated_url)
    yield Centre(store).enrol("social_worker", "province:54")
    store.engine.dispose()


@pytest.mark.parametrize(
    "part",
    [
        {"base": 2**63},
        {"base": -1},
        {"record": "not an id"},
        {"record": "0192F0C1-2D3E-7A4B-8C5D-6E7F8A9B0C1D"},
        {"type": "ca\u0000se"},
        {"type": "t" * 41},
        {"recorded_at": "\u0000"},
        {"recorded_at": "x" * 41},
        {"schema": 2**40},
        {"set": []},
        {"op": "replace"},
        {"op": "merge", "into": "nobody"},
    ],
    ids=str,
)
def test_a_mutation_that_does_not_fit_is_refused_alone(alice: Phone, part: dict[str, Any]) -> None:
    record = made_case(alice)
    wrong = {**alice.update("case", record, 1, set={"urgency": [None, "urgent"]}), **part}
    [refused, good] = alice.push([wrong], [case(alice)])
    assert (refused.outcome, refused.errors["mutation"][0]["code"]) == ("rejected", "malformed")
    assert good.outcome == "applied"
    assert [row.id for row in alice.centre.store.unfinished()] == [wrong["id"]]


@pytest.mark.parametrize(
    "parts",
    [
        {"add": {"problems": ["other"]}, "remove": {"problems": [{}]}},
        {"set": {"problems": [7, ["other"]]}},
        {"set": {"summary": [7, "ก"]}},
        {"set": {"summary": ["\u0000", "ก"]}},
    ],
    ids=str,
)
def test_what_an_author_says_they_saw_may_be_anything(alice: Phone, parts: dict[str, Any]) -> None:
    record = made_case(alice, summary="ข", problems=["violence"])
    alice.push([alice.update("case", record, 1, set={"summary": ["ข", "ค"]})])
    outcomes = alice.push([alice.update("case", record, 0, **parts)], [case(alice)])
    assert names(outcomes)[1] == "applied"


@pytest.mark.parametrize("identifier", ["", "not an id", "x" * 36])
def test_a_mutation_without_a_place_makes_the_push_unreadable(alice: Phone, identifier: str) -> None:
    with pytest.raises(MalformedBody):
        alice.send(alice.request([{**case(alice), "id": identifier}]))


def test_a_mutation_that_is_not_utf_8_makes_the_push_unreadable(alice: Phone) -> None:
    request = alice.request([case(alice, place_text="?")])
    spoiled = [[msgspec.Raw(bytes(raw).replace(b"?", b"\xff")) for raw in group] for group in request.groups]
    with pytest.raises(MalformedBody):
        alice.send(msgspec.structs.replace(request, groups=spoiled))


def test_an_id_twice_in_one_push_is_refused_whole(alice: Phone) -> None:
    twice = new_id()
    with pytest.raises(ValidationFailed) as refused:
        alice.send(alice.request([{**case(alice), "id": twice}, {**case(alice), "id": twice}]))
    assert refused.value.extra["errors"] == {"groups": [{"code": "repeated_id"}]}


def test_more_mutations_than_a_push_may_hold_are_refused_whole(alice: Phone) -> None:
    with pytest.raises(ValidationFailed) as refused:
        alice.send(alice.request([case(alice) for _ in range(501)]))
    assert refused.value.extra["errors"] == {"groups": [{"code": "too_many", "max": 500}]}


def test_what_is_no_emergency_is_refused_in_the_urgent_lane_and_blocks_nothing(alice: Phone) -> None:
    new = case(alice)
    emergency = alice.create("emergency", causes=["threat_or_assault"], area="5401")
    reply = alice.send(alice.request([new], [emergency], lane="urgent"))
    assert [(each.outcome, each.code) for each in reply.outcomes] == [("rejected", "not_urgent"), ("applied", None)]
    assert [each.outcome for each in alice.push([alice.create("case", new["record"], **new["data"])])] == ["applied"]
    assert {new["record"], emergency["record"]} <= alice.pull().rows.keys()
