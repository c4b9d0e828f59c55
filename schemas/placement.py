"""In which buckets a record lies of itself: bucket kinds, and the rules a record type may declare.

A bucket key is ``kind:name`` (``district:5401``, ``user:<id>``) or ``reference``. What travels with another record
(a visit with its case) is not declared here but on the reference field that names it, see ``Carry`` in ``base``.
"""

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from typing import Any, Protocol

from schemas.privacy import ALL_CLASSES, EXCEPT_PROTECTED, NO_SENSITIVE, ONLY_NORMAL, Privacy

Data = Mapping[str, Any]


@dataclass(frozen=True, slots=True)
class BucketKind:
    """A kind of bucket: which field classes it carries, and whether carried records come along.

    ``of_others``: the classes it carries of what people other than the record's owner wrote.
    """

    name: str
    classes: frozenset[Privacy]
    with_carried: bool
    meaning: str
    of_others: frozenset[Privacy] = ALL_CLASSES


BUCKET_KINDS: Mapping[str, BucketKind] = {
    kind.name: kind
    for kind in (
        BucketKind("reference", ALL_CLASSES, True, "lists that every device holds"),
        BucketKind("areas", ALL_CLASSES, True, "tambons and villages of one province"),
        BucketKind("user", EXCEPT_PROTECTED, True, "what one person filed, and notices to them", NO_SENSITIVE),
        BucketKind("assigned", ALL_CLASSES, True, "cases assigned to one officer"),
        BucketKind("team", ALL_CLASSES, True, "cases assigned to one team"),
        BucketKind("district", EXCEPT_PROTECTED, True, "everything of one district; 5400 = district unknown"),
        BucketKind("tambon", EXCEPT_PROTECTED, True, "everything of one tambon, for its centre"),
        BucketKind("duty", ONLY_NORMAL, False, "one district as a team on duty may see it"),
        BucketKind("village", ONLY_NORMAL, False, "one village as its volunteers may see it"),
    )
}


def kind_of(bucket: str) -> BucketKind:
    """Return the kind of a bucket key.

    :raises KeyError: for a kind that does not exist.
    """
    return BUCKET_KINDS[bucket.partition(":")[0]]


def kinds_known(buckets: Iterable[str]) -> list[BucketKind]:
    """Return the kinds of bucket keys, without those that this program does not know yet."""
    return [kind for key in buckets if (kind := BUCKET_KINDS.get(key.partition(":")[0]))]


class Place(Protocol):
    """One rule that puts a record into buckets, from its data and its owner alone."""

    def __call__(self, data: Data, owner: str) -> Iterator[str]: ...


def district_of(area: str | None) -> str | None:
    """Return the 4-digit district of an area code of 2, 4, 6 or 8 digits; a bare province gives ``NN00``."""
    if not area:
        return None
    return area[:4] if len(area) >= 4 else f"{area}00"


@dataclass(frozen=True, slots=True)
class InReference:
    """In the bucket that every device holds."""

    def __call__(self, data: Data, owner: str) -> Iterator[str]:
        yield "reference"


@dataclass(frozen=True, slots=True)
class InAreaList:
    """Provinces and districts everywhere; tambons and villages only with their province's list."""

    code: str

    def __call__(self, data: Data, owner: str) -> Iterator[str]:
        code = data[self.code]
        yield "reference" if len(code) <= 4 else f"areas:{code[:2]}"


@dataclass(frozen=True, slots=True)
class InDistrict:
    """In the district and tambon of an area field, for their officers, and (normal class) for the team on duty."""

    area: str

    def __call__(self, data: Data, owner: str) -> Iterator[str]:
        district = district_of(data.get(self.area))
        if district:
            yield f"district:{district}"
            yield f"duty:{district}"
        if len(area := data.get(self.area) or "") >= 6:
            yield f"tambon:{area[:6]}"


@dataclass(frozen=True, slots=True)
class InVillage:
    """In the village of an area field that is known to 8 digits."""

    area: str

    def __call__(self, data: Data, owner: str) -> Iterator[str]:
        area = data.get(self.area) or ""
        if len(area) == 8:
            yield f"village:{area}"


@dataclass(frozen=True, slots=True)
class OfTeam:
    """In the bucket of the team that a field names."""

    team: str

    def __call__(self, data: Data, owner: str) -> Iterator[str]:
        if data.get(self.team):
            yield f"team:{data[self.team]}"


@dataclass(frozen=True, slots=True)
class OfAssignee:
    """In the bucket of the officer to whom a field assigns the record."""

    user: str

    def __call__(self, data: Data, owner: str) -> Iterator[str]:
        if data.get(self.user):
            yield f"assigned:{data[self.user]}"


@dataclass(frozen=True, slots=True)
class OfUser:
    """In the own bucket of the person whom a field names."""

    user: str

    def __call__(self, data: Data, owner: str) -> Iterator[str]:
        if data.get(self.user):
            yield f"user:{data[self.user]}"


@dataclass(frozen=True, slots=True)
class OfOwner:
    """In the own bucket of whoever created it, until one of the ``unless`` fields is filled."""

    unless: tuple[str, ...] = ()

    def __call__(self, data: Data, owner: str) -> Iterator[str]:
        if not any(data.get(field) for field in self.unless):
            yield f"user:{owner}"


@dataclass(frozen=True, slots=True)
class OfAuthor:
    """With whoever created it, all that they wrote of it, until one of the ``unless`` fields is filled.

    Volunteers hold no ``assigned`` bucket, so what is protected never stays with them.
    """

    unless: tuple[str, ...] = ()

    def __call__(self, data: Data, owner: str) -> Iterator[str]:
        if not any(data.get(field) for field in self.unless):
            yield f"user:{owner}"
            yield f"assigned:{owner}"
