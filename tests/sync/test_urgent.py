"""The urgent lane takes new emergencies that need nothing else, and nothing larger than gets through."""

from typing import Any

import msgspec
import pytest

from schemas.records import RECORD_TYPES
from sync.mutation import Malformed, Mutation, Op
from sync.urgent import BYTES_MAX, refused_in_lane

ID = "01a00000-0000-7000-8000-000000000001"
EMERGENCY: dict[str, Any] = {"causes": ["threat_or_assault"], "area": "5401"}


def codes(*mutations: Mutation | Malformed, lane: str = "urgent") -> list[str | None] | None:
    group = [(each, msgspec.json.encode(each).decode()) for each in mutations]
    found = refused_in_lane(RECORD_TYPES, lane, group)
    return [each.code for each in found] if found is not None else None


def emergency(**parts: Any) -> Mutation:
    given: dict[str, Any] = {"op": Op.CREATE, "type": "emergency", "data": EMERGENCY} | parts
    return Mutation(seq=1, id=ID, record=ID, recorded_at="", **given)


def sized(size: int) -> Mutation:
    """Return an emergency of so many bytes as sent."""
    bare = emergency(data=EMERGENCY | {"note": ""})
    return emergency(data=EMERGENCY | {"note": "x" * (size - len(msgspec.json.encode(bare)))})


def test_a_new_emergency_that_names_nothing_is_taken() -> None:
    assert codes(emergency()) is None
    assert codes(sized(BYTES_MAX)) is None


@pytest.mark.parametrize(
    "other",
    [
        emergency(op=Op.UPDATE, data={}, set={"note": (None, "x")}),
        emergency(op=Op.DELETE, data={}),
        emergency(type="case"),
        emergency(type="nothing_of_ours"),
        emergency(data=EMERGENCY | {"case": ID}),
        emergency(data=EMERGENCY | {"accepted_by_team": ID}),
        sized(BYTES_MAX + 1),
    ],
)
def test_anything_else_is_refused_there_and_taken_in_the_normal_lane(other: Mutation) -> None:
    assert codes(other) == ["not_urgent"]
    assert codes(other, lane="normal") is None


def test_one_that_does_not_belong_takes_its_group_with_it() -> None:
    assert codes(emergency(), emergency(type="case")) == ["group_rejected", "not_urgent"]


def test_one_that_cannot_be_read_is_refused_for_that() -> None:
    assert codes(Malformed(1, ID, "no")) is None
