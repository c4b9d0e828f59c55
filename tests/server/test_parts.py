"""What staff see beside the fields of a mutation is what nobody typed."""

from server.parts import EDITS, ENVELOPE
from sync.mutation import Mutation


def test_nothing_that_was_typed_is_in_the_envelope() -> None:
    assert {*EDITS, "reason", "resolves"} == {*Mutation.__struct_fields__} - ENVELOPE
    assert {"id", "op", "type", "record", "recorded_at"} <= ENVELOPE
