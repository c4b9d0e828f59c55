"""Exactly once: which mutations of a push are new, which are known, and when the device must recover.

The push is checked whole before anything applies (docs/protocol.md section 2).
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from sync.errors import DeviceForked, SequenceGap, ValidationFailed
from sync.messages import Position

LANES = ("urgent", "normal")


@dataclass(frozen=True, slots=True)
class Place:
    """A mutation's place in the lane, as the device claims it."""

    seq: int
    id: str


def count_known(after: Position, pushed: Sequence[Place], last: Position, recorded: Mapping[int, str]) -> int:
    """Return how many mutations at the head of a push the server has already.

    ``last`` is the lane's end on the server; ``recorded`` maps the sequence numbers the push touches up to it to ids.

    :raises ValidationFailed: the push is not dense in itself, or names an id twice.
    :raises SequenceGap: its first mutation is not yet due; ``last`` says which one is.
    :raises DeviceForked: a known number came with another id.
    """
    expected = range(after.seq + 1, after.seq + 1 + len(pushed))
    if [place.seq for place in pushed] != list(expected):
        raise ValidationFailed(errors={"groups": [{"code": "not_dense"}]})
    if len({place.id for place in pushed}) < len(pushed):
        raise ValidationFailed(errors={"groups": [{"code": "repeated_id"}]})
    if after.seq > last.seq:
        raise SequenceGap(last={"seq": last.seq, "id": last.id})
    claims = [Place(after.seq, after.id or ""), *pushed] if after.seq else pushed
    for place in claims:
        if place.seq <= last.seq and recorded.get(place.seq) != place.id:
            raise DeviceForked(last={"seq": last.seq, "id": last.id})
    return sum(place.seq <= last.seq for place in pushed)
