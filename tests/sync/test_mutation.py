"""What may stand where the protocol wants an id, a clock or a type."""

import msgspec
import pytest

from sync.messages import BucketContent
from sync.mutation import ClockText, Malformed, Mutation, TypeName, Uuid, read

ID = "0192f0c1-0000-7000-8000-000000000001"
RAW = {"seq": 1, "id": ID, "op": "delete", "type": "case", "record": ID, "recorded_at": "2026-11-23T01:40:00.000Z"}


@pytest.mark.parametrize(
    ("form", "good"),
    [(Uuid, ID), (TypeName, "case"), (ClockText, "2026-11-23"), (BucketContent, [0, "0000000000000000"])],
)
def test_a_line_feed_does_not_belong_to_a_form(form: object, good: str | list[object]) -> None:
    longer = f"{good}\n" if isinstance(good, str) else [good[0], f"{good[1]}\n"]

    msgspec.convert(good, form)
    with pytest.raises(msgspec.ValidationError):
        msgspec.convert(longer, form)


def test_a_mutation_whose_record_only_looks_like_an_id_is_refused_alone() -> None:
    assert isinstance(read(msgspec.json.encode(RAW)), Mutation)
    assert isinstance(read(msgspec.json.encode({**RAW, "record": f"{ID}\n"})), Malformed)


def test_a_mutation_whose_own_id_ends_in_a_line_feed_gives_the_push_no_order() -> None:
    with pytest.raises(msgspec.ValidationError):
        read(msgspec.json.encode({**RAW, "id": f"{ID}\n"}))
