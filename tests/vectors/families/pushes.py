"""Pushes of every sort, with the small worlds that they meet."""

import json
from collections.abc import Iterator
from typing import Any

from schemas.base import Merge
from schemas.records import RECORD_TYPES
from sync.outgoing import deltas
from tests.sync.desk import Desk, Pen
from tests.vectors.dice import Dice
from tests.vectors.edits import another, record, wanted_of
from tests.vectors.family import Drawn, Json
from tests.vectors.values import ID
from tests.vectors.worlds import ALICE, BOB, CAROL, desk, given_of, pen, writer_said

KEY, PARENT, NEW, UNKNOWN = ID % 1, ID % 2, ID % 3, ID % 4
TYPES = ("case", "person", "help_request", "household", "visit", "assessment")
CLASSES = ("normal", "personal", "sensitive", "protected")
WHEN = "2026-11-22T03:00:00.000Z"


def edit(dice: Dice, op: str, kind: str, key: str, **parts: Any) -> Json:
    said = {"seq": 0, "id": dice.uuid(), "op": op, "type": kind, "record": key, "recorded_at": WHEN, **parts}
    return {name: value for name, value in said.items() if value not in ({}, [])}


def update(dice: Dice, kind: str, shown: Json, base: int, most: int = 2) -> Json:
    """Return the update that somebody's form makes over what they see."""
    declared = RECORD_TYPES[kind]
    wanted = wanted_of(dice, declared, shown, most)
    wanted = {
        name: value
        for name, value in wanted.items()
        if declared.fields[name].kind != "date" or value is None or value < "2026-11"
    }
    made = deltas(declared, shown, wanted)
    if not made:
        name, value = ("note", "ใหม่") if "note" in declared.fields else ("danger_notes", "ใหม่")
        name = name if name in declared.fields else "opinion" if kind == "assessment" else "health_notes"
        made = deltas(declared, shown, {name: dice.pick(("ก", "ข")) + value})
    parts = json.loads(json.dumps(made._asdict()))
    return edit(dice, "update", kind, KEY, base=base, **parts)


def valid(dice: Dice, kind: str, share: int = 9) -> Json:
    """Draw records until one keeps all of its rules."""
    while RECORD_TYPES[kind].load(data := record(dice, RECORD_TYPES[kind], share))[1]:
        pass
    return data


def story(dice: Dice, kind: str, others: int) -> tuple[Desk, Pen, Json, int]:
    """Return a centre, the last writer, what they had seen, and when. ``others``: how much was written since."""
    centre = desk()
    writers = [pen(centre, name) for name in (ALICE, BOB, CAROL)]
    if kind in ("visit", "assessment"):
        writers[0].create("case", PARENT, valid(dice, "case", 0) | {"received_on": "2026-10-01"})
    data = valid(dice, kind)
    data |= {"case": PARENT} if "case" in data and kind != "help_request" else {}
    data.pop("case", None) if kind == "help_request" else None
    dates = [name for name, spec in RECORD_TYPES[kind].fields.items() if spec.kind == "date" and name in data]
    data |= dict.fromkeys(dates, "2026-10-01")
    version = writers[0].create(kind, KEY, data)
    seen = dict(centre.data(KEY))
    for _ in range(others):
        by = dice.pick(writers) if kind != "assessment" else writers[0]
        made = update(dice, kind, dict(centre.data(KEY)), centre.version(KEY))
        parts = {part: made[part] for part in ("set", "add", "remove") if part in made}
        by.edit(kind, KEY, centre.version(KEY), **parts)
    last = writers[0] if kind == "assessment" and dice.chance(70) else dice.pick(writers)
    return centre, last, seen, version


def draw_plain(dice: Dice) -> Iterator[Drawn]:
    for number in range(170):
        kind = TYPES[number % len(TYPES)]
        centre, who, seen, version = story(dice, kind, number % 4)
        base = version if dice.chance(75) else centre.version(KEY)
        made = update(dice, kind, seen, base, 3)
        if base > version:
            made = update(dice, kind, dict(centre.data(KEY)), base, 3)
        if dice.chance(12) and made.get("set"):  # both made the same of it
            name = dice.pick(sorted(made["set"]))
            made["set"][name][1] = centre.data(KEY).get(name)
        yield f"an update of a {kind}", given_of(centre, who.who, [[made]])


def odd_groups(dice: Dice, number: int) -> tuple[str, Json]:
    """Return a push of another sort than a plain update."""
    kind = ("case", "person", "help_request", "household")[number // len(ODD) % 4]
    sort = ODD[number % len(ODD)]
    centre, who, seen, version = story(dice, kind, dice.pick((0, 0, 1, 2)))
    groups, more = sort(dice, kind, centre, who, seen, version)
    writer = more.pop("writer_is", None)
    given = given_of(centre, who.who, groups, **more)
    if writer:
        given["writer"] = {**given["writer"], **writer}
    return sort.__name__.replace("_", " "), given


Odd = tuple[list[list[Json]], Json]


def a_new_record(dice: Dice, kind: str, centre: Desk, who: Pen, seen: Json, version: int) -> Odd:
    data = {**record(dice, RECORD_TYPES[kind], 20)}
    data = {
        name: value
        for name, value in data.items()
        if RECORD_TYPES[kind].fields[name].kind != "date" or name == "received_on"
    }
    data.pop("case", None)
    return [
        [
            edit(
                dice,
                "create",
                kind,
                NEW,
                data={**data, **({"received_on": "2026-11-22"} if "received_on" in data else {})},
            )
        ]
    ], {}


def a_new_record_with_an_error(dice: Dice, kind: str, centre: Desk, who: Pen, seen: Json, version: int) -> Odd:
    data = {**record(dice, RECORD_TYPES[kind], 10), dice.pick(("area", "no_such_field", "house_number")): 7}
    return [[edit(dice, "create", kind, NEW, data=data)]], {}


def a_visit_of_an_unknown_case(dice: Dice, kind: str, centre: Desk, who: Pen, seen: Json, version: int) -> Odd:
    held = edit(dice, "create", "visit", NEW, data={"case": UNKNOWN, "narrative": "ก"})
    group = [held, update(dice, kind, seen, version)] if dice.chance(50) else [held]
    return [group], {}


def a_case_and_its_visit(dice: Dice, kind: str, centre: Desk, who: Pen, seen: Json, version: int) -> Odd:
    data = record(dice, RECORD_TYPES["case"], 0) | {"received_on": "2026-11-20"}
    case = edit(dice, "create", "case", UNKNOWN, data=data)
    return [[case, edit(dice, "create", "visit", NEW, data={"case": UNKNOWN, "visited_on": "2026-11-21"})]], {}


def created_twice(dice: Dice, kind: str, centre: Desk, who: Pen, seen: Json, version: int) -> Odd:
    data = {name: value for name, value in seen.items() if dice.chance(70) or RECORD_TYPES[kind].fields[name].required}
    names = [name for name in data if RECORD_TYPES[kind].fields[name].kind in ("line", "text", "code")] or [
        "health_notes"
    ]
    name = dice.pick(names)
    changed = (
        {}
        if dice.chance(30) or name not in RECORD_TYPES[kind].fields
        else {name: another(dice, RECORD_TYPES[kind].fields[name])}
    )
    return [[edit(dice, "create", kind, KEY, data={**data, **changed})]], {}


def an_update_of_nothing(dice: Dice, kind: str, centre: Desk, who: Pen, seen: Json, version: int) -> Odd:
    made = {**update(dice, kind, seen, version), "record": UNKNOWN}
    return [[made], [update(dice, kind, seen, version)]], {}


def a_delete(dice: Dice, kind: str, centre: Desk, who: Pen, seen: Json, version: int) -> Odd:
    return [[edit(dice, "delete", kind, KEY, base=dice.pick((version, centre.version(KEY))))]], {}


def a_deleted_record(dice: Dice, kind: str, centre: Desk, who: Pen, seen: Json, version: int) -> Odd:
    pen(centre, BOB).delete(kind, KEY, centre.version(KEY))
    made = update(dice, kind, seen, version)
    again = edit(dice, "delete", kind, KEY, base=version)
    return [[dice.pick((made, made, again))]], {}


def a_record_in_other_hands(dice: Dice, kind: str, centre: Desk, who: Pen, seen: Json, version: int) -> Odd:
    left = dice.pick((version, version + 1, centre.version(KEY) + 1, None))
    standing = {KEY: {"left": left} if left else {}}
    made = dice.pick((update(dice, kind, seen, version), edit(dice, "delete", kind, KEY, base=version)))
    return [[made]], {"standing": standing, "writer_is": {"user": dice.pick((who.who.user, ID % 1044))}}


def a_field_out_of_sight(dice: Dice, kind: str, centre: Desk, who: Pen, seen: Json, version: int) -> Odd:
    classes = dice.pick((["normal"], ["normal", "personal"], list(CLASSES)))
    standing = {KEY: {"classes": classes, **({"of_others": ["normal"]} if dice.chance(50) else {})}}
    return [[update(dice, kind, seen, dice.pick((version, centre.version(KEY))))]], {"standing": standing}


def without_the_right(dice: Dice, kind: str, centre: Desk, who: Pen, seen: Json, version: int) -> Odd:
    made = update(dice, kind, seen, version)
    if kind == "case":
        made["set"] = {**made.get("set", {}), "assigned_to": [seen.get("assigned_to"), ID % 77]}
    may = dice.pick(([], [f"{kind}.update"], [f"{kind}.create"], [f"{kind}.update", "case.assign"]))
    return [[made]], {"writer_is": {"may": may}}


def what_only_the_centre_writes(dice: Dice, kind: str, centre: Desk, who: Pen, seen: Json, version: int) -> Odd:
    notice = edit(dice, "create", "notice", NEW, data={"user": ALICE, "kind": "x"})
    case = edit(dice, "create", "assistance", NEW, data={"case": KEY, "over_limit": True})
    return [[notice], [case]], {}


def by_the_centre(dice: Dice, kind: str, centre: Desk, who: Pen, seen: Json, version: int) -> Odd:
    return [[update(dice, kind, seen, version)]], {"writer_is": {"centre": True}, "standing": {KEY: {}}}


def wrong_values(dice: Dice, kind: str, centre: Desk, who: Pen, seen: Json, version: int) -> Odd:
    group = {"case": None, "person": "birth_date"}.get(kind, "latitude")
    wrong: list[Json] = [{"set": {"no_such_field": [None, 1]}}, {"add": {"no_such_field": ["x"]}}]
    wrong += (
        [{"set": {group: [None, "2001-01-01" if kind == "person" else 5]}}]
        if group
        else [{"set": {"urgency": [None, "high"]}}]
    )
    names = [name for name, spec in RECORD_TYPES[kind].fields.items() if spec.kind in ("line", "text")]
    wrong += [{"add": {names[0]: ["x"]}}, {"remove": {names[0]: ["x"]}}, {"set": {names[0]: [None, 5]}}]
    listed = [name for name, spec in RECORD_TYPES[kind].fields.items() if spec.merge is Merge.SET]
    wrong += [{"set": {listed[0]: [None, ["x"]]}, "add": {listed[0]: ["y"]}}] if listed else []
    tried = [wrong[2], *dice.some(wrong, 2, 3)]
    return [
        *([edit(dice, "update", kind, KEY, base=version, **parts)] for parts in tried),
        [update(dice, kind, seen, version)],
    ], {}


def tomorrow(dice: Dice, kind: str, centre: Desk, who: Pen, seen: Json, version: int) -> Odd:
    data = {**record(dice, RECORD_TYPES["case"], 0), "received_on": dice.pick(("2026-11-23", "2026-11-24"))}
    assumed = ["received_on"] if dice.chance(50) else []
    return [[edit(dice, "create", "case", NEW, data=data, assumed=assumed)]], {}


def two_in_one_save(dice: Dice, kind: str, centre: Desk, who: Pen, seen: Json, version: int) -> Odd:
    bad = edit(dice, "update", kind, KEY, base=version, set={"no_such_field": [None, 1]})
    group = [update(dice, kind, seen, version), bad if dice.chance(60) else update(dice, kind, seen, version)]
    return [dice.shuffled(group), [update(dice, kind, seen, version)]], {}


def an_unreadable_one(dice: Dice, kind: str, centre: Desk, who: Pen, seen: Json, version: int) -> Odd:
    return [[{"seq": 4, "id": dice.uuid(), "unreadable": "Expected `str`"}, update(dice, kind, seen, version)]], {}


def an_unknown_type(dice: Dice, kind: str, centre: Desk, who: Pen, seen: Json, version: int) -> Odd:
    other = next(name for name in TYPES if name != kind)
    wrong = edit(dice, "update", other, KEY, base=version, set={"note": [None, "ก"]})
    return [[edit(dice, "create", "spaceship", NEW, data={"a": 1})], [wrong]], {}


def an_erased_record(dice: Dice, kind: str, centre: Desk, who: Pen, seen: Json, version: int) -> Odd:
    photo = edit(dice, "create", "attachment", NEW, data={"owner_record": UNKNOWN})
    return [[update(dice, kind, seen, version)], [photo]], {"erased": dice.pick(([KEY], [UNKNOWN], [KEY, UNKNOWN]))}


def a_photo_changed(dice: Dice, kind: str, centre: Desk, who: Pen, seen: Json, version: int) -> Odd:
    spec = RECORD_TYPES["attachment"].fields
    data = {"owner_record": KEY, "sha256": another(dice, spec["sha256"]), "size": 5, "media_type": "image/jpeg"}
    at = who.create("attachment", NEW, data)
    made = dice.pick(({"size": [5, 6]}, {"size": [5, 5]}, {"caption": [None, "หน้าบ้าน"]}))
    return [[edit(dice, "update", "attachment", NEW, base=at, set=made)]], {}


def a_later_contender(dice: Dice, kind: str, centre: Desk, who: Pen, seen: Json, version: int) -> Odd:
    name, (first, second, third, fourth) = contested(centre, kind, dice)
    bob = pen(centre, BOB)
    before = centre.data(KEY).get(name)
    pen(centre, ALICE).edit(kind, KEY, centre.version(KEY), set={name: (before, first)})
    bob.edit(kind, KEY, version, set={name: (seen.get(name), second)})
    if dice.chance(50):  # so that the next one of his has two earlier ones
        bob.edit(kind, KEY, version, set={name: (second, third)})
    again = bob if dice.chance(60) else who
    more = {"writer_is": writer_said(again.who)}
    return [
        [edit(dice, "update", kind, KEY, base=version, set={name: [seen.get(name), dice.pick((third, fourth))]})]
    ], more


def a_decision(dice: Dice, kind: str, centre: Desk, who: Pen, seen: Json, version: int) -> Odd:
    name, (first, second, third, _) = contested(centre, kind, dice)
    pen(centre, ALICE).edit(kind, KEY, centre.version(KEY), set={name: (centre.data(KEY).get(name), first)})
    [pushed] = [pen(centre, BOB).edited(kind, KEY, version, set={name: (seen.get(name), second)})]
    pen(centre, BOB).decide(pushed)
    found = list(centre.conflicts())
    if not found:
        return [[update(dice, kind, seen, version)]], {}
    named = dice.pick(([pushed.id], [pushed.id], [pushed.id], [], [pushed.id, ID % 88]))
    if dice.chance(35):  # a contender more: named too, or not seen yet
        more = pen(centre, CAROL).edited(kind, KEY, version, set={name: (seen.get(name), third)})
        pen(centre, CAROL).decide(more)
        named = dice.pick(([pushed.id, more.id], [pushed.id], [more.id]))
    conflict = dice.pick((found[0], found[0], found[0], KEY, UNKNOWN))
    base = dice.pick((centre.version(KEY), centre.version(KEY), centre.version(KEY), version))
    resolves = [{"conflict": conflict, "contenders": named, "reason": "ดูแล้ว"}]
    chosen = {name: [first, dice.pick((first, second, third))]} if dice.chance(70) else {}
    made = edit(dice, "update", kind, KEY, base=base, set=chosen, resolves=resolves)
    twice = [[made], [{**made, "id": dice.uuid()}]] if dice.chance(50) else [[made]]
    may = {"writer_is": {"may": [f"{kind}.update"]}} if dice.chance(15) else {}
    return twice, may


def contested(centre: Desk, kind: str, dice: Dice) -> tuple[str, list[Any]]:
    """Return a field that merges as a register, and four values for it that it does not have."""
    name, values = {
        "case": ("severity", ["level_1", "level_2", "level_3", "level_4"]),
        "person": ("first_name", ["ก", "ข", "ค", "ง"]),
        "help_request": ("registered_address", ["ก", "ข", "ค", "ง"]),
        "household": ("village_name", ["ก", "ข", "ค", "ง"]),
    }[kind]  # fmt: skip
    return name, dice.shuffled(values)


def a_new_error(dice: Dice, kind: str, centre: Desk, who: Pen, seen: Json, version: int) -> Odd:
    broken = {"person": {"id_type": [seen.get("id_type"), "none"]}}.get(kind)
    if broken is None:
        name = next(name for name, spec in RECORD_TYPES[kind].fields.items() if spec.kind in ("line", "text"))
        return [[edit(dice, "update", kind, KEY, base=version, set={name: [seen.get(name), "x" * 30_000]})]], {}
    pen(centre, BOB).edit(
        kind, KEY, centre.version(KEY), set={"no_id_reason": (centre.data(KEY).get("no_id_reason"), None)}
    )
    return [[edit(dice, "update", kind, KEY, base=dice.pick((version, centre.version(KEY))), set=broken)]], {}


ODD = (
    a_new_record, a_new_record_with_an_error, a_visit_of_an_unknown_case, a_case_and_its_visit, created_twice,
    an_update_of_nothing, a_delete, a_deleted_record, a_record_in_other_hands, a_field_out_of_sight, without_the_right,
    what_only_the_centre_writes, by_the_centre, wrong_values, tomorrow, two_in_one_save, an_unreadable_one,
    an_unknown_type,
    an_erased_record, a_photo_changed, a_later_contender, a_decision, a_decision, a_decision, a_new_error, a_delete,
)  # fmt: skip


def draw_odd(dice: Dice) -> Iterator[Drawn]:
    for number in range(len(ODD) * 10):
        yield odd_groups(dice, number)
