"""Across schemas, with a history made up for the tests: what is read up, and what is shown and told downwards."""

import json
from collections.abc import Iterator
from typing import Any

import msgspec

from schemas.records import RECORD_TYPES
from sync.mutation import Malformed, Mutation
from sync.upcasting import row_upcast, upcast
from tests.schemas.old_version import HISTORY
from tests.vectors.dice import Dice
from tests.vectors.edits import RECORD, record
from tests.vectors.family import Drawn, Family, Json, agree
from tests.vectors.values import ID

MADE_UP = {
    "history": {
        "from": 1, "to": 2, "new_types": ["contact"],
        "case": {
            "renamed": {"priority": "urgency"},
            "codes": {"urgency": {"high": "urgent"}, "problems": {"abuse": "violence", "work": "income_livelihood"}},
            "joined": "place_name and landmark (set as one, «place») became place_text: the name, then | and the "
            "landmark where "
            "there is one; an empty name before a landmark is nothing before the |",
            "removed": ["ward_note"], "added": ["danger_notes"],
        },
        "household": {
            "split": "gps, one line such as «18.14, 100.14, 12» (numbers of JSON or null), became the group "
            "position: latitude, "
            "longitude, accuracy_m; a line of another form cannot be read",
        },
    }
}  # fmt: skip
OF_OLD = "As if there had been a schema 1 before today's, which is 2 then: see `history` at the head of the file. "

RENAMED = {"priority": "urgency"}
CODES = {"priority": {"high": "urgent"}, "problems": {"abuse": "violence", "work": "income_livelihood"}}
UNKNOWN_THEN = {"case": {"urgency", "place_text", "danger_notes"}, "household": {"latitude", "longitude", "accuracy_m"}}
POSITION = ("latitude", "longitude", "accuracy_m")


# --- the second computation


def read_up(kind: str, given: Json, *, partial: bool) -> Json:
    """Read fields of schema 1 up by hand. ``partial``: a group of which only a part is given stays as it is."""
    if kind not in UNKNOWN_THEN:
        return dict(given)
    made: Json = {}
    for name, value in given.items():
        if kind == "household" and name == "gps":
            made |= position_of(value, partial=partial)
        elif kind == "case" and name == "ward_note":
            continue
        elif kind == "case" and name in ("place_name", "landmark"):
            if partial and not {"place_name", "landmark"} <= given.keys():
                made[name] = value
            else:
                made |= place_of(given, partial=partial)
        elif kind == "case":
            codes = CODES.get(name, {})
            new = sorted(codes.get(each, each) for each in value) if isinstance(value, list) and codes else value
            new = codes.get(new, new) if isinstance(new, str) else new
            made[RENAMED.get(name, name)] = new
        else:
            made[name] = value
    return made


def place_of(given: Json, *, partial: bool) -> Json:
    name, landmark = given.get("place_name"), given.get("landmark")
    if name is None and landmark is None:
        return {"place_text": None} if partial else {}
    return {"place_text": name if landmark is None else (name or "") + "|" + landmark}


def position_of(line: Any, *, partial: bool) -> Json:
    if line is None:
        return dict.fromkeys(POSITION) if partial else {}
    try:
        numbers = json.loads("[" + line + "]")
    except (ValueError, TypeError):
        return {"gps": line}
    if len(numbers) != 3:
        return {"gps": line}
    return {name: each for name, each in zip(POSITION, numbers, strict=True) if partial or each is not None}


# --- drawing what an older program has written


def old_record(dice: Dice, kind: str) -> Json:
    made = record(dice, RECORD_TYPES[kind], 25)
    for name in UNKNOWN_THEN.get(kind, ()):
        made.pop(name, None)
    if kind == "case":
        made |= (
            {"problems": sorted(dice.some(("abuse", "work", "other", "rights_welfare_law"), 1, 3))}
            if dice.chance(60)
            else {}
        )
        old = {
            "priority": dice.pick(("normal", "high", "most_urgent", "no_such")),
            "place_name": "วัด",
            "landmark": "ต้นโพธิ์",
        }
        made |= {name: value for name, value in {**old, "ward_note": "หมู่ 3"}.items() if dice.chance(55)}
    if kind == "household" and dice.chance(80):
        made["gps"] = gps(dice)
    return made


def gps(dice: Dice) -> str:
    good = f"{dice.between(40, 80) / 4}, {dice.between(400, 420) / 4}, {dice.pick(('12', 'null'))}"
    return dice.pick((good, good, good, "18.1, 100.1", "ริมน้ำ", "", "18.1, x, 3", "null, null, null"))


def old_edit(dice: Dice, kind: str) -> Json:  # noqa: C901  # one line for each kind of step
    made: Json = {"op": "update", "set": {}, "add": {}, "remove": {}}
    if kind == "case":
        if dice.chance(60):
            made["set"]["priority"] = ["normal", dice.pick(("high", None, "urgent"))]
        if dice.chance(50):
            made["set"]["place_name"] = [dice.pick((None, "วัด")), dice.pick((None, "ตลาด"))]
        if dice.chance(40):
            made["set"]["landmark"] = [None, dice.pick(("ต้นโพธิ์", "ก|ข", None))]
        if dice.chance(40):
            made["add"]["problems"] = dice.pick((["abuse"], ["work", "abuse"], ["other"]))
        if dice.chance(30):
            made["remove"]["problems"] = ["work"]
        if dice.chance(25):
            made["set"]["ward_note"] = [None, "หมู่ 3"]
        if dice.chance(10):
            made["set"][dice.pick(("urgency", "place_text", "danger_notes"))] = [None, "urgent"]
    elif kind == "household":
        made["set"]["gps"] = [dice.pick((None, "18.0, 100.0, null", "ที่เดิม")), dice.pick((gps(dice), None))]
        if dice.chance(30):
            made["set"]["village_name"] = [None, "บ้านใหม่"]
    else:
        made["set"]["note"] = [None, "ก"]
    return {part: value for part, value in made.items() if value}


def draw_log(dice: Dice) -> Iterator[Drawn]:
    for number in range(170):
        kind = ("case", "case", "household", "visit")[number % 4]
        edit = old_edit(dice, kind)
        if dice.chance(35):
            edit = {"op": "create", "data": old_record(dice, kind)}
            if kind == "case" and dice.chance(40):
                edit["assumed"] = dice.some(("received_on", "ward_note", "place_name", "priority"), 1, 3)
        edit |= {"schema": dice.pick((1, 2, 3))} if dice.chance(30) else {}
        yield kind, {"mutation": {"type": kind, "record": RECORD, **edit}, "pushed_under": dice.pick((1, 1, 1, 2))}


PARTS = ("data", "set", "add", "remove", "assumed")


def run_log(given: Json) -> Json:
    made = msgspec.convert({"seq": 1, "id": ID % 1, "recorded_at": "-", **given["mutation"]}, Mutation)
    found = upcast(HISTORY, made, given["pushed_under"])
    if isinstance(found, Malformed):
        return {"read": None}
    return {"read": {"schema": found.schema, **{part: value for part in PARTS if (value := getattr(found, part))}}}


def check_log(given: Json, expect: Json) -> None:
    edit = given["mutation"]
    written = edit.get("schema", given["pushed_under"])
    kept = {part: edit[part] for part in PARTS if edit.get(part)}
    if written >= 2:
        agree(expect["read"], {"schema": written, **kept})
        return
    kind = edit["type"]
    named = [*edit.get("data", {}), *edit.get("set", {}), *edit.get("add", {}), *edit.get("remove", {})]
    if UNKNOWN_THEN.get(kind, set()) & set(named):
        agree(expect["read"], None)
        return
    wanted: Json = {"schema": 2}
    if "data" in kept:
        wanted["data"] = read_up(kind, kept["data"], partial=False)
    if "set" in kept:
        sides = [
            read_up(kind, {name: pair[side] for name, pair in kept["set"].items()}, partial=True) for side in (0, 1)
        ]
        wanted["set"] = {name: [sides[0].get(name), to] for name, to in sides[1].items()}
    for part in ("add", "remove"):
        if part in kept:
            wanted[part] = read_up(kind, kept[part], partial=True)
    if "assumed" in kept:
        became = {"place_name": "place_text", "landmark": "place_text", **RENAMED}
        wanted["assumed"] = [became.get(name, name) for name in kept["assumed"] if name != "ward_note"]
    agree(expect["read"], {part: value for part, value in wanted.items() if value})


def sorts_log(given: Json, expect: Json) -> Iterator[str]:
    edit, read = given["mutation"], expect["read"]
    if read is None:
        yield "unreadable: a newer name"
        return
    yield "as written" if all(read.get(part) == edit.get(part) for part in PARTS) else "read up"
    fields = {**read.get("data", {}), **read.get("set", {})}
    yield from ("a value that cannot be read" for name in ("gps", "place_name", "landmark") if name in fields)
    yield from ("a group was made" for _ in [1] if "latitude" in fields)
    yield from ("several became one" for _ in [1] if "place_text" in fields)
    yield from ("a field is gone" for _ in [1] if "ward_note" in {**edit.get("data", {}), **edit.get("set", {})})
    yield from ("elements" for _ in [1] if "add" in read)


APP_UPDATE_LOG = Family(
    name="app_update_log",
    side="client",
    function="sync.upcasting.upcast",
    about=OF_OLD + "A mutation of the log, written under its own `schema` or that of its push (`pushed_under`). "
    "`read`: the parts "
    "as today's program reads them for the overlay (the log itself is not touched); null where it uses a name that "
    "its own "
    "schema does not have. Empty parts are left out.",
    draw=draw_log,
    run=run_log,
    sorts=sorts_log,
    check=check_log,
    classes=frozenset({
        "unreadable: a newer name", "as written", "read up", "a value that cannot be read", "a group was made",
        "several became one", "a field is gone", "elements",
    }),
    more=MADE_UP,
)  # fmt: skip

# --- rows


def conflict(dice: Dice, old: bool) -> Json:
    """Return a conflict about a field that changed its name, codes or shape."""
    unit, value = dice.pick((
        ("priority" if old else "urgency", "high" if old else "urgent"),
        ("place" if old else "place_text", {"place_name": "วัด", "landmark": "โพธิ์"} if old else "วัด|โพธิ์"),
        ("problems", ["abuse"] if old else ["violence"]),
        ("problems", {"add": ["work" if old else "income_livelihood"], "remove": []}),
        ("ward_note" if old else "danger_notes", "ก"),
        ("severity", "level_2"),
        ("*", {"set": {("priority" if old else "urgency"): "high" if old else "urgent"}, "add": {}, "remove": {}}),
    ))  # fmt: skip
    contender = {"incarnation": ID % 2, "mutation": ID % 3, "from": value, "value": value, "base": 3, "earlier": []}
    if dice.chance(40):
        contender["earlier"] = [{**contender, "earlier": []}]
    made: Json = {
        "record": RECORD, "record_type": "case", "field": unit, "privacy": "normal", "risk": "ordinary",
        "status": "open",
        "contenders": [contender],
    }  # fmt: skip
    if unit == "*":
        made |= {"central_value": {"deleted": True}}
        made["contenders"][0]["from"] = None
    elif dice.chance(60):
        made |= {"base_value": value, "central_value": value}
    if dice.chance(30):
        made |= {
            "status": "resolved",
            "resolution": {"value": dice.pick((None, value)), "reason": "ดูแล้ว", "by": ID % 7},
        }
    return made


def draw_rows(dice: Dice) -> Iterator[Drawn]:
    for number in range(110):
        kind = ("case", "case", "household", "conflict", "visit")[number % 5]
        data = conflict(dice, old=True) if kind == "conflict" else old_record(dice, kind)
        yield kind, {"type": kind, "data": data}


def run_row(given: Json) -> Json:
    return {"data": row_upcast(HISTORY, RECORD_TYPES, given["type"], given["data"], 1)}


def check_row(given: Json, expect: Json) -> None:
    if given["type"] != "conflict":
        agree(expect["data"], read_up(given["type"], given["data"], partial=False))
        return
    units = {"priority": "urgency", "place": "place_text"}
    data = given["data"]
    agree(expect["data"]["field"], units.get(data["field"], data["field"]))
    said = json.dumps(expect["data"], ensure_ascii=False)
    assert data["field"] == "ward_note" or not any(
        f'"{old}"' in said for old in ("high", "abuse", "work", "priority", "landmark")
    )
    assert len(expect["data"]["contenders"]) == len(data["contenders"])


def sorts_row(given: Json, expect: Json) -> Iterator[str]:
    yield given["type"]
    yield "changed" if expect["data"] != given["data"] else "unchanged"
    if given["type"] == "conflict":
        yield f"conflict about {given['data']['field']}"


APP_UPDATE_ROWS = Family(
    name="app_update_rows",
    side="client",
    function="sync.upcasting.row_upcast",
    about=OF_OLD + "A row that the device stored under schema 1, and the same row in today's words. Of a conflict "
    "the contested "
    "field's name is turned too, and every value of it, also of earlier contenders and the decision.",
    draw=draw_rows,
    run=run_row,
    sorts=sorts_row,
    check=check_row,
    classes=frozenset({
        "case", "household", "conflict", "visit", "changed", "unchanged",
        *(f"conflict about {unit}" for unit in ("priority", "place", "problems", "ward_note", "severity", "*")),
    }),
    more=MADE_UP,
)  # fmt: skip
