"""Two records that are one, taken apart again; and a case that one closes while another raises it."""

import json
from collections.abc import Iterator
from typing import Any

from sync.mutation import Mutation
from tests.sync.desk import Desk, Pen
from tests.vectors.dice import Dice
from tests.vectors.families.deciding import check, sorts
from tests.vectors.families.pushes import KEY, edit, valid
from tests.vectors.family import Drawn, Family, Json, agree
from tests.vectors.values import ID
from tests.vectors.worlds import ALICE, BOB, CAROL, HEAD, desk, given_of, mutation_said, pen, run, writer_said

A, D, E, VISIT, UNKNOWN = (ID % number for number in (21, 22, 23, 24, 29))
FIELDS = {"person": ("first_name", "occupation", "health_notes"), "case": ("place_text", "summary", "legal_basis")}


def people(dice: Dice, kind: str) -> tuple[Desk, list[Pen]]:
    centre = desk()
    writers = [pen(centre, name) for name in (ALICE, BOB, CAROL)]
    for key in (A, D, E):
        data = {
            name: value
            for name, value in valid(dice, kind, 5).items()
            if name not in ("household", "affected_person", "people")
        }
        dates = {name: "2026-10-01" for name in data if name.endswith("_on") or name == "birth_date"}
        writers[0].create(kind, key, {**data, **dates})
    return centre, writers


def written(dice: Dice, centre: Desk, by: Pen, kind: str, key: str) -> Mutation:
    """Let somebody edit a record as they see it; return the edit."""
    name = dice.pick(FIELDS[kind])
    seen = centre.data(key).get(name)
    made = by.edited(kind, key, centre.version(key), set={name: (seen, dice.pick(("ก", "ข", "ค", "ง", "จ")))})
    by.push(made)
    return made


def merge(dice: Dice, centre: Desk, by: Pen, kind: str, one: str, into: str) -> Mutation:
    """Merge two records, perhaps with values that go on in the same Save."""
    made = by.merged(kind, one, into)
    group = [made]
    if dice.chance(50):
        name = dice.pick(FIELDS[kind])
        value = centre.data(one).get(name)
        if value is not None and value != centre.data(into).get(name):
            group.append(by.edited(kind, into, centre.version(into), set={name: (centre.data(into).get(name), value)}))
    by.save(*group)
    return made


def draw_merges(dice: Dice) -> Iterator[Drawn]:
    for number in range(66):
        kind = ("person", "person", "case")[number % 3]
        centre, writers = people(dice, kind)
        one, into, more = A, D, {}
        match number % 11:
            case 0:
                into = UNKNOWN
            case 1:
                into = A
            case 2:
                merge(dice, centre, writers[1], kind, A, D)
            case 3:
                merge(dice, centre, writers[1], kind, D, A)
            case 4:
                merge(dice, centre, writers[1], kind, A, E)
            case 5:
                writers[1].delete(kind, dice.pick((A, D)), centre.version(A))
            case 6:
                more = {"standing": {dice.pick((A, D)): {}}}
            case 7:
                writers[0].create("visit", VISIT, {"case": E}) if kind == "case" else writers[0].create(
                    "household", VISIT, {}
                )
                one, into = (VISIT, A) if kind == "case" and dice.chance(50) else (A, VISIT)
        op = edit(dice, "merge", "visit" if one == VISIT else kind, one, into=into, reason="คนเดียวกัน")
        yield "a merge", given_of(centre, writers[2].who, [[op]], **more)


def draw_late(dice: Dice) -> Iterator[Drawn]:
    for number in range(56):
        kind = ("person", "case")[number % 2]
        centre, writers = people(dice, kind)
        seen, version = dict(centre.data(A)), centre.version(A)
        merge(dice, centre, writers[1], kind, A, D)
        if dice.chance(40):
            merge(dice, centre, writers[1], kind, D, E)
        if dice.chance(50):
            written(dice, centre, writers[1], kind, D)
        name = dice.pick(FIELDS[kind])
        made = edit(dice, "update", kind, A, base=version, set={name: [seen.get(name), dice.pick(("ก", "ฉ"))]})
        made = edit(dice, "delete", kind, dice.pick((A, D)), base=centre.version(A)) if number % 7 == 0 else made
        more = {"standing": {D: {}, E: {}}} if number % 9 == 0 else {}
        more |= {"joined": [D]} if number % 7 == 0 else {}
        yield "a late edit", given_of(centre, writers[2].who, [[made]], **more)


def there_and_back(centre: Desk, by: Pen, kind: str, made: Mutation) -> None:
    """Let somebody set a field to something else, and then to what an earlier edit had made of it."""
    [(name, (_, to))] = made.set.items()
    for value in ("ห", to):
        by.edit(kind, D, centre.version(D), set={name: (centre.data(D).get(name), value)})


def draw_unmerges(dice: Dice) -> Iterator[Drawn]:
    for number in range(70):
        kind = ("person", "case")[number % 2]
        centre, writers = people(dice, kind)
        before = written(dice, centre, writers[0], kind, D)
        joined = merge(dice, centre, writers[1], kind, A, D)
        later = [written(dice, centre, dice.pick(writers), kind, D) for _ in range(dice.between(0, 3))]
        if number % 4 == 1 and later:
            there_and_back(centre, writers[2], kind, later[0])
        if number % 8 == 0:
            merge(dice, centre, writers[1], kind, D, E)
        moves = [each.id for each in dice.some(later, 0, len(later)) if each.id in centre.past]
        moves += [before.id] if number % 10 == 1 else []
        undoes = joined.id if number % 9 else ID % 66
        if number % 13 == 2:
            writers[1].push(writers[1].unmerged(kind, A, joined))
        op = edit(dice, "unmerge", kind, A, base=centre.version(A), undoes=undoes, moves=moves, reason="คนละคน")
        more = {"standing": {D: {}}} if number % 11 == 3 else {}
        yield "taken apart", given_of(centre, writers[2].who, [[op]], **more)


def draw(dice: Dice) -> Iterator[Drawn]:
    yield from draw_merges(dice)
    yield from draw_late(dice)
    yield from draw_unmerges(dice)


def check_joining(given: Json, expect: Json) -> None:
    check(given, expect)
    [[made]], [[outcome]] = given["groups"], expect["outcomes"]
    records = {each["id"]: each for each in given["records"]}
    after = {**records, **expect["changed"]}
    if made["op"] == "merge" and outcome["outcome"] == "applied":
        agree(after[made["record"]].get("merged_into"), made["into"])
        agree(after[made["record"]]["data"], records[made["record"]]["data"])
        agree(sorted(expect["changed"]), [made["record"]])
    if made["op"] == "unmerge" and outcome["outcome"] in ("applied", "conflicted"):
        assert "merged_into" not in after[made["record"]]
        moved_edits_are_somewhere(given, made, outcome, after)
    if made["op"] == "update":
        end = made["record"]
        while "merged_into" in records[end]:
            end = records[end]["merged_into"]
        agree(outcome.get("redirected_to"), end if end != made["record"] else None)
        agree(expect["changed"].get(made["record"]) if end != made["record"] else None, None)
        [[name, (seen, to)]] = made["set"].items()
        now = records[end]["data"].get(name)
        fits = given.get("standing", {}).get(end) != {}
        if now == to and fits:
            agree(outcome["outcome"], "unchanged")
        elif now == seen and fits:
            assert outcome["outcome"] in ("merged", "conflicted"), "what the author saw is set"
        elif name not in ("health_notes", "summary"):
            agree(outcome["outcome"], "conflicted")


def moved_edits_are_somewhere(given: Json, made: Json, outcome: Json, after: Json) -> None:
    """Find every value of an edit that changed sides: on the record that came back, overtaken later, or a contender."""
    claims = json.dumps([after[each["record"]]["data"]["contenders"] for each in outcome.get("conflicts", [])])
    edits = [given["past"][key] for key in made.get("moves", [])]
    last = {}
    for past in sorted(edits, key=lambda past: (past["commit"], past["position"])):
        last |= {name: to for name, (_, to) in past["mutation"].get("set", {}).items()}
    for name, to in last.items():
        assert after[made["record"]]["data"].get(name) == to or json.dumps(to) in claims, (
            f"{name} of a moved edit is lost"
        )


def sorts_joining(given: Json, expect: Json) -> Iterator[str]:
    yield from sorts(given, expect)
    [[made]], [[outcome]] = given["groups"], expect["outcomes"]
    yield from (["redirected"] if "redirected_to" in outcome else [])
    yield from (["edits change sides"] if made.get("moves") and outcome["outcome"] in ("applied", "conflicted") else [])


RECORD_MERGES = Family(
    name="record_merges",
    side="server",
    function="sync.apply.decide (sync.record_merge: join, take_apart)",
    about="Merging two records, edits of a merged one, and taking them apart. `world` and `answer` at the head of "
    "the file say how "
    "to read it; docs/protocol.md section 11 says what must come of it.",
    draw=draw,
    run=run,
    sorts=sorts_joining,
    check=check_joining,
    classes=frozenset({
        "merge: applied", "merge: unchanged", "merge: held", "merge: rejected", "rejected already_merged",
        "rejected not_permitted",
        "error merge_cycle", "error wrong_record_type", "error not_mergeable", "error deleted", "update: merged",
        "update: conflicted",
        "update: unchanged", "delete: conflicted", "redirected", "conflicted out_of_scope", "unmerge: applied",
        "unmerge: conflicted",
        "unmerge: rejected", "rejected not_merged", "error not_since_merge", "edits change sides",
    }),
    more=HEAD,
)  # fmt: skip

# --- closing against raising

CLOSING = {"status": "closed", "closed_on": "2026-11-20", "outcome": "helped", "closing_note": "จบแล้ว"}


def draw_endings(dice: Dice) -> Iterator[Drawn]:
    for number in range(64):
        centre = desk()
        alice, bob = pen(centre, ALICE), pen(centre, BOB)
        start = {**valid(dice, "case", 0), "received_on": "2026-10-01", "status": "in_progress", "urgency": "normal"}
        start |= {"closing_note": "ยังไม่จบ"} if dice.chance(30) else {}
        base = alice.create("case", KEY, start)
        closing = {name: [start.get(name), to] for name, to in CLOSING.items() if name == "status" or dice.chance(70)}
        raising = {"urgency": ["normal", dice.pick(("most_urgent", "most_urgent", "urgent"))]}
        first, second = (closing, raising) if number % 2 else (raising, closing)
        made = alice.edited("case", KEY, base, set={name: tuple(pair) for name, pair in first.items()})
        alice.push(made)
        if dice.chance(20):
            base = centre.version(KEY)  # the second has seen the first
        who = alice if dice.chance(10) else bob
        push = edit(dice, "update", "case", KEY, base=base, set=second)
        ended = {KEY: {"mutation": mutation_said(made), "writer": writer_said(alice.who)}} if number % 2 else {}
        yield (
            "closing second" if second is closing else "raising second",
            given_of(centre, who.who, [[push]], ended=ended),
        )


def check_endings(given: Json, expect: Json) -> None:
    check(given, expect)
    [[made]], [[outcome]] = given["groups"], expect["outcomes"]
    before = next(each for each in given["records"] if each["id"] == KEY)
    after = expect["changed"].get(KEY, before)["data"]
    unseen = given["changed_by_others"].get(KEY, 0) > made["base"]
    urgency = made["set"].get("urgency", [None, before["data"]["urgency"]])[1]
    if unseen and urgency == "most_urgent":
        assert after["status"] == "in_progress", "it was closed over somebody's raising it"
        agree([outcome["outcome"], after["urgency"]], ["conflicted", "most_urgent"])
        closing = given["ended"][KEY]["mutation"] if given["ended"] else made
        contested = {each["field"] for each in outcome["conflicts"]}
        agree(sorted(contested), sorted(name for name, pair in closing["set"].items() if pair[0] != pair[1]))
        for each in outcome["conflicts"]:
            conflict: Any = expect["changed"][each["record"]]["data"]
            agree([conflict["risk"], conflict["contenders"][0]["value"]], ["safety", closing["set"][each["field"]][1]])
    else:
        agree([outcome["outcome"] == "conflicted", after["status"]], [False, "closed"])


ENDINGS = Family(
    name="closing_against_raising",
    side="server",
    function="sync.apply.decide (sync.endings)",
    about="One closes a case while another raises its urgency; both orders, seen and unseen (docs/protocol.md "
    "section 4). `ended`: "
    "the edit by which the case ended, where it is closed. `world` and `answer` at the head of the file say how to "
    "read it.",
    draw=draw_endings,
    run=run,
    sorts=lambda given, expect: [
        *sorts(given, expect),
        ("raising" if given["ended"] else "closing") + " second: " + expect["outcomes"][0][0]["outcome"],
    ],
    check=check_endings,
    classes=frozenset({
        "raising second: conflicted", "closing second: conflicted", "raising second: applied",
        "closing second: applied",
        "raising second: merged", "closing second: merged", "conflict open",
    }),
    more=HEAD,
)  # fmt: skip
