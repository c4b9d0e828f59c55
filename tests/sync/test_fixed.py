"""What is set once stays."""

from typing import Any

import pytest

from schemas.records import RECORD_TYPES
from sync.fixed import fixed_errors
from sync.mutation import Mutation, Op

PHOTO = {"owner_record": "v", "sha256": "a" * 64, "size": 1, "media_type": "image/jpeg"}
FIXED = [{"code": "fixed"}]


def update(**edits: Any) -> Mutation:
    return Mutation(1, "m", Op.UPDATE, "attachment", "r", "", **edits)


@pytest.mark.parametrize(
    ("edits", "errors"),
    [
        ({"set": {"caption": (None, "หลังคา"), "media_type": ("image/jpeg", "image/png")}}, {}),
        ({"set": {"sha256": (None, "a" * 64), "size": (None, 1)}}, {}),
        ({"set": {"sha256": ("a" * 64, "b" * 64), "size": (1, 1)}}, {"sha256": FIXED}),
        ({"set": {"size": (1, None), "unheard_of": (1, 2)}}, {"size": FIXED}),
        ({"add": {"size": [1]}, "remove": {"sha256": ["a"]}}, {"size": FIXED, "sha256": FIXED}),
        ({}, {}),
    ],
)
def test_a_fixed_field_keeps_its_value(edits: dict[str, Any], errors: dict[str, Any]) -> None:
    assert fixed_errors(RECORD_TYPES["attachment"], PHOTO, update(**edits)) == errors


def test_what_a_photo_is_made_of_is_fixed() -> None:
    found = {(kind.name, name) for kind in RECORD_TYPES.values() for name, spec in kind.fields.items() if spec.fixed}
    assert found == {("attachment", "sha256"), ("attachment", "size")}
