"""What a device sends and when: how much, from where, in which lane, and what a recovery does to the log."""

import json
from base64 import b64decode, b64encode
from collections.abc import Iterator
from hashlib import sha256
from typing import Any

import msgspec

from field_kit import requests
from field_kit.identity import read_identity
from field_kit.log import PUSH_BYTES
from field_kit.recovery import recover
from schemas.records import RECORD_TYPES
from sync.errors import DeviceForked, EpochChanged, SequenceGap
from sync.messages import Limits
from sync.mutation import Mutation
from sync.outgoing import first_push
from sync.unsent import NoSealedFile, as_file, is_authentic, mac_key, parts_of
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

# --- a recovery

REASONS = {"sequence_gap": SequenceGap, "device_forked": DeviceForked}


def draw_recoveries(dice: Dice) -> Iterator[Drawn]:
    for number in range(90):
        log: list[Json] = []
        seqs = {"normal": dice.pick((0, 4)), "urgent": 0}
        for _ in range(dice.between(1, 6)):
            lane = dice.pick(("normal", "normal", "normal", "urgent"))
            seqs[lane] += dice.pick((1, 1, 1, 2))
            state = dice.pick(("pending", "answered", "settled"))
            commit = dice.between(5, 40) if state != "pending" else None
            log.append({
                "id": dice.uuid(), "lane": lane, "seq": seqs[lane], "base": dice.between(0, 40), "state": state,
                "commit": commit,
                "outcome": dice.pick(("applied", "rejected", "conflicted")) if commit else None,
            })  # fmt: skip
        why: Json = {"code": dice.pick(sorted(REASONS))}
        if number % 2:
            why = {"code": "epoch_changed", "epoch": ID % 9, "restored_to": dice.pick((0, 10, 20, 30, 50))}
        yield why["code"], {"log": log, "problem": why}


def run_recovery(given: Json) -> Json:
    problem = given["problem"]
    with device(last_commit=40, safe_through={"normal": 3}) as database:
        with database.transaction():
            for entry in given["log"]:
                put_edit(database, entry["seq"], {"op": "delete", "type": "case", "record": RECORD, **entry})
                database.execute(
                    "UPDATE mutation SET state = ?, outcome = ?, commit_number = ?, unanswered = ? WHERE id = ?",
                    (entry["state"], entry["outcome"], entry["commit"], entry["state"] == "pending", entry["id"]),
                )
        if problem["code"] == "epoch_changed":
            recover(database, EpochChanged(epoch=problem["epoch"], restored_to=problem["restored_to"]), surroundings())
        else:
            recover(database, REASONS[problem["code"]](), surroundings())
        rows = database.rows("SELECT id, lane, seq, base, state, outcome, commit_number FROM mutation ORDER BY rowid")
        identity = read_identity(database)
        left = database.value("SELECT count(*) FROM mutation WHERE unanswered = 0")
    assert left == 0
    assert identity.incarnation != "i"
    names = ("id", "lane", "seq", "base", "state", "outcome", "commit")
    return {
        "log": [dict(zip(names, row, strict=True)) for row in rows],
        "epoch": identity.epoch if identity.epoch == problem.get("epoch") else None,
        "last_complete_commit": identity.last_commit,
    }


def check_recovery(given: Json, expect: Json) -> None:
    restored_to = given["problem"].get("restored_to")
    wanted = []
    for entry in given["log"]:
        before = [each for each in given["log"] if each["lane"] == entry["lane"] and each["seq"] <= entry["seq"]]
        stays = entry["state"] == "settled" and (restored_to is None or entry["commit"] <= restored_to)
        renewed = {} if stays else {"state": "pending", "outcome": None, "commit": None}
        base = entry["base"] if restored_to is None else min(entry["base"], restored_to)
        wanted.append({**entry, "seq": len(before), "base": base, **renewed})
    agree(expect["log"], wanted)
    agree(expect["epoch"], given["problem"].get("epoch"))
    agree(expect["last_complete_commit"], min(40, 40 if restored_to is None else restored_to))


RECOVERY = Family(
    name="recovery",
    side="client",
    function="field_kit.recovery.recover",
    about="The one recovery (docs/protocol.md section 2). `log`: all of a device's mutations in the order in which "
    "they were made, "
    "before it (`state`: pending without an answer, answered but still in the overlay, settled when a pull has shown "
    "it); "
    "`problem`: what push or pull was answered; the last complete pull ended at commit 40. Afterwards: the same log, "
    "all of it "
    "to be sent again under a new incarnation; `epoch`: the new one, null where it stays; `last_complete_commit`.",
    draw=draw_recoveries,
    run=run_recovery,
    sorts=lambda given, expect: [
        given["problem"]["code"],
        *("stays out of the overlay" if each["state"] == "settled" else "to be answered anew"
            for each in expect["log"]),
        *("a base is lowered" for old, new in zip(given["log"], expect["log"], strict=True)
            if old["base"] > new["base"]),
        *("numbered anew" for old, new in zip(given["log"], expect["log"], strict=True) if old["seq"] != new["seq"]),
        *("back into the overlay" for old, new in zip(given["log"], expect["log"], strict=True)
          if old["state"] == "settled" and new["state"] == "pending"),
    ],
    check=check_recovery,
    classes=frozenset({
        "sequence_gap", "device_forked", "epoch_changed", "stays out of the overlay", "to be answered anew",
        "a base is lowered",
        "numbered anew", "back into the overlay",
    }),
)  # fmt: skip

# --- sealed work


def draw_macs(dice: Dice) -> Iterator[Drawn]:
    for number in range(50):
        token = "hd_" + dice.text("abcdefghXYZ0123456789_-", 43, 43)
        body = json.dumps({"version": 1, "note": dice.text(("ก", "ข", "น้ำ", "😀", " "), 0, 12)}, ensure_ascii=False)
        mac = mac_by_hand(sha256(token.encode()).digest(), body.encode())
        if number % 3 == 1:
            mac = bytes([mac[0] ^ 1]) + mac[1:]
        if number % 3 == 2:
            body += " "
        yield "drawn", {"token": token, "inside": b64encode(mac + body.encode()).decode()}


def mac_by_hand(key: bytes, message: bytes) -> bytes:
    """Return HMAC-SHA-256 as RFC 2104 builds it."""
    padded = key.ljust(64, b"\0")
    inner = sha256(bytes(each ^ 0x36 for each in padded) + message).digest()
    return sha256(bytes(each ^ 0x5C for each in padded) + inner).digest()


def run_mac(given: Json) -> Json:
    key = mac_key(given["token"])
    inside = b64decode(given["inside"])
    return {"key": key.hex(), "authentic": is_authentic(inside, [b"another" * 4, key])}


def check_mac(given: Json, expect: Json) -> None:
    key, inside = sha256(given["token"].encode()).digest(), b64decode(given["inside"])
    agree(expect, {"key": key.hex(), "authentic": mac_by_hand(key, inside[32:]) == inside[:32]})


DELIVERY_MACS = Family(
    name="delivery_macs",
    side="client",
    function="sync.unsent: mac_key, is_authentic",
    about="What stands inside the sealed box of a delivery (base64): 32 bytes of HMAC-SHA-256, then the body. `key` "
    "(hexadecimal) "
    "is SHA-256 of the token; `authentic`: whether the first 32 bytes are the MAC of the rest under it.",
    draw=draw_macs,
    run=run_mac,
    sorts=lambda given, expect: ["authentic" if expect["authentic"] else "not authentic"],
    check=check_mac,
    classes=frozenset({"authentic", "not authentic"}),
)


def draw_files(dice: Dice) -> Iterator[Drawn]:
    magic = b"HUSEC-SEALED 1\n"
    for content in (
        b"",
        magic,
        magic[:-1],
        b"HUSEC-SEALED 2\n",
        magic + bytes(4),
        magic + b"\0\0\0",
        magic + b"\0\0\0\x05abcd",
    ):
        yield "by hand", {"file": b64encode(content).decode()}
    for _ in range(45):
        parts = [dice.bytes(dice.between(1, 40)) for _ in range(dice.between(1, 3))]
        content = magic + b"".join(len(part).to_bytes(4, "big") + part for part in parts)
        cut = content[: dice.between(0, len(content))] if dice.chance(40) else content
        yield "drawn", {"file": b64encode(cut).decode()}


def run_file(given: Json) -> Json:
    content = b64decode(given["file"])
    try:
        parts = parts_of(content)
    except NoSealedFile:
        return {"parts": None}
    assert b"".join(as_file(parts)) == content
    return {"parts": [b64encode(part).decode() for part in parts]}


def check_file(given: Json, expect: Json) -> None:
    agree(expect["parts"], _cut(b64decode(given["file"])))


def _cut(content: bytes) -> Any:
    head, rest = content[:15], content[15:]
    parts = []
    while head == b"HUSEC-SEALED 1\n" and rest:
        size = int(rest[:4].hex() or "0", 16) if len(rest) >= 4 else 0
        if not 0 < size <= len(rest) - 4:
            return None
        parts.append(b64encode(rest[4 : 4 + size]).decode())
        rest = rest[4 + size :]
    return parts if head == b"HUSEC-SEALED 1\n" else None


DELIVERY_FILES = Family(
    name="delivery_files",
    side="client",
    function="sync.unsent: parts_of, as_file",
    about="A file of sealed work (base64): a first line, then each part with its length before it (4 bytes, "
    "big-endian). `parts`: "
    "the parts (base64), null where it is no such file or is cut off.",
    draw=draw_files,
    run=run_file,
    sorts=lambda given, expect: ["refused" if expect["parts"] is None else f"{min(len(expect['parts']), 2)} parts"],
    check=check_file,
    classes=frozenset({"refused", "0 parts", "1 parts", "2 parts"}),
)
