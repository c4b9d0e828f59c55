"""What a device sends and when: how much, from where, in which lane, and what a recovery does to the log."""

import json
from collections.abc import Iterator

import msgspec

from field_kit import requests
from field_kit.log import PUSH_BYTES
from schemas.records import RECORD_TYPES
from sync.messages import Limits
from sync.mutation import Mutation
from sync.outgoing import first_push
from sync.urgent import BYTES_MAX, is_urgent
from tests.vectors.device import device, put_edit, surroundings
from tests.vectors.dice import Dice
from tests.vectors.edits import OTHER, RECORD, record
from tests.vectors.family import Drawn, Family, Json, agree
from tests.vectors.values import ID

# --- how much


def draw_pushes(dice: Dice) -> Iterator[Drawn]:
    yield "nothing waits", {"groups": [], "limits": {"mutations": 500, "bytes": 1000}}
    yield "one far too large", {"groups": [[5000], [1]], "limits": {"mutations": 500, "bytes": 1000}}
    yield "just so many bytes", {"groups": [[500], [500], [1]], "limits": {"mutations": 500, "bytes": 1000}}
    yield "just so many mutations", {"groups": [[1, 1], [1], [1]], "limits": {"mutations": 3, "bytes": 1000}}
    yield (
        "a small one behind a large one",
        {"groups": [[900], [200], [50]], "limits": {"mutations": 500, "bytes": 1000}},
    )
    for _ in range(95):
        groups = [[dice.between(1, 400) for _ in range(dice.between(1, 4))] for _ in range(dice.below(9))]
        yield (
            "drawn",
            {"groups": groups, "limits": {"mutations": dice.between(1, 12), "bytes": dice.between(100, 2500)}},
        )


def run_push(given: Json) -> Json:
    limits = Limits(given["limits"]["mutations"], given["limits"]["bytes"])
    named = [[((at, place), size) for place, size in enumerate(group)] for at, group in enumerate(given["groups"])]
    taken = first_push(named, limits)
    assert [[at for at, _ in group] for group in taken] == [[at] * len(given["groups"][at]) for at in range(len(taken))]
    return {"groups": len(taken)}


def check_push(given: Json, expect: Json) -> None:
    """Find the longest run of groups that fits, trying every one."""
    groups, limits = given["groups"], given["limits"]
    fit = [0, 1] if groups else [0]
    for count in range(2, len(groups) + 1):
        sizes = [size for group in groups[:count] for size in group]
        if len(sizes) <= limits["mutations"] and sum(sizes) <= limits["bytes"]:
            fit.append(count)
    agree(expect["groups"], max(fit))


FIRST_PUSH = Family(
    name="first_push",
    side="client",
    function="sync.outgoing.first_push",
    about="`groups`: what waits in a lane, each press of Save with the sizes of its mutations in bytes; `limits` of "
    "one push. "
    "`groups` of the answer: how many of them, from the first on, go into the next push. A group is never split; one "
    "that is "
    "too large goes alone (the centre refuses it).",
    draw=draw_pushes,
    run=run_push,
    sorts=lambda given, expect: [
        "nothing" if not expect["groups"] else "everything" if expect["groups"] == len(given["groups"]) else "a part",
        "too large, alone"
        if expect["groups"] and sum(given["groups"][0]) > given["limits"]["bytes"]
        else "within limits",
    ],
    check=check_push,
    classes=frozenset({"nothing", "everything", "a part", "too large, alone", "within limits"}),
)

# --- from where


def lane_of(dice: Dice) -> Json:
    """Return a lane's log: groups in order, some answered, the oldest perhaps deleted."""
    pruned = dice.pick((0, 0, 3, 7))
    entries, seq = [], pruned
    for _ in range(dice.between(0, 5)):
        save = dice.uuid()
        for _ in range(dice.between(1, 3)):
            seq += 1
            entries.append({"seq": seq, "id": dice.uuid(), "save": save, "answered": dice.chance(50)})
    if dice.chance(20):
        entries = [{**entry, "answered": True} for entry in entries]
    return {"pruned": {"seq": pruned, "id": dice.uuid()} if pruned else None, "log": entries}


def draw_places(dice: Dice) -> Iterator[Drawn]:
    for _ in range(110):
        yield "drawn", {**lane_of(dice), "limits": {"mutations": dice.pick((1, 2, 3, 5, 500)), "bytes": 1_048_576}}


def run_place(given: Json) -> Json:
    with device() as database:
        with database.transaction():
            for entry in given["log"]:
                edit = {
                    "op": "delete",
                    "type": "case",
                    "record": RECORD,
                    "id": entry["id"],
                    "save": entry["save"],
                    "seq": entry["seq"],
                }
                put_edit(database, entry["seq"], edit)
                if entry["answered"]:
                    database.execute("UPDATE mutation SET unanswered = 0 WHERE id = ?", (entry["id"],))
            if pruned := given["pruned"]:
                sql = "UPDATE lane SET last_seq = max(last_seq, ?), pruned_seq = ?, pruned_id = ? WHERE name = 'normal'"
                database.execute(sql, (pruned["seq"], pruned["seq"], pruned["id"]))
        limits = Limits(given["limits"]["mutations"], given["limits"]["bytes"] + PUSH_BYTES)
        push = requests.next_push(database, "normal", limits, surroundings())
        empty = requests.empty_push(database, "normal", surroundings())
    sent = [[json.loads(bytes(each))["id"] for each in group] for group in push.groups] if push else None
    return {
        "next": {"after": msgspec.to_builtins(push.after), "groups": sent} if push else None,
        "empty_after": msgspec.to_builtins(empty.after),
    }


def check_place(given: Json, expect: Json) -> None:
    log, pruned = given["log"], given["pruned"] or {"seq": 0, "id": None}
    open_at = [at for at, entry in enumerate(log) if not entry["answered"]]
    ends = [pruned, *({"seq": entry["seq"], "id": entry["id"]} for entry in log)]
    agree(expect["empty_after"], ends[open_at[0]] if open_at else ends[-1])
    if not open_at:
        agree(expect["next"], None)
        return
    begin = min(at for at, entry in enumerate(log) if entry["save"] == log[open_at[0]]["save"])
    groups: list[list[str]] = []
    for at in range(begin, len(log)):
        if at == begin or log[at]["save"] != log[at - 1]["save"]:
            groups.append([])
        groups[-1].append(log[at]["id"])
    taken: list[list[str]] = []
    for group in groups:
        if taken and sum(map(len, taken)) + len(group) > given["limits"]["mutations"]:
            break
        taken.append(group)
    agree(expect["next"], {"after": ends[begin], "groups": taken})


NEXT_PUSH = Family(
    name="next_push",
    side="client",
    function="field_kit.requests: next_push, empty_push",
    about="A lane's log: `log` in order (`save` is the press of Save; `answered` when the centre has said what "
    "became of it), and "
    "`pruned`, the place of the last mutation that was deleted from it. `next`: what the next push names in `after`, "
    "and the "
    "ids that it holds, by group; null when everything has its answer. It begins with the group of the first "
    "unanswered "
    "mutation; answered ones behind that travel again. `empty_after`: `after` of a push without groups.",
    draw=draw_places,
    run=run_place,
    sorts=lambda given, expect: [
        "nothing to send" if not expect["next"] else
        "goes on" if expect["next"]["after"]["seq"] else "from the beginning",
        "after what was deleted"
        if given["pruned"] and expect["next"] and expect["next"]["after"] == given["pruned"]
        else "after something else",
        "answered ones travel again" if expect["next"] and any(
            entry["answered"] for entry in given["log"] if any(entry["id"] in group
                for group in expect["next"]["groups"])
        ) else "only new ones",
    ],
    check=check_place,
    classes=frozenset({
        "nothing to send", "from the beginning", "goes on", "after what was deleted", "answered ones travel again",
        "only new ones",
    }),
)  # fmt: skip

# --- in which lane


def draw_urgent(dice: Dice) -> Iterator[Drawn]:
    emergency = RECORD_TYPES["emergency"]
    for number in range(110):
        data = {"causes": ["threat_or_assault"], **record(dice, emergency, 35)}
        data = {name: value for name, value in data.items() if name not in ("case", "accepted_by_team")}
        made: Json = {"op": "create", "type": "emergency", "record": RECORD, "data": data}
        match number % 8:
            case 0:
                made["data"] = {**data, "case": OTHER}
            case 1:
                made["data"] = {**data, "accepted_by_team": OTHER}
            case 2:
                made = {**made, "op": dice.pick(("update", "delete")), "data": {}}
            case 3:
                name = dice.pick(("case", "contact", "person", "no_such_type"))
                made = {**made, "type": name}
        size = dice.pick((300, 4095, 4096, 4097, 9000)) if number % 2 else dice.between(200, 4200)
        yield "drawn", {"mutation": made, "bytes": size}
    yield (
        "nothing in its reference",
        {"mutation": {**made, "op": "create", "type": "emergency", "data": {"case": None}}, "bytes": 9},
    )


def run_urgent(given: Json) -> Json:
    made = {"seq": 1, "id": ID % 1, "recorded_at": "-", **given["mutation"]}
    return {"urgent": is_urgent(RECORD_TYPES, msgspec.convert(made, Mutation), given["bytes"])}


def why_not_urgent(given: Json) -> str:
    made = given["mutation"]
    if given["bytes"] > 4096:
        return "too long"
    if made["type"] != "emergency" or made["op"] != "create":
        return "another type" if made["type"] != "emergency" else "no create"
    named = [name for name, spec in RECORD_TYPES["emergency"].fields.items() if spec.refers_to]
    return "names a record" if any(made["data"].get(name) for name in named) else "urgent"


def check_urgent(given: Json, expect: Json) -> None:
    assert BYTES_MAX == 4096
    agree(expect["urgent"], why_not_urgent(given) == "urgent")


URGENT = Family(
    name="urgent",
    side="client",
    function="sync.urgent.is_urgent",
    about="A mutation and how many bytes it has as it is sent; whether it may travel in the urgent lane: the create "
    "of an emergency "
    "that fills no reference field, of at most 4096 bytes. The client weighs what it will send, before compression.",
    draw=draw_urgent,
    run=run_urgent,
    sorts=lambda given, expect: [why_not_urgent(given)],
    check=check_urgent,
    classes=frozenset({"urgent", "too long", "another type", "no create", "names a record"}),
)
