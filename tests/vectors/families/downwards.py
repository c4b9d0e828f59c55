"""What the centre shows and tells to those who speak an older schema, and what it reads that it stored under one."""

from collections.abc import Iterator

import msgspec

from schemas.records import RECORD_TYPES
from sync.decision import Decision
from sync.messages import ConflictReference
from sync.mutation import Mutation, Outcome
from sync.state import RecordState
from sync.upcasting import fields_shown_to, migrated, shown_to, told
from tests.schemas.old_version import HISTORY
from tests.vectors.dice import Dice
from tests.vectors.edits import RECORD, record
from tests.vectors.families.versions import (
    MADE_UP,
    OF_OLD,
    POSITION,
    UNKNOWN_THEN,
    conflict,
    old_record,
    read_up,
    run_row,
)
from tests.vectors.family import Drawn, Family, Json, agree
from tests.vectors.values import ID


def new_record(dice: Dice, kind: str) -> Json:
    made = record(dice, RECORD_TYPES[kind], 35)
    if kind == "case" and dice.chance(60):
        made["place_text"] = dice.pick(("วัด", "วัด|โพธิ์", "|โพธิ์", "a|b|c"))
    return made


def draw_down(dice: Dice) -> Iterator[Drawn]:
    for number in range(110):
        kind = ("case", "case", "household", "conflict", "contact", "visit")[number % 6]
        data = conflict(dice, old=False) if kind == "conflict" else new_record(dice, kind)
        yield kind, {"type": kind, "data": data, "schema": dice.pick((1, 1, 1, 2))}


def run_down(given: Json) -> Json:
    kind, schema = given["type"], given["schema"]
    return {
        "data": shown_to(HISTORY, RECORD_TYPES, kind, given["data"], schema),
        "fields": fields_shown_to(HISTORY, kind, sorted(given["data"]), schema),
    }


def check_down(given: Json, expect: Json) -> None:
    kind, data, seen = given["type"], given["data"], expect["data"]
    if given["schema"] == 2:
        agree([seen, expect["fields"]], [data, sorted(data)])
        return
    if kind == "contact":
        agree([seen, expect["fields"]], [{}, []])
    if kind in ("case", "household", "visit"):
        wanted = {name: value for name, value in data.items() if (kind, name) != ("case", "danger_notes")}
        agree(read_up(kind, seen, partial=False), wanted)
        assert not UNKNOWN_THEN.get(kind, set()) & {*seen, *expect["fields"]}
        assert set(seen) <= set(expect["fields"])
    if kind == "conflict" and data["field"] == "danger_notes":
        assert not {"base_value", "central_value", "contenders", "resolution"} & seen.keys()
    elif kind == "conflict":
        agree(run_row({"type": "conflict", "data": seen})["data"], data)


SHOWN_TO_OLDER = Family(
    name="shown_to_older",
    side="server",
    function="sync.upcasting: shown_to, fields_shown_to",
    about=OF_OLD + "A row as the centre holds it, and as a device that speaks `schema` is shown it: its fields and "
    "codes alone, of an "
    "unknown type nothing. `fields`: the names that the given fields may have there, in the order of the given ones, "
    "sorted.",
    draw=draw_down,
    run=run_down,
    sorts=lambda given, expect: [
        f"{given['type']} {'shown older' if expect['data'] != given['data'] else 'as it is'}",
        "values left out" if given["type"] == "conflict" and "contenders" not in expect["data"] else "whole",
    ],
    check=check_down,
    classes=frozenset({
        "case shown older", "household shown older", "conflict shown older", "contact shown older", "case as it is",
        "visit as it is",
        "values left out",
    }),
    more=MADE_UP,
)  # fmt: skip


def draw_told(dice: Dice) -> Iterator[Drawn]:
    names = (
        "urgency",
        "place_text",
        "problems",
        "severity",
        "latitude",
        "position",
        "priority",
        "place_name",
        "gps",
        "summary",
    )
    for _ in range(70):
        kind = dice.pick(("case", "case", "household"))
        known = {*RECORD_TYPES[kind].fields, "position", "priority", "place_name", "gps"}
        codes = [[{"code": "unknown_field"}], [{"code": "unknown_code"}], [{"code": "required"}, {"code": "invalid"}]]
        errors = {name: dice.pick(codes) for name in dice.some([name for name in names if name in known], 0, 3)}
        units = ("urgency", "place_text", "severity") if kind == "case" else ("position", "village_name")
        references = [{"field": unit, "record": ID % 5} for unit in dice.some(units, 0, 2)]
        yield kind, {"type": kind, "schema": dice.pick((1, 1, 1, 2)), "errors": errors, "conflicts": references}


def run_told(given: Json) -> Json:
    made = msgspec.convert(
        {"seq": 1, "id": ID % 1, "recorded_at": "-", "op": "update", "type": given["type"], "record": RECORD}, Mutation
    )
    references = tuple(ConflictReference(each["field"], each["record"]) for each in given["conflicts"])
    found = told(
        HISTORY, made, given["schema"], Decision(Outcome.REJECTED, errors=given["errors"] or None, conflicts=references)
    )
    return {"errors": found.errors or {}, "conflicts": msgspec.to_builtins(found.conflicts)}


def check_told(given: Json, expect: Json) -> None:
    back = (
        {"urgency": "priority", "place_text": "place"}
        if given["type"] == "case"
        else dict.fromkeys((*POSITION, "position"), "gps")
    )
    own = {"case": {"priority", "place_name", "landmark", "ward_note"}, "household": {"gps"}}[given["type"]]
    old = given["schema"] == 1
    names = [(each["field"], each["record"]) for each in given["conflicts"]]
    agree(expect["conflicts"], [{"field": back.get(name, name) if old else name, "record": key} for name, key in names])
    wanted: dict[str, list[Json]] = {}
    for name, problems in given["errors"].items():
        new = back.get(name, name) if old and name not in own else name
        for problem in problems:
            unread = old and name in own and problem["code"] == "unknown_field"
            found = {"code": "invalid"} if unread else problem
            if found not in wanted.setdefault(new, []):
                wanted[new].append(found)
    agree(expect["errors"], wanted)


TOLD_TO_OLDER = Family(
    name="told_to_older",
    side="server",
    function="sync.upcasting.told",
    about=OF_OLD
    + "Errors and conflicts of an outcome as today's schema names them, and as the author of a mutation of `schema` is "
    "told. A name that only the author's schema has stands for a value that could not be read: unknown_field becomes "
    "invalid.",
    draw=draw_told,
    run=run_told,
    sorts=lambda given, expect: [
        "errors renamed" if expect["errors"] != given["errors"] else "the same errors",
        "conflicts renamed" if expect["conflicts"] != given["conflicts"] else "the same conflicts",
        "could not be read" if any({"code": "invalid"} in found for found in expect["errors"].values()) else "readable",
    ],
    check=check_told,
    classes=frozenset(
        {"errors renamed", "the same errors", "conflicts renamed", "the same conflicts", "could not be read"}
    ),
    more=MADE_UP,
)


def draw_migrations(dice: Dice) -> Iterator[Drawn]:
    for number in range(60):
        kind = ("case", "household", "visit")[number % 3]
        data = old_record(dice, kind)
        versions = {name: dice.between(5, 30) for name in dice.some(sorted(data), 0, 4)}
        yield (
            kind,
            {
                "type": kind,
                "data": data,
                "field_versions": versions,
                "by_others": sorted(dice.some(sorted(data), 0, 2)),
            },
        )


def run_migration(given: Json) -> Json:
    state = RecordState(
        RECORD,
        given["type"],
        30,
        4,
        ID % 1,
        given["data"],
        given["field_versions"],
        by_others=frozenset(given["by_others"]),
    )
    found = migrated(HISTORY, RECORD_TYPES, state, 1)
    assert (found.version, found.created, found.owner) == (30, 4, ID % 1)
    return {"data": found.data, "field_versions": found.field_versions, "by_others": sorted(found.by_others)}


def check_migration(given: Json, expect: Json) -> None:
    agree(expect["data"], read_up(given["type"], given["data"], partial=False))
    became = {
        "case": {"priority": ["urgency"], "place_name": ["place_text"], "landmark": ["place_text"], "ward_note": []},
        "household": {"gps": list(POSITION)}, "visit": {},
    }[given["type"]]  # fmt: skip
    versions: dict[str, list[int]] = {}
    for name, version in given["field_versions"].items():
        for new in became.get(name, [name]):
            versions.setdefault(new, []).append(version)
    agree(expect["field_versions"], {name: max(found) for name, found in versions.items()})
    agree(expect["by_others"], sorted({new for name in given["by_others"] for new in became.get(name, [name])}))


MIGRATED = Family(
    name="migrated_records",
    side="server",
    function="sync.upcasting.migrated",
    about=OF_OLD
    + "A record that the centre stored under schema 1 (data, versions of fields changed since its creation, the fields "
    "that others than its owner wrote), and as it is read today. No version moves; of several fields that became one "
    "the "
    "newest counts.",
    draw=draw_migrations,
    run=run_migration,
    sorts=lambda given, expect: [
        "versions by new names"
        if expect["field_versions"].keys() != given["field_versions"].keys()
        else "the same names",
        "others by new names" if expect["by_others"] != given["by_others"] else "the same others",
    ],
    check=check_migration,
    classes=frozenset({"versions by new names", "the same names", "others by new names", "the same others"}),
    more=MADE_UP,
)
