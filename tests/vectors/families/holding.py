"""What a device may go on holding: masks after a bucket ended, what is kept of an erased edit, what a search finds."""

from collections.abc import Iterator

import msgspec

from field_kit import pages, search, store
from schemas.base import Carry
from schemas.placement import BUCKET_KINDS
from schemas.records import RECORD_TYPES
from sync.buckets import classes_of_others, classes_seen, seen_through
from sync.erasing import names_erased, without_content
from sync.messages import PullReply, Table
from sync.mutation import Mutation
from tests.vectors.device import EPOCH, USER, device, put_row
from tests.vectors.dice import Dice
from tests.vectors.edits import OTHER, RECORD, record
from tests.vectors.family import Drawn, Family, Json, agree
from tests.vectors.values import ID, full_record

KEYS = {
    "reference": "reference", "areas": "areas:54", "user": f"user:{USER}", "assigned": f"assigned:{USER}",
    "team": f"team:{OTHER}",
    "district": "district:5401", "tambon": "tambon:540101", "duty": "duty:5401", "village": "village:54010101",
}  # fmt: skip
CLASSES = {  # docs/protocol.md section 5
    "reference": "normal personal protected sensitive", "areas": "normal personal protected sensitive",
    "user": "normal personal sensitive", "assigned": "normal personal protected sensitive",
    "team": "normal personal protected sensitive", "district": "normal personal sensitive",
    "tambon": "normal personal sensitive",
    "duty": "normal", "village": "normal",
}  # fmt: skip

# --- masks


def draw_leavings(dice: Dice) -> Iterator[Drawn]:
    types = ("case", "person", "emergency", "contact", "visit", "assessment", "referral", "help_request", "conflict")
    for name in types:
        for _ in range(16):
            kind = RECORD_TYPES[name]
            data = full_record(kind) if dice.chance(25) else record(dice, kind, 35)
            if name == "conflict":
                data = {**full_record(kind), "privacy": dice.pick(("normal", "personal", "sensitive", "protected"))}
            data |= {"merged_into": OTHER} if dice.chance(15) else {}
            data |= {"a_newer_field": "ก"} if dice.chance(25) else {}
            ended = dice.pick(sorted(KEYS))
            narrow = dice.some([key for key in ("duty", "village", "user", "user", "district") if key != ended], 1, 2)
            left = narrow if dice.chance(75) else dice.some([key for key in sorted(KEYS) if key != ended], 1, 3)
            homes = sorted({KEYS[key] for key in (*left, ended)})
            yield name, {"type": name, "data": data, "buckets": homes, "ended": KEYS[ended]}


def run_leaving(given: Json) -> Json:
    row = {"id": RECORD, "type": given["type"], "version": 7, "data": given["data"]}
    with device() as database:
        with database.transaction():
            put_row(database, row, given["buckets"])
            rows = [(bucket, 7) for bucket in given["buckets"]]
            database.executemany("INSERT INTO checkpoint (bucket, commit_number) VALUES (?, ?)", rows)
        gone = (RECORD, 8, given["ended"], "moved")
        reply = PullReply(EPOCH, 8, "-", {}, tables=[Table(given["type"], [], [], [gone])])
        applied = pages.apply_page(database, pages.read_checkpoint(database), reply, "-")
        found = store.shown(database, RECORD)
    return {"data": found.data if found else None, "fetch_again": applied.narrowed}


def class_of(kind: str, name: str, data: Json) -> str:
    spec = RECORD_TYPES[kind].fields.get(name)
    if name == "merged_into":
        return "normal"
    if spec is None:
        return "protected"
    return str(data.get(spec.privacy_from, "protected")) if spec.privacy_from else spec.privacy.value


def check_leaving(given: Json, expect: Json) -> None:
    """Keep what any remaining bucket surely shows; of a user bucket nothing that others may have written."""
    left = [bucket.partition(":")[0] for bucket in given["buckets"] if bucket != given["ended"]]
    kept, doubted = {}, False
    for name, value in given["data"].items():
        needed = class_of(given["type"], name, given["data"])
        surely = [
            kind for kind in left if needed in CLASSES[kind].split() and (kind != "user" or needed != "sensitive")
        ]
        if surely:
            kept[name] = value
        elif any(needed in CLASSES[kind].split() for kind in left):
            doubted = True
    agree(expect["data"], kept)
    agree(expect["fetch_again"], [KEYS["user"]] if doubted else [])


LEAVING = Family(
    name="leaving_a_bucket",
    side="client",
    function="field_kit.pages.apply_page (sync.buckets: masked, classes_seen, classes_of_others)",
    about="A row that lies in `buckets` on the device, and a page that says gone for the one that `ended`; other "
    "buckets stay. "
    "`data`: the row afterwards, without the fields that the remaining buckets may not show. `fetch_again`: the "
    "buckets whose "
    "cursor goes back to [0, null], because only the centre knows who wrote what.",
    draw=draw_leavings,
    run=run_leaving,
    sorts=lambda given, expect: [
        "fields went" if len(expect["data"]) < len(given["data"]) else "nothing went",
        "to be fetched again" if expect["fetch_again"] else "no doubt",
        "a conflict's values" if given["type"] == "conflict" else "a record",
        "an unknown field went" if "a_newer_field" in given["data"].keys() - expect["data"].keys() else "known fields",
        "merged_into stays" if "merged_into" in expect["data"] else "not merged",
    ],
    check=check_leaving,
    classes=frozenset({
        "fields went", "nothing went", "to be fetched again", "no doubt", "a conflict's values",
        "an unknown field went",
        "merged_into stays",
    }),
)  # fmt: skip


def draw_classes(dice: Dice) -> Iterator[Drawn]:
    for kind in sorted(KEYS):
        yield f"{kind} alone", {"buckets": [KEYS[kind]]}
    yield "none", {"buckets": []}
    yield "of a later time", {"buckets": ["region:north"]}
    yield "of a later time", {"buckets": ["duty:5401", "region:north", "storm"]}
    for _ in range(50):
        yield "drawn", {"buckets": sorted(KEYS[kind] for kind in dice.some(sorted(KEYS), 1, 4))}


def run_classes(given: Json) -> Json:
    return {"shown": sorted(classes_seen(given["buckets"])), "of_others": sorted(classes_of_others(given["buckets"]))}


def check_classes(given: Json, expect: Json) -> None:
    assert CLASSES.keys() == BUCKET_KINDS.keys()
    kinds = [kind for bucket in given["buckets"] if (kind := bucket.partition(":")[0]) in CLASSES]
    agree(expect["shown"], sorted({each for kind in kinds for each in CLASSES[kind].split()}))
    theirs = {each for kind in kinds for each in CLASSES[kind].split() if (kind, each) != ("user", "sensitive")}
    agree(expect["of_others"], sorted(theirs))


BUCKET_CLASSES = Family(
    name="bucket_classes",
    side="client",
    function="sync.buckets: classes_seen, classes_of_others",
    about="Buckets that a record lies in, and the field classes that any of them shows; `of_others`: of what "
    "somebody other than "
    "the record's owner wrote. Both sorted. A bucket of a kind that is not known shows nothing.",
    draw=draw_classes,
    run=run_classes,
    sorts=lambda given, expect: [
        "less of others" if expect["shown"] != expect["of_others"] else "the same",
        "a kind of a later time" if "region:north" in given["buckets"] else "known kinds",
    ],
    check=check_classes,
    classes=frozenset({"less of others", "the same", "a kind of a later time"}),
)

# --- what the centre shows (server)


def draw_seen(dice: Dice) -> Iterator[Drawn]:
    for _ in range(90):
        name = dice.pick(("case", "person", "contact", "visit", "conflict", "emergency"))
        kind = RECORD_TYPES[name]
        data = {**full_record(kind), "privacy": "sensitive"} if name == "conflict" else record(dice, kind, 50)
        others = sorted(dice.some(sorted(data), 0, 4))
        yield name, {
            "type": name, "data": data, "by_others": others, "buckets": sorted(KEYS[key]
                for key in dice.some(sorted(KEYS), 1, 3))
        }  # fmt: skip


def run_seen(given: Json) -> Json:
    kind = RECORD_TYPES[given["type"]]
    return {"data": seen_through(kind, given["data"], frozenset(given["by_others"]), given["buckets"])}


def check_seen(given: Json, expect: Json) -> None:
    kinds = [bucket.partition(":")[0] for bucket in given["buckets"]]
    kept = {}
    for name, value in given["data"].items():
        needed = class_of(given["type"], name, given["data"])
        closed = {"user"} if name in given["by_others"] and needed == "sensitive" else set()
        if any(needed in CLASSES[kind].split() and kind not in closed for kind in kinds):
            kept[name] = value
    agree(expect["data"], kept)


SEEN_THROUGH = Family(
    name="seen_through_buckets",
    side="server",
    function="sync.buckets.seen_through",
    about="What the centre sends of a record to a device that holds these of its `buckets`; `by_others`: the fields "
    "that somebody "
    "other than the record's owner has written.",
    draw=draw_seen,
    run=run_seen,
    sorts=lambda given, expect: [
        "masked" if len(expect["data"]) < len(given["data"]) else "whole",
        "what others wrote" if given["by_others"] else "all the owner's",
    ],
    check=check_seen,
    classes=frozenset({"masked", "whole", "what others wrote", "all the owner's"}),
)

# --- erasure


def draw_erased(dice: Dice) -> Iterator[Drawn]:
    for _ in range(80):
        name = dice.pick(("attachment", "household_member", "visit", "case", "person", "no_such_type"))
        kind = RECORD_TYPES.get(name)
        op = dice.pick(("create", "create", "update", "delete"))
        data = record(dice, kind, 25) if kind else {"a": 1}
        edit = {"op": op, "type": name, "record": ID % dice.between(1, 5), "data": data if op == "create" else {}}
        yield name, {"mutation": edit, "erased": sorted(ID % number for number in dice.some(range(1, 6), 0, 3))}


def run_erased(given: Json) -> Json:
    edit = given["mutation"]
    made = msgspec.convert({"seq": 1, "id": ID % 99, "recorded_at": "-", **edit}, Mutation)
    kept = without_content(RECORD_TYPES.get(edit["type"]), edit["data"])
    return {"erased": names_erased(RECORD_TYPES, made, given["erased"]), "kept": kept}


def check_erased(given: Json, expect: Json) -> None:
    edit, whole = (
        given["mutation"],
        {"attachment": ("owner_record",), "household_member": ("household",), "conflict": ("record",)},
    )
    declared = {
        name: tuple(spec.name for spec in kind.references if spec.carry is Carry.WITH)
        for name, kind in RECORD_TYPES.items()
    }
    assert {name: names for name, names in declared.items() if names} == whole
    parents = {name: edit["data"][name] for name in whole.get(edit["type"], ()) if name in edit["data"]}
    hit = edit["record"] in given["erased"]
    hit = hit or (edit["op"] == "create" and any(each in given["erased"] for each in parents.values()))
    agree(expect, {"erased": hit, "kept": parents})


ERASED = Family(
    name="erased_edits",
    side="client",
    function="sync.erasing: names_erased, without_content",
    about="An edit of the log and the records that were erased. `erased`: whether it is about one of them, or "
    "creates what would "
    "wholly belong to one. `kept`: what stays of its data when its content goes (the ids to which it belongs).",
    draw=draw_erased,
    run=run_erased,
    sorts=lambda given, expect: [
        "erased" if expect["erased"] else "not erased", "an id is kept" if expect["kept"] else "nothing is kept",
        "by what it belongs to"
        if expect["erased"] and given["mutation"]["record"] not in given["erased"]
        else "by itself",
    ],
    check=check_erased,
    classes=frozenset({"erased", "not erased", "an id is kept", "nothing is kept", "by what it belongs to"}),
)  # fmt: skip

# --- search

SOUGHT = (
    "น้ำ", "นํ้า", "น", "น้ำท่วม", "บ้าน พัง", "พัง บ้าน", "๐๘๑", "081", "234", "RAIN", "rain", "เเม่", "แม่", "ใจ",
    "ใ", "ไม่มี", "ปู่ อยู่", "", "  ",
    "สม\u200bชาย", "สมชาย", "somchai", "%", "_", '"', "'", "น้ำ ฝน", "หมู่ 5", "*", "OR", "ก AND ข", "1300", "540101",
)  # fmt: skip
FOUND_IN = (
    "น้ำท่วมบ้าน", "นํ้าท่วม", "บ้านพัง ไม่มีรายได้", "แม่มะลิ ใจดี", "เเม่บ้าน", "ปู่อยู่คนเดียว", "RAIN and wind",
    "สมชาย", "Somchai", "โทร ๐๘๑-๒๓๔", "50%",
    "a_b", 'เขาว่า "ไป"', "หมู่ ๕", "ก\nข", "ฝน", "OR", "it's",
)  # fmt: skip


def draw_searches(dice: Dice) -> Iterator[Drawn]:
    for number in range(170):
        name = dice.pick(("person", "case", "household"))
        texts = dice.some(FOUND_IN, 1, 3)
        data: Json = {
            "person": {
                "first_name": texts[0],
                "occupation": texts[-1],
                "phones": ["0812345678"],
                "address_area": "540101",
            },
            "case": {
                "place_text": texts[0],
                "summary": "\n".join(texts),
                "outside_numbers": ["1300-1", texts[-1]],
                "urgency": "urgent",
            },
            "household": {"village_name": texts[0], "directions": texts[-1], "house_number": "12/3 หมู่ 5"},
        }[name]
        sought = SOUGHT[number % len(SOUGHT)] if dice.chance(60) else dice.pick(texts)[: dice.between(1, 5)]
        yield name, {"type": name, "data": data, "sought": sought}


def run_search(given: Json) -> Json:
    with device() as database:
        with database.transaction():
            put_row(database, {"id": RECORD, "type": given["type"], "version": 1, "data": given["data"]})
            database.execute("INSERT INTO search_due VALUES (?)", (RECORD,))
        found = search.search(database, given["sought"], [given["type"]])
    return {"text": search.text_of(given["type"], given["data"]), "found": bool(found)}


def check_search(given: Json, expect: Json) -> None:
    from tests.vectors.families.thai_text import search_by_hand

    kinds = ("line", "text", "lines", "phone", "phones", "identifier", "reference_number", "area")
    texts: list[str] = []
    for name, spec in RECORD_TYPES[given["type"]].fields.items():
        value = given["data"].get(name)
        if spec.kind in kinds and value:
            texts += [search_by_hand(each) for each in (value if isinstance(value, list) else [value])]
    agree(expect["text"], "\n".join(texts))
    words = search_by_hand(given["sought"]).split(" ") if search_by_hand(given["sought"]) else []
    agree(expect["found"], bool(words) and all(word in expect["text"] for word in words))


SEARCH = Family(
    name="search",
    side="client",
    function="field_kit.search: text_of, search",
    about="`text`: what can be found of a record: its texts and numbers in declared order, each in the form for "
    "matching, one on a "
    "line. `found`: whether every word of what is `sought` (in the form for matching, cut at spaces) stands "
    "somewhere in it; "
    "nothing is found by nothing.",
    draw=draw_searches,
    run=run_search,
    sorts=lambda given, expect: [
        "found" if expect["found"] else "not found", "nothing sought" if not given["sought"].strip() else "sought",
        "several words" if " " in given["sought"].strip() and expect["found"] else "one word",
        "one or two characters" if expect["found"] and len(given["sought"]) < 3 else "more",
        "another spelling" if expect["found"] and given["sought"] not in expect["text"] else "the same spelling",
    ],
    check=check_search,
    classes=frozenset({
        "found", "not found", "nothing sought", "several words", "one or two characters", "another spelling",
        "the same spelling",
    }),
)  # fmt: skip
