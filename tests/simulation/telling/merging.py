"""Deleting a record, saying that two are one, taking them apart again: promises 15, 17 and 29."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from schemas.records import RECORD_TYPES
from tests.simulation.fleet import Violation
from tests.simulation.sight import Row
from tests.simulation.telling.disputes import contested_by
from tests.simulation.telling.parts import parts_of, units_of
from tests.simulation.telling.told import MERGED_INTO, RIGHT, TRACES, UNSEEN, Told

if TYPE_CHECKING:
    from tests.simulation.telling.tale import Tale


def delete(tale: Tale, row: Row, said: dict[str, Any], told: Told) -> None:
    """A record goes only when nobody else has changed it unseen, and none goes on in it."""
    redirected, joined = row.record != said["record"], tale.into(told.id)
    changed = told.changed_by_others(row, row.base) or told.changed_at_once(row)
    free = not (redirected or changed or joined) and tale.is_sure_of(told)
    if row.outcome == "conflicted":
        if free and row.code != "out_of_scope":
            raise Violation(RIGHT, f"a deletion of {told} contends, which nobody else has changed since {row.base}")
        return
    if row.outcome == "unchanged":
        if not told.deleted and tale.is_sure_of(told):
            raise Violation(RIGHT, f"a deletion of {told} was unchanged, and it is there")
        return
    if changed:
        raise Violation(UNSEEN, f"{told} of {told.version} was deleted by who saw {row.base}")
    if joined and not said.get("resolves"):
        raise Violation(UNSEEN, f"{told} was deleted, in which {joined[0][-6:]} goes on")
    told.deleted, told.version = True, row.commit


def merge(tale: Tale, row: Row, said: dict[str, Any], told: Told) -> None:
    """A record goes on in another one from here."""
    chain = tale.chain(said["into"])
    if row.outcome == "unchanged":
        if tale.chain(told.id)[-1] != chain[-1]:
            raise Violation(RIGHT, f"a merge of {told} was unchanged, and it does not go on there")
        return
    tale.kin |= {told.id, *chain}
    if told.id in chain or told.merged_into or told.deleted:
        raise Violation(TRACES, f"{told} cannot be merged as it was")
    told.merged_into, told.versions[MERGED_INTO], told.version = said["into"], row.commit, row.commit


def unmerge(tale: Tale, row: Row, said: dict[str, Any], told: Told) -> None:
    """A merge is undone: what was chosen with it goes back, and the edits that are named change sides."""
    undone, chain = tale.past[said["undoes"]], tale.chain(told.id)[1:]
    if told.merged_into is None or told.version_of(MERGED_INTO) != undone.commit:
        raise Violation(TRACES, f"{told} was taken apart, and was not merged")
    rows = sorted({each.id: each for each in tale.past.values()}.values())
    moved = [each for each in rows if {each.id, each.releases, each.sent_as} & set(said.get("moves", ()))]
    chosen = [each for each in rows if (each.commit, each.group) == (undone.commit, undone.group)]
    if any(each.payload is None for each in [*chosen, *moved]):
        tale.adopt |= {told.id, *chain}
    told.merged_into, told.versions[MERGED_INTO], told.version = None, row.commit, row.commit
    _contends_where_it_does_not_fit(tale, told, contested_by(row), _lay_over(tale, row, told, moved))
    for record in chain:
        edits = [each for each in chosen + moved if each.record == record and each.op == "update" and each.payload]
        _undo(row, tale.records[record], edits)


def _contends_where_it_does_not_fit(tale: Tale, told: Told, contested: set[str], unfit: set[str]) -> None:
    if not tale.is_sure_of(told):
        return
    if unfit - contested:
        what = f"{sorted(unfit - contested)} came back to {told}, does not fit and contends nowhere"
        raise Violation("1 nothing is lost", what)
    if contested - unfit:
        raise Violation(RIGHT, f"{sorted(contested - unfit)} came back to {told}, fits and contends")


def _lay_over(tale: Tale, row: Row, told: Told, moved: list[Row]) -> set[str]:
    """Lay edits on a record that comes back; return where it says something else by now: they are contenders."""
    unfit: set[str] = set()
    for edit in moved:
        parts = parts_of(told.type, edit.said) if edit.payload else {}
        for unit, names in units_of(RECORD_TYPES[told.type], parts).items():
            if any(parts[name][0] != "value" for name in names):
                tale.adopt.add(told.id)  # named gap: elements that come back to a list
            elif any(told.fields.get(name) not in parts[name][1:] for name in names):
                unfit.add(unit)
            else:
                told.put({name: parts[name][2] for name in names}, row.commit, row.author)
    return unfit


def _undo(row: Row, told: Told, edits: list[Row]) -> None:
    """Give fields back what they were before some edits, where these are still the last word on them."""
    back: dict[str, Any] = {}
    for edit in reversed(edits):
        parts = parts_of(told.type, edit.said)
        for names in units_of(RECORD_TYPES[told.type], parts).values():
            if all(_is_last_word(told, edit, name, parts[name], back) for name in names):
                back |= {name: parts[name][1] for name in names}
    if back:
        told.put(back, row.commit, row.author)


def _is_last_word(told: Told, edit: Row, name: str, part: tuple[Any, ...], back: dict[str, Any]) -> bool:
    """Tell whether a field still says what an edit made of it, perhaps once later ones are undone."""
    if part[0] != "value":
        return False
    if name in back:
        return bool(back[name] == part[2])
    return (told.version_of(name), told.fields.get(name)) == (edit.commit, part[2])
