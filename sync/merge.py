"""How two edits of one field meet. One pure function per rule; docs/protocol.md section 4 is the same in words.

A rule sees the current central value, the version that wrote it, and the edit: what its author saw (``seen``), what
they made of it (``wanted``) and the version their work began from (``base``). Values are normalised on both sides.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from enum import StrEnum
from typing import Any

from merge3 import Merge3

from schemas.base import Merge


class Verdict(StrEnum):
    """What a rule decided for one field."""

    UNCHANGED = "unchanged"
    APPLIED = "applied"
    JOINED = "joined"
    CONTESTED = "contested"


@dataclass(frozen=True, slots=True)
class Meeting:
    """One field at the moment an edit arrives."""

    current: Any
    version: int
    seen: Any
    wanted: Any
    base: int

    @property
    def author_was_current(self) -> bool:
        """Whether the author knew the central value: it is no newer than their base, or it is what they saw."""
        return self.version <= self.base or self.current == self.seen


@dataclass(frozen=True, slots=True)
class Met:
    """The verdict, and the value the field has from now on (the central one when contested)."""

    verdict: Verdict
    value: Any


def register(meeting: Meeting) -> Met:
    """Replace the whole value, unless somebody else replaced it first."""
    if meeting.current == meeting.wanted:
        return Met(Verdict.UNCHANGED, meeting.current)
    if meeting.author_was_current:
        return Met(Verdict.APPLIED, meeting.wanted)
    return Met(Verdict.CONTESTED, meeting.current)


def text(meeting: Meeting) -> Met:
    """Join both texts line by line, from what the author saw; contested only where their lines overlap."""
    met = register(meeting)
    if met.verdict is not Verdict.CONTESTED:
        return met
    versions = [value or "" for value in (meeting.seen, meeting.current, meeting.wanted)]
    if not all(isinstance(value, str) for value in versions):  # nobody has checked what the author says they saw
        return met
    joined = joined_lines(*versions)
    if joined is None:
        return met
    verdict = Verdict.UNCHANGED if joined == meeting.current else Verdict.JOINED
    return Met(verdict, joined or None)


def latest(meeting: Meeting) -> Met:
    """Take whatever arrives last; only for fields where nothing is lost by it."""
    if meeting.current == meeting.wanted:
        return Met(Verdict.UNCHANGED, meeting.current)
    return Met(Verdict.APPLIED, meeting.wanted)


RULES: Mapping[Merge, Callable[[Meeting], Met]] = {
    Merge.REGISTER: register,
    Merge.TEXT: text,
    Merge.LATEST: latest,
}
"""The rules for [from, to] edits."""


def joined_lines(base: str, ours: str, theirs: str) -> str | None:
    """Return the three-way merge of texts by line, or ``None`` when changed lines overlap."""
    merge = Merge3(base.split("\n"), ours.split("\n"), theirs.split("\n"))
    lines: list[str] = []
    for region in merge.merge_groups():
        if region[0] == "conflict":
            return None
        lines.extend(region[1])
    return "\n".join(lines)


def set_delta(current: Any, add: list[Any], remove: list[Any]) -> Met:
    """Add and remove elements; one that both lists name stays. Never contested."""
    before = list(current or [])
    after = sorted({*(element for element in before if element not in remove), *add})
    verdict = Verdict.UNCHANGED if after == sorted(before) else Verdict.APPLIED
    return Met(verdict, after or None)


def append_delta(current: Any, add: list[Any], remove: list[Any]) -> Met:
    """Append entries whose ``id`` is new; nothing is ever removed from a log."""
    before = list(current or [])
    known = {entry["id"] for entry in before}
    new = [entry for entry in add if entry["id"] not in known]
    return Met(Verdict.APPLIED if new else Verdict.UNCHANGED, before + new or None)


def unknown_delta(current: Any, add: list[Any], remove: list[Any]) -> Met:
    """Change a list that only a newer client knows: elements may be anything and keep their order."""
    if not isinstance(current, list | None):
        return Met(Verdict.CONTESTED, current)
    before = current or []
    kept = [element for element in before if element not in remove or element in add]
    after = kept + [element for element in add if element not in kept]
    return Met(Verdict.UNCHANGED if after == before else Verdict.APPLIED, after or None)


DELTAS: Mapping[Merge, Callable[[Any, list[Any], list[Any]], Met]] = {
    Merge.SET: set_delta,
    Merge.APPEND: append_delta,
}
"""The rules for fields whose edits travel as additions and removals."""
