"""Whatever a device sends, deciding it ends in an outcome: an exception would block everything queued behind it."""

from dataclasses import replace
from functools import cache
from typing import Any

import msgspec
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from schemas.records import RECORD_TYPES
from schemas.reference_number import mint
from sync.mutation import Outcome, read
from tests.sync.desk import Desk, uuid

CASE, PERSON, VISIT, REQUEST, CONFLICT = map(uuid, (1, 2, 3, 4, 5))
OF_TYPE = {"case": CASE, "person": PERSON, "visit": VISIT, "help_request": REQUEST}

scalars = st.sampled_from([None, True, 0, -1, 1.5, "", "ก", "violence", "2026-11-20", "5401", CASE, PERSON, uuid(77)])
values = st.recursive(
    scalars,
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.sampled_from(["id", "at"]), inner),
    max_leaves=4,
)


@st.composite
def wild(draw: st.DrawFn) -> dict[str, Any]:
    kind = draw(st.sampled_from(sorted(OF_TYPE)))
    names = st.sampled_from([*RECORD_TYPES[kind].fields, "no_such_field"])
    some = lambda inner: st.dictionaries(names, inner, max_size=4)  # noqa: E731
    return {
        "seq": 1,
        "id": draw(st.integers(1000, 10**9).map(uuid)),
        "op": draw(st.sampled_from(["create", "update", "delete"])),
        "type": kind,
        "record": draw(st.sampled_from([*OF_TYPE.values(), uuid(88)])),
        "recorded_at": draw(st.sampled_from(["2026-11-22T03:00:00.000Z", "yesterday", "0001-01-01T00:00:00+14:00"])),
        "base": draw(st.integers(0, 9)),
        "data": draw(some(values)),
        "set": draw(some(st.tuples(values, values))),
        "add": draw(some(st.lists(values, max_size=3))),
        "remove": draw(some(st.lists(values, max_size=3))),
        "resolves": draw(
            st.lists(
                st.sampled_from([CONFLICT, CASE, uuid(99)]).map(
                    lambda key: {"conflict": key, "contenders": [], "reason": "?"}
                ),
                max_size=1,
            )
        ),
        "assumed": draw(st.lists(names, max_size=2)),
        "contacted_at": draw(st.sampled_from([None, "never", "9999-12-31T23:59:59-14:00"])),
        "schema": draw(st.sampled_from([None, 1, 7])),
    }


@cache
def _desk() -> Desk:
    """Return a centre with one record of each type, one deleted, and one conflict open."""
    centre = Desk()
    alice, bob = centre.writer("alice"), centre.writer("bob")
    given = {"reference_number": mint(1), "received_on": "2026-11-20", "intake_channel": "walk_in",
             "intake_district": "5401", "area": "5401"}  # fmt: skip
    made = [
        alice.created("person", PERSON, {"first_name": "มะลิ"}),
        alice.created("case", CASE, given | {"urgency": "normal", "summary": "หนึ่ง\nสอง", "problems": ["violence"]}),
        alice.created("visit", VISIT, {"case": CASE, "latitude": 18, "longitude": 100}),
        alice.created("help_request", REQUEST, {"reference_number": mint(1), "area": "5401"}),
    ]
    assert alice.push(*made) == ["applied"] * 4
    base = centre.commit
    assert alice.edit("case", CASE, base, set={"urgency": ("normal", "urgent"), "summary": ("หนึ่ง\nสอง", "สาม")})
    assert bob.edit("case", CASE, base, set={"urgency": ("normal", "most_urgent")}) == "conflicted"
    assert alice.delete("visit", VISIT, base) == "applied"
    [found] = centre.conflicts()
    centre.records[CONFLICT] = replace(centre.records.pop(found), id=CONFLICT)
    return centre


def desk() -> Desk:
    """Return a copy that a test may write to; states themselves never change."""
    made = _desk()
    return replace(made, records=dict(made.records), ledger=list(made.ledger))


@settings(max_examples=40)
@given(st.lists(wild(), min_size=1, max_size=4))
def test_every_mutation_ends_in_an_outcome(pushed: list[dict[str, Any]]) -> None:
    centre = desk()
    read_back = [read(msgspec.json.encode(each)) for each in pushed]
    assert all(each.outcome in Outcome for each in centre.writer("bob").decide(*read_back))


@pytest.mark.parametrize(
    "part",
    [
        {"id": "not an id"},
        {"seq": -1},
        {"seq": 1 << 62},
    ],
)
def test_a_mutation_without_a_place_in_the_lane_cannot_be_read(part: dict[str, Any]) -> None:
    with pytest.raises(msgspec.ValidationError):
        read(msgspec.json.encode({"seq": 1, "id": uuid(1)} | part))
