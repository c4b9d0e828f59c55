"""Which buckets a record is in and why, what changes when it moves, and what a holder of buckets may see of it."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace

from schemas.base import MERGED_INTO, RecordType
from schemas.placement import kind_of, kinds_known
from schemas.privacy import Privacy

Reasons = frozenset[str]
"""Ids of the records because of which an entry exists: the record itself, or its carriers."""


@dataclass(frozen=True, slots=True)
class Entry:
    """One row of the feed: a record in a bucket, or gone from it (``live`` false, ``why`` moved or deleted)."""

    bucket: str
    record: str
    commit: int
    since: int
    live: bool
    why: str | None
    reasons: Reasons


def memberships(
    record: str,
    owner: str,
    own: Iterable[str],
    carried_by: Mapping[str, Iterable[str]],
    together_with: Mapping[str, Iterable[str]],
) -> dict[str, Reasons]:
    """Return bucket -> reasons for a live record.

    ``carried_by`` maps carriers to their own buckets (one level); ``together_with`` maps records to everything they
    are in. A record that would lie nowhere lies with its owner, so nobody loses sight of what they made.
    """
    reasons: dict[str, set[str]] = {bucket: {record} for bucket in own}
    for carriers in (carried_by, together_with):
        for carrier, buckets in carriers.items():
            for bucket in buckets:
                if kind_of(bucket).with_carried and not _is_of_somebody_else(bucket, owner):
                    reasons.setdefault(bucket, set()).add(carrier)
    if not reasons:
        reasons[f"user:{owner}"] = {record}
    return {bucket: frozenset(found) for bucket, found in reasons.items()}


def _is_of_somebody_else(bucket: str, owner: str) -> bool:
    """Tell whether a bucket holds what another person filed; what staff add to it does not go to that person."""
    return bucket.startswith("user:") and bucket != f"user:{owner}"


def moved(
    record: str,
    before: Mapping[str, Entry],
    wanted: Mapping[str, Reasons],
    *,
    changed: bool,
    deleted: bool,
    commit: int,
) -> list[Entry]:
    """Return the entries to write so that a record is exactly in ``wanted`` from this commit on.

    ``changed``: the record has a new version, so every entry moves forward in the feed. A mere change of reasons
    stays where it is: devices need not hear of it.
    """
    entries: list[Entry] = []
    for bucket, reasons in wanted.items():
        entry = before.get(bucket)
        if entry is None or not entry.live:
            entries.append(Entry(bucket, record, commit, commit, True, None, reasons))
        elif changed:
            entries.append(replace(entry, commit=commit, reasons=reasons))
        elif reasons != entry.reasons:
            entries.append(replace(entry, reasons=reasons))
    why = "deleted" if deleted else "moved"
    for bucket, entry in before.items():
        if entry.live and bucket not in wanted:
            entries.append(replace(entry, commit=commit, live=False, why=why, reasons=frozenset()))
    return entries


def classes_seen(buckets: Iterable[str]) -> frozenset[Privacy]:
    """Return the field classes that any of these buckets carries; one of a kind of a later time carries none."""
    return frozenset(privacy for kind in kinds_known(buckets) for privacy in kind.classes)


def visible_fields(kind: RecordType, classes: frozenset[Privacy]) -> frozenset[str]:
    """Return the fields of a type whose class is known beforehand and among these."""
    return frozenset(
        spec.name for spec in kind.fields.values() if spec.privacy_from is None and spec.privacy in classes
    )


def classes_of_others(buckets: Iterable[str]) -> frozenset[Privacy]:
    """Return the classes that any of these buckets carries of what others than the owner wrote."""
    return frozenset(privacy for kind in kinds_known(buckets) for privacy in kind.classes & kind.of_others)


def seen_through(
    kind: RecordType, data: Mapping[str, object], by_others: frozenset[str], buckets: Iterable[str]
) -> dict[str, object]:
    """Return what a device that holds these buckets may see of a record."""
    keys = list(buckets)
    seen = masked(kind, data, classes_seen(keys))
    if not by_others:
        return seen
    theirs = masked(kind, data, classes_of_others(keys))
    return {name: value for name, value in seen.items() if name in theirs or name not in by_others}


def masked(kind: RecordType, data: Mapping[str, object], classes: frozenset[Privacy]) -> dict[str, object]:
    """Return what somebody who sees these classes may see of a record.

    A field with ``privacy_from`` has the class that another field of the record names (a conflict's values have the
    class of what is contested); a field that the declaration does not know counts as protected. Whoever sees anything
    of a record sees that it was merged into another.
    """
    shown: dict[str, object] = {}
    for name, value in data.items():
        spec = kind.fields.get(name)
        if name == MERGED_INTO:
            shown[name] = value
            continue
        privacy = Privacy.PROTECTED if spec is None else spec.privacy
        if spec is not None and spec.privacy_from:
            privacy = Privacy(str(data.get(spec.privacy_from, Privacy.PROTECTED)))
        if privacy in classes:
            shown[name] = value
    return shown
